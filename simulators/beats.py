"""A device's own time line: when it changes, when it checks in, when it has no power.

The dialects differ in words and cadence, not in this. While there is no power nothing is said and
changes are missed; when it returns the device starts and tells the state that it finds.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import Enum
from heapq import merge
from operator import attrgetter
from random import Random
from typing import NamedTuple

from nightwarden.model.readings import Quantity
from simulators.senses import Change, PowerCut


class Occasion(Enum):
    """Why a device does something now."""

    STARTED = "started"
    CHANGED = "changed"
    CHECKS_IN = "checks in"
    LOST_POWER = "lost power"


class Moment(NamedTuple):
    """Something happens to a device at ``at`` (aware, UTC)."""

    at: datetime
    occasion: Occasion
    change: Change | None = None


def moments(
    start: datetime,
    every: tuple[timedelta, timedelta],
    changes: Iterator[Change],
    cuts: Iterator[PowerCut],
    rng: Random,
) -> Iterator[Moment]:
    """What happens to a device, in order of time, for ever.

    The device starts within 3 seconds of ``start``; check-ins are ``every`` (least, most) apart.
    Changes before it starts, or in a power cut, come up with the start: :attr:`Moment.change` has
    the state that the device finds. A missed action is lost, as it is in reality; what changes
    nothing is dropped.
    """
    on_at = start + timedelta(seconds=rng.uniform(0, 3))
    streams: list[Iterator[Moment]] = [
        (Moment(change.at, Occasion.CHANGED, change) for change in changes),
        power(on_at, cuts),
        check_ins(on_at, every, rng),
    ]
    powered = False
    told: Change | None = None
    missed: Change | None = None
    for moment in merge(*streams, key=attrgetter("at")):
        change = moment.change
        if moment.occasion is Occasion.STARTED:
            powered, told, missed = True, missed or told, None
            yield moment._replace(change=told)
        elif change is None:
            if powered:
                yield moment
            powered = powered and moment.occasion is not Occasion.LOST_POWER
        elif not powered:
            missed = missed if change.quantity is Quantity.ACTION else change
        elif change.quantity is Quantity.ACTION or told is None or change.value != told.value:
            told = told if change.quantity is Quantity.ACTION else change
            yield moment


def power(on_at: datetime, cuts: Iterator[PowerCut]) -> Iterator[Moment]:
    """When a device that has power from ``on_at`` on starts, and when it loses it."""
    yield Moment(on_at, Occasion.STARTED)
    for cut in cuts:
        yield Moment(max(cut.since, on_at), Occasion.LOST_POWER)
        yield Moment(max(cut.until, on_at), Occasion.STARTED)


def check_ins(on_at: datetime, every: tuple[timedelta, timedelta], rng: Random) -> Iterator[Moment]:
    """A device's own rhythm, ``every`` (least, most) after the last, for ever."""
    least, most = every
    at = on_at
    while True:
        at += least + (most - least) * rng.random()
        yield Moment(at, Occasion.CHECKS_IN)
