"""Who is on a shift, who has signed its handover, and which receivers somebody has heard in it.

Append-only: a later line says otherwise, none is changed. A shift is named by its name and the
instant at which it begins, as the rules file has it when the line is written.
"""

from datetime import datetime
from typing import NamedTuple

from sqlmodel import col, select

from nightwarden.model.shifts import HANDOVER, ShiftDeed
from nightwarden.store import audit, outgoing
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Receiver, ShiftEntry, SoundTest
from nightwarden.wire import rfc3339


class ShiftKey(NamedTuple):
    """A shift of one day. ``since`` is when it begins, aware, UTC."""

    name: str
    since: datetime


def say(
    tx: Transaction, shift: ShiftKey, deed: ShiftDeed, person: str, note: str | None = None
) -> None:
    """Somebody comes on, goes off, or signs the handover. Saying it again is fine."""
    alike = (deed,) if deed in HANDOVER else (ShiftDeed.ON, ShiftDeed.OFF)
    said = [row for row in of_shift(tx, shift) if row.person == person and row.deed in alike]
    if said and (said[-1].deed, said[-1].note) == (deed, note):
        return
    tx.add(
        ShiftEntry(
            shift=shift.name, since=shift.since, deed=deed, person=person, at=tx.now, note=note
        )
    )
    detail = {"since": rfc3339(shift.since)} | ({"note": note} if note else {})
    audit.record(tx, person, _ACTIONS[deed], f"shift {shift.name}", detail)
    outgoing.stream(tx, "shift", {"shift": shift.name, "said": deed, "person": person})


_ACTIONS = {
    ShiftDeed.ON: "signed on to the shift",
    ShiftDeed.OFF: "signed off the shift",
    ShiftDeed.HANDS_OVER: "handed over",
    ShiftDeed.TAKES_OVER: "took over",
}


def of_shift(tx: Transaction, shift: ShiftKey) -> list[ShiftEntry]:
    """All that was said of a shift, oldest first."""
    query = select(ShiftEntry).where(
        ShiftEntry.shift == shift.name, ShiftEntry.since == shift.since
    )
    return list(tx.exec(query.order_by(col(ShiftEntry.id))))


def on_shift(entries: list[ShiftEntry]) -> list[ShiftEntry]:
    """Who is on: everybody whose last word is that they are, in the order in which they came."""
    last = {row.person: row for row in entries if row.deed not in HANDOVER}
    return [row for row in last.values() if row.deed == ShiftDeed.ON]


def keep_sound_test(
    tx: Transaction, receiver: Receiver, person: str, shift: str, expires_at: datetime
) -> SoundTest:
    """Somebody has heard this receiver, standing where it will have to be heard."""
    row = SoundTest(
        receiver=receiver.id,
        name=receiver.name,
        kind=receiver.kind,
        heard_by=person,
        at=tx.now,
        shift=shift,
        expires_at=expires_at,
    )
    tx.add(row)
    tx.flush()
    detail = {"kind": receiver.kind, "counts_until": rfc3339(expires_at)}
    audit.record(tx, person, "heard the sound test", f"receiver {receiver.name}", detail)
    outgoing.stream(tx, "shift", {"receiver": receiver.name, "heard_by": person})
    return row
