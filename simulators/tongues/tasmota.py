"""Tasmota 14 boards: DS18B20 probes, and switch inputs with ``SwitchMode 15``, ``FullTopic`` as
delivered, ``TelePeriod`` 300.

1. ``LWT`` is retained, ``Offline`` as the will. A start tells ``INFO1`` to ``INFO3`` and ``STATE``.
2. The first ``SENSOR`` after a start has 85 °C, the DS18B20's value before its first measurement.
   The second comes ten seconds later or with the next report.
3. A switch that changes is told twice: ``stat/…/RESULT`` and a ``SENSOR`` of everything.
4. ``Time`` is the home's wall clock, without an offset.
5. A relay that is told ``ON`` or ``OFF`` says so twice, in ``stat/…/RESULT`` and on its own topic.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from nightwarden.model.readings import Quantity
from simulators.beats import Occasion
from simulators.boards import Beat, Habit
from simulators.home_description import Fitting
from simulators.tongues.base import Voice, is_output, kind_of, minutes, needs
from simulators.wire import Will, WireMessage, as_json

POWER_ON_C = 85.0
_SWITCH, _BUTTON = re.compile(r"Switch\d{1,2}"), re.compile(r"Button\d{1,2}")
_RELAY = re.compile(r"POWER\d?")
_PROBE = re.compile(r"(DS18B20(/[0-9A-F]+)?|DS18X20(/[0-9A-F]+)?|DHT11|AM2301|BME280|SHT3X)")


class TasmotaVoice(Voice):
    """One board."""

    habit = Habit(minutes(5, 5.02))
    _power = "OFF"

    @classmethod
    def why_not(cls, fitting: Fitting) -> str | None:
        """Inputs are ``Switch1``, ``Button1``, ``DS18B20`` or ``DS18B20/ID``; a relay is POWER."""
        if is_output(fitting):
            fits = _RELAY.fullmatch(fitting.device.channel or "POWER") is not None
            return needs(fitting, told=fits, due="channel: POWER or POWER2, or none,")
        shapes = {
            Quantity.CONTACT: (_SWITCH, "channel: Switch1, read as the item hears it,"),
            Quantity.TEMPERATURE: (_PROBE, "channel: DS18B20"),
            Quantity.ACTION: (_BUTTON, "channel: Button1"),
        }
        shape, due = shapes.get(fitting.says, (None, "")) if fitting.says else (None, "")
        if shape is None:
            return "a Tasmota has contacts (reads: {contact: occupancy}), probes and buttons"
        fits = shape.fullmatch(fitting.device.channel or "") is not None
        return needs(fitting, told=fits, due=due)

    def will(self) -> Will:
        """``Offline``, retained."""
        return Will(f"tele/{self.device.address}/LWT", b"Offline")

    def says(self, beat: Beat) -> Iterator[WireMessage]:
        """Telemetry in its time, a change at once."""
        match beat.occasion:
            case Occasion.LOST_POWER:
                yield from self.gone(beat.at)
            case Occasion.STARTED:
                yield from self._starts(beat)
            case Occasion.CHECKS_IN:
                yield self._tele(beat, "STATE", self._state(), "state")
                yield self._tele(beat, "SENSOR", self._sensors(beat), "sensor")
            case Occasion.CHANGED:
                yield from self._changed(beat)

    def hears(self) -> str | None:
        """The command of its relay, if one is used."""
        return f"cmnd/{self.device.address}/{self._relay}" if self.output else None

    def told(self, order: bytes, at: datetime) -> Iterator[WireMessage]:
        """``ON`` or ``OFF``; a relay that is told what it is says so all the same."""
        word = order.decode(errors="replace").upper()
        if word in ("ON", "OFF"):
            self._power = word
            topic = f"stat/{self.device.address}"
            yield self.message(at, f"{topic}/RESULT", as_json({self._relay: word}), "output")
            yield self.message(at, f"{topic}/{self._relay}", word, "output")

    @property
    def _relay(self) -> str:
        return (self.output.device.channel if self.output else None) or "POWER"

    def _starts(self, beat: Beat) -> Iterator[WireMessage]:
        topic = f"tele/{self.device.address}/LWT"
        yield self.message(beat.at, topic, "Online", "availability", qos=1, retain=True)
        cold = beat._replace(celsius=dict.fromkeys(beat.celsius, POWER_ON_C))
        module = {"Module": "Generic", "Version": "14.2.0(tasmota)"}
        yield self._tele(beat, "INFO1", {"Info1": module}, "info", timed=False)
        reason = {"RestartReason": "Power On", "BootCount": 12}
        yield self._tele(beat, "INFO3", {"Info3": reason}, "info", timed=False)
        yield self._tele(beat, "STATE", self._state(), "state")
        yield self._tele(cold, "SENSOR", self._sensors(cold), "sensor")

    def _changed(self, beat: Beat) -> Iterator[WireMessage]:
        if beat.change is None:
            return
        pressed = beat.change.quantity is Quantity.ACTION
        action = "SINGLE" if pressed else _on(beat.change.value)
        said = {beat.channel: {"Action": action}}
        topic = f"stat/{self.device.address}/RESULT"
        yield self.message(beat.at, topic, as_json(said), kind_of(beat, None))
        if not pressed:
            yield self._tele(beat, "SENSOR", self._sensors(beat), "sensor")

    def _sensors(self, beat: Beat) -> dict[str, Any]:
        said: dict[str, Any] = {name: _on(now.value) for name, now in beat.states.items()}
        probes = sorted(beat.celsius)
        for number, channel in enumerate(probes, 1):
            model, _, identity = channel.partition("/")
            of_it = {"Id": identity} if identity else {}
            name = f"{model}-{number}" if identity and len(probes) > 1 else model
            said[name] = {**of_it, "Temperature": round(beat.celsius[channel], 1)}
        return {**said, "TempUnit": "C"} if probes else said

    def _state(self) -> dict[str, Any]:
        wifi = {"AP": 1, "SSId": "house", "RSSI": self.rng.randrange(40, 80)}
        return {"Sleep": 50, "LoadAvg": 19, "MqttCount": 1, self._relay: self._power, "Wifi": wifi}

    def _tele(
        self, beat: Beat, word: str, said: dict[str, Any], kind: str, *, timed: bool = True
    ) -> WireMessage:
        def body(clock: datetime) -> bytes:
            local = clock.astimezone(self.home.zone)
            time = {"Time": f"{local:%Y-%m-%dT%H:%M:%S}"} if timed else {}
            return as_json({**time, **said})

        return self.message(beat.at, f"tele/{self.device.address}/{word}", body, kind)


def _on(value: bool | str) -> str:
    return "ON" if value is True else "OFF"
