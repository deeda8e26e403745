"""What somebody from outside has found: an inspector, a consultant, a fire officer.

It has an owner and a day by which it is put right, and its age is shown until a manager closes it
with what was done: radiators that an inspection had found bare were bare a year later (H7), and a
consultant's advice on a bed rail was never carried out (O3).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.model import claims
from nightwarden.model.places import PlaceId
from nightwarden.store import audit
from nightwarden.store.descriptions import checked
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import OutsideFinding, Room


@dataclass(frozen=True, slots=True)
class NewFinding:
    """What is recorded; dates are the home's."""

    source: str
    text: str
    found_on: date
    owner: str
    due_on: date
    reference: str | None = None
    at: PlaceId | None = None


def record(tx: Transaction, new: NewFinding, actor: str) -> OutsideFinding:
    """Record a finding.

    Raises:
        Invalid: words that are missing, a day that has yet to come, due before it was found, or a
            room that the home does not have.
    """
    found_on = checked(lambda day: claims.day_not_ahead(day, tx.now), new.found_on, "found_on")
    if new.due_on < found_on:
        raise Invalid(f"due_on: {new.due_on} is before it was found, on {found_on}.")
    if new.at is not None and tx.get(Room, new.at.room) is None:
        raise Invalid(f'at: there is no room "{new.at.room}".')
    row = OutsideFinding(
        source=checked(claims.text, new.source, "source"),
        reference=checked(claims.text, new.reference, "reference") if new.reference else None,
        text=checked(claims.text, new.text, "text"),
        room=new.at.room if new.at else None,
        place=(new.at.place or None) if new.at else None,
        found_on=found_on,
        owner=checked(claims.text, new.owner, "owner"),
        due_on=new.due_on,
        recorded_by=actor,
        recorded_at=tx.now,
    )
    tx.add(row)
    tx.flush()
    detail = {"source": row.source, "text": row.text, "owner": row.owner, "due_on": row.due_on}
    _note(tx, row, actor, "recorded a finding", detail)
    return row


def find(tx: Transaction, number: int) -> OutsideFinding:
    """One finding; NotFound where there is none with this number."""
    row = tx.get(OutsideFinding, number)
    if row is None:
        raise NotFound(f"There is no finding {number}.")
    return row


def still_open(tx: Transaction) -> list[OutsideFinding]:
    """Those that nobody has closed, the oldest first."""
    query = select(OutsideFinding).where(col(OutsideFinding.closed_at).is_(None))
    order = (col(OutsideFinding.found_on), col(OutsideFinding.id))
    return list(tx.exec(query.order_by(*order)))


def closed(tx: Transaction) -> list[OutsideFinding]:
    """Those that were closed, the latest first."""
    query = select(OutsideFinding).where(col(OutsideFinding.closed_at).is_not(None))
    return list(tx.exec(query.order_by(col(OutsideFinding.closed_at).desc())))


def give_to(tx: Transaction, number: int, owner: str, due_on: date, actor: str) -> OutsideFinding:
    """Somebody else has it, or until another day; the earlier word stays in the audit."""
    row = _unclosed(tx, number)
    if due_on < row.found_on:
        raise Invalid(f"due_on: {due_on} is before it was found, on {row.found_on}.")
    row.owner, row.due_on = checked(claims.text, owner, "owner"), due_on
    _note(tx, row, actor, "gave a finding to", {"owner": row.owner, "due_on": due_on})
    return row


def close(tx: Transaction, number: int, how: str, actor: str) -> OutsideFinding:
    """It is put right; ``how`` says what was done, and what shows it."""
    row = _unclosed(tx, number)
    row.closed_how = checked(claims.text, how, "how")
    row.closed_at, row.closed_by = tx.now, actor
    _note(tx, row, actor, "closed a finding", {"how": row.closed_how})
    return row


def days_open(row: OutsideFinding, today: date) -> int:
    """How many days ago it was found."""
    return max(0, (today - row.found_on).days)


def _unclosed(tx: Transaction, number: int) -> OutsideFinding:
    row = find(tx, number)
    if row.closed_at is not None:
        raise Conflict(f"Finding {number} was closed by {row.closed_by}.")
    return row


def _note(
    tx: Transaction, row: OutsideFinding, actor: str, action: str, detail: dict[str, Any]
) -> None:
    tx.flush()
    audit.record(tx, actor, action, f"finding {row.id}", detail)
