"""Homie 4 devices with the statistics extension: described on each start, everything retained.

A device says ``$state`` ``init``, describes itself, and is ``ready``; ``lost`` is its will. A value
is said when it changes; ``$stats/uptime`` and ``$stats/battery`` each minute.
"""

import re
from collections.abc import Iterator
from typing import Any

from nightwarden.model.readings import Quantity
from simulators.beats import Occasion
from simulators.boards import Beat, Habit
from simulators.home_description import Fitting
from simulators.tongues.base import Voice, about, kind_of
from simulators.wire import Will, WireMessage

_NAME = re.compile(r"[a-z0-9-]+")
_WORDS = {
    Quantity.OCCUPANCY: ("occupied", "occupancy", "presence"),
    Quantity.CONTACT: ("contact", "closed", "open"),
    Quantity.TEMPERATURE: ("temperature", "degrees", "value"),
    Quantity.ACTION: ("press", "button"),
}
_DATATYPES = {Quantity.TEMPERATURE: "float", Quantity.ACTION: "enum"}


class HomieVoice(Voice):
    """One device."""

    habit = Habit(about(1), reportable_c=0.5)

    @classmethod
    def why_not(cls, fitting: Fitting) -> str | None:
        """A channel is ``NODE/PROPERTY``, the property one of the words that say what it is."""
        node, _, name = (fitting.device.channel or "").partition("/")
        words = _WORDS.get(fitting.says, ()) if fitting.says else ()
        if _NAME.fullmatch(node) and name in words:
            return None
        return f"channel: NODE/PROPERTY is due, PROPERTY one of {', '.join(words) or 'none'}"

    def will(self) -> Will:
        """``lost``, retained."""
        return Will(f"homie/{self.device.address}/$state", b"lost")

    def says(self, beat: Beat) -> Iterator[WireMessage]:
        """A description first, then values as they change."""
        match beat.occasion:
            case Occasion.LOST_POWER:
                yield from self.gone(beat.at)
            case Occasion.STARTED:
                yield from self._describes_itself(beat)
                yield from self._statistics(beat)
            case Occasion.CHECKS_IN:
                yield from self._statistics(beat)
            case Occasion.CHANGED:
                kind = kind_of(beat, self.says_of.get(beat.channel))
                yield self._value(beat, beat.channel, kind)

    def _describes_itself(self, beat: Beat) -> Iterator[WireMessage]:
        nodes = sorted({channel.partition("/")[0] for channel in self.says_of})
        yield self._said(beat, "$homie", "4.0.0")
        yield self._said(beat, "$state", "init", kind="availability")
        yield self._said(beat, "$name", self.device.address)
        yield self._said(beat, "$nodes", ",".join(nodes))
        yield self._said(beat, "$extensions", "org.homie.legacy-stats:0.1.1:[4.x]")
        for node in nodes:
            names = [c.partition("/")[2] for c in self.says_of if c.startswith(f"{node}/")]
            yield self._said(beat, f"{node}/$name", node.capitalize())
            yield self._said(beat, f"{node}/$type", "sensor")
            yield self._said(beat, f"{node}/$properties", ",".join(names))
        for channel, says in self.says_of.items():
            datatype = _DATATYPES.get(says, "boolean") if says else "boolean"
            yield self._said(beat, f"{channel}/$datatype", datatype)
            if says is Quantity.TEMPERATURE:
                yield self._said(beat, f"{channel}/$unit", "°C")
            if says is Quantity.ACTION:
                yield self._said(beat, f"{channel}/$format", "single")
                yield self._said(beat, f"{channel}/$retained", "false")
        for channel in (*beat.states, *beat.celsius):
            yield self._value(beat, channel, "state")
        yield self._said(beat, "$state", "ready", kind="availability")

    def _statistics(self, beat: Beat) -> Iterator[WireMessage]:
        yield self._said(beat, "$stats/uptime", f"{beat.at.timestamp() % 1e6:.0f}", kind="stats")
        yield self._said(beat, "$stats/battery", f"{beat.battery:.0f}", kind="stats")

    def _value(self, beat: Beat, channel: str, kind: str) -> WireMessage:
        if beat.change is not None and beat.change.quantity is Quantity.ACTION:
            return self._said(beat, channel, "single", kind=kind, retain=False)
        if channel in beat.celsius:
            return self._said(beat, channel, f"{beat.celsius[channel]:.1f}", kind=kind)
        value = beat.states[channel].value
        true = (not value) if channel.endswith("/open") else value
        return self._said(beat, channel, "true" if true else "false", kind=kind)

    def _said(self, beat: Beat, path: str, word: str, **how: Any) -> WireMessage:
        told = {"kind": "description", "qos": 1, "retain": True, **how}
        return self.message(beat.at, f"homie/{self.device.address}/{path}", word, **told)
