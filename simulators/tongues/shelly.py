"""Shelly: a relay with inputs and the temperature add-on, in both of the maker's languages, and the
first generation's battery sensors.

First generation (channels ``input/0``, ``ext_temperature/0``; none: a battery sensor): ``online``
with a will, ``announce``, then everything every half minute (``mqtt_update_period`` 30). A battery
sensor wakes on a change and every two hours, has no will, and says ``info`` as well.

Later (``input:0``, ``temperature:100``): a Plus 1PM. ``online``; ``NotifyFullStatus`` when it has
connected; ``NotifyStatus`` with what changed, half a degree or an input, and the meter each minute.
A button (``bthomedevice:200``) or a radiator valve (``blutrv:200``) speaks through a BLU gateway,
which says their battery, and when it heard them last, each minute.
"""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from nightwarden.model.readings import DeviceId, Quantity
from simulators.beats import Occasion
from simulators.boards import Beat, Habit
from simulators.home_description import Fitting, HomeDescription
from simulators.tongues.base import Voice, about, is_output, kind_of, minutes
from simulators.wire import Will, WireMessage, as_json

_FIRST = {
    Quantity.CONTACT: re.compile(r"(input|ext_switch)/\d"),
    Quantity.ACTION: re.compile(r"input/\d"),
    Quantity.TEMPERATURE: re.compile(r"ext_temperature/\d"),
}
_LATER = {
    Quantity.CONTACT: re.compile(r"input:\d{1,3}"),
    Quantity.ACTION: re.compile(r"(input|bthomedevice):\d{1,3}"),
    Quantity.TEMPERATURE: re.compile(r"(temperature|blutrv):\d{1,3}"),
}
RELAY = "switch:0"
_OF_A_BATTERY_SENSOR = (Quantity.TEMPERATURE, Quantity.CONTACT)


_AT_SENDING = None
"""Stands where the time of sending comes."""


