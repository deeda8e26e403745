"""Kept handovers: what was shown when a shift was handed over, whole and unchanged.

Append-only. The SHA-256 of what is kept (``nightwarden/canonical.py``) goes into the audit with it,
so that a changed one can be told from the one that people signed.
"""

from datetime import datetime
from typing import Any

from sqlmodel import col, select

from nightwarden.canonical import digest
from nightwarden.errors import NotFound
from nightwarden.model.phrases import phrase
from nightwarden.store import audit
from nightwarden.store.engine import Transaction
from nightwarden.store.shifts import ShiftKey
from nightwarden.store.tables import KeptHandover
from nightwarden.wire import rfc3339

AT_THE_END = phrase("the shift ended")
"""Why the one of a shift's end is kept."""


def keep(  # noqa: PLR0913, PLR0917
    tx: Transaction,
    shift: ShiftKey,
    until: datetime,
    because: str,
    by: str,
    content: dict[str, Any],
) -> KeptHandover:
    """Keep ``content``, of JSON's values only, as what was shown at ``tx.now``."""
    row = KeptHandover(
        shift=shift.name,
        since=shift.since,
        until=until,
        kept_at=tx.now,
        because=because,
        by=by,
        content=content,
        sha256="",
    )
    row.sha256 = digest(_hashed(row))
    tx.add(row)
    tx.flush()
    detail = {"since": rfc3339(shift.since), "because": because, "sha256": row.sha256}
    audit.record(tx, by, "kept handover", f"handover {row.id}", detail)
    return row


def find(tx: Transaction, number: int) -> KeptHandover:
    """One of them.

    Raises:
        NotFound: there is none with this number.
    """
    row = tx.get(KeptHandover, number)
    if row is None:
        raise NotFound(f"There is no kept handover {number}.")
    return row


def page(tx: Transaction, limit: int, before: int | None = None) -> list[KeptHandover]:
    """The newest first; ``before`` is a number."""
    query = select(KeptHandover).order_by(col(KeptHandover.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(KeptHandover.id) < before)
    return list(tx.exec(query))


def kept_at_end(tx: Transaction, shift: ShiftKey) -> bool:
    """Whether the one of a shift's end is there."""
    query = select(KeptHandover.id).where(
        KeptHandover.shift == shift.name,
        KeptHandover.since == shift.since,
        KeptHandover.because == AT_THE_END,
    )
    return tx.exec(query.limit(1)).first() is not None


def is_whole(row: KeptHandover) -> bool:
    """Whether it says what it said when it was kept."""
    return digest(_hashed(row)) == row.sha256


def kept_json(row: KeptHandover, *, content: bool = False) -> dict[str, Any]:
    """One of them as the api gives it, with its content if that is asked for."""
    times = {"since": row.since, "until": row.until, "kept_at": row.kept_at}
    shown = {"id": str(row.id), "shift": row.shift} | {k: rfc3339(v) for k, v in times.items()}
    shown |= {"because": row.because, "by": row.by, "sha256": row.sha256}
    return shown | {"content": row.content} if content else shown


def _hashed(row: KeptHandover) -> dict[str, Any]:
    times = {"since": rfc3339(row.since), "until": rfc3339(row.until)}
    said = {"shift": row.shift, "because": row.because, "by": row.by, "content": row.content}
    return times | said | {"kept_at": rfc3339(row.kept_at)}
