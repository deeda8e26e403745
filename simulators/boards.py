"""A device with several inputs: what they sense, on one clock, with one supply of power.

A board has inputs, each a channel: switches that change, probes that it looks at. While it has no
power nothing is said and changes are missed; when it starts it finds the state as it then is. A
press that nobody heard is lost, as it is in reality.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from operator import attrgetter
from random import Random
from typing import NamedTuple

from nightwarden.model.readings import Quantity
from simulators.beats import Occasion, check_ins, power
from simulators.senses import Battery, Change, PowerCut, Sense


@dataclass(frozen=True, slots=True)
class Habit:
    """When a board speaks without being asked.

    ``check_in`` is the least and the most time between two reports of everything. ``reportable_c``
    is the change of a temperature, looked at every ``looks``, that is told at once; None: none is.
    """

    check_in: tuple[timedelta, timedelta]
    reportable_c: float | None = None
    looks: timedelta = timedelta(seconds=10)


class Input(NamedTuple):
    """One input: its channel ("" is the device itself) and what it senses, in the device's words.

    ``says`` is None for what only tells that it lives.
    """

    channel: str
    says: Quantity | None
    sense: Sense


class Beat(NamedTuple):
    """Something happens to a board at ``at`` (aware, UTC), and how everything is then.

    ``channel`` and ``change`` tell what changed; a temperature that moved has a channel alone.
    ``states`` and ``celsius`` are by channel, ``battery`` in per cent.
    """

    at: datetime
    occasion: Occasion
    states: Mapping[str, Change]
    celsius: Mapping[str, float]
    battery: float
    channel: str = ""
    change: Change | None = None


class _Event(NamedTuple):
    at: datetime
    occasion: Occasion
    channel: str = ""
    change: Change | None = None
    look: bool = False


def beats(
    inputs: Sequence[Input],
    habit: Habit,
    start: datetime,
    cuts: Iterator[PowerCut],
    rng: Random,
) -> Iterator[Beat]:
    """What happens to a board, in order of time, for ever; it starts within 3 s of ``start``."""
    on_at = start + timedelta(seconds=rng.uniform(0, 3))
    board = _Board(inputs, habit, Battery(start, rng), rng)
    powered = False
    for event in _events(inputs, habit, on_at, cuts, rng):
        if event.occasion is Occasion.STARTED:
            powered = True
        elif not powered:
            board.misses(event)
            continue
        elif event.occasion is Occasion.LOST_POWER:
            powered = False
        yield from board.meets(event)


def _events(
    inputs: Sequence[Input],
    habit: Habit,
    on_at: datetime,
    cuts: Iterator[PowerCut],
    rng: Random,
) -> Iterator[_Event]:
    streams = [_changes(one) for one in inputs]
    streams.append(_Event(at, occasion) for at, occasion, _ in power(on_at, cuts))
    streams.append(
        _Event(at, occasion) for at, occasion, _ in check_ins(on_at, habit.check_in, rng)
    )
    if habit.reportable_c is not None and any(one.sense.level for one in inputs):
        streams.append(_looks(on_at + habit.looks * rng.random(), habit.looks))
    return merge(*streams, key=attrgetter("at"))


def _changes(one: Input) -> Iterator[_Event]:
    for change in one.sense.changes:
        yield _Event(change.at, Occasion.CHANGED, one.channel, change)


def _looks(first: datetime, every: timedelta) -> Iterator[_Event]:
    at = first
    while True:
        yield _Event(at, Occasion.CHANGED, look=True)
        at += every


class _Board:
    """How everything on a board is."""

    def __init__(
        self, inputs: Sequence[Input], habit: Habit, battery: Battery, rng: Random
    ) -> None:
        self._probes = {one.channel: one.sense.level for one in inputs if one.sense.level}
        self._habit = habit
        self._battery = battery
        self._rng = rng
        self._states: dict[str, Change] = {}
        self._celsius: dict[str, float] = {}

    def misses(self, event: _Event) -> None:
        """It has no power."""
        if event.change is not None and event.change.quantity is not Quantity.ACTION:
            self._states[event.channel] = event.change

    def meets(self, event: _Event) -> Iterator[Beat]:
        """It has power, or is about to lose it; nothing where nothing is worth saying."""
        if event.look:
            for channel in self._looked(event.at):
                yield self._beat(event, channel)
            return
        if event.change is not None and event.change.quantity is not Quantity.ACTION:
            before = self._states.get(event.channel)
            self._states[event.channel] = event.change
            if before is not None and before.value == event.change.value:
                return
        looks_anew = self._habit.reportable_c is None  # each report is of this second
        if looks_anew or event.occasion in (Occasion.STARTED, Occasion.CHECKS_IN):
            self._celsius = {channel: self._read(channel, event.at) for channel in self._probes}
        yield self._beat(event, event.channel)

    def _beat(self, event: _Event, channel: str) -> Beat:
        return Beat(
            event.at,
            event.occasion,
            dict(self._states),
            dict(self._celsius),
            self._battery.per_cent(event.at),
            channel,
            event.change,
        )

    def _looked(self, at: datetime) -> Iterator[str]:
        for channel in self._probes:
            now = self._read(channel, at)
            if abs(now - self._celsius.get(channel, -999.0)) >= (self._habit.reportable_c or 0):
                self._celsius[channel] = now
                yield channel

    def _read(self, channel: str, at: datetime) -> float:
        """A probe is a DS18B20 or the like: sixteenths of a degree, with a little noise."""
        noisy = self._probes[channel](at) + self._rng.gauss(0, 0.05)
        return round(noisy * 16) / 16
