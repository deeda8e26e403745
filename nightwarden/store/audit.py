"""The append-only record of who changed what, each entry chained to the one before.

An entry's hash covers its own content and the hash of its predecessor, so an edited entry breaks
its own hash, a removed one breaks the link of the next, and two that were exchanged break both.
What a chain alone cannot show is that its newest entries were cut off: the number and hash of the
head are therefore printed in ``verify`` and belong on paper (an evidence pack does that).

When a resident's name is erased, entries that have it in their detail or subject say a pseudonym
instead. They keep their hash, and with it their place in the chain; what they say now is covered by
a digest in the entry of the erasure (:data:`REDACTED`), which is in the chain itself. ``verify``
takes an entry whose own hash no longer fits for whole if the newest such digest fits, and counts it
(decision 25).

The canonical form is JSON with sorted keys, no spaces, times as RFC 3339 in UTC.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy import select as sql_select
from sqlmodel import col, select

from nightwarden.canonical import digest
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Audit

ERASED = "erased the name of"
REDACTED = "redacted"
"""In the detail of an entry :data:`ERASED`: an entry to the digest of what it says now."""

GENESIS = "0" * 64
"""What the first entry is chained to."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What ``verify`` found. ``broken_at`` is the first entry that does not fit, with the why;
    ``redacted``: so many have a pseudonym where a name was."""

    entries: int
    head: str
    broken_at: int | None = None
    reason: str | None = None
    redacted: int = 0

    @property
    def intact(self) -> bool:
        """True when every entry fits its predecessor."""
        return self.broken_at is None


def first_at(tx: Transaction) -> datetime | None:
    """When the record begins; None where it is empty."""
    return tx.exec(select(Audit.at).order_by(col(Audit.id)).limit(1)).first()


def record(
    tx: Transaction, actor: str, action: str, subject: str, detail: dict[str, Any] | None = None
) -> None:
    """Append an entry at ``tx.now``; it is kept or lost with the change that it speaks of.

    Args:
        tx: a writing transaction; its immediate lock is what keeps the chain single.
        actor: the person, token or part of the system that did it.
        action: a verb in the past tense, such as ``paused``.
        subject: what it was done to, such as ``place 12/bed``.
        detail: what was changed, JSON values only.
    """
    last = tx.exec(select(Audit).order_by(col(Audit.id).desc()).limit(1)).first()
    previous = GENESIS if last is None else last.hash
    entry = Audit(
        at=tx.now,
        actor=actor,
        action=action,
        subject=subject,
        detail=json.loads(json.dumps(detail or {}, default=str)),
        previous=previous,
        hash="",
    )
    entry.hash = hash_of(entry)
    tx.add(entry)
    tx.flush()


def verify(tx: Transaction) -> Verification:
    """Walk the whole chain and say whether an entry was edited, removed or reordered."""
    expected, count, last_id, redacted = GENESIS, 0, 0, 0
    said_now = _redactions(tx)
    columns = tuple(Audit.__table__.columns)  # type: ignore[attr-defined]  # plain rows: twice as fast
    for entry in tx.sql.execute(sql_select(*columns).order_by(col(Audit.id))):
        if entry.id != last_id + 1:
            reason = f"entry {last_id + 1} is missing"
        elif entry.previous != expected:
            reason = f"entry {entry.id} does not follow the entry before it"
        elif entry.hash != (now := hash_of(entry)) and said_now.get(str(entry.id)) != now:
            reason = f"entry {entry.id} was changed after it was written"
        else:
            redacted += entry.hash != now
            expected, count, last_id = entry.hash, count + 1, entry.id
            continue
        return Verification(count, expected, last_id + 1, reason, redacted)
    return Verification(count, expected, redacted=redacted)


def _redactions(tx: Transaction) -> dict[str, str]:
    """The newest digest of every entry from which a name was erased."""
    found: dict[str, str] = {}
    for entry in tx.exec(select(Audit).where(Audit.action == ERASED).order_by(col(Audit.id))):
        kept = entry.detail.get(REDACTED)
        found.update(kept if isinstance(kept, dict) else {})
    return found


def hash_of(entry: Audit | Row[Any]) -> str:
    """What ``entry.hash`` must be: SHA-256 of its canonical form, in hexadecimal."""
    content = {
        "at": _rfc3339(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
        "previous": entry.previous,
    }
    return digest(content)


def _rfc3339(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
