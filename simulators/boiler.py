"""The boiler and the water that it sends round.

1. By the home's wall clock the flow is to be 68 °C by day and 52 °C by night (usual settings of an
   older system, with the night set back; judgement).
2. The burner lights when the water is 4 °C below that and goes out 2 °C above (hysteresis). While
   it burns the water goes to 85 °C with a time constant of 12 minutes, else to 30 °C with 30.
3. In an outage the burner does not light, and the water goes cold. When its thermostat fails it
   runs away: the burner does not go out before the water is at 92 °C, where the safety stops it.
4. Rooms hang on circuits, each with a pump of its own; one that stops sends them no water.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from math import exp
from typing import NamedTuple
from zoneinfo import ZoneInfo

STEP = timedelta(seconds=30)
DAY_FLOW_C, NIGHT_FLOW_C = 68.0, 52.0
BY_DAY = (time(5, 30), time(22, 30))
LIGHTS_BELOW_C, GOES_OUT_ABOVE_C = 4.0, 2.0
HOTTEST_C, COLDEST_C = 85.0, 30.0
WHEN_OUT_C = 18.0
SAFETY_C, ITSELF_C = 92.0, 110.0
"""Where the safety stops a burner that runs away, and where it would go."""
_HEATS = 1 - exp(-STEP.total_seconds() / (12 * 60))
_COOLS = 1 - exp(-STEP.total_seconds() / (30 * 60))


class Outage(NamedTuple):
    """From ``since`` until ``until`` (aware, UTC) the burner does not light, or, with ``circuit``,
    the pump of that circuit stands."""

    since: datetime
    until: datetime
    circuit: str | None = None


class Runaway(NamedTuple):
    """The burner's thermostat fails from ``since`` until ``until`` (aware, UTC)."""

    since: datetime
    until: datetime


class Boiler:
    """Its water from ``start`` (aware) on, each :data:`STEP`; worked out as it is asked for."""

    def __init__(
        self,
        start: datetime,
        zone: ZoneInfo,
        outages: Sequence[Outage] = (),
        runaways: Sequence[Runaway] = (),
    ) -> None:
        self._start, self._zone, self._runaways = start, zone, tuple(runaways)
        self._outages = [one for one in outages if one.circuit is None]
        self._pumps = [one for one in outages if one.circuit is not None]
        self._burns = False
        self._flow = [self._wanted(start)]

    def flow(self, step: int) -> float:
        """Degrees Celsius of the water at ``step`` steps after the start."""
        while len(self._flow) <= step:
            self._flow.append(self._next())
        return self._flow[step]

    def pumped(self, circuit: str | None, step: int) -> bool:
        """Whether water goes round a circuit at ``step``."""
        if not self._pumps:
            return True
        at = self._start + STEP * step
        return not any(o.circuit == circuit and o.since <= at < o.until for o in self._pumps)

    def _next(self) -> float:
        at, water = self._start + STEP * len(self._flow), self._flow[-1]
        if any(outage.since <= at < outage.until for outage in self._outages):
            self._burns = False
            return water + (WHEN_OUT_C - water) * _COOLS
        if any(one.since <= at < one.until for one in self._runaways):
            self._burns = water < SAFETY_C
            return min(SAFETY_C, water + (ITSELF_C - water) * _HEATS)
        wanted = self._wanted(at)
        if self._burns:
            self._burns = water < wanted + GOES_OUT_ABOVE_C
        else:
            self._burns = water < wanted - LIGHTS_BELOW_C
        goal, share = (HOTTEST_C, _HEATS) if self._burns else (COLDEST_C, _COOLS)
        return water + (goal - water) * share

    def _wanted(self, at: datetime) -> float:
        wall = at.astimezone(self._zone).time()
        return DAY_FLOW_C if BY_DAY[0] <= wall < BY_DAY[1] else NIGHT_FLOW_C
