"""What a device said many times in a row, told at once.

A home's record is nearly all readings that say nothing new. A run is a stretch of them, all of one
device, each fresh, in order, and of a quantity that was measured before; its words are enough to
know whether any reading in it could matter to anybody.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from nightwarden.model.readings import DeviceId, Quantity


class Span(NamedTuple):
    """One quantity within a run: the same value throughout, except for temperatures.

    ``step`` is the largest change from one reading to the next, the one before the run included;
    ``changed_at`` when the last reading that differed from the one before was received.
    """

    quantity: Quantity
    low: float
    high: float
    step: float
    first: float
    last: float
    first_measured_at: datetime
    last_measured_at: datetime
    last_received_at: datetime
    changed_at: datetime | None

    @property
    def varies(self) -> bool:
        """Whether more than one value was measured."""
        return self.changed_at is not None


class Run(NamedTuple):
    """Readings of one device with nothing else of it between; times aware, UTC, as received.

    ``first`` and ``last`` are the numbers of its first and last reading, ``readings`` how many.
    ``longest_gap`` is the longest time without a reading, from the one before the run on.
    ``first_seq`` and ``last_seq`` are the device's own numbers where it has some.
    """

    device: DeviceId
    first: int
    last: int
    readings: int
    since: datetime
    until: datetime
    longest_gap: timedelta
    first_seq: int | None
    last_seq: int | None
    spans: tuple[Span, ...]
