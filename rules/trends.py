"""A straight line through what was reported, in a handful of numbers however long it goes on.

Weighted least squares, kept as running means and sums: a report counts half as much for each half
life that it is old. So a battery that runs down faster in winter is believed in winter, and a
year of reports costs no more than a week of them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

_DAY = timedelta(days=1)
_FURTHEST = 3_650.0
"""Days; what would end later than this does not end."""


@dataclass(slots=True)
class Trend:
    """Reports over time. Days are counted from ``began``, the first of them."""

    began: datetime | None = None
    newest: datetime | None = None
    points: int = 0
    weight: float = 0.0
    mean_day: float = 0.0
    mean_value: float = 0.0
    spread: float = 0.0
    slant: float = 0.0

    @property
    def span(self) -> timedelta:
        """From the first report to the newest."""
        return self.newest - self.began if self.began and self.newest else timedelta()

    @property
    def per_day(self) -> float:
        """How fast the value changes."""
        return self.slant / self.spread if self.spread > 0 else 0.0

    def add(self, at: datetime, value: float, half_life: timedelta) -> None:
        """Take a report; one that is no newer than the last says nothing."""
        if self.began is None or self.newest is None:
            self.began = self.newest = at
        elif at <= self.newest:
            return
        fading = 0.5 ** ((at - self.newest) / half_life)
        self.weight, self.spread = self.weight * fading + 1, self.spread * fading
        self.slant *= fading
        day = (at - self.began) / _DAY
        apart = day - self.mean_day
        self.mean_day += apart / self.weight
        self.spread += apart * (day - self.mean_day)
        self.slant += apart * (value - self.mean_value) * (1 - 1 / self.weight)
        self.mean_value += (value - self.mean_value) / self.weight
        self.newest, self.points = at, self.points + 1

    def reaches_zero(self) -> datetime | None:
        """When the line reaches zero; None when it does not fall, or not within ten years."""
        if self.began is None or self.per_day >= 0:
            return None
        day = self.mean_day - self.mean_value / self.per_day
        return self.began + day * _DAY if day <= _FURTHEST else None
