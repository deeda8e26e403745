"""Faults: who reported what, who looks after it, what is done meanwhile, and how it was mended.

1. Anybody may report, a person who is not signed in as well: ``signed_in`` says which it was. The
   same words about the same thing by the same person within minutes are one report.
2. A fault may be left open only with an interim measure: who does what until it is mended. Until
   somebody has said so it is shown red.
3. Nobody mends by a tick. What is mended has shown it since the report: by a press or another real
   change, by a reading, by a confirmation or a photo of somebody who stood at it. What watches a
   person has to be pressed; that it looks well proves nothing (M11). A manager may close one by
   decision, and it stays written that it was one.
4. What an earlier report has in common with a later one is judged by ``rules/repeated_faults.py``.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select as sql_select
from sqlmodel import col, or_, select

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.model import claims
from nightwarden.model.phrases import phrase
from nightwarden.model.places import PlaceId
from nightwarden.model.plan import ReportedFault
from nightwarden.store import audit, meta, register
from nightwarden.store.descriptions import checked
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Fault, Place

SAME_REPORT = timedelta(minutes=5)
"""The same words again within this are somebody's second tap and no second fault."""

LOOKED_BACK = timedelta(days=366)
"""How long an earlier report is kept in the plan; a home's window is within it."""


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports. ``signed_in`` False: ``name`` is what they called themselves, if anything."""

    name: str
    signed_in: bool = True

    @property
    def in_audit(self) -> str:
        """As the record names them."""
        return self.name if self.signed_in else phrase(f"{self.name} (not signed in)")


def report(
    tx: Transaction, of: str | PlaceId, what: str, interim: str | None, reporter: Reporter
) -> Fault:
    """Say that something is wrong with an item (its tag) or at a place.

    Args:
        of: the item's asset tag, or the place.
        what: what is wrong, in a few words.
        interim: who does what until it is mended, where somebody does already.
        reporter: who says so.

    Raises:
        NotFound: there is no such item or place.
        Invalid: words that are too long or cannot be seen.
    """
    subject = _of_item(tx, of) if isinstance(of, str) else _of_place(tx, of)
    fault = Fault(
        **subject,
        what=checked(claims.text, what, "what"),
        interim=checked(claims.text, interim, "interim") if interim else None,
        reported_by=checked(claims.text, reporter.name, "name"),
        signed_in=reporter.signed_in,
        reported_at=tx.now,
    )
    if (same := _same_report(tx, fault)) is not None:
        return same
    if fault.interim:
        fault.interim_by, fault.interim_at = fault.reported_by, tx.now
    tx.add(fault)
    tx.flush()
    detail = {"fault": fault.id, "what": fault.what, "interim": fault.interim}
    _note(tx, fault, reporter.in_audit, "reported a fault", detail)
    return fault


def find(tx: Transaction, number: int) -> Fault:
    """One fault.

    Raises:
        NotFound: there is none with this number.
    """
    row = tx.get(Fault, number)
    if row is None:
        raise NotFound(f"There is no fault {number}.")
    return row


def set_interim(tx: Transaction, number: int, interim: str, actor: str) -> Fault:
    """Say who does what until the fault is mended; the earlier word stays in the audit."""
    row = _unmended(tx, number)
    row.interim = checked(claims.text, interim, "interim")
    row.interim_by, row.interim_at = actor, tx.now
    detail = {"fault": number, "interim": row.interim}
    _note(tx, row, actor, "set what is done meanwhile", detail)
    return row


def set_owner(tx: Transaction, number: int, owner: str, actor: str) -> Fault:
    """Say who has a fault in hand."""
    row = _unmended(tx, number)
    row.owner, row.owner_since = checked(claims.text, owner, "owner"), tx.now
    _note(tx, row, actor, "gave a fault to", {"fault": number, "owner": row.owner})
    return row


def mended(tx: Transaction, number: int, how: str, note: str | None, actor: str) -> Fault:
    """Write down that a fault is mended, by evidence that ``fault_evidence`` has judged."""
    row = _unmended(tx, number)
    row.mended_at, row.mended_by, row.mended_how = tx.now, actor, how
    row.mended_note = checked(claims.text, note, "note") if note else None
    detail = {"fault": number, "what": row.what, "how": how, "note": row.mended_note}
    _note(tx, row, actor, "mended a fault", detail)
    return row


def end_with_item(tx: Transaction, tag: str, actor: str) -> None:
    """An item that is taken out of use takes its open faults with it."""
    query = select(Fault).where(Fault.equipment == tag, col(Fault.mended_at).is_(None))
    for row in list(tx.exec(query)):
        assert row.id is not None
        mended(tx, row.id, "retired", None, actor)


def still_open(tx: Transaction) -> list[Fault]:
    """Every fault that nobody has mended, oldest first."""
    query = select(Fault).where(col(Fault.mended_at).is_(None))
    return list(tx.exec(query.order_by(col(Fault.id))))


def page(tx: Transaction, state: str, limit: int, before: int | None = None) -> list[Fault]:
    """Faults newest first: ``state`` is open, mended or all; ``before`` is a fault's number."""
    query = select(Fault).order_by(col(Fault.id).desc()).limit(limit)
    if state != "all":
        gone = col(Fault.mended_at)
        query = query.where(gone.is_(None) if state == "open" else gone.is_not(None))
    if before is not None:
        query = query.where(col(Fault.id) < before)
    return list(tx.exec(query))


