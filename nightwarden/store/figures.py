"""What a manager's figures are made of: alerts of a period as plain rows, and who lives here.

Drills are in none of them.
"""

import math
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from nightwarden.model.alerts import AlertKind, Priority
from nightwarden.model.places import MATS
from nightwarden.store.engine import Transaction
from nightwarden.store.times import as_text


class Answered(NamedTuple):
    """An alert and its times, aware, UTC; ``zone`` is that of its room now."""

    kind: str
    room: str
    place: str
    zone: str | None
    priority: str
    raised_at: datetime
    delivered_at: datetime | None
    accepted_at: datetime | None
    attended_at: datetime | None
    outcome: str | None


class RequiredMat(NamedTuple):
    """A place at which a mat must watch somebody. ``dwell_s``: its plan's own, where it has one."""

    room: str
    place: str
    needs: str
    resident: str
    dwell_s: int | None


def answered(tx: Transaction, since: datetime, until: datetime) -> list[Answered]:
    """The alerts about people and heat that were raised from ``since`` until ``until``."""
    rows = tx.sql.exec_driver_sql(
        "SELECT a.kind, a.room, a.place, r.zone, a.priority, a.raised_at, a.delivered_at,"
        " a.accepted_at, a.attended_at, a.outcome FROM alert a LEFT JOIN room r ON r.id = a.room"
        " WHERE a.raised_at >= ? AND a.raised_at < ? AND a.kind != ? AND a.priority != ?"
        " ORDER BY a.raised_at",
        (as_text(since), as_text(until), AlertKind.DRILL.value, Priority.TECHNICAL.value),
    )
    return [_answered(*row) for row in rows]


def nights_recorded(tx: Transaction, days: int) -> int:
    """Of the last ``days`` days how many this home has a record of, at least one."""
    first = tx.sql.exec_driver_sql("SELECT at FROM audit ORDER BY id LIMIT 1").scalar()
    if first is None:
        return 1
    age = tx.now - datetime.fromisoformat(f"{first}+00:00")
    return max(1, min(days, math.ceil(age / timedelta(days=1))))


def required_mats(tx: Transaction) -> list[RequiredMat]:
    """Every place that requires a mat now, with the name that may be shown."""
    mats = [kind.value for kind in MATS]
    rows = tx.sql.exec_driver_sql(
        "SELECT q.room, q.place, q.needs, r.shown_as, q.dwell_s FROM requirement q"  # noqa: S608
        " JOIN resident r ON r.id = q.resident WHERE q.until IS NULL AND r.removed_at IS NULL"
        f" AND q.needs IN ({', '.join('?' * len(mats))}) ORDER BY q.room, q.place",
        tuple(mats),
    )
    return [RequiredMat(*row) for row in rows]


def _answered(*row: Any) -> Answered:
    came = (None if at is None else datetime.fromisoformat(f"{at}+00:00") for at in row[5:9])
    return Answered._make((*row[:5], *came, row[9]))
