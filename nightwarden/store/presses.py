"""Real presses, found among the recorded readings: what closes a press test, and nothing else.

1. A press is a change that was heard: a mat that had been empty says that somebody is on it, a
   button says that it was pressed, a contact changes. What says again what was said before is
   none; nor is what a broker keeps and repeats, nor what came too late to move anything.
2. It counts from when it was received. What a device says of its own clock moves no window.
3. It counts where the item stands and as it is read there: not from before it was put or bound
   there.
"""

from datetime import datetime, timedelta

from sqlmodel import col, select

from nightwarden.model.places import HEARS
from nightwarden.model.readings import Quantity
from nightwarden.store.engine import Transaction
from nightwarden.store.register import Item
from nightwarden.store.tables import ReadingRow

A_NIGHT = timedelta(hours=14)
"""How long a press may lie back of which somebody is said to be still on the mat."""

SLACK = timedelta(hours=1)
"""By how much a believed device time may differ from when it was received; see the wire's page."""


def proves_by_press(item: Item) -> bool:
    """Whether there is a press of this kind of item at all."""
    return bool(HEARS.get(item.kind, frozenset()) - {Quantity.TEMPERATURE})


def stands_since(item: Item) -> datetime | None:
    """From when on its device speaks for it where it stands."""
    begun = [at for at in (item.placed_at, item.bound_at) if at is not None]
    return max(begun, default=None)


def presses(tx: Transaction, item: Item, since: datetime, until: datetime) -> list[datetime]:
    """When the item was really pressed from ``since`` (included) until ``until``, in order."""
    if item.device is None or not proves_by_press(item):
        return []
    from_then = max(since, stands_since(item) or since)
    quantities = [quantity.value for quantity in HEARS[item.kind]]
    own = (
        ReadingRow.dialect == item.device.dialect,
        ReadingRow.address == item.device.address,
        col(ReadingRow.quantity).in_(quantities),
        col(ReadingRow.fresh).is_(True),
        col(ReadingRow.late).is_(False),
    )
    within = select(ReadingRow).where(
        *own,
        col(ReadingRow.measured_at) >= from_then - SLACK,
        col(ReadingRow.measured_at) < until + SLACK,
        col(ReadingRow.received_at) < until,
    )
    found: list[datetime] = []
    rows = list(tx.exec(within.order_by(col(ReadingRow.id))))
    last: dict[str, float | None] = {}
    if rows:
        before = select(ReadingRow).where(
            *own,
            col(ReadingRow.measured_at) < from_then - SLACK,
            col(ReadingRow.received_at) >= (stands_since(item) or from_then),
        )
        row = tx.exec(before.order_by(col(ReadingRow.measured_at).desc()).limit(1)).first()
        if row is not None:
            last[row.quantity] = row.number
    for row in rows:
        if row.received_at >= from_then and _is_press(row, last):
            found.append(row.received_at)
        last[row.quantity] = row.number
    return found


def lain_on_since(tx: Transaction, item: Item, at: datetime) -> datetime | None:
    """Since when somebody has been on a mat at ``at``, where that was heard in the hours before."""
    if item.device is None or Quantity.OCCUPANCY not in HEARS.get(item.kind, frozenset()):
        return None
    newest = (
        select(ReadingRow)
        .where(
            ReadingRow.dialect == item.device.dialect,
            ReadingRow.address == item.device.address,
            ReadingRow.quantity == Quantity.OCCUPANCY.value,
            col(ReadingRow.late).is_(False),
            col(ReadingRow.measured_at) <= at,
            col(ReadingRow.measured_at) > at - A_NIGHT,
        )
        .order_by(col(ReadingRow.measured_at).desc())
        .limit(1)
    )
    row = tx.exec(newest).first()
    if row is None or not row.number:
        return None
    return max(presses(tx, item, at - A_NIGHT, at), default=None)


def _is_press(row: ReadingRow, last: dict[str, float | None]) -> bool:
    match Quantity(row.quantity):
        case Quantity.ACTION:
            return row.word in {"press", "help"}
        case Quantity.OCCUPANCY:
            return bool(row.number) and row.quantity in last and not last[row.quantity]
        case _:
            return row.quantity in last and last[row.quantity] != row.number
