"""The house: its rooms on one boiler under one sky, and what goes wrong with the heat tonight.

What happens is a list of :class:`Event`; what people do about it is one more. The same events give
the same temperatures, and an event changes nothing that lies before it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from nightwarden.model.places import EmitterKind, Mount, PlaceId
from nightwarden.model.readings import Quantity
from simulators.boiler import STEP, Boiler, Outage, Runaway
from simulators.dice import dice
from simulators.home_description import HomeDescription
from simulators.rooms import Emitter, Room, Turn
from simulators.senses import Change
from simulators.weather import ColdSnap, Weather

WARM_UP = timedelta(hours=3)
"""The house is warm when anybody looks: it was heated before."""

_SHARE = {Mount.VALVE: 0.9}


class Event(NamedTuple):
    """From ``at`` (aware, UTC) on, in this room; ``place`` None where it is the room's."""

    at: datetime
    turn: Turn
    room: str
    place: PlaceId | None = None


class Heat(NamedTuple):
    """What goes wrong with the heat of a home."""

    events: tuple[Event, ...] = ()
    outages: tuple[Outage, ...] = ()
    runaways: tuple[Runaway, ...] = ()
    snaps: tuple[ColdSnap, ...] = ()


NO_TROUBLE = Heat()


class House:
    """Temperatures of a home from ``start`` (aware) on.

    Args:
        home: whose rooms and emitters.
        seed: of the weather and of what makes rooms differ.
        start: the first instant that may be asked for.
        heat: what goes wrong, and what people do about it.
    """

    def __init__(
        self, home: HomeDescription, seed: int, start: datetime, heat: Heat = NO_TROUBLE
    ) -> None:
        self._home, self._seed, self._heat = home, seed, heat
        self._start = start - WARM_UP
        self._boiler = Boiler(self._start, home.zone, heat.outages, heat.runaways)
        self._weather = Weather.drawn(dice(seed, "weather"), heat.snaps)
        self._outside: list[float] = []
        self._rooms: dict[str, Room] = {}

    def happens(self, event: Event) -> None:
        """One more event; the room is worked out anew."""
        self._heat = self._heat._replace(events=(*self._heat.events, event))
        self._rooms.pop(event.room, None)

    def probe(self, place: PlaceId, mount: Mount) -> Callable[[datetime], float]:
        """Degrees Celsius that a sensor at ``mount`` of ``place`` is at, by the instant."""
        room, start, second = self._room(place.room), self._start, timedelta(seconds=1)
        air = room.air
        of = room.touch if mount is Mount.ACCESSIBLE_FACE else room.metal
        values = air if mount is Mount.ROOM_AIR else of.get(place, air)
        share, step_s = _SHARE.get(mount, 1.0), STEP / second

        def at(instant: datetime) -> float:
            steps = (instant - start) / second / step_s
            step = int(steps)
            if len(air) <= step + 1:
                room.work_out(step + 1)
            celsius = values[step] + (values[step + 1] - values[step]) * (steps - step)
            return celsius if share == 1.0 else air[step] + share * (celsius - air[step])

        return at

    def reads(self, place: PlaceId, mount: Mount, at: datetime) -> float:
        """As :meth:`probe`, at one instant."""
        return self.probe(place, mount)(at)

    def touch(self, place: PlaceId, at: datetime) -> float:
        """Degrees Celsius of what a hand can touch at an emitter."""
        return self.reads(place, Mount.ACCESSIBLE_FACE, at)

    def heater(self, room: str, at: datetime) -> float | None:
        """Degrees Celsius of the face of a room's portable heater; None where there is none."""
        step, _ = self._step(at)
        found = self._room(room)
        found.work_out(step)
        return found.heater[step] if found.heater_in(step) else None

    def cover_moves(self, place: PlaceId) -> Iterator[Change]:
        """What a switch on the cover tells, from the start on: True is closed."""
        yield Change(self._start + WARM_UP, Quantity.CONTACT, value=True)
        turns = {Turn.COVER_OFF: False, Turn.COVER_ON: True}
        for event in self._in_order():
            if event.place == place and event.turn in turns:
                yield Change(event.at, Quantity.CONTACT, turns[event.turn])

    def _in_order(self) -> list[Event]:
        return sorted(self._heat.events, key=attrgetter("at"))

    def _step(self, at: datetime) -> tuple[int, float]:
        steps = (at - self._start) / STEP
        return int(steps), steps % 1

    def _room(self, name: str) -> Room:
        if name not in self._rooms:
            self._rooms[name] = self._made(name)
        return self._rooms[name]

    def _made(self, name: str) -> Room:
        turns: dict[int, list[tuple[Turn, PlaceId | None]]] = defaultdict(list)
        for event in self._in_order():
            if event.room == name:
                step, _ = self._step(event.at)
                turns[max(step, 0) + 1].append((event.turn, event.place))
        rng = dice(self._seed, f"room {name}")
        return Room(list(self._emitters(name)), self._boiler, self._outside_at, turns, rng)

    def _emitters(self, name: str) -> Iterable[Emitter]:
        for place, kind in self._home.emitters.items():
            if place.room == name:
                covered = place in self._home.covered
                needs_one = place in self._home.to_be_covered
                limited = not covered and not needs_one and kind is not EmitterKind.PIPE
                yield Emitter(place, kind, covered, limited, self._home.circuits.get(place))

    def _outside_at(self, step: int) -> float:
        while len(self._outside) <= step:
            at = self._start + STEP * len(self._outside)
            self._outside.append(self._weather.outside(at))
        return self._outside[step]
