"""The heating is out: one outage at a time, its checklist, and its end.

It ends when every portable heater that was put somewhere is accounted for: after an outage nobody
knew who had placed heaters, and a man was burned (H4).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.model import claims
from nightwarden.model.alerts import AlertKind, AlertState
from nightwarden.model.phrases import phrase
from nightwarden.model.places import Mount
from nightwarden.model.readings import Quantity
from nightwarden.store import audit, heaters, register
from nightwarden.store.descriptions import checked
from nightwarden.store.engine import Transaction
from nightwarden.store.register import Item
from nightwarden.store.tables import Alert, Outage, OutageStep, ReadingRow

STEPS: Mapping[str, str] = {
    "engineer": phrase("The heating engineer is called; note when they come"),
    "manager": phrase("The manager on call knows"),
    "rooms": phrase("Every room's temperature is known, by its sensor or by a thermometer"),
    "frail": phrase("Who feels the cold most is warm: blankets, warm drinks, a warmer room"),
    "heaters": phrase("Every portable heater is on this page, with who looks after it"),
    "safe": phrase(
        "Each heater stands free of bed, curtain and oxygen, and its lead is out of the way"
    ),
    "night": phrase("Who checks the rooms and the heaters tonight, and how often, is agreed"),
}
"""What is to be done, in order. Judgement, from what was missing in H3 and H4."""

TREND_OVER = timedelta(hours=3)
"""Over how long the trend of a room is looked at."""


@dataclass(frozen=True, slots=True)
class RoomWarmth:
    """The air of a room by its sensor: now, and some hours ago. None: nothing was heard."""

    item: Item
    now: ReadingRow | None
    before: ReadingRow | None

    @property
    def change(self) -> float | None:
        """Degrees Celsius by which it changed; less than nothing: it grows cold."""
        if self.now is None or self.before is None:
            return None
        return (self.now.number or 0.0) - (self.before.number or 0.0)


def current(tx: Transaction) -> Outage | None:
    """The outage that goes on."""
    return tx.exec(select(Outage).where(col(Outage.ended_at).is_(None))).first()


def before(tx: Transaction) -> list[Outage]:
    """Those that have ended, the latest first."""
    query = select(Outage).where(col(Outage.ended_at).is_not(None))
    return list(tx.exec(query.order_by(col(Outage.id).desc()).limit(20)))


def cold_rooms(tx: Transaction) -> list[str]:
    """The rooms that are too cold now, by their alerts: what proposes an outage."""
    query = select(Alert.room).where(
        Alert.kind == AlertKind.ROOM_TOO_COLD.value,
        Alert.state != AlertState.CLOSED.value,
        col(Alert.cleared_at).is_(None),
    )
    return sorted(set(tx.exec(query)))


def begin(tx: Transaction, why: str, actor: str, *, proposed: bool = False) -> Outage:
    """Open an outage; Conflict when one goes on."""
    if current(tx) is not None:
        raise Conflict("A heating outage is open already.")
    row = Outage(
        opened_at=tx.now, opened_by=actor, why=checked(claims.text, why, "why"), proposed=proposed
    )
    tx.add(row)
    tx.flush()
    audit.record(tx, actor, "opened a heating outage", f"outage {row.id}", {"why": row.why})
    return row


def tick(tx: Transaction, step: str, note: str | None, actor: str) -> OutageStep:
    """A step of the checklist is done; doing it again is another entry."""
    row = _going_on(tx)
    if step not in STEPS:
        raise Invalid(f'step: "{step}" is none of {", ".join(STEPS)}.')
    assert row.id is not None
    words = checked(claims.text, note, "note") if note else None
    done = OutageStep(outage=row.id, step=step, at=tx.now, by=actor, note=words)
    tx.add(done)
    tx.flush()
    audit.record(tx, actor, "did a step", f"outage {row.id}", {"step": step, "note": words})
    return done


def end(tx: Transaction, note: str, actor: str) -> Outage:
    """The heating is back.

    Raises:
        Conflict: a heater is not accounted for; the sentence names them.
    """
    row = _going_on(tx)
    if left := heaters.standing(tx):
        tags = ", ".join(f"{stay.equipment} (room {stay.room})" for stay in left)
        raise Conflict(f"These heaters are still out: {tags}. Say of each where it went.")
    row.ended_note = checked(claims.text, note, "note")
    row.ended_at, row.ended_by = tx.now, actor
    tx.flush()
    audit.record(tx, actor, "ended a heating outage", f"outage {row.id}", {"note": note})
    return row


def steps_done(tx: Transaction, outage: int) -> dict[str, OutageStep]:
    """The newest entry of each step that was done."""
    query = select(OutageStep).where(OutageStep.outage == outage)
    return {row.step: row for row in tx.exec(query.order_by(col(OutageStep.id)))}


def warmth(tx: Transaction) -> list[RoomWarmth]:
    """The air of every room that has a sensor, the coldest first; those not heard before all."""
    found = [
        RoomWarmth(item, _newest(tx, item, first=False), _newest(tx, item, first=True))
        for item in register.items_now(tx)
        if item.mount is Mount.ROOM_AIR and item.place is not None and item.device is not None
    ]
    return sorted(found, key=lambda room: (room.now.number or 0.0) if room.now else -273.0)


def _newest(tx: Transaction, item: Item, *, first: bool) -> ReadingRow | None:
    assert item.device is not None
    at = col(ReadingRow.measured_at)
    query = select(ReadingRow).where(
        ReadingRow.dialect == item.device.dialect,
        ReadingRow.address == item.device.address,
        ReadingRow.quantity == Quantity.TEMPERATURE.value,
        at > tx.now - TREND_OVER,
        at <= tx.now,
    )
    return tx.exec(query.order_by(at if first else at.desc()).limit(1)).first()


def _going_on(tx: Transaction) -> Outage:
    row = current(tx)
    if row is None:
        raise NotFound("No heating outage is open.")
    return row
