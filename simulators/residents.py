"""A resident's nights and days, as moves between bed, chair, feet and, now and then, the floor.

1. Who goes to bed falls asleep after a while, turns over, sits up, gets up and comes back, as often
   as the :class:`~simulators.profiles.Profile` says; each at random, and never within two minutes
   of the last.
2. A trip goes to the toilet and back; the share that the profile calls wandering lasts longer.
3. A fall ends on the floor by the bed or in the en-suite, and nobody gets up from there alone. Who
   comes is somebody's that is told (``arrivals``); where nobody is told, a round finds them after
   5 to 40 minutes.
4. Bedtime and rising are wall-clock times of the home, each person's own, a little different each
   day. Whoever lies on the floor in the morning is found then.

What somebody does tonight is drawn before it is known when help comes, so that an arrival changes
nothing that lies before it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from simulators.profiles import NIGHT_H, Profile, drawn
from simulators.story import Exit, Pace

LEAST_BETWEEN = timedelta(minutes=2)
LONGEST_ON_THE_FLOOR = timedelta(hours=10)


class Whereabouts(StrEnum):
    """Where a resident is, and how they lie or sit there."""

    BED = "bed"
    LIFTED = "turning over"
    EDGE = "edge of the bed"
    CHAIR = "chair"
    FEET = "feet"
    TOILET = "toilet"
    FLOOR = "floor by the bed"
    ENSUITE_FLOOR = "floor of the en-suite"


IN_BED = frozenset({Whereabouts.BED, Whereabouts.LIFTED, Whereabouts.EDGE})
ON_THE_FLOOR = frozenset({Whereabouts.FLOOR, Whereabouts.ENSUITE_FLOOR})


class Move(NamedTuple):
    """From ``at`` (aware, UTC) on the resident is ``to``."""

    at: datetime
    to: Whereabouts


@dataclass(frozen=True, slots=True)
class Habits:
    """What stays the same from night to night; times of day in minutes after local midnight."""

    bedtime: float
    rising: float
    profile: Profile


@dataclass(frozen=True, slots=True)
class Help:
    """When somebody came to a resident on the floor, in order; aware, UTC."""

    arrivals: tuple[datetime, ...] = ()

    def after(self, fallen_at: datetime) -> datetime | None:
        """The first who came, if anybody did."""
        return next((at for at in self.arrivals if at >= fallen_at), None)


def life(
    rng: Random,
    start: datetime,
    zone: ZoneInfo,
    pace: Pace,
    opening: Exit | None = None,
    quiet_s: float = 0.0,
    help_: Help | None = None,
) -> Iterator[Move]:
    """Moves from ``start`` (aware) on, for ever, in order of time; the first is at ``start``.

    No two moves in a row have the same ``to``. The opening of a story comes first: for
    ``quiet_s`` seconds, and until the scripted exit is over, nothing else happens. ``help_`` None:
    whoever falls is found by a round.
    """
    habits = habits_of(rng)
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
    nights = _Nights(rng, habits, pace, help_)
    if pace.endless_night:
        ordinary = nights.night(settled, None)
    else:
        ordinary = _joined_at(settled, nights.and_days(settled, zone))
    yield from _without_repeats(first, ordinary)


def habits_of(rng: Random) -> Habits:
    """The first draws of a life: a bedtime, an hour to rise and a profile."""
    return Habits(
        bedtime=21.5 * 60 + rng.uniform(-45, 45),
        rising=7.25 * 60 + rng.uniform(-45, 45),
        profile=drawn(rng),
    )


class _Nights:
    """One resident's nights and days in turn."""

    def __init__(self, rng: Random, habits: Habits, pace: Pace, help_: Help | None) -> None:
        self._rng, self._habits, self._pace, self._help = rng, habits, pace, help_
        self._profile = habits.profile
        per_hour = (
            self._profile.trips_a_night,
            self._profile.lifts_a_night,
            self._profile.edges_a_night,
        )
        self._weights = per_hour
        self._an_hour = sum(per_hour) / NIGHT_H

    def and_days(self, start: datetime, zone: ZoneInfo) -> Iterator[Move]:
        """For ever, beginning with the night that began the evening before ``start``."""
        rng, habits = self._rng, self._habits
        day = start.astimezone(zone).date() - timedelta(days=1)
        bed_at = _on_the_wall(day, habits.bedtime + rng.uniform(-15, 15), zone)
        while True:
            day += timedelta(days=1)
            rise_at = _on_the_wall(day, habits.rising + rng.uniform(-15, 15), zone)
            yield from self.night(bed_at, rise_at)
            bed_at = _on_the_wall(day, habits.bedtime + rng.uniform(-15, 15), zone)
            yield from _day(rng, rise_at, bed_at)

    def night(self, bed_at: datetime, rise_at: datetime | None) -> Iterator[Move]:
        """In bed from ``bed_at`` until ``rise_at`` (None: for ever), with what happens between."""
        yield Move(bed_at, Whereabouts.BED)
        asleep = bed_at + timedelta(minutes=self._rng.uniform(*self._profile.onset_min))
        back = bed_at + (asleep - bed_at) / self._pace.waiting
        while True:
            wait = timedelta(hours=self._rng.expovariate(self._an_hour))
            at = back + max(wait, LEAST_BETWEEN) / self._pace.waiting
            away = [Move(at + after, to) for after, to in self._absence()]
            if away[-2].to in ON_THE_FLOOR:
                away[-1] = self._found(away[-2].at, away[-1].at)
            back = away[-1].at
            if rise_at is not None and back >= rise_at:
                if away[-2].to in ON_THE_FLOOR:
                    yield from (move for move in away[:-1] if move.at < rise_at)
                return
            yield from away

    def _absence(self) -> list[tuple[timedelta, Whereabouts]]:
        """What somebody does now: lengths since its beginning, to the return to bed."""
        rng, profile = self._rng, self._profile
        what = rng.choices(("trip", "lift", "edge"), self._weights)[0]
        if what == "lift":
            length = timedelta(seconds=rng.uniform(*profile.lift_s))
            return [(timedelta(), Whereabouts.LIFTED), (length, Whereabouts.BED)]
        sits = timedelta(seconds=rng.uniform(*profile.edge_s)) / self._pace.away
        if what == "edge":
            return [(timedelta(), Whereabouts.EDGE), (sits, Whereabouts.BED)]
        sits = sits if rng.random() < profile.sits_first else timedelta()
        seated = [(timedelta(), Whereabouts.EDGE)] if sits else []
        return seated + [(sits + after, to) for after, to in self._trip()]

    def _trip(self) -> list[tuple[timedelta, Whereabouts]]:
        rng, profile = self._rng, self._profile
        falls, at_once = rng.random() < profile.falls, rng.random() < 0.6
        walk = timedelta(seconds=rng.uniform(10, 40)) / self._pace.away
        found = timedelta(minutes=rng.uniform(5, 40))
        if rng.random() < profile.wanders:
            length = timedelta(minutes=rng.uniform(*profile.wander_min))
            return [(timedelta(), Whereabouts.FEET), (length, Whereabouts.BED)]
        length = timedelta(minutes=rng.uniform(*profile.trip_min)) / self._pace.away
        if falls and at_once:
            down = walk / 4
            fallen = [(timedelta(), Whereabouts.FEET), (down, Whereabouts.FLOOR)]
            return [*fallen, (down + found, Whereabouts.BED)]
        there = [(timedelta(), Whereabouts.FEET), (walk, Whereabouts.TOILET)]
        if falls:
            down = walk + (length - 2 * walk) / 2
            return [*there, (down, Whereabouts.ENSUITE_FLOOR), (down + found, Whereabouts.BED)]
        return [*there, (length - walk, Whereabouts.FEET), (length, Whereabouts.BED)]

    def _found(self, fallen_at: datetime, by_a_round: datetime) -> Move:
        """Back in bed, some minutes after somebody came."""
        takes = timedelta(minutes=self._rng.uniform(4, 12))
        if self._help is None:
            return Move(by_a_round, Whereabouts.BED)
        came = self._help.after(fallen_at)
        return Move((came or fallen_at + LONGEST_ON_THE_FLOOR) + takes, Whereabouts.BED)


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


def _without_repeats(first: Sequence[Move], then: Iterator[Move]) -> Iterator[Move]:
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
