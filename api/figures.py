"""A manager's figures: how long people waited, which mats cry, how long the monitor was off.

1. Waits are by the hour of the day, the zone and the shift in which the alert was raised. By person
   there are none: a ranking teaches people to press sooner, not to come sooner.
2. Care is an outcome that is none of ``NO_CARE``. Nuisance is one that says that nobody needed
   anybody. What was not closed, or closed as a test, is neither.
3. An alert that was opened again counts from when it was first raised.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from api.evidence.answers import percentile
from nightwarden.backtest.comparison import NO_CARE
from nightwarden.model.alerts import AlertKind
from nightwarden.model.phrases import phrase
from nightwarden.model.places import EquipmentKind
from nightwarden.store import evenings, meta
from nightwarden.store.engine import Transaction
from nightwarden.store.figures import Answered, RequiredMat
from rules.telling import Telling

NUISANCE = frozenset({"already_back", "with_carer", "false_alarm"})
STEPS = ("delivered", "accepted", "attended")
KIND_OF = {
    EquipmentKind.BED_MAT: AlertKind.BED_EXIT,
    EquipmentKind.CHAIR_MAT: AlertKind.CHAIR_EXIT,
    EquipmentKind.FLOOR_MAT: AlertKind.FLOOR_MAT,
}
"""What a mat raises: the alerts that are its own."""

ENOUGH = 5
"""Fewer closed alerts than that say nothing of a mat."""


@dataclass(frozen=True, slots=True)
class Wait:
    """How long one step took, from raised. ``count`` came to it, ``never`` did not."""

    step: str
    count: int
    never: int
    median: timedelta | None
    p95: timedelta | None


@dataclass(frozen=True, slots=True)
class WaitsOf:
    """The waits of a group of alerts: ``by`` is all, hour, zone or shift."""

    by: str
    group: str
    alerts: int
    steps: tuple[Wait, ...]


@dataclass(frozen=True, slots=True)
class MatFigures:
    """What a mat's alerts came to. ``share``: of those that were closed, how many were nuisance."""

    mat: RequiredMat
    kind: str
    alerts: int
    per_night: float
    care: int
    nuisance: int
    outcomes: Counter[str]

    @property
    def share(self) -> float | None:
        """From 0 to 1; None while too few were closed with an outcome that says so."""
        judged = self.care + self.nuisance
        return self.nuisance / judged if judged else None

    @property
    def suggestion(self) -> str:
        """What to look at first, by how its alerts ended; empty where nothing stands out."""
        if self.nuisance < ENOUGH or (self.share or 0) < 0.5:
            return ""
        worst = max(NUISANCE, key=lambda outcome: (self.outcomes[outcome], outcome))
        if worst == "with_carer":
            return phrase(
                "Say care in progress at the door before care: most came while a carer was there"
            )
        if worst == "already_back":
            return phrase("Try a dwell: most were back before anybody came")
        return phrase("Look at the mat: where it lies, its lead, and whether it is the right kind")


@dataclass(frozen=True, slots=True)
class OutageDay:
    """A day of the home on which nothing could be heard for a while."""

    day: str
    minutes: float
    stretches: int
    longest: timedelta


def waits(rows: Sequence[Answered], telling: Telling, zone: ZoneInfo) -> list[WaitsOf]:
    """All of them, then by hour of the day, by zone and by shift."""
    groups: dict[tuple[str, str], list[Answered]] = defaultdict(list)
    for row in rows:
        groups["all", "all"].append(row)
        groups["hour", f"{row.raised_at.astimezone(zone):%H}"].append(row)
        groups["zone", row.zone or phrase("no zone")].append(row)
        for shift in telling.shifts_at(row.raised_at, zone):
            groups["shift", shift].append(row)
    order = ("all", "shift", "zone", "hour")
    return [
        WaitsOf(by, group, len(found), tuple(_wait(step, found) for step in STEPS))
        for (by, group), found in sorted(
            groups.items(), key=lambda pair: (order.index(pair[0][0]), pair[0][1])
        )
    ]


def mats(
    rows: Iterable[Answered], required: Iterable[RequiredMat], nights: int
) -> list[MatFigures]:
    """Every mat that is required, the one with the most alerts first."""
    own: dict[tuple[str, str, str], list[Answered]] = defaultdict(list)
    for row in rows:
        own[row.room, row.place, row.kind].append(row)
    found = []
    for mat in required:
        kind = KIND_OF[EquipmentKind(mat.needs)].value
        alerts = own[mat.room, mat.place, kind]
        outcomes = Counter(row.outcome for row in alerts if row.outcome)
        found.append(
            MatFigures(
                mat=mat,
                kind=kind,
                alerts=len(alerts),
                per_night=len(alerts) / max(nights, 1),
                care=sum(count for name, count in outcomes.items() if name not in NO_CARE),
                nuisance=sum(outcomes[name] for name in NUISANCE),
                outcomes=outcomes,
            )
        )
    return sorted(found, key=lambda one: (-one.alerts, one.mat))


def outages(tx: Transaction, since: datetime, until: datetime, zone: ZoneInfo) -> list[OutageDay]:
    """The days on which nothing could be heard for longer than a proof holds, the latest first.

    A stretch that goes on counts up to now. One that crosses midnight is of the day it began on.
    """
    spans = [(begin, end) for begin, end, _ in evenings.unwatched(tx, since, until)]
    proof = meta.instant(tx, meta.PROOF_AT)
    if proof is not None and proof < tx.now - meta.PROOF_HOLDS and proof < until:
        spans.append((max(proof, since), min(tx.now, until)))
    days: dict[str, list[timedelta]] = defaultdict(list)
    for begin, end in _joined(spans):
        if end - begin > meta.PROOF_HOLDS:
            days[begin.astimezone(zone).date().isoformat()].append(end - begin)
    return [
        OutageDay(day, sum(s / timedelta(minutes=1) for s in spans), len(spans), max(spans))
        for day, spans in sorted(days.items(), reverse=True)
    ]


def _joined(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    joined: list[tuple[datetime, datetime]] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


_WHEN: dict[str, Callable[[Answered], datetime | None]] = {
    "delivered": lambda row: row.delivered_at,
    "accepted": lambda row: row.accepted_at,
    "attended": lambda row: row.attended_at,
}


def _wait(step: str, rows: Sequence[Answered]) -> Wait:
    when = _WHEN[step]
    ordered = sorted(at - row.raised_at for row in rows if (at := when(row)) is not None)
    if not ordered:
        return Wait(step, 0, len(rows), None, None)
    never = len(rows) - len(ordered)
    return Wait(step, len(ordered), never, percentile(ordered, 0.5), percentile(ordered, 0.95))
