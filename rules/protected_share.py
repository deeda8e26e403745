"""The figure: of the required time, how much was protected, and what the rest was lost to.

Time that a manual round covered is neither: it is counted as *substituted*. Protected, substituted
and lost add up to required, to the microsecond.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from nightwarden.model.places import EquipmentKind, PlaceId
from nightwarden.model.protection import Loss, Span

Covered = Mapping[PlaceId, Sequence[tuple[datetime, datetime]]]
"""The times that ticks of manual rounds cover, by place; in order, none overlapping another."""


@dataclass(frozen=True, slots=True)
class CoverageTarget:
    """``target_percent``: so much of its required time a place is to be protected, each night."""

    target_percent: float = 99.0


@dataclass(slots=True)
class Share:
    """Required time of a place, a night or a home, and what became of it."""

    required: timedelta = timedelta()
    protected: timedelta = timedelta()
    substituted: timedelta = timedelta()
    lost: dict[Loss, timedelta] = field(default_factory=dict)
    whys: dict[Loss, str] = field(default_factory=dict)
    """What the longest loss of each reason was about."""

    @property
    def percent(self) -> float | None:
        """Protected of required; None where nothing was required."""
        return 100 * (self.protected / self.required) if self.required else None

    def falls_short(self, target: CoverageTarget) -> bool:
        """Whether it is below what the home aims at."""
        return self.percent is not None and self.percent < target.target_percent

    def add(self, other: "Share") -> None:
        """Count another one in."""
        self.required += other.required
        self.protected += other.protected
        self.substituted += other.substituted
        for loss, time in other.lost.items():
            if time >= self.lost.get(loss, timedelta()) and other.whys.get(loss):
                self.whys[loss] = other.whys[loss]
            self.lost[loss] = self.lost.get(loss, timedelta()) + time


@dataclass(slots=True)
class NightShare:
    """One requirement's night. ``over`` False: its hours go on."""

    place: PlaceId
    needs: EquipmentKind
    night: date
    starts_at: datetime
    ends_at: datetime
    over: bool
    share: Share = field(default_factory=Share)


def night_shares(spans: Iterable[Span], covered: Covered, now: datetime) -> list[NightShare]:
    """The figure of each requirement and night; an open span is counted until ``now``."""
    nights: dict[tuple[PlaceId, EquipmentKind, date], NightShare] = {}
    for span in spans:
        key = (span.place, span.needs, span.night)
        night = nights.get(key)
        if night is None:
            night = nights[key] = NightShare(*key, span.since, span.ends_at, over=True)
        night.starts_at = min(night.starts_at, span.since)
        night.ends_at = max(night.ends_at, span.ends_at)
        night.over &= span.until is not None and span.ends_at <= now
        night.share.add(_share(span, covered.get(span.place, ()), now))
    return list(nights.values())


def _share(span: Span, rounds: Sequence[tuple[datetime, datetime]], now: datetime) -> Share:
    until = max(span.since, now if span.until is None else span.until)
    length = until - span.since
    if span.lost_to is None:
        return Share(length, protected=length)
    substituted = sum(
        (max(timedelta(), min(end, until) - max(begin, span.since)) for begin, end in rounds),
        timedelta(),
    )
    lost = {span.lost_to: length - substituted} if length > substituted else {}
    return Share(length, timedelta(), substituted, lost, {span.lost_to: span.why})
