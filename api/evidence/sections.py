"""What a pack consists of: lists with a heading, what it says in words, and charts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from nightwarden.store.period import Period


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom and what the evidence is of; all None: of the home.

    ``rooms`` are those in which the resident or the item was in the period: what happened there is
    theirs.
    """

    resident: str | None = None
    item: str | None = None
    rooms: frozenset[str] | None = None

    def has(
        self, room: str | None = None, item: str | None = None, resident: str | None = None
    ) -> bool:
        """Whether something of this room, item and resident belongs into it."""
        if self.item is not None:
            return item == self.item if item is not None else room in (self.rooms or ())
        if self.resident is not None:
            return resident == self.resident if resident is not None else room in (self.rooms or ())
        return True


@dataclass(frozen=True, slots=True)
class Asked:
    """Which evidence is asked for; ``zone`` is the home's, in which times are printed."""

    period: Period
    scope: Scope
    zone: ZoneInfo

    def at(self, instant: datetime | None) -> str:
        """An instant on the home's clock, with the offset where clocks change that day."""
        return "" if instant is None else f"{instant.astimezone(self.zone):%Y-%m-%d %H:%M:%S}"

    def day(self, instant: datetime | None) -> str:
        """The day of an instant on the home's calendar."""
        return "" if instant is None else f"{instant.astimezone(self.zone):%Y-%m-%d}"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: its label, its length as a share of the longest, and the figure."""

    label: str
    share: float
    figure: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars under one heading."""

    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A list of the pack. ``name`` is its file; ``weights`` the widths of its columns.

    ``red`` says of a row that it must not be overlooked; it is printed with a mark beside it, never
    by colour alone.
    """

    name: str
    title: str
    says: tuple[str, ...]
    columns: tuple[str, ...] = ()
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    weights: tuple[float, ...] = ()
    charts: tuple[Chart, ...] = ()
    red: Callable[[tuple[Any, ...]], bool] | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """All of it. ``head`` is the hash of the audit's last entry, ``entries`` how many there are."""

    home: str
    subject: str
    since: date
    until: date
    made_at: str
    made_by: str
    zone: str
    sections: tuple[Section, ...]
    entries: int
    head: str
    intact: bool
    broken: str | None


def text(value: Any) -> str:
    """A value as a cell of the printed table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.1f}"
    return str(value)


def bars(counted: dict[str, float], figure: Callable[[float], str]) -> tuple[Bar, ...]:
    """Bars, the longest as long as the page is wide."""
    longest = max(counted.values(), default=0.0) or 1.0
    return tuple(Bar(label, value / longest, figure(value)) for label, value in counted.items())
