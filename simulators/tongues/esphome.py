"""ESPHome boards: what they announce for Home Assistant, retained states, an uptime each minute.

States are said at QoS 0 and retained, inputs on a change and once at the start, sensors each minute
(``update_interval`` 60s). ``status`` is ``online``, and ``offline`` as the will.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from nightwarden.model.places import EquipmentKind
from nightwarden.model.readings import Quantity
from simulators.beats import Occasion
from simulators.boards import Beat, Habit
from simulators.home_description import Fitting
from simulators.tongues.base import Voice, about, is_output, kind_of, needs
from simulators.wire import Will, WireMessage, as_json

_OBJECT = re.compile(r"[a-z0-9_-]+")
_COMPONENTS: dict[Quantity, tuple[str, dict[str, Any]]] = {
    Quantity.TEMPERATURE: ("sensor", {"device_class": "temperature", "unit_of_measurement": "°C"}),
    Quantity.OCCUPANCY: ("binary_sensor", {"device_class": "occupancy"}),
    Quantity.CONTACT: ("binary_sensor", {"device_class": "door"}),
    Quantity.ACTION: ("event", {"device_class": "button", "event_types": ["press"]}),
}
"""What a quantity is, and how it is announced. A door's ON is open."""

_LIGHT = b'{"state":"%s"}'


class EspHomeVoice(Voice):
    """One board."""

    habit = Habit(about(1))

    @classmethod
    def why_not(cls, fitting: Fitting) -> str | None:
        """Its objects are channels."""
        channel = fitting.device.channel or ""
        if is_output(fitting):
            fits = _OBJECT.fullmatch(channel) is not None
            return needs(fitting, told=fits, due="channel: the name of a switch or light")
        fits = fitting.says in _COMPONENTS and _OBJECT.fullmatch(channel) is not None
        return needs(fitting, told=fits, due="channel: the name of an object, such as mat_left,")

    def will(self) -> Will:
        """``offline``, retained."""
        return Will(f"{self.device.address}/status", b"offline")

    def says(self, beat: Beat) -> Iterator[WireMessage]:
        """Sensors in their time, a change at once."""
        if beat.occasion is Occasion.LOST_POWER:
            yield from self.gone(beat.at)
            return
        if beat.occasion is Occasion.STARTED:
            topic = f"{self.device.address}/status"
            yield self.message(beat.at, topic, "online", "availability", retain=True)
            yield from self._announced(beat)
        if beat.change is not None:
            yield self._state(beat, beat.channel, beat.change.value, kind_of(beat, None))
            return
        if beat.occasion is Occasion.STARTED:
            for channel, now in beat.states.items():
                yield self._state(beat, channel, now.value, "state")
        for channel, celsius in beat.celsius.items():
            yield self._state(beat, channel, celsius, "temperature")
        uptime = f"{self.device.address}/sensor/uptime/state"
        yield self.message(
            beat.at, uptime, f"{beat.at.timestamp() % 1e6:.0f}", "uptime", retain=True
        )

    def hears(self) -> str | None:
        """The command of its switch or light, if one is used."""
        return f"{self._switched}/command" if self.output else None

    def told(self, order: bytes, at: datetime) -> Iterator[WireMessage]:
        """A switch takes a word and says it, a light JSON; the state is retained."""
        light = "/light/" in self._switched
        word = next((w for w in ("ON", "OFF") if order in (w.encode(), _LIGHT % w.encode())), None)
        if word is not None:
            said = as_json({"state": word, "color_mode": "onoff"}) if light else word
            yield self.message(at, f"{self._switched}/state", said, "output", retain=True)

    @property
    def _switched(self) -> str:
        assert self.output is not None
        component = "light" if self.output.kind is EquipmentKind.LIGHT else "switch"
        return f"{self.device.address}/{component}/{self.output.device.channel}"

    def _announced(self, beat: Beat) -> Iterator[WireMessage]:
        address = self.device.address
        node = address.rpartition("/")[2]
        board = {"ids": node, "name": node, "sw": "esphome v2025.4.0", "mdl": "esp32dev"}
        for channel, says in self.says_of.items():
            if says is None:
                continue
            component, told = _COMPONENTS[says]
            body: dict[str, Any] = {
                **told,
                "name": channel.replace("_", " ").capitalize(),
                "state_topic": f"{address}/{component}/{channel}/state",
                "availability_topic": f"{address}/status",
                "unique_id": f"{node}-{component}-{channel}",
                "device": board,
            }
            topic = f"homeassistant/{component}/{node}/{channel}/config"
            yield self.message(beat.at, topic, as_json(body), "discovery", retain=True)

    def _state(self, beat: Beat, channel: str, value: Any, kind: str) -> WireMessage:
        says = self.says_of[channel]
        component = _COMPONENTS[says][0] if says else "sensor"
        if says is Quantity.TEMPERATURE:
            word = f"{value:.1f}"
        elif says is Quantity.ACTION:
            word = '{"event_type":"press"}'
        else:
            word = "ON" if value is not (says is Quantity.CONTACT) else "OFF"
        topic = f"{self.device.address}/{component}/{channel}/state"
        return self.message(beat.at, topic, word, kind, retain=says is not Quantity.ACTION)
