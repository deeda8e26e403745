"""Devices that speak and that nobody has bound, as the gateway last saw them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlmodel import col, select

from nightwarden.model.pace import Pace
from nightwarden.model.readings import DeviceId, Quantity
from nightwarden.store import meta
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Device, HeardDevice
from nightwarden.store.times import as_text

FORGOTTEN = "unbound_forgotten"

_OF_THE_WHOLE = {Quantity.LINK, Quantity.BATTERY}

Value = bool | float | str


@dataclass(slots=True)
class Heard:
    """One device. ``said`` has the latest value of each quantity and when it was measured."""

    device: DeviceId
    first_at: datetime
    last_at: datetime
    said: dict[Quantity, tuple[Value, datetime]]
    pace: Pace


def unbound_devices(tx: Transaction) -> list[Heard]:
    """Those that no equipment is bound to, the one heard last first.

    What a device with several inputs says of itself as a whole, its link and its battery, stands
    with each of its inputs and not in a line of its own.
    """
    bound = all_bound(tx)
    rows = tx.exec(select(HeardDevice).order_by(col(HeardDevice.last_at).desc()))
    heard = {found.device: found for found in map(_heard, rows)}
    with_inputs = {device.whole for device in (*bound, *heard) if device.channel is not None}
    for device, found in heard.items():
        if device.channel is not None and (whole := heard.get(device.whole)) is not None:
            found.said = {q: whole.said[q] for q in _OF_THE_WHOLE & whole.said.keys()} | found.said
    return [
        found
        for device, found in heard.items()
        if device not in bound and not (device in with_inputs and {*found.said} <= _OF_THE_WHOLE)
    ]


def all_heard(tx: Transaction) -> list[Heard]:
    """What is kept, bound since or not."""
    return [_heard(row) for row in tx.exec(select(HeardDevice))]


def all_bound(tx: Transaction) -> set[DeviceId]:
    """Every device, or input of one, that some item has, be it in the store cupboard."""
    return {DeviceId(*name) for name in tx.exec(select(Device.dialect, Device.address))}


def is_bound(tx: Transaction, device: DeviceId) -> bool:
    """Whether some item has it, be it in the store cupboard."""
    return tx.get(Device, tuple(device)) is not None


def save(tx: Transaction, devices: Iterable[Heard]) -> None:
    """Write down what was heard, one row a device."""
    rows = [
        (
            heard.device.dialect,
            heard.device.address,
            as_text(heard.first_at),
            as_text(heard.last_at),
            orjson.dumps({q.value: [v, at] for q, (v, at) in heard.said.items()}).decode(),
            orjson.dumps(heard.pace.as_json()).decode(),
        )
        for heard in devices
    ]
    if rows:
        tx.sql.exec_driver_sql(
            "INSERT INTO heard_device (dialect, address, first_at, last_at, said, pace)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (dialect, address) DO UPDATE SET"
            " first_at = excluded.first_at, last_at = excluded.last_at, said = excluded.said,"
            " pace = excluded.pace",
            rows,
        )


def forget(tx: Transaction, devices: Iterable[DeviceId]) -> None:
    """Leave out devices that are bound now, or that had to make room."""
    rows = [tuple(device) for device in devices]
    if rows:
        tx.sql.exec_driver_sql("DELETE FROM heard_device WHERE dialect = ? AND address = ?", rows)


def count_forgotten(tx: Transaction, more: int) -> None:
    """So many devices more were heard than are kept."""
    if more:
        meta.put(tx, FORGOTTEN, str(forgotten(tx) + more))


def forgotten(tx: Transaction) -> int:
    """How many unbound devices were left out or forgotten, to keep their number bounded."""
    return int(meta.get(tx, FORGOTTEN) or 0)


def _heard(row: HeardDevice) -> Heard:
    said = {
        Quantity(quantity): (value, datetime.fromisoformat(at))
        for quantity, (value, at) in row.said.items()
    }
    device = DeviceId(row.dialect, row.address)
    return Heard(device, row.first_at, row.last_at, said, Pace.from_json(row.pace))
