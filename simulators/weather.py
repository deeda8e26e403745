"""The air outside: the month's mean, a day's swing, and a cold snap where one is ordered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, pi
from random import Random
from typing import NamedTuple

MEANS_C = (4.7, 5.0, 6.7, 8.9, 12.0, 14.9, 16.8, 16.5, 14.2, 10.9, 7.4, 5.0)
"""By month: Central England Temperature, 1991 to 2020, Met Office (to about 0.1 °C)."""

SWING_C = 3.0
WARMEST_H = 15.0
FALLS_WITHIN = timedelta(hours=2)
"""How long a cold snap takes to set in, and to pass."""


class ColdSnap(NamedTuple):
    """Colder by ``by_c`` from ``since`` until ``until`` (aware, UTC)."""

    since: datetime
    until: datetime
    by_c: float


@dataclass(frozen=True, slots=True)
class Weather:
    """The weather of one stretch of days. ``off_c`` is how far it is from the month's mean."""

    off_c: float = 0.0
    snaps: tuple[ColdSnap, ...] = ()

    @classmethod
    def drawn(cls, rng: Random, snaps: tuple[ColdSnap, ...] = ()) -> "Weather":
        """A day or so like others of its month."""
        return cls(rng.uniform(-3, 3), snaps)

    def outside(self, at: datetime) -> float:
        """Degrees Celsius at ``at`` (aware)."""
        hour = at.hour + at.minute / 60
        usual = MEANS_C[at.month - 1] + self.off_c
        usual += SWING_C * cos((hour - WARMEST_H) * pi / 12)
        return usual - sum(snap.by_c * _depth(snap, at) for snap in self.snaps)


def _depth(snap: ColdSnap, at: datetime) -> float:
    """0 outside the snap, 1 in it, between them on its slopes."""
    rising, falling = at - snap.since, snap.until + FALLS_WITHIN - at
    return max(0.0, min(1.0, rising / FALLS_WITHIN, falling / FALLS_WITHIN))