def planned(tx: Transaction) -> tuple[ReportedFault, ...]:
    """The open faults of places, and those before them that may have been the same."""
    query = sql_select(*(col(getattr(Fault, name)) for name in _PLANNED)).where(
        col(Fault.room).is_not(None),
        or_(col(Fault.mended_at).is_(None), col(Fault.reported_at) > tx.now - LOOKED_BACK),
    )
    known = [_reported(*row) for row in tx.sql.execute(query.order_by(col(Fault.id)))]
    waiting = [fault for fault in known if fault.mended_at is None]
    tags = {fault.tag for fault in waiting if fault.tag}
    kinds = {(fault.kind, fault.place.room) for fault in waiting if fault.kind}
    return tuple(
        fault
        for fault in known
        if fault.mended_at is None
        or fault.tag in tags
        or (fault.kind, fault.place.room) in kinds
        or (not fault.tag and fault.place in {each.place for each in waiting if not each.tag})
    )


_PLANNED = ("id", "room", "place", "equipment", "kind", "what", "reported_at", "mended_at")


def _reported(
    number: int, room: str, place: str | None, tag: str | None, kind: str | None, *more: Any
) -> ReportedFault:
    return ReportedFault(number, PlaceId(room, place or ""), tag or "", kind or "", *more)


def _of_item(tx: Transaction, tag: str) -> dict[str, Any]:
    item = register.item(tx, tag)
    room, place = item.place or (None, None)
    return {"equipment": tag, "room": room, "place": place, "kind": item.kind.value}


def _of_place(tx: Transaction, place: PlaceId) -> dict[str, Any]:
    row = tx.get(Place, tuple(place))
    if row is None or row.removed_at is not None:
        raise NotFound(f'There is no place "{place.place}" in room "{place.room}".')
    return {"room": place.room, "place": place.place}


def _same_report(tx: Transaction, fault: Fault) -> Fault | None:
    query = select(Fault).where(
        col(Fault.mended_at).is_(None),
        Fault.equipment == fault.equipment,
        Fault.room == fault.room,
        Fault.place == fault.place,
        Fault.what == fault.what,
        Fault.reported_by == fault.reported_by,
        col(Fault.reported_at) > tx.now - SAME_REPORT,
    )
    return tx.exec(query.order_by(col(Fault.id).desc())).first()


def _unmended(tx: Transaction, number: int) -> Fault:
    row = find(tx, number)
    if row.mended_at is not None:
        raise Conflict(f"Fault {number} was mended by {row.mended_by} already.")
    return row


def _note(tx: Transaction, row: Fault, actor: str, action: str, detail: dict[str, Any]) -> None:
    tx.flush()
    if row.equipment:
        meta.item_changed(tx, row.equipment)
    else:
        meta.plan_changed(tx)
    subject = f"equipment {row.equipment}" if row.equipment else f"place {row.room}/{row.place}"
    audit.record(tx, actor, action, subject, detail)


def age(row: Fault, now: datetime) -> timedelta:
    """How long it has been open, or was."""
    return (row.mended_at or now) - row.reported_at


def must_be_of(row: Fault, tag: str) -> None:
    """Refuse a fault of another item than the address names."""
    if row.equipment != tag:
        raise NotFound(f"Fault {row.id} is one of {row.equipment or row.place}, not of {tag}.")


def words_needed(note: str | None, asked: str) -> str:
    """A note that has to be there; Invalid, with what was asked for, where it is not."""
    if not note or not note.strip():
        raise Invalid(f"note: say {asked}.")
    return note
