"""What is kept of one room between two instants: who lay where, how warm it was, who came.

Everything is read as it was recorded, by when it was measured; late readings too, since a picture
of an evening is looked at afterwards.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import or_
from sqlmodel import col, select

from nightwarden.model.places import EquipmentKind, Mount
from nightwarden.model.readings import DeviceId, Quantity
from nightwarden.store.engine import Transaction
from nightwarden.store.journal import InputKind, read
from nightwarden.store.tables import (
    Alert,
    Device,
    EngineInput,
    Equipment,
    PauseRow,
    Placement,
    RoundRow,
    RoundTick,
)
from nightwarden.store.times import as_text


class Stood(NamedTuple):
    """An item with a device that stood in the room: from when, until when (None: it does yet)."""

    tag: str
    kind: EquipmentKind
    mount: Mount | None
    place: str
    since: datetime
    until: datetime | None
    device: DeviceId


class Look(NamedTuple):
    """Somebody has looked in on a round."""

    place: str
    at: datetime
    by: str


def stood_in(tx: Transaction, room: str, since: datetime, until: datetime) -> list[Stood]:
    """The items with a device that stood in the room at any time between the two."""
    rows = tx.exec(
        select(Placement, Equipment, Device)
        .join(Equipment, col(Equipment.tag) == Placement.equipment)
        .join(Device, col(Device.equipment) == Placement.equipment)
        .where(
            Placement.room == room,
            Placement.since < until,
            or_(col(Placement.until).is_(None), col(Placement.until) > since),
        )
        .order_by(col(Placement.place), col(Equipment.tag))
    )
    return [
        Stood(
            item.tag,
            EquipmentKind(item.kind),
            Mount(item.mount) if item.mount else None,
            placed.place,
            placed.since,
            placed.until,
            DeviceId(device.dialect, device.address),
        )
        for placed, item, device in rows
    ]


def said(
    tx: Transaction, device: DeviceId, quantity: Quantity, since: datetime, until: datetime
) -> list[tuple[datetime, float]]:
    """What a device measured between the two, in order, and before it the last value until then."""
    before = (*device, quantity.value, as_text(since))
    found = tx.sql.exec_driver_sql(
        "SELECT measured_at, number FROM (SELECT measured_at, number FROM reading"
        "  WHERE dialect = ? AND address = ? AND quantity = ? AND measured_at < ?"
        "  AND number IS NOT NULL ORDER BY measured_at DESC LIMIT 1)"
        " UNION ALL SELECT measured_at, number FROM reading"
        "  WHERE dialect = ? AND address = ? AND quantity = ? AND measured_at BETWEEN ? AND ?"
        "  AND number IS NOT NULL ORDER BY measured_at",
        (*before, *before, as_text(until)),
    )
    return [(datetime.fromisoformat(f"{at}+00:00"), number) for at, number in found]


def alerts_in(tx: Transaction, room: str, since: datetime, until: datetime) -> list[Alert]:
    """The alerts of the room that were open at any time between the two, the first first."""
    query = select(Alert).where(
        Alert.room == room,
        Alert.raised_at < until,
        or_(col(Alert.closed_at).is_(None), col(Alert.closed_at) > since),
    )
    return list(tx.exec(query.order_by(col(Alert.raised_at), col(Alert.id))))


def pauses_in(tx: Transaction, room: str, since: datetime, until: datetime) -> list[PauseRow]:
    """The pauses of the room that were in force at any time between the two."""
    query = select(PauseRow).where(
        PauseRow.room == room, PauseRow.since < until, col(PauseRow.until) > since
    )
    rows = tx.exec(query.order_by(col(PauseRow.since)))
    return [row for row in rows if row.ended_at is None or row.ended_at > since]


def looks_in(tx: Transaction, room: str, since: datetime, until: datetime) -> list[Look]:
    """When somebody looked in on a round."""
    query = (
        select(RoundRow.place, RoundTick.at, RoundTick.by)
        .join(RoundRow, col(RoundRow.id) == RoundTick.round)
        .where(RoundRow.room == room, RoundTick.at >= since, RoundTick.at < until)
        .order_by(col(RoundTick.at))
    )
    return [Look(*row) for row in tx.exec(query)]


def unwatched(
    tx: Transaction, since: datetime, until: datetime
) -> list[tuple[datetime, datetime, bool]]:
    """When nothing at all could be heard, and whether the gateway was started anew after it.

    Between the two instants, in order; overlaps are not joined.
    """
    query = select(EngineInput).where(
        EngineInput.kind == InputKind.UNWATCHED.value,
        EngineInput.at >= since,
    )
    found = []
    for row in tx.exec(query.order_by(col(EngineInput.id))):
        body = read(row).body
        begin, end = (datetime.fromisoformat(body[key]) for key in ("since", "until"))
        if begin < until and end > since:
            found.append((max(begin, since), min(end, until), bool(body.get("restarted"))))
    return found
