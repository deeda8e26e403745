"""A simulated home into which people may step: their acts change what comes after them.

What the devices say is pulled one message at a time, in order of time. An act makes the streams
that it touches anew, with the act in them, and drops from each as many messages as it has said:
an act changes nothing that lies before it, so those are the same (``tests/unit/test_world.py``).
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from heapq import heapify, heappop, heappush
from itertools import islice
from typing import NamedTuple

from nightwarden.model.places import PlaceId
from simulators.hands import Hand
from simulators.home_description import Fitting, Resident
from simulators.house import Event
from simulators.residents import Help, Move
from simulators.rooms import Turn
from simulators.simulation import Simulation
from simulators.wire import WireMessage


class _Next(NamedTuple):
    at: datetime
    stream: int
    message: WireMessage


class Trace:
    """Where one resident is, as far as anybody has asked."""

    def __init__(self, moves: Iterator[Move]) -> None:
        self._coming = moves
        self._ahead = next(moves)
        self.moves: list[Move] = []

    def until(self, at: datetime) -> list[Move]:
        """The moves up to ``at`` (aware); the last is where they are then."""
        while self._ahead.at <= at:
            self.moves.append(self._ahead)
            self._ahead = next(self._coming)
        return self.moves


class World:
    """The home as it is and will be, if nobody steps in.

    Args:
        simulation: the home at its start, with ``helps`` that are not None where people are to
            step in for themselves.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self.house = simulation.house()
        self._traces: dict[str, Trace] = {}
        self._speakers: list[tuple[Fitting, ...]] = []
        self._streams: list[Iterator[WireMessage]] = []
        self._said: list[int] = []
        self._queue: list[_Next] = []
        for fittings, stream in simulation.streams(house=self.house):
            self._speakers.append(fittings)
            self._streams.append(stream)
            self._said.append(0)
        for number in range(len(self._streams)):
            self._await(number)
        heapify(self._queue)

    @property
    def simulation(self) -> Simulation:
        """The simulation with everything that people have done so far."""
        return self._simulation

    @property
    def next_at(self) -> datetime:
        """When the next message is said; a home with devices never ends."""
        return self._queue[0].at

    def take(self) -> WireMessage:
        """The next message."""
        _, number, message = heappop(self._queue)
        self._said[number] += 1
        self._await(number)
        return message

    def moves(self, resident: Resident, until: datetime) -> list[Move]:
        """Where a resident has really been until ``until`` (aware), and is then."""
        if resident.id not in self._traces:
            self._traces[resident.id] = Trace(self._simulation.moves(resident))
        return self._traces[resident.id].until(until)

    def helped(self, resident: Resident, at: datetime) -> None:
        """Somebody has come to a resident on the floor."""
        helps = dict(self._simulation.helps or {})
        helps[resident.id] = Help((*helps.get(resident.id, Help()).arrivals, at))
        self._simulation = replace(self._simulation, helps=helps)
        self._traces.pop(resident.id, None)
        self._make_anew(lambda one: self._of(one) == resident.id, at)

    def turned(self, at: datetime, turn: Turn, place: PlaceId) -> None:
        """Somebody has done something to an emitter, or to its room's heater."""
        event = Event(at, turn, place.room, place)
        heat = self._simulation.heat
        heat = heat._replace(events=(*heat.events, event))
        self._simulation = replace(self._simulation, heat=heat)
        self.house.happens(event)
        self._make_anew(lambda one: one.place.room == place.room, at)

    def touched(self, tag: str, hand: Hand) -> None:
        """Somebody's hand is on an item's device, or is taken away."""
        hands = self._simulation.hands.and_on(tag, hand)
        self._simulation = replace(self._simulation, hands=hands)
        self._make_anew(lambda one: one.tag == tag, hand.at)

    def pulled(self, at: datetime, tag: str, until: datetime | None) -> None:
        """The lead of an item's device is pulled out ``until`` then; None: it is plugged in."""
        hands = self._simulation.hands
        hands = hands.and_plugged(tag, at) if until is None else hands.and_pulled(tag, at, until)
        self._simulation = replace(self._simulation, hands=hands)
        self._make_anew(lambda one: one.tag == tag, at)

    # --- inside ------------------------------------------------------------------

    def _of(self, fitting: Fitting) -> str | None:
        resident = self._simulation.home.resident_at(fitting.place)
        return None if resident is None else resident.id

    def _await(self, number: int) -> None:
        for message in islice(self._streams[number], 1):
            heappush(self._queue, _Next(message.at, number, message))

    def _make_anew(self, touched: Callable[[Fitting], bool], at: datetime) -> None:
        anew = {
            number
            for number, fittings in enumerate(self._speakers)
            if any(touched(one) for one in fittings)
        }
        if not anew:
            return
        self._queue = [one for one in self._queue if one.stream not in anew]
        heapify(self._queue)
        for number, (_, stream) in enumerate(self._simulation.streams(house=self.house)):
            if number in anew:
                self._streams[number] = islice(stream, self._said[number], None)
                self._await(number)
        assert self.next_at >= at, "an act changes nothing that lies before it"
