"""What a piece of equipment senses, whatever language its device speaks.

A mat, a switch or a button senses :class:`Change` s, which its device tells at once. A temperature
moves all the time; a device looks at it when it likes (:class:`Sense`.level).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, pairwise
from random import Random
from typing import NamedTuple

from nightwarden.model.places import EquipmentKind
from nightwarden.model.readings import Quantity
from simulators.residents import Move, Whereabouts
from simulators.story import Pace, Unplug


class Change(NamedTuple):
    """From ``at`` (aware, UTC) on the quantity has this value; an action is over at once."""

    at: datetime
    quantity: Quantity
    value: bool | str


@dataclass(frozen=True, slots=True)
class Sense:
    """Changes in order of time, and a temperature in degrees Celsius where there is one."""

    changes: Iterator[Change]
    level: Callable[[datetime], float] | None = None


def bed_or_chair(kind: EquipmentKind, moves: Iterator[Move]) -> Iterator[Change]:
    """Somebody on the mat or not, at each move; most moves elsewhere leave the value as it was.

    Repeats are left in on purpose: to leave them out would be to search an endless night for the
    first time that somebody sits in the chair. :func:`simulators.beats.moments` drops them.
    """
    seat = Whereabouts.CHAIR if kind is EquipmentKind.CHAIR_MAT else Whereabouts.BED
    for move in moves:
        yield Change(move.at, Quantity.OCCUPANCY, move.to is seat)


def feet_beside_the_bed(moves: Iterator[Move], rng: Random) -> Iterator[Change]:
    """A floor mat: stepped on for some seconds whenever the bed is left or entered."""
    first = next(moves)
    yield Change(first.at, Quantity.OCCUPANCY, value=False)
    off_at: datetime | None = None
    for before, after in pairwise(chain([first], moves)):
        if Whereabouts.BED not in (before.to, after.to):
            continue
        if off_at is not None and off_at < after.at:
            yield Change(off_at, Quantity.OCCUPANCY, value=False)
        yield Change(after.at, Quantity.OCCUPANCY, value=True)
        off_at = after.at + timedelta(seconds=rng.uniform(2, 6))


def presses(start: datetime, pace: Pace, rng: Random) -> Iterator[Change]:
    """A call button: pressed now and then, on average every 8 hours."""
    at = start
    while True:
        at += timedelta(hours=rng.expovariate(1 / 8) / pace.waiting)
        yield Change(at, Quantity.ACTION, "press")


class PowerCut(NamedTuple):
    """A device has no power from ``since`` until ``until`` (aware, UTC)."""

    since: datetime
    until: datetime


def power_cuts(
    start: datetime, pace: Pace, rng: Random, opening: Unplug | None = None
) -> Iterator[PowerCut]:
    """Times without power, in order, for ever: the opening's, then one in about ten days.

    A lead pulled out by a bed that was moved stays out for 5 to 90 minutes.
    """
    at = start
    if opening is not None:
        since = start + timedelta(seconds=opening.after_s)
        at = since + timedelta(seconds=opening.for_s)
        yield PowerCut(since, at)
    while True:
        since = at + timedelta(days=rng.expovariate(1 / 10) / pace.waiting)
        at = since + timedelta(minutes=rng.uniform(5, 90))
        yield PowerCut(since, at)


class Battery:
    """A cell that lasts one to two years, found at a random age."""

    def __init__(self, start: datetime, rng: Random) -> None:
        self._start = start
        self._level = rng.uniform(45, 100)
        self._a_day = 100 / rng.uniform(365, 730)

    def per_cent(self, at: datetime) -> float:
        """0 to 100 at ``at``, with half per cents as many devices give it."""
        days = (at - self._start) / timedelta(days=1)
        return max(0.0, round(2 * (self._level - self._a_day * days)) / 2)
