"""A resident's nights and days, as moves between bed, chair and feet.

Sleep is not modelled; leaving the bed is. Per night: a calm sleeper goes to the toilet one to five
times and is back after 3 to 9 minutes; a restless one also lifts off the mat for some seconds again
and again; and about one trip in forty goes wrong: the person is not back for 20 minutes to an hour.
Bedtime and rising are wall-clock times of the home, each person's own, a little different each day.
The figures are chosen to exercise the rules, not taken from a study.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from simulators.story import Exit, Pace

WENT_WRONG = 1 / 40
"""The share of trips from which nobody comes back within the usual time."""


class Whereabouts(StrEnum):
    """Where a resident is, as far as a mat can tell."""

    BED = "bed"
    CHAIR = "chair"
    FEET = "feet"


class Move(NamedTuple):
    """From ``at`` (aware, UTC) on the resident is ``to``."""

    at: datetime
    to: Whereabouts


@dataclass(frozen=True, slots=True)
class Habits:
    """What stays the same from night to night; times of day in minutes after local midnight."""

    bedtime: float
    rising: float
    restless: bool


def life(
    rng: Random,
    start: datetime,
    zone: ZoneInfo,
    pace: Pace,
    opening: Exit | None = None,
    quiet_s: float = 0.0,
) -> Iterator[Move]:
    """Moves from ``start`` (aware) on, for ever, in order of time; the first is at ``start``.

    No two moves in a row have the same ``to``. The opening of a story comes first: for
    ``quiet_s`` seconds, and until the scripted exit is over, nothing else happens.
    """
    habits = _habits(rng)
    settled = start + timedelta(seconds=quiet_s)
    if opening is None:
        first: list[Move] = [Move(start, Whereabouts.BED)] if quiet_s else []
    else:
        out = start + timedelta(seconds=opening.after_s)
        back = out + timedelta(seconds=opening.away_s)
        first = [
            Move(start, Whereabouts.BED),
            Move(out, Whereabouts.FEET),
            Move(back, Whereabouts.BED),
        ]
        settled = max(settled, back)
    if pace.endless_night:
        ordinary = _night(rng, habits, pace, settled, None)
    else:
        ordinary = _joined_at(settled, _days(rng, habits, pace, settled, zone))
    yield from _without_repeats(first, ordinary)


def _habits(rng: Random) -> Habits:
    return Habits(
        bedtime=21.5 * 60 + rng.uniform(-45, 45),
        rising=7.25 * 60 + rng.uniform(-45, 45),
        restless=rng.random() < 0.25,
    )


def _days(
    rng: Random, habits: Habits, pace: Pace, start: datetime, zone: ZoneInfo
) -> Iterator[Move]:
    """Nights and days in turn, beginning with the night that began the evening before ``start``."""
    day = start.astimezone(zone).date() - timedelta(days=1)
    bed_at = _on_the_wall(day, habits.bedtime + rng.uniform(-15, 15), zone)
    while True:
        day += timedelta(days=1)
        rise_at = _on_the_wall(day, habits.rising + rng.uniform(-15, 15), zone)
        yield from _night(rng, habits, pace, bed_at, rise_at)
        bed_at = _on_the_wall(day, habits.bedtime + rng.uniform(-15, 15), zone)
        yield from _day(rng, rise_at, bed_at)


def _night(
    rng: Random, habits: Habits, pace: Pace, bed_at: datetime, rise_at: datetime | None
) -> Iterator[Move]:
    """In bed from ``bed_at`` until ``rise_at`` (None: for ever), with trips between."""
    yield Move(bed_at, Whereabouts.BED)
    back = bed_at
    while True:
        wait = rng.uniform(15, 60) if habits.restless else rng.uniform(60, 240)
        out = back + timedelta(minutes=wait / pace.waiting)
        back = out + _absence(rng, habits, pace)
        if rise_at is not None and back >= rise_at:
            return
        yield Move(out, Whereabouts.FEET)
        yield Move(back, Whereabouts.BED)


def _absence(rng: Random, habits: Habits, pace: Pace) -> timedelta:
    chance = rng.random()
    if chance < WENT_WRONG:
        return timedelta(minutes=rng.uniform(20, 60))
    if habits.restless and chance < 0.7:
        return timedelta(seconds=rng.uniform(2, 8))
    return timedelta(minutes=rng.uniform(3, 9) / pace.away)


def _day(rng: Random, rise_at: datetime, bed_at: datetime) -> Iterator[Move]:
    """Up, then mostly in the chair, and on the way to bed some minutes before ``bed_at``."""
    yield Move(rise_at, Whereabouts.FEET)
    seated = rise_at + timedelta(minutes=rng.uniform(20, 40))
    undresses = bed_at - timedelta(minutes=rng.uniform(10, 30))
    while seated < undresses:
        yield Move(seated, Whereabouts.CHAIR)
        rises = min(seated + timedelta(minutes=rng.uniform(45, 120)), undresses)
        yield Move(rises, Whereabouts.FEET)
        seated = rises + timedelta(minutes=rng.uniform(5, 30))


def _joined_at(start: datetime, moves: Iterator[Move]) -> Iterator[Move]:
    """The same life, entered at ``start``: first where the resident is then, then the rest."""
    present = Whereabouts.FEET
    for move in moves:
        if move.at > start:
            yield Move(start, present)
            yield move
            break
        present = move.to
    yield from moves


def _without_repeats(first: list[Move], then: Iterator[Move]) -> Iterator[Move]:
    last: Whereabouts | None = None
    for moves in (first, then):
        for move in moves:
            if move.to is not last:
                yield move
            last = move.to


def _on_the_wall(day: date, minute: float, zone: ZoneInfo) -> datetime:
    """``minute`` of ``day`` on the home's wall clock, in UTC; past midnight runs into the next."""
    days, minute = divmod(minute, 24 * 60)
    hour, minute = divmod(minute, 60)
    wall = time(int(hour), int(minute), int(minute % 1 * 60))
    return datetime.combine(day + timedelta(days=days), wall, zone).astimezone(UTC)
