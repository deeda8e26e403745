"""What people say of gaps: whose one is, and that one stays for a time. No entry closes a gap."""

from datetime import date, datetime, timedelta

from sqlmodel import col, select

from nightwarden.errors import Invalid
from nightwarden.model import claims
from nightwarden.model.papers import GapKey
from nightwarden.model.places import PlaceId
from nightwarden.store import audit, meta
from nightwarden.store.descriptions import checked
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import GapEntry

OWNER, DECISION = "owner", "decision"
LONGEST_DECISION = timedelta(days=366)
"""What stays so for longer is a change of the plan, not a gap that somebody lets be."""


def give(tx: Transaction, key: GapKey, owner: str, actor: str) -> GapEntry:
    """Somebody is to take the next step."""
    owner = checked(claims.text, owner, "owner")
    return _enter(tx, _row(tx, key, OWNER, actor, owner=owner))


def decide(tx: Transaction, key: GapKey, reason: str, review_by: date, actor: str) -> GapEntry:
    """A manager lets a gap be until a day, and says why."""
    today = tx.now.date()
    if not today <= review_by <= today + LONGEST_DECISION:
        raise Invalid(
            "review_by: a day within the next year; what stays for longer is a change of the plan."
        )
    reason = checked(claims.text, reason, "reason")
    return _enter(tx, _row(tx, key, DECISION, actor, reason=reason, review_by=review_by))


def take_back(tx: Transaction, key: GapKey, actor: str) -> bool:
    """The decision no longer holds; False where there is none."""
    ended = [row for row in _present(tx, key, DECISION) if _end(row, tx.now, actor)]
    if ended:
        _note(tx, actor, "took back a decision", key, {})
    return bool(ended)


def _row(
    tx: Transaction,
    key: GapKey,
    kind: str,
    actor: str,
    *,
    owner: str | None = None,
    reason: str | None = None,
    review_by: date | None = None,
) -> GapEntry:
    return GapEntry(
        kind=kind,
        room=key.place.room,
        place=key.place.place,
        needs=key.needs,
        state=key.state,
        equipment=key.equipment,
        owner=owner,
        reason=reason,
        review_by=review_by,
        by=actor,
        at=tx.now,
    )


def _enter(tx: Transaction, row: GapEntry) -> GapEntry:
    key = key_of(row)
    for before in _present(tx, key, row.kind):
        _end(before, tx.now, row.by)
    tx.add(row)
    said = {"owner": row.owner} if row.kind == OWNER else {"reason": row.reason}
    if row.review_by is not None:
        said["review_by"] = row.review_by.isoformat()
    _note(tx, row.by, "gave a gap" if row.kind == OWNER else "decided on a gap", key, said)
    return row


def key_of(row: GapEntry) -> GapKey:
    """Which gap an entry speaks of."""
    return GapKey(PlaceId(row.room, row.place), row.needs, row.state, row.equipment)


def _present(tx: Transaction, key: GapKey, kind: str) -> list[GapEntry]:
    query = select(GapEntry).where(
        GapEntry.kind == kind,
        GapEntry.room == key.place.room,
        GapEntry.place == key.place.place,
        GapEntry.needs == key.needs,
        GapEntry.state == key.state,
        col(GapEntry.ended_at).is_(None),
    )
    return [row for row in tx.exec(query) if row.equipment == key.equipment]


def _end(row: GapEntry, at: datetime, by: str) -> bool:
    row.ended_at, row.ended_by = at, by
    return True


def _note(
    tx: Transaction, actor: str, action: str, key: GapKey, said: dict[str, str | None]
) -> None:
    tx.flush()
    meta.plan_changed(tx)
    what = {"needs": key.needs, "state": key.state, "equipment": key.equipment}
    audit.record(tx, actor, action, f"place {key.place}", what | said)
