"""Real presses, found among the recorded readings: what closes a press test, and nothing else.

1. A press is a change that was heard: a mat that had been empty says that somebody is on it, a
   button says that it was pressed, a contact changes. What says again what was said before is
   none; nor is what a broker keeps and repeats, nor what came too late to move anything.
2. It counts from when it was received. What a device says of its own clock moves no window.
3. It counts where the item stands and as it is read there: not from before it was put or bound
   there.
"""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from nightwarden.model.places import HEARS, EquipmentKind
from nightwarden.model.readings import DeviceId, Quantity
from nightwarden.store.engine import Transaction
from nightwarden.store.times import as_text

A_NIGHT = timedelta(hours=14)
"""How long a press may lie back of which somebody is said to be still on the mat."""

SLACK = timedelta(hours=1)
"""By how much a believed device time may differ from when it was received; see the wire's page."""


class Standing(Protocol):
    """What must be known of an item: of the register's, or as the plan has it."""

    @property
    def kind(self) -> EquipmentKind:
        """What it is."""
        ...

    @property
    def device(self) -> DeviceId | None:
        """What speaks for it."""
        ...

    @property
    def placed_at(self) -> datetime | None:
        """Since when it stands where it stands."""
        ...

    @property
    def bound_at(self) -> datetime | None:
        """Since when its device speaks for it."""
        ...


def proves_by_press(item: Standing) -> bool:
    """Whether there is a press of this kind of item at all."""
    return bool(HEARS.get(item.kind, frozenset()) - {Quantity.TEMPERATURE})


def stands_since(item: Standing) -> datetime | None:
    """From when on its device speaks for it where it stands."""
    begun = [at for at in (item.placed_at, item.bound_at) if at is not None]
    return max(begun, default=None)


def presses(
    tx: Transaction,
    item: Standing,
    since: datetime,
    until: datetime,
    changed_at: datetime | None = None,
) -> list[datetime]:
    """When the item was really pressed from ``since`` (included) until ``until``, in order.

    Args:
        tx: a transaction.
        item: the item, as it stands now.
        since: from when, as received.
        until: until when, excluded.
        changed_at: the last real change of its device, where it is known: if that lies before
            ``since``, nobody has to look.
    """
    if item.device is None or not proves_by_press(item):
        return []
    stands = stands_since(item)
    since = max(since, stands or since)
    if since >= until or (changed_at is not None and changed_at < since):
        return []
    quantities = [quantity.value for quantity in HEARS[item.kind] if quantity is not _WARMTH]
    found: list[datetime] = []
    for quantity in quantities:
        rows = tx.sql.exec_driver_sql(
            _ACTIONS if quantity == Quantity.ACTION else _CHANGES[quantity == Quantity.OCCUPANCY],
            {
                "dialect": item.device.dialect,
                "address": item.device.address,
                "quantity": quantity,
                "stands": as_text(stands or since),
                "first": as_text(since - SLACK),
                "last": as_text(until + SLACK),
                "since": as_text(since),
                "until": as_text(until),
            },
        )
        found += [datetime.fromisoformat(at).replace(tzinfo=UTC) for (at,) in rows]
    return sorted(found)


def lain_on_since(tx: Transaction, item: Standing, at: datetime) -> datetime | None:
    """Since when somebody has been on a mat at ``at``, where that was heard in the hours before."""
    if item.device is None or Quantity.OCCUPANCY not in HEARS.get(item.kind, frozenset()):
        return None
    row = tx.sql.exec_driver_sql(
        "SELECT number FROM reading WHERE dialect = ? AND address = ? AND quantity = ?"
        " AND NOT late AND measured_at <= ? AND measured_at > ? ORDER BY measured_at DESC LIMIT 1",
        (*item.device, Quantity.OCCUPANCY.value, as_text(at), as_text(at - A_NIGHT)),
    ).first()
    if row is None or not row[0]:
        return None
    return max(presses(tx, item, at - A_NIGHT, at), default=None)


_WARMTH = Quantity.TEMPERATURE
_DEVICE = (
    "dialect = :dialect AND address = :address AND quantity = :quantity AND fresh AND NOT late"
    " AND received_at >= :stands"
)
_OWN = f"{_DEVICE} AND measured_at >= :first AND measured_at < :last"
_ACTIONS = (
    f"SELECT received_at FROM reading WHERE {_OWN} AND received_at >= :since"  # noqa: S608
    " AND received_at < :until AND word IN ('press', 'help') ORDER BY id"
)
_CHANGES = [
    "SELECT received_at FROM (SELECT received_at, number, lag(number) OVER (ORDER BY id) AS before"  # noqa: S608
    f" FROM (SELECT * FROM (SELECT id, received_at, number FROM reading WHERE {_DEVICE}"
    " AND measured_at < :first ORDER BY measured_at DESC LIMIT 1)"
    f" UNION ALL SELECT id, received_at, number FROM reading WHERE {_OWN}))"
    f" WHERE received_at >= :since AND received_at < :until AND {changed} ORDER BY received_at"
    for changed in ("before != number", "before = 0 AND number = 1")
]
"""A contact that changed either way; a mat on which somebody is now. The last reading before the
time that is looked at is what the first one in it changed from."""
