"""Sounders and lights: what there is, and what each was last told."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete
from sqlmodel import select

from nightwarden.model.alerts import Priority
from nightwarden.model.outputs import Output
from nightwarden.model.places import CALLS_PEOPLE, EquipmentKind, SoundsFor
from nightwarden.model.readings import DeviceId
from nightwarden.store import register
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import OrderedOutput


class Told(NamedTuple):
    """What an output was last told: since when it is to be so, and when that was last said."""

    kind: EquipmentKind
    on: bool
    since: datetime
    said_at: datetime


def outputs_now(tx: Transaction) -> Iterator[Output]:
    """Every sounder and light that stands somewhere and has a device."""
    for item in register.items_now(tx):
        if item.kind in CALLS_PEOPLE and item.place and item.device:
            yield Output(
                item.device,
                item.kind,
                item.place,
                item.sounds_for or SoundsFor.ROOM,
                item.sounds_from or Priority.HIGH,
            )


def told(tx: Transaction) -> dict[DeviceId, Told]:
    """What each output was last told, those that have left the register too."""
    return {
        DeviceId(row.dialect, row.address): Told(
            EquipmentKind(row.kind), row.on, row.since, row.said_at
        )
        for row in tx.exec(select(OrderedOutput))
    }


def keep_told(tx: Transaction, device: DeviceId, what: Told) -> None:
    """An order has been put into the outbox."""
    tx.merge(OrderedOutput(dialect=device.dialect, address=device.address, **what._asdict()))
    tx.flush()


def forget_told(tx: Transaction, device: DeviceId) -> None:
    """An output that has left the register has been told to be off."""
    dialect, address = device
    statement = delete(OrderedOutput).where(
        OrderedOutput.dialect == dialect,  # type: ignore[arg-type]
        OrderedOutput.address == address,  # type: ignore[arg-type]
    )
    tx.exec(statement)
