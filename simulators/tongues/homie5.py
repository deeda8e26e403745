"""Homie 5 devices: one description in JSON, everything under ``homie/5/DEVICE``.

``$state`` ``init``, ``$description``, the values, ``ready``; ``lost`` is the will. There are no
statistics any more: a battery is a property like another, said each hour or when it has changed by
a per cent. The home file does not tell the versions apart: a device whose address begins with
``homie5-`` speaks this one.
"""

import json
from collections.abc import Iterator
from typing import Any

from nightwarden.model.readings import Quantity
from simulators.beats import Occasion
from simulators.boards import Beat, Habit
from simulators.tongues.base import about, kind_of
from simulators.tongues.homie import HomieVoice
from simulators.wire import Will, WireMessage

PREFIX = "homie5-"
_BATTERY = "power/battery"


class Homie5Voice(HomieVoice):
    """One device."""

    habit = Habit(about(60), reportable_c=0.5)

    def will(self) -> Will:
        """``lost``, retained."""
        return Will(f"homie/5/{self.device.address}/$state", b"lost")

    def says(self, beat: Beat) -> Iterator[WireMessage]:
        """A description first, then values as they change."""
        match beat.occasion:
            case Occasion.LOST_POWER:
                yield from self.gone(beat.at)
            case Occasion.STARTED:
                yield from self._describes_itself(beat)
            case Occasion.CHECKS_IN:
                yield self._charge(beat)
                for channel in beat.celsius:
                    yield self._value(beat, channel, "check-in")
            case Occasion.CHANGED:
                kind = kind_of(beat, self.says_of.get(beat.channel))
                yield self._value(beat, beat.channel, kind)

    def _describes_itself(self, beat: Beat) -> Iterator[WireMessage]:
        yield self._said(beat, "$state", "init", kind="availability")
        told = json.dumps(self._description(), separators=(",", ":"), ensure_ascii=False)
        yield self._said(beat, "$description", told)
        for channel in (*beat.states, *beat.celsius):
            yield self._value(beat, channel, "state")
        yield self._charge(beat)
        yield self._said(beat, "$state", "ready", kind="availability")

    def _description(self) -> dict[str, Any]:
        nodes: dict[str, Any] = {}
        battery = {"name": "Battery", "datatype": "integer", "unit": "%", "format": "0:100"}
        described = {channel: _property(says) for channel, says in self.says_of.items()}
        for channel, said in {**described, _BATTERY: battery}.items():
            node, _, name = channel.partition("/")
            one = nodes.setdefault(node, {"name": node.capitalize(), "properties": {}})
            one["properties"][name] = {"name": name.capitalize(), **said}
        about = {"homie": "5.0", "version": 1, "name": self.device.address}
        return {**about, "nodes": nodes}

    def _charge(self, beat: Beat) -> WireMessage:
        return self._said(beat, _BATTERY, f"{beat.battery:.0f}", kind="battery")

    def _said(self, beat: Beat, path: str, word: str, **how: Any) -> WireMessage:
        told = {"kind": "description", "qos": 1, "retain": True, **how}
        return self.message(beat.at, f"homie/5/{self.device.address}/{path}", word, **told)


def _property(says: Quantity | None) -> dict[str, Any]:
    if says is Quantity.TEMPERATURE:
        return {"datatype": "float", "unit": "°C"}
    if says is Quantity.ACTION:
        return {"datatype": "enum", "format": "single", "retained": False}
    return {"datatype": "boolean"}
