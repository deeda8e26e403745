"""The outbox of the long history: the readings themselves, and how far each sink has taken them.

There is no second copy of a reading to keep in step. A sink owns one row of ``history_cursor``;
what stands in ``reading`` with a greater id is waiting for it, in the order in which it was heard.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, or_, select
from sqlmodel import col

from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Device, HistoryCursor, Placement, ReadingRow


class Waiting(NamedTuple):
    """A reading as the long history wants it: with where it was heard, and of nobody.

    ``equipment``, ``room`` and ``place`` are those of the moment at which the reading was
    received; None where its device was bound to nothing then. Residents are not joined: the long
    history holds no names by construction.
    """

    id: int
    dialect: str
    address: str
    quantity: str
    number: float | None
    word: str | None
    measured_at: datetime
    received_at: datetime
    fresh: bool
    late: bool
    equipment: str | None
    room: str | None
    place: str | None


def cursor(tx: Transaction, sink: str) -> HistoryCursor:
    """The cursor of ``sink``; a new one, at the very first reading, where it has none yet."""
    return tx.get(HistoryCursor, sink) or HistoryCursor(sink=sink, reading=0)


def waiting(tx: Transaction, after: int, limit: int) -> list[Waiting]:
    """The first ``limit`` readings with an id greater than ``after``, oldest first.

    Where a device stood is asked at ``received_at``: arrival time is ours, and asked again after
    a failure it gives the same answer, so that a reading sent twice lands on itself.
    """
    bound = and_(
        col(Device.dialect) == ReadingRow.dialect,
        col(Device.address) == ReadingRow.address,
        col(Device.bound_at) <= ReadingRow.received_at,
    )
    placed = and_(
        col(Placement.equipment) == Device.equipment,
        col(Placement.since) <= ReadingRow.received_at,
        or_(col(Placement.until).is_(None), col(Placement.until) > ReadingRow.received_at),
    )
    statement = (
        select(
            col(ReadingRow.id),
            col(ReadingRow.dialect),
            col(ReadingRow.address),
            col(ReadingRow.quantity),
            col(ReadingRow.number),
            col(ReadingRow.word),
            col(ReadingRow.measured_at),
            col(ReadingRow.received_at),
            col(ReadingRow.fresh),
            col(ReadingRow.late),
            col(Device.equipment),
            col(Placement.room),
            col(Placement.place),
        )
        .outerjoin(Device, bound)
        .outerjoin(Placement, placed)
        .where(col(ReadingRow.id) > after)
        .order_by(col(ReadingRow.id))
        .limit(limit)
    )
    return [Waiting._make(row) for row in tx.sql.execute(statement)]


def taken(tx: Transaction, sink: str, up_to: int) -> None:
    """``sink`` holds every reading up to ``up_to``; an outage, if there was one, is over."""
    row = cursor(tx, sink)
    row.reading = up_to
    if row.failed_since is not None:
        row.failed_since, row.last_error = None, None
    tx.add(row)


def refused(tx: Transaction, sink: str, reading: int, error: str) -> None:
    """``sink`` will never take ``reading``: it is counted, the reason is kept, the next one goes.

    The reading itself stays in the store for as long as the home keeps readings.
    """
    taken(tx, sink, reading)
    row = cursor(tx, sink)
    row.rejected += 1
    row.last_error = error


def failing(tx: Transaction, sink: str, error: str) -> None:
    """``sink`` takes nothing at present; ``failed_since`` stays at the first failure."""
    row = cursor(tx, sink)
    row.failed_since = row.failed_since or tx.now
    row.last_error = error
    tx.add(row)
