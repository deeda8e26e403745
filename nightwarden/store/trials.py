"""What backtests gave, kept, so that a restart loses none of it and nobody runs one twice.

Without the names and texts of people: a report is about places, and each can be run again. Of what
was tried the newest :data:`MOST_KEPT` stay.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func
from sqlmodel import col, select

from nightwarden.errors import NotFound
from nightwarden.store import audit
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import KeptTrial
from nightwarden.wire import rfc3339

MOST_KEPT = 200
_OF_PEOPLE = frozenset({"text", "resident"})


def keep(  # noqa: PLR0913, PLR0917
    tx: Transaction,
    key: str,
    what: str,
    span: tuple[datetime, datetime],
    report: Any,
    actor: str,
) -> KeptTrial:
    """Keep what a backtest gave.

    Args:
        tx: at the end of the run.
        key: names the rules and the nights, so that the same trial is found again.
        what: what was tried, in a few words.
        span: from when to when, aware.
        report: the JSON of ``nightwarden backtest --json``.
        actor: who asked for it.
    """
    row = KeptTrial(
        key=key,
        what=what,
        since=span[0],
        until=span[1],
        run_at=tx.now,
        run_by=actor,
        report=without_people(report),
    )
    tx.add(row)
    tx.flush()
    oldest = (tx.exec(select(func.max(KeptTrial.id))).one() or 0) - MOST_KEPT
    tx.sql.execute(delete(KeptTrial).where(col(KeptTrial.id) <= oldest))
    audit.record(tx, actor, "ran backtest", f"trial {row.id}", {"what": what})
    return row


def without_people(report: Any) -> Any:
    """A report, or a part of it, without what names or tells of a person."""
    if isinstance(report, dict):
        return {k: without_people(v) for k, v in report.items() if k not in _OF_PEOPLE}
    return [without_people(one) for one in report] if isinstance(report, list) else report


def report_of(tx: Transaction, key: str) -> Mapping[str, Any] | None:
    """The report that is kept under ``key``, the newest if it was run more than once."""
    query = select(KeptTrial.report).where(KeptTrial.key == key)
    return tx.exec(query.order_by(col(KeptTrial.id).desc()).limit(1)).first()


def find(tx: Transaction, number: int) -> KeptTrial:
    """One of them.

    Raises:
        NotFound: there is none with this number, or it is too old to be kept.
    """
    row = tx.get(KeptTrial, number)
    if row is None:
        raise NotFound(f"There is no backtest {number} any more; run it again.")
    return row


def page(tx: Transaction, limit: int, before: int | None = None) -> list[KeptTrial]:
    """The newest first; ``before`` is a number."""
    query = select(KeptTrial).order_by(col(KeptTrial.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(KeptTrial.id) < before)
    return list(tx.exec(query))


def trial_json(row: KeptTrial) -> dict[str, Any]:
    """One of them as the api lists it, without its report."""
    return {
        "id": str(row.id),
        "what": row.what,
        "since": rfc3339(row.since),
        "until": rfc3339(row.until),
        "run_at": rfc3339(row.run_at),
        "run_by": row.run_by,
    }
