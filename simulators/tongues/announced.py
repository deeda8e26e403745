"""Devices of somebody's own making that announce themselves to Home Assistant, entity by entity.

One topic has everything as JSON, said on a change and every minute; ``availability`` has a will.
"""

import re
from collections.abc import Iterator
from typing import Any

from nightwarden.model.readings import Quantity
from simulators.beats import Occasion
from simulators.boards import Beat, Habit
from simulators.home_description import Fitting
from simulators.tongues.base import Voice, about, kind_of, needs
from simulators.wire import Will, WireMessage, as_json

_OBJECT = re.compile(r"[a-zA-Z0-9_-]+")
_ON_OFF = {"pl_on": "ON", "pl_off": "OFF"}
_ANNOUNCED: dict[Quantity, tuple[str, dict[str, Any]]] = {
    Quantity.TEMPERATURE: ("sensor", {"dev_cla": "temperature", "unit_of_meas": "°C"}),
    Quantity.OCCUPANCY: ("binary_sensor", {"dev_cla": "occupancy", **_ON_OFF}),
    Quantity.CONTACT: ("binary_sensor", {"dev_cla": "door", **_ON_OFF}),
    Quantity.ACTION: ("event", {"dev_cla": "button", "evt_typ": ["press"]}),
}


class AnnouncedVoice(Voice):
    """One device; its topics begin with ``nw-`` and its identifier."""

    habit = Habit(about(1), reportable_c=0.5)

    @classmethod
    def why_not(cls, fitting: Fitting) -> str | None:
        """Its entities are channels."""
        channel = fitting.device.channel or ""
        fits = fitting.says in _ANNOUNCED and _OBJECT.fullmatch(channel) is not None
        return needs(fitting, told=fits, due="channel: the name of an entity, such as mat,")

    @property
    def _root(self) -> str:
        return "nw-" + re.sub(r"[^a-zA-Z0-9_-]", "_", self.device.address)

    def will(self) -> Will:
        """``offline``, retained."""
        return Will(f"{self._root}/availability", b"offline")

    def says(self, beat: Beat) -> Iterator[WireMessage]:
        """Announcements at the start, then everything each time."""
        if beat.occasion is Occasion.LOST_POWER:
            yield from self.gone(beat.at)
            return
        if beat.occasion is Occasion.STARTED:
            yield from self._announces(beat)
            topic = f"{self._root}/availability"
            yield self.message(beat.at, topic, "online", "availability", qos=1, retain=True)
        if beat.change is not None and beat.change.quantity is Quantity.ACTION:
            topic = f"{self._root}/{beat.channel}"
            yield self.message(beat.at, topic, '{"event_type":"press"}', "action", qos=1)
            return
        said: dict[str, Any] = {c: round(t, 1) for c, t in beat.celsius.items()}
        for channel, now in beat.states.items():
            door = now.quantity is Quantity.CONTACT
            said[channel] = "ON" if now.value is not door else "OFF"
        kind = kind_of(beat, self.says_of.get(beat.channel))
        body = as_json({**said, "battery": round(beat.battery)})
        yield self.message(beat.at, f"{self._root}/readings", body, kind, qos=1)

    def _announces(self, beat: Beat) -> Iterator[WireMessage]:
        device = {"ids": [self.device.address], "name": self.device.address, "mf": "home-made"}
        common = {"avty_t": "~/availability", "~": self._root, "dev": device}
        battery = {"dev_cla": "battery", "unit_of_meas": "%", "val_tpl": "{{ value_json.battery }}"}
        entities: list[tuple[str, str, dict[str, Any]]] = [
            ("sensor", "battery", {**battery, "stat_t": "~/readings"})
        ]
        for channel, says in self.says_of.items():
            if says is None:
                continue
            component, told = _ANNOUNCED[says]
            template = {"val_tpl": f"{{{{ value_json['{channel}'] }}}}", "stat_t": "~/readings"}
            own = {"stat_t": f"~/{channel}"} if says is Quantity.ACTION else template
            entities.append((component, channel, {**told, **own}))
        for component, name, told in entities:
            unique = {"name": name, "uniq_id": f"{self._root}_{name}"}
            topic = f"homeassistant/{component}/{self._root}/{name}/config"
            body = as_json({**common, **unique, **told})
            yield self.message(beat.at, topic, body, "discovery", qos=1, retain=True)
