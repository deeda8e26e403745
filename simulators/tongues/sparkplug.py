"""A Sparkplug B edge node with devices behind it.

1. It is born (``NBIRTH``, then ``DBIRTH`` of each device) with names, aliases and units; afterwards
   it says aliases alone, on a change, and everything every five minutes.
2. Its messages are numbered 0 to 255 and round, in the order in which they are sent: a number is
   given when the bytes are made. ``NDEATH`` is its will, not retained, with the ``bdSeq`` of its
   birth, which counts its connections.
3. Asked for a rebirth (``NCMD``) it is born again at once, with the state as last told.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime

from nightwarden.model.readings import Quantity
from simulators.beats import Occasion
from simulators.boards import Beat, Habit
from simulators.home_description import Fitting
from simulators.tongues.base import Voice, about, kind_of
from simulators.tongues.sparkplug_bytes import (
    BOOLEAN,
    DOUBLE,
    UINT8,
    UINT64,
    Metric,
    asks_for_rebirth,
    payload,
)
from simulators.wire import Will, WireMessage

_NAMES = {
    Quantity.OCCUPANCY: "Occupancy",
    Quantity.CONTACT: "Closed",
    Quantity.TEMPERATURE: "Temperature",
    Quantity.ACTION: "Press",
}
_PART = re.compile(r"[^+#/]+")


def node_of(address: str) -> str:
    """``GROUP/NODE`` of an address with or without a device."""
    return "/".join(address.partition("#")[0].split("/")[:2])


class SparkplugVoice(Voice):
    """One node and all its devices; an input is ``DEVICE#CHANNEL``, each of which may be empty."""

    habit = Habit(about(5), reportable_c=0.5)
    session = 0
    _sent = 0
    _latest: Beat | None = None

    @classmethod
    def key(cls, fitting: Fitting) -> str:
        """``DEVICE#CHANNEL``."""
        address, _, channel = fitting.device.address.partition("#")
        return f"{'/'.join(address.split('/')[2:])}#{channel}"

    @classmethod
    def why_not(cls, fitting: Fitting) -> str | None:
        """The address is ``GROUP/NODE`` or ``GROUP/NODE/DEVICE``."""
        parts = fitting.device.whole.address.split("/")
        if len(parts) not in (2, 3) or not all(_PART.fullmatch(part) for part in parts):
            return "the address of a Sparkplug device is GROUP/NODE/DEVICE"
        return None if fitting.says in _NAMES else "a Sparkplug device measures something"

    def will(self) -> Will:
        """``NDEATH``; its time is that of connecting, which the node does not know beforehand."""
        return Will(self._topic("NDEATH"), payload(0, [self._bd_seq()], None), retain=False)

    def says(self, beat: Beat) -> Iterator[WireMessage]:
        """Births at the start, changes at once, everything in its time."""
        match beat.occasion:
            case Occasion.LOST_POWER:
                yield from self.gone(beat.at)
                self.session += 1
            case Occasion.STARTED:
                yield from self._births(beat, self.will())
            case Occasion.CHECKS_IN:
                for device in self._devices():
                    yield self._data(beat, device, self._metrics(beat, device), "check-in")
            case Occasion.CHANGED:
                device = beat.channel.partition("#")[0]
                changed = [one for key, one in self._of(beat, device) if key == beat.channel]
                kind = kind_of(beat, self.says_of.get(beat.channel))
                yield self._data(beat, device, changed, kind)

    def hears(self) -> str | None:
        """Where it is given orders."""
        return self._topic("NCMD")

    def told(self, order: bytes, at: datetime) -> Iterator[WireMessage]:
        """A rebirth, if that is what is asked for and it was ever born."""
        if self._latest is not None and asks_for_rebirth(order):
            yield from self._births(self._latest._replace(at=at, change=None), None)

    def _births(self, beat: Beat, will: Will | None) -> Iterator[WireMessage]:
        for device in ("", *(one for one in self._devices() if one)):
            named = self._metrics(beat, device)
            if not device:
                rebirth = Metric("Node Control/Rebirth", None, BOOLEAN, value=False)
                named = [self._bd_seq(), rebirth, *named]
            kind = "DBIRTH" if device else "NBIRTH"
            body = self._numbered(beat, named, first=not device)
            message = self.message(beat.at, self._topic(kind, device), body, "birth")
            yield message._replace(opens_with=None if device else will)

    def _data(self, beat: Beat, device: str, said: list[Metric], kind: str) -> WireMessage:
        topic = self._topic("DDATA" if device else "NDATA", device)
        bare = [one._replace(name=None, unit="") for one in said]
        return self.message(beat.at, topic, self._numbered(beat, bare), kind)

    def _numbered(
        self, beat: Beat, said: list[Metric], *, first: bool = False
    ) -> Callable[[datetime], bytes]:
        number: list[int] = []

        def body(clock: datetime) -> bytes:
            if not number:
                self._sent = 0 if first else (self._sent + 1) % 256
                number.append(self._sent)
                self._latest = beat
            return payload(int(clock.timestamp() * 1000), said, number[0])

        return body

    def _metrics(self, beat: Beat, device: str) -> list[Metric]:
        own = [one for _, one in self._of(beat, device)]
        if device:
            alias = self._alias(f"{device}/battery")
            own.append(Metric("Battery", alias, UINT8, round(beat.battery)))
        return own

    def _of(self, beat: Beat, device: str) -> Iterator[tuple[str, Metric]]:
        """The metrics of the inputs of a device, by input, as a birth has them."""
        for key, says in self.says_of.items():
            owner, _, folder = key.partition("#")
            if owner != device or says is None:
                continue
            name, alias = f"{folder}/{_NAMES[says]}".lstrip("/"), self._alias(key)
            if key in beat.celsius:
                yield key, Metric(name, alias, DOUBLE, beat.celsius[key], "°C")
            elif key in beat.states:
                yield key, Metric(name, alias, BOOLEAN, bool(beat.states[key].value))
            elif says is Quantity.ACTION:
                pressed = beat.change is not None and beat.channel == key
                yield key, Metric(name, alias, BOOLEAN, pressed)

    def _devices(self) -> list[str]:
        return list(dict.fromkeys(key.partition("#")[0] for key in self.says_of))

    def _alias(self, key: str) -> int:
        """By place in the home file, batteries after the inputs."""
        devices = [f"{device}/battery" for device in self._devices()]
        return [*self.says_of, *devices].index(key) + 1

    def _bd_seq(self) -> Metric:
        return Metric("bdSeq", None, UINT64, self.session % 256)

    def _topic(self, kind: str, device: str = "") -> str:
        group, node = self.device.address.split("/")
        return "/".join(["spBv1.0", group, kind, node, *([device] if device else [])])
