"""Where items stand and what speaks for them: the bare writes.

``upkeep`` makes them one by one and enters each into the audit; ``apply`` makes many and enters
them as one.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, select

from nightwarden.model.channels import PLAIN, ChannelMap
from nightwarden.model.places import PlaceId
from nightwarden.model.readings import DeviceId
from nightwarden.store import register
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Device, Equipment, Placement


@dataclass(frozen=True, slots=True)
class Binding:
    """A device, how often it must speak and prove itself (seconds), and how its item reads it."""

    device: DeviceId
    supervision_s: int
    proof_s: int = register.PROOF_S
    channels: ChannelMap = PLAIN

    @classmethod
    def usual(cls, device: DeviceId) -> "Binding":
        """As the dialect's devices usually do."""
        return cls(device, register.supervision_s(device.dialect))


def put_at(tx: Transaction, tag: str, place: PlaceId | None) -> None:
    """End the present placement and begin one at ``place``, unless that is None."""
    present = select(Placement).where(Placement.equipment == tag, col(Placement.until).is_(None))
    for placement in tx.exec(present):
        placement.until = tx.now
    tx.flush()  # the index of present placements allows one at a time
    if place is not None:
        tx.add(Placement(equipment=tag, room=place.room, place=place.place, since=tx.now))
        tx.flush()


def put_device(tx: Transaction, tag: str, binding: Binding | None) -> None:
    """Bind this device to the item, taking it from whatever it was bound to, and no other."""
    others = delete(Device).where(col(Device.equipment) == tag)
    if binding is not None:
        dialect, address = binding.device
        others = others.where((col(Device.dialect) != dialect) | (col(Device.address) != address))
    tx.exec(others)
    if binding is not None:
        row = tx.get(Device, tuple(binding.device))
        wanted = device_row(tag, binding, tx.now)
        if row is not None and row.equipment == tag and _read_alike(row, wanted):
            wanted.bound_at = row.bound_at
        tx.merge(wanted)
    tx.flush()


def _read_alike(row: Device, wanted: Device) -> bool:
    """A device that is read otherwise than before has shown nothing yet."""
    return (row.reads, row.inverted) == (wanted.reads, wanted.inverted)


def device_row(tag: str, binding: Binding, bound_at: datetime) -> Device:
    """A binding as it is kept."""
    dialect, address = binding.device
    return Device(
        dialect=dialect,
        address=address,
        equipment=tag,
        supervision_s=binding.supervision_s,
        proof_s=binding.proof_s,
        bound_at=bound_at,
        reads={said.value: heard.value for said, heard in binding.channels.reads.items()},
        inverted=binding.channels.inverted,
    )


def put_away(tx: Transaction, tag: str) -> None:
    """Retire an item: out of its place, off its device, kept in the record."""
    put_at(tx, tag, None)
    put_device(tx, tag, None)
    row = tx.get(Equipment, tag)
    assert row is not None
    row.removed_at, row.version = tx.now, row.version + 1
    tx.flush()
