"""Strangers who invent topics harm nobody else: what no bound device says has a measure in common.

A topic's own measure (``floods.py``) does not hold whoever says one word on each of thousands.

1. Who is meant is known only when a message has been read: a restart makes nobody a stranger. A
   reading or a problem of a bound device is taken, always; so is what nothing follows from.
2. Anything else, such as bytes that cannot be read, an unknown device or an announcement, counts
   against a measure: that of the bound device whose address stands in the topic, or which is
   announced; otherwise the one that all strangers share.
3. Announcements have a larger one: a home's may all come at once, since the broker keeps them, and
   those that were passed over would not come again.
4. Unbound devices that are listed are not measured either: their number is bounded, and whoever
   just bought one wants to see it.
5. What goes beyond is acknowledged, counted and shown, as a flood is (``strain.py``).
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime

from gateway.dialects.base import Heard
from gateway.messages import RawMessage
from nightwarden.model.readings import DeviceId, Quantity

RATE = 50.0
"""Messages a second of all strangers together, for as long as they like: three per cent of what
the deciding thread manages, with a line in quarantine for each."""

BURST = 1_000.0
BURST_OF_LESSONS = 6_000.0
"""Announcements at once: more than any dialect has room for (``announced.py``)."""

NAMED_RATE, NAMED_BURST = 200.0, 2_000.0
"""Where a bound device is named: a hub or node speaks for many that are not bound."""


@dataclass(slots=True)
class _Measure:
    rate: float
    burst: float
    left: float
    at: datetime

    def take(self, now: datetime) -> bool:
        """Whether there is room for one more at ``now``; a clock that goes back refills nothing."""
        passed_s = max(0.0, (now - self.at).total_seconds())
        self.left = min(self.burst, self.left + passed_s * self.rate)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Strangers:
    """The measures of one home; the deciding thread's own.

    Args:
        bound: the devices, or inputs of devices, that the register has bound.
    """

    def __init__(self, bound: Iterable[DeviceId] = ()) -> None:
        self._named: dict[str, _Measure] = {}
        self._shared: dict[bool, _Measure] = {}
        self.replan(bound)

    def replan(self, bound: Iterable[DeviceId]) -> None:
        """These are bound now."""
        self._bound = {each for device in bound for each in (device, device.whole)}
        self._levels = {
            level for device in self._bound for level in device.whole.address.split("/")
        }
        self._levels.discard("")
        self._named = {name: self._named[name] for name in self._named.keys() & self._levels}

    def admit(
        self, message: RawMessage, heard: Heard | None, listed: Container[DeviceId], now: datetime
    ) -> bool:
        """Whether to take up what a message said.

        Args:
            message: as it came.
            heard: what it said; None when it cannot be read.
            listed: the unbound devices that are known.
            now: this turn's instant.
        """
        if heard is not None and self._is_known(heard, listed):
            return True
        lesson = heard is not None and bool(heard.lessons)
        return self._measure(message.topic, heard, now, lesson=lesson).take(now)

    def _is_known(self, heard: Heard, listed: Container[DeviceId]) -> bool:
        bound = self._bound
        for reading in heard.readings:
            device = reading.device
            if device in bound or device.whole in bound or reading.quantity is Quantity.PROOF:
                return True
        if any(problem.device.whole in bound for problem in heard.problems):
            return True
        if heard.problems or not heard.readings:
            return not (heard.problems or heard.lessons or heard.requests)
        return all(reading.device in listed for reading in heard.readings)

    def _measure(self, topic: str, heard: Heard | None, now: datetime, *, lesson: bool) -> _Measure:
        named = next((level for level in reversed(topic.split("/")) if level in self._levels), None)
        if named is None and heard is not None and heard.of is not None:
            named = heard.of.address if heard.of in self._bound else None
        if named is not None:
            return self._named.setdefault(
                named, _Measure(NAMED_RATE, NAMED_BURST, NAMED_BURST, now)
            )
        burst = BURST_OF_LESSONS if lesson else BURST
        return self._shared.setdefault(lesson, _Measure(RATE, burst, burst, now))
