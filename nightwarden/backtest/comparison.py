"""What was raised beside what other rules would have raised: the same, missed, added.

Two alerts of one cause are the same if they were caused at the same instant, or if one was raised
while the other was open: a longer dwell raises the same exit later. Each is the same as one other
at most.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from nightwarden.backtest.alert_list import ReplayedAlert
from nightwarden.model.alerts import AlertRecord, Cause, Priority

NO_CARE = frozenset({"already_back", "with_carer", "false_alarm", "test", "other"})
"""Outcomes of alerts that led to no care; a home's own outcomes count as care."""
FALL = "found_on_floor"
_PRIORITIES = (Priority.HIGH, Priority.MEDIUM, Priority.LOW, Priority.TECHNICAL)


@dataclass(frozen=True, slots=True)
class Raised:
    """One alert, really raised or only in a replay. ``outcome``: how a person closed it."""

    cause: Cause
    priority: Priority
    resident: str | None
    text: str
    caused_at: datetime
    raised_at: datetime
    closed_at: datetime | None
    unwatched: bool
    outcome: str | None = None

    @property
    def led_to_care(self) -> bool:
        """Whether somebody did something for a resident or a room."""
        return self.outcome is not None and self.outcome not in NO_CARE


@dataclass(frozen=True, slots=True)
class Comparison:
    """Pairs that are the same (really, again), and what only one side has; worst first."""

    same: tuple[tuple[Raised, Raised], ...]
    missed: tuple[Raised, ...]
    added: tuple[Raised, ...]

    @property
    def surprises(self) -> int:
        """How many alerts only one side has."""
        return len(self.missed) + len(self.added)


def really_raised(alert: AlertRecord) -> Raised:
    """An alert of the store."""
    return Raised(
        cause=alert.cause,
        priority=alert.priority,
        resident=alert.resident,
        text=alert.text,
        caused_at=alert.caused_at,
        raised_at=alert.raised_at,
        closed_at=alert.closed_at,
        unwatched=alert.while_not_watching,
        outcome=alert.outcome,
    )


def raised_again(alert: ReplayedAlert) -> Raised:
    """An alert of a replay."""
    return Raised(
        cause=alert.cause,
        priority=alert.priority,
        resident=alert.resident,
        text=alert.text,
        caused_at=alert.caused_at,
        raised_at=alert.raised_at,
        closed_at=alert.closed_at,
        unwatched=alert.unwatched,
    )


def compare(really: Iterable[Raised], again: Iterable[Raised], since: datetime) -> Comparison:
    """Both sides, each in the order in which it was raised; what was raised before ``since``
    is looked at, so that nothing is torn apart there, and left out."""
    of_cause: dict[Cause, tuple[list[Raised], list[Raised]]] = defaultdict(lambda: ([], []))
    for alert in really:
        of_cause[alert.cause][0].append(alert)
    for alert in again:
        of_cause[alert.cause][1].append(alert)
    same: list[tuple[Raised, Raised]] = []
    missed: list[Raised] = []
    added: list[Raised] = []
    for ours, theirs in of_cause.values():
        pairs = _pairs(ours, theirs)
        same += [(ours[i], theirs[j]) for i, j in pairs.items()]
        missed += [alert for i, alert in enumerate(ours) if i not in pairs]
        paired = set(pairs.values())
        added += [alert for j, alert in enumerate(theirs) if j not in paired]
    return Comparison(
        tuple(sorted((p for p in same if p[0].raised_at >= since), key=lambda p: p[0].raised_at)),
        tuple(sorted((a for a in missed if a.raised_at >= since), key=_badness)),
        tuple(sorted((a for a in added if a.raised_at >= since), key=_badness)),
    )


def _pairs(ours: Sequence[Raised], theirs: Sequence[Raised]) -> dict[int, int]:
    """Which of ``ours`` is which of ``theirs``, by index; the same instant before an overlap."""
    pairs: dict[int, int] = {}
    free = dict(enumerate(theirs))
    for alike in (_same_instant, _overlap):
        for i, mine in enumerate(ours):
            if i not in pairs:
                found = next((j for j, other in free.items() if alike(mine, other)), None)
                if found is not None:
                    pairs[i] = found
                    del free[found]
    return pairs


def _same_instant(one: Raised, other: Raised) -> bool:
    return one.caused_at == other.caused_at


def _overlap(one: Raised, other: Raised) -> bool:
    begins = one.closed_at is None or other.raised_at < one.closed_at
    ends = other.closed_at is None or one.raised_at < other.closed_at
    return begins and ends


def _badness(alert: Raised) -> tuple[object, ...]:
    return (
        alert.outcome != FALL,
        not alert.led_to_care,
        _PRIORITIES.index(alert.priority),
        alert.raised_at,
    )
