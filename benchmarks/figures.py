"""Rows of figures, each with its reference, and the few statistics that they need."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. ``reference`` is what it is compared with, in the same unit."""

    what: str
    figure: float
    unit: str
    reference: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the reference the figure is; None where there is no reference."""
        return self.figure / self.reference if self.reference else None


@dataclass(frozen=True, slots=True)
class Table:
    """What one benchmark found. ``against`` names the reference, ``notes`` the circumstances."""

    title: str
    against: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.title}", f"  {'':<46}{'figure':>12}{'reference':>12}{'ratio':>9}"]
        for row in self.rows:
            reference = "" if row.reference is None else shown(row.reference)
            ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
            what = f"{row.what} [{row.unit}]"
            lines.append(f"  {what:<46}{shown(row.figure):>12}{reference:>12}{ratio:>9}")
        lines.append(f"  Reference: {self.against}.")
        lines += [f"  {note}" for note in self.notes]
        return "\n".join(lines)


def shown(number: float) -> str:
    """A number with about three digits that count, and thousands apart."""
    if number >= 1000:
        return f"{number:,.0f}"
    return f"{number:.3g}" if number < 100 else f"{number:.0f}"


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that at least ``share`` (0 to 1) of all do not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


def median_percentile(rounds: Sequence[Sequence[float]], share: float) -> float:
    """The median over rounds of each round's percentile: one disturbed round changes nothing."""
    return median(percentile(values, share) for values in rounds)
