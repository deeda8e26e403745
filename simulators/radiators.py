"""The heating of a hurried story: one boiler in turns, and metal that follows it.

Ordinary life has rooms, weather and a boiler with a mind of its own (:mod:`simulators.house`).

1. The boiler is on or off. On, water of about 68 °C flows (a usual flow temperature of an older
   system); off, everything drifts to the room's 21 °C.
2. Metal follows with one time constant, about 10 minutes warming and 25 minutes cooling, each
   radiator a little different. Between two switches that is solved exactly, so a sensor may look
   as seldom or as often as it likes and sees the same curve.
3. What a sensor reads depends on where it sits. A cover keeps its own face below the 43 °C that
   HSE's guidance allows (here about 40 °C at full heat); without one the face is nearly the metal.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import exp
from random import Random
from typing import NamedTuple

from nightwarden.model.places import Mount
from simulators.story import BoilerCycle, Pace

ROOM_C = 21.0
FLOW_C = 68.0
WARMING = timedelta(minutes=10)
COOLING = timedelta(minutes=25)

_SHARE = {
    Mount.UNDER_COVER: 1.0,
    Mount.PIPE: 1.0,
    Mount.VALVE: 0.9,
    Mount.ACCESSIBLE_FACE: 0.97,
    Mount.ROOM_AIR: 0.03,
}
_SHARE_BEHIND_A_COVER = 0.4


class Switch(NamedTuple):
    """From ``at`` (aware, UTC) on the boiler is on, or off."""

    at: datetime
    on: bool


def boiler_in_turns(start: datetime, cycle: BoilerCycle) -> Iterator[Switch]:
    """On and off in turns, the first time ``cycle.first_on_s`` seconds after ``start``."""
    at = start + timedelta(seconds=cycle.first_on_s)
    while True:
        yield Switch(at, on=True)
        yield Switch(at + timedelta(seconds=cycle.on_s), on=False)
        at += timedelta(seconds=cycle.on_s + cycle.off_s)


class Radiator:
    """The metal of one emitter. Ask in order of time: it does not go back."""

    def __init__(self, boiler: Iterator[Switch], start: datetime, pace: Pace, rng: Random) -> None:
        self._boiler = boiler
        self._next = next(boiler)
        self._on = False
        self._since = min(start, self._next.at)
        self._celsius = ROOM_C
        self._flow = FLOW_C + rng.uniform(-3, 3)
        sluggish = rng.uniform(0.9, 1.1)
        self._warming_s = WARMING.total_seconds() * sluggish / pace.heating
        self._cooling_s = COOLING.total_seconds() * sluggish / pace.heating

    def metal(self, at: datetime) -> float:
        """Degrees Celsius of the bare metal at ``at``, not before the last time it was asked."""
        while self._next.at <= at:
            self._drift(self._next.at)
            self._on = self._next.on
            self._next = next(self._boiler)
        self._drift(at)
        return self._celsius

    def _drift(self, until: datetime) -> None:
        target, constant = (self._flow, self._warming_s) if self._on else (ROOM_C, self._cooling_s)
        passed = (until - self._since).total_seconds()
        self._celsius = target + (self._celsius - target) * exp(-passed / constant)
        self._since = until


def seen_from(mount: Mount, metal: float, *, covered: bool) -> float:
    """Degrees Celsius that a sensor at ``mount`` reads when the metal has ``metal``."""
    hidden = covered and mount is Mount.ACCESSIBLE_FACE
    share = _SHARE_BEHIND_A_COVER if hidden else _SHARE[mount]
    return ROOM_C + share * (metal - ROOM_C)
