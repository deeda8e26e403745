"""Who has been shown which kind of equipment, by whom, when."""

from datetime import date

from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.model import claims
from nightwarden.model.places import EquipmentKind
from nightwarden.store import audit
from nightwarden.store.descriptions import checked
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Training


def shown(tx: Transaction) -> list[Training]:
    """Every record in force, by person, the newest of each kind last."""
    query = select(Training).where(col(Training.ended_at).is_(None))
    return list(tx.exec(query.order_by(col(Training.person), col(Training.id))))


def record(
    tx: Transaction, person: str, kind: str, shown_by: str, on: date, actor: str
) -> Training:
    """Somebody was shown a kind of equipment, and has tried it."""
    if kind not in set(EquipmentKind):
        raise Invalid(f'kind: "{kind}" is none of {", ".join(EquipmentKind)}.')
    checked(lambda day: claims.day_not_ahead(day, tx.now), on, "on")
    row = Training(
        person=checked(claims.text, person, "person"),
        kind=kind,
        shown_by=checked(claims.text, shown_by, "shown_by"),
        on=on,
        recorded_at=tx.now,
        recorded_by=actor,
    )
    tx.add(row)
    tx.flush()
    said = {"kind": kind, "shown_by": row.shown_by, "on": on.isoformat()}
    audit.record(tx, actor, "was shown", f"person {row.person}", said)
    return row


def take_back(tx: Transaction, number: int, why: str, actor: str) -> None:
    """A record was wrong, or no longer holds; it stays, ended."""
    row = tx.get(Training, number)
    if row is None:
        raise NotFound(f"There is no record {number} of training.")
    if row.ended_at is not None:
        raise Conflict(f"Record {number} was taken back by {row.ended_by} already.")
    row.ended_at, row.ended_by = tx.now, actor
    said = {"kind": row.kind, "why": checked(claims.text, why, "why")}
    audit.record(tx, actor, "took back training", f"person {row.person}", said)