class ShellyVoice(Voice):
    """One device of either generation: which, its channels tell."""

    _pushes = 0
    _on = False
    _packets = 0

    def __init__(
        self, home: HomeDescription, device: DeviceId, fittings: Sequence[Fitting], rng: Random
    ) -> None:
        super().__init__(home, device, fittings, rng)
        self._mac = rng.getrandbits(48)

    @classmethod
    def why_not(cls, fitting: Fitting) -> str | None:
        """Inputs are ``input/0`` or ``input:0``, and so on; without one it runs on a battery."""
        says, channel = fitting.says, fitting.device.channel
        if is_output(fitting):
            return None if channel == RELAY else f"the output of a Plus 1PM is channel: {RELAY}"
        if says not in _FIRST:
            return "a Shelly has contacts (reads: {contact: occupancy}), probes and buttons"
        if channel is None:
            ends = "a Shelly with a battery measures a temperature or a door"
            return None if says in _OF_A_BATTERY_SENSOR else ends
        if _FIRST[says].fullmatch(channel) or _LATER[says].fullmatch(channel):
            return None
        if channel.startswith("bthome"):
            return "of a BLU sensor its gateway does not say what it measures"
        return "input/0 and ext_temperature/0, or input:0 and temperature:100, are a Shelly's"

    @property
    def habit(self) -> Habit:  # type: ignore[override]
        """By generation, and by what feeds it."""
        if self._on_battery:
            return Habit(minutes(118, 122), reportable_c=1.0, looks=timedelta(minutes=1))
        if self._later:
            return Habit(about(1), reportable_c=0.5)
        return Habit(about(0.5))

    @property
    def _on_battery(self) -> bool:
        return "" in self.says_of

    @property
    def _later(self) -> bool:
        return any(":" in channel for channel in self.says_of)

    @property
    def _online(self) -> str:
        root = "" if self._later else "shellies/"
        return f"{root}{self.device.address}/online"

    def will(self) -> Will | None:
        """``false``, retained; a battery sensor has none."""
        return None if self._on_battery else Will(self._online, b"false")

    def says(self, beat: Beat) -> Iterator[WireMessage]:
        """As the generation has it."""
        if beat.occasion is Occasion.LOST_POWER:
            yield from self.gone(beat.at)
            return
        if beat.occasion is Occasion.STARTED or self._on_battery:
            retain = not self._on_battery
            yield self.message(beat.at, self._online, "true", "availability", qos=1, retain=retain)
        if self._on_battery:
            yield from self._wakes(beat)
        elif self._later:
            yield from self._notifies(beat)
        else:
            yield from self._tells(beat)

    # --- first generation ---

    def hears(self) -> str | None:
        """Its remote procedures, if its relay is used."""
        return f"{self.device.address}/rpc" if self.output else None

    def told(self, order: bytes, at: datetime) -> Iterator[WireMessage]:
        """``Switch.Set``: an answer to who asked, and what changed to everybody."""
        try:
            asked = json.loads(order)
            number, answers_to = asked["id"], asked["src"]
            on, known = bool(asked["params"]["on"]), asked["method"] == "Switch.Set"
        except (ValueError, TypeError, KeyError):
            return
        if not known:
            return
        was, self._on = self._on, on
        source = self.device.address
        answer = {"id": number, "src": source, "dst": answers_to, "result": {"was_on": was}}
        yield self.message(at, f"{answers_to}/rpc", as_json(answer), "answer")
        if was is not on:
            part = {RELAY: {"id": 0, "output": on, "source": "MQTT"}}
            yield self._dated(at, "NotifyStatus", lambda ts: {"ts": ts, **part}, "output")

    def _first(self, beat: Beat, path: str, body: Any, kind: str) -> WireMessage:
        said = as_json(body) if isinstance(body, dict) else str(body)
        return self.message(beat.at, f"shellies/{self.device.address}/{path}", said, kind, qos=1)

    def _announced(self, beat: Beat, model: str) -> Iterator[WireMessage]:
        mac = self.device.address.rpartition("-")[2].upper()
        said = {"id": self.device.address, "model": model, "mac": mac, "ip": "192.168.1.67"}
        body = as_json({**said, "new_fw": False, "fw_ver": "20230913-112003/v1.14.0-gcb84623"})
        yield self.message(beat.at, "shellies/announce", body, "announce")
        yield self.message(beat.at, f"shellies/{self.device.address}/announce", body, "announce")

    def _tells(self, beat: Beat) -> Iterator[WireMessage]:
        if beat.occasion is Occasion.STARTED:
            yield from self._announced(beat, "SHSW-1")
        if beat.change is not None and beat.change.quantity is Quantity.ACTION:
            self._pushes += 1
            number = beat.channel.partition("/")[2]
            push = {"event": "S", "event_cnt": self._pushes}
            yield self._first(beat, f"input_event/{number}", push, "action")
            return
        everything = beat.occasion is not Occasion.CHANGED
        for channel, now in beat.states.items():
            if everything or channel == beat.channel:
                bit = 1 if now.value else 0
                yield self._first(beat, channel, bit, kind_of(beat, now.quantity))
        if everything:
            yield self._first(beat, "relay/0", "off", "relay")
            yield self._first(beat, "temperature", f"{self.rng.uniform(45, 55):.2f}", "chip")
            for channel, celsius in beat.celsius.items():
                number = channel.partition("/")[2]
                yield self._first(beat, channel, f"{celsius:.2f}", "temperature")
                fahrenheit = f"{celsius * 1.8 + 32:.2f}"
                yield self._first(beat, f"ext_temperature_f/{number}", fahrenheit, "temperature")

    def _wakes(self, beat: Beat) -> Iterator[WireMessage]:
        if beat.occasion is Occasion.STARTED:
            model = "SHHT-1" if self.says_of[""] is Quantity.TEMPERATURE else "SHDW-2"
            yield from self._announced(beat, model)
        battery = {"value": round(beat.battery), "voltage": round(2.4 + beat.battery / 180, 2)}
        said: dict[str, Any] = {"bat": battery, "unixtime": 0}
        if (now := beat.states.get("")) is not None:
            word = "close" if now.value else "open"
            yield self._first(beat, "sensor/state", word, kind_of(beat, now.quantity))
        if (celsius := beat.celsius.get("")) is not None:
            t_c, t_f = round(celsius, 2), round(celsius * 1.8 + 32, 2)
            tmp = {"value": t_c, "units": "C", "tC": t_c, "tF": t_f, "is_valid": True}
            said = {"tmp": tmp, **said}
            yield self._first(beat, "sensor/temperature", f"{t_c:.2f}", "temperature")
        yield self._first(beat, "sensor/battery", battery["value"], "battery")
        yield self._first(beat, "info", said, "info")

    # --- later generations ---

    def _notifies(self, beat: Beat) -> Iterator[WireMessage]:
        if beat.change is not None and beat.change.quantity is Quantity.ACTION:
            yield self._event(beat)
        elif beat.occasion is Occasion.CHANGED:
            part = {beat.channel: self._component(beat, beat.channel)}
            kind = kind_of(beat, self.says_of.get(beat.channel))
            yield self._rpc(beat, "NotifyStatus", part, kind)
        elif beat.occasion is Occasion.STARTED:
            relay = {"id": 0, "source": "init", "output": self._on, "temperature": {"tC": 52.9}}
            own = {"blugw": {}} if self._is_gateway else {"switch:0": relay}
            full = {"ble": {}, **self._everything(beat), "mqtt": {"connected": True}, **own}
            yield self._rpc(beat, "NotifyFullStatus", full, "status")
        elif self._is_gateway:
            yield self._rpc(beat, "NotifyStatus", self._everything(beat), "blu")
        else:
            energy = {"total": 0.0, "by_minute": [0.0, 0.0, 0.0]}
            meter = {"switch:0": {"id": 0, "aenergy": energy}}
            yield self._rpc(beat, "NotifyStatus", meter, "meter")

    @property
    def _is_gateway(self) -> bool:
        """What it has is all Bluetooth."""
        return all(channel.startswith(("bthomedevice:", "blutrv:")) for channel in self.says_of)

    def _everything(self, beat: Beat) -> dict[str, Any]:
        return {each: self._component(beat, each) for each in self.says_of}

    def _component(self, beat: Beat, channel: str) -> dict[str, Any]:
        kind, _, told = channel.partition(":")
        number = int(told)
        if channel == RELAY:
            return {"id": number, "source": "init", "output": self._on}
        if kind in ("bthomedevice", "blutrv"):
            return self._bluetooth(beat, channel, number)
        if channel in beat.celsius:
            celsius = beat.celsius[channel]
            return {"id": number, "tC": round(celsius, 1), "tF": round(celsius * 1.8 + 32, 1)}
        now = beat.states.get(channel)
        return {"id": number, "state": now.value if now is not None else None}

    def _bluetooth(self, beat: Beat, channel: str, number: int) -> dict[str, Any]:
        """What a gateway knows of a BLU device; its ``last_updated_ts`` is that of the message."""
        self._packets = (self._packets + 1) % 256
        heard = {"rssi": self.rng.randrange(-85, -50), "battery": round(beat.battery)}
        valve = {}
        if channel in beat.celsius:
            valve = {"target_C": 21.0, "current_C": round(beat.celsius[channel], 1), "pos": 40}
        last = {"packet_id": self._packets, "last_updated_ts": _AT_SENDING}
        return {"id": number, **valve, **heard, **last}

    def _event(self, beat: Beat) -> WireMessage:
        number = int(beat.channel.partition(":")[2])

        def params(ts: float) -> dict[str, Any]:
            event = {"component": beat.channel, "id": number, "event": "single_push", "ts": ts}
            return {"ts": ts, "events": [event]}

        return self._dated(beat.at, "NotifyEvent", params, "action")

    def _rpc(self, beat: Beat, method: str, parts: dict[str, Any], kind: str) -> WireMessage:
        return self._dated(beat.at, method, lambda ts: {"ts": ts, **_stamped(parts, ts)}, kind)

    def _dated(self, at: datetime, method: str, params: Any, kind: str) -> WireMessage:
        prefix = self.device.address
        source = prefix if prefix.startswith("shelly") else f"shellyplus1pm-{self._mac:012x}"

        def body(clock: datetime) -> bytes:
            said = params(round(clock.timestamp(), 2))
            head = {"src": source, "dst": f"{prefix}/events", "method": method}
            return as_json({**head, "params": said})

        return self.message(at, f"{prefix}/events/rpc", body, kind)


def _stamped(parts: dict[str, Any], ts: float) -> dict[str, Any]:
    return {
        name: {**part, "last_updated_ts": int(ts)} if "last_updated_ts" in part else part
        for name, part in parts.items()
    }
