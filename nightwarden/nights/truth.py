"""What was really so in one night: who was out of bed, what was hot and touchable, who came."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from nightwarden.model.hours import Hours
from nightwarden.model.places import EquipmentKind, Mount, PlaceId
from simulators.home_description import Fitting, HomeDescription, Resident
from simulators.house import House
from simulators.residents import IN_BED, ON_THE_FLOOR, Move, Whereabouts
from simulators.senses import PowerCut
from simulators.world import World

HOT_C = 43.0
"""From here on a touch burns in time (HSE HSIS6)."""

LOOKS = timedelta(minutes=1)


@dataclass(slots=True)
class Visit:
    """Somebody was in a room from ``at`` until ``until`` (None: at the end of the night still)."""

    at: datetime
    room: str
    who: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """A resident was out of bed from ``since`` until ``until``; aware, UTC.

    ``fell_at`` when they fell, ``until`` the end of the night where it outlasted it.
    """

    resident: Resident
    place: PlaceId
    since: datetime
    until: datetime
    fell_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sleeper:
    """Somebody in a bed with a mat: the whole night, and the hours that count."""

    resident: Resident
    mat: Fitting
    moves: tuple[Move, ...]
    hours: Hours
    cuts: tuple[PowerCut, ...]

    def at(self, instant: datetime) -> Whereabouts:
        """Where they were."""
        return [move.to for move in self.moves if move.at <= instant][-1]

    def sat_before(self, left: datetime, instant: datetime) -> bool:
        """Whether they sat on the edge at an instant, and then left the bed at ``left``."""
        sat = [move for move in self.moves if move.at < left][-1]
        return sat.to is Whereabouts.EDGE and sat.at <= instant <= left

    def absences(self, end: datetime, home: HomeDescription) -> Iterator[Absence]:
        """Every time out of bed that began in the hours in which the bed is watched."""
        left, fell, before = None, None, self.moves[0]
        for move in (*self.moves[1:], Move(end, Whereabouts.BED)):
            if move.to not in IN_BED and before.to in IN_BED:
                left, fell = move.at, None
            if move.to in ON_THE_FLOOR:
                fell = move.at
            if move.to in IN_BED and left is not None:
                if self.hours.cover(left, home.zone):
                    yield Absence(self.resident, self.mat.place, left, move.at, fell)
                left = None
            before = move

    def in_bed_between(self, since: datetime, until: datetime) -> bool:
        """Whether they lay there for all of it."""
        for move, after in pairwise((*self.moves, Move(until, Whereabouts.BED))):
            lies = move.to in (Whereabouts.BED, Whereabouts.LIFTED)
            if not lies and move.at < until and after.at > since:
                return False
        return True


@dataclass(frozen=True, slots=True)
class HotSpell:
    """Something within reach was too hot to touch. ``watched``: a sensor is on or behind it."""

    place: PlaceId
    since: datetime
    until: datetime
    highest: float
    watched: bool
    what: str = "emitter"


@dataclass(frozen=True, slots=True)
class Truth:
    """One night."""

    start: datetime
    end: datetime
    sleepers: tuple[Sleeper, ...]
    hot: tuple[HotSpell, ...]
    visits: tuple[Visit, ...]


def truth_of(world: World, start: datetime, end: datetime, visits: Iterable[Visit]) -> Truth:
    """What was so between ``start`` and ``end`` (aware, UTC), after everything that people did."""
    home = world.simulation.home
    sleepers = []
    for mat in home.fittings:
        resident = home.resident_at(mat.place)
        if mat.kind is EquipmentKind.BED_MAT and resident is not None:
            hours = resident.watched.get(mat.place.place)
            if hours is not None:
                moves = tuple(world.moves(resident, end))
                cuts = _cuts(world, mat, end)
                sleepers.append(Sleeper(resident, mat, moves, hours, cuts))
    hot = [*_hot(home, world.house, start, end)]
    return Truth(
        start, end, tuple(sleepers), tuple(hot), tuple(sorted(visits, key=lambda one: one.at))
    )


def _cuts(world: World, mat: Fitting, end: datetime) -> tuple[PowerCut, ...]:
    found: list[PowerCut] = []
    for cut in world.simulation.cuts(mat):
        if cut.since >= end:
            return tuple(found)
        found.append(cut)
    return tuple(found)


def _hot(home: HomeDescription, house: House, start: datetime, end: datetime) -> Iterator[HotSpell]:
    watched = {
        one.place
        for one in home.fittings
        if one.kind is EquipmentKind.TEMPERATURE_SENSOR and one.mount is not Mount.ROOM_AIR
    }
    looks = [start + LOOKS * n for n in range(int((end - start) / LOOKS) + 1)]
    for place in home.emitters:
        heat = [house.touch(place, at) for at in looks]
        for since, until, highest in _spells(looks, heat):
            yield HotSpell(place, since, until, highest, place in watched)
    for room in {place.room for place in home.emitters}:
        heat = [house.heater(room, at) or 0.0 for at in looks]
        for since, until, highest in _spells(looks, heat):
            where = PlaceId(room, "portable heater")
            yield HotSpell(where, since, until, highest, watched=False, what="portable heater")


def _spells(
    looks: Sequence[datetime], heat: Sequence[float]
) -> Iterator[tuple[datetime, datetime, float]]:
    since, highest = None, 0.0
    for at, celsius in zip(looks, heat, strict=True):
        if celsius >= HOT_C:
            since, highest = since or at, max(highest, celsius)
        elif since is not None:
            yield since, at, highest
            since, highest = None, 0.0
    if since is not None:
        yield since, looks[-1], highest
