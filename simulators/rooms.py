"""The heat of one room: air, the metal of its emitters, and the faces that a hand can touch.

1. Each is one mass with one time constant. In a step of 30 s it moves towards the weighted mean of
   what it touches, by a share of the way that is below 1. So nothing becomes hotter than the
   hottest or colder than the coldest of what there is, whatever the numbers.
2. Metal touches the water, as far as its valve is open, and the air: 8 parts to 1 when wide open
   (63 °C at 68 °C of flow and 21 °C of air), warming in about 4 minutes, cooling in 40.
3. A thermostat opens its valve over 2 °C of air around its setting; one that is stuck open is open
   whatever the air. A low-surface-temperature emitter has a limiter before it: the water that
   reaches it is 41 °C at most, until the limiter sticks.
4. Air loses heat to the outside with a time constant of about 50 hours (a heavy building; a cold
   snap with the heating out takes 5 °C in a night) and takes it from radiators and people.
5. A cover's face follows 0.35 of the metal's excess over the air, in a quarter of an hour, and is
   never hotter than the metal: 36 °C over metal at 63 (HSE's guidance allows 43). Off, the hand is
   at the metal.
6. A portable heater warms the air and has a face of its own, up to 75 °C; it goes off at 25 °C.

The numbers are judgement, set so that what comes out is what a thermometer finds in such rooms.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import exp
from random import Random

from nightwarden.model.places import EmitterKind, PlaceId
from simulators.boiler import STEP, Boiler

_S = STEP.total_seconds()
METAL_S, WATER_S = 2_400.0, 300.0
COVER_SHARE, COVER_S = 0.35, 900.0
LIMIT_C = 41.0
AIR_LOSS_S = 50 * 3_600.0
AIR_GAIN_S = 62 * 3_600.0
PEOPLE_C = 2.0
"""By how much people, lamps and kit keep a room above what heating alone would."""
BAND_C = 2.0
HEATER_C, HEATER_S, HEATER_AIR_S, HEATER_OFF_C = 75.0, 420.0, 30 * 3_600.0, 25.0

_COVER = 1 - exp(-_S / COVER_S)
_HEATER = 1 - exp(-_S / HEATER_S)


class Turn(StrEnum):
    """What happens to a room or an emitter of it."""

    STUCK_OPEN = "its valve sticks open"
    TURNED_DOWN = "its valve is shut by hand"
    COVER_OFF = "its cover is taken off"
    COVER_ON = "its cover is put back"
    HEATER_IN = "a portable heater is brought in"
    HEATER_OUT = "the portable heater is taken away"


@dataclass(slots=True)
class Emitter:
    """One emitter, and how it is now; ``limited`` has a limiter before it."""

    place: PlaceId
    kind: EmitterKind
    covered: bool
    limited: bool
    circuit: str | None = None
    metal: float = 20.0
    face: float = 20.0
    stuck: bool = False
    shut: bool = False


class Room:
    """A room's heat by steps from 0 on, worked out as it is asked for and kept; degrees Celsius.

    Args:
        emitters: as they are at the start.
        boiler: whose water they get.
        outside: the air outside at a step.
        turns: what happens, by the step before which it does.
        rng: what makes this room a little different from the next.
    """

    def __init__(
        self,
        emitters: list[Emitter],
        boiler: Boiler,
        outside: Callable[[int], float],
        turns: Mapping[int, list[tuple[Turn, PlaceId | None]]],
        rng: Random,
    ) -> None:
        self._emitters, self._boiler, self._outside, self._turns = emitters, boiler, outside, turns
        self._setting = 21.0 + rng.uniform(-0.7, 0.7)
        self._loss = 1 - exp(-_S / (AIR_LOSS_S * rng.uniform(0.8, 1.2)))
        self._gain = _S / (AIR_GAIN_S * rng.uniform(0.85, 1.15))
        self._metal_s = METAL_S * rng.uniform(0.9, 1.1)
        self._heating = False  # the portable heater
        for one in emitters:
            one.metal = one.face = self._setting
        self.air = [self._setting]
        self.heater = [self._setting]
        self.metal = {one.place: [one.metal] for one in emitters}
        self.touch = {one.place: [one.face] for one in emitters}

    def work_out(self, step: int) -> None:
        """See to it that every list reaches to ``step``."""
        while len(self.air) <= step:
            self._next(len(self.air))

    def heater_in(self, step: int) -> bool:
        """Whether a portable heater stands there at ``step``."""
        heating = False
        for when, turns in sorted(self._turns.items()):
            if when <= step:
                for turn, _ in turns:
                    heating = {Turn.HEATER_IN: True, Turn.HEATER_OUT: False}.get(turn, heating)
        return heating

    def _next(self, step: int) -> None:
        for turn, place in self._turns.get(step, ()):
            self._turn(turn, place)
        air, water = self.air[-1], self._boiler.flow(step)
        warming = 0.0
        for one in self._emitters:
            _step_emitter(one, air, water, self._valve(one, air), self._metal_s)
            if one.kind is not EmitterKind.PIPE:
                warming += max(0.0, one.metal - air)
            self.metal[one.place].append(one.metal)
            self.touch[one.place].append(one.face)
        outside = min(self._outside(step) + PEOPLE_C, self._setting)
        new_air = air + (outside - air) * self._loss + warming * self._gain
        heater = self.heater[-1]
        on = self._heating and air < HEATER_OFF_C
        heater += ((HEATER_C if on else air) - heater) * _HEATER
        if self._heating:
            new_air += max(0.0, heater - air) * (_S / HEATER_AIR_S)
        self.air.append(new_air)
        self.heater.append(heater)

    def _valve(self, one: Emitter, air: float) -> float:
        """How far open: 0 to 1."""
        if one.shut or not self._boiler.pumped(one.circuit, len(self.air)):
            return 0.0
        if one.stuck:
            return 1.0
        if one.kind is EmitterKind.PIPE:
            return 1.0
        return min(1.0, max(0.0, (self._setting + BAND_C / 2 - air) / BAND_C))

    def _turn(self, turn: Turn, place: PlaceId | None) -> None:
        if turn in (Turn.HEATER_IN, Turn.HEATER_OUT):
            self._heating = turn is Turn.HEATER_IN
            return
        for one in self._emitters:
            if one.place == place:
                match turn:
                    case Turn.STUCK_OPEN:
                        one.stuck = True
                    case Turn.TURNED_DOWN:
                        one.stuck, one.shut = False, True
                    case Turn.COVER_OFF:
                        one.covered = False
                    case _:
                        one.covered = True


def _step_emitter(one: Emitter, air: float, water: float, valve: float, metal_s: float) -> None:
    """Move metal and face on by one step."""
    if one.limited and not one.stuck:
        water = min(water, LIMIT_C)
    from_water, from_air = (valve / WATER_S if water > one.metal else 0.0), 1 / metal_s
    both = from_water + from_air
    goal = (from_water * water + from_air * air) / both
    one.metal += (goal - one.metal) * (1 - exp(-_S * both))
    if one.covered:
        behind = air + COVER_SHARE * (one.metal - air)
        one.face = min(one.face + (behind - one.face) * _COVER, max(one.metal, air))
    else:
        one.face = air + 0.97 * (one.metal - air)
