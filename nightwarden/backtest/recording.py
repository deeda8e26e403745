"""What was recorded, in the order in which the engine was told it.

A line of the journal stands after the reading that the engine had heard last, so readings and
lines have one order, by number; the clock may have gone back between two of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from nightwarden.model.readings import DeviceId, Quantity, Reading
from nightwarden.store import journal
from nightwarden.store.engine import Transaction
from nightwarden.store.journal import Input, Snapshot
from nightwarden.store.times import as_text

_COLUMNS = "dialect, address, quantity, number, word, measured_at, received_at, fresh, timed, seq"
_TRUTHS = frozenset({Quantity.OCCUPANCY, Quantity.CONTACT, Quantity.LINK})
_QUANTITIES = {quantity.value: quantity for quantity in Quantity}


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a replay begins: a snapshot, and its place in the order."""

    line: Input
    snapshot: Snapshot

    @property
    def at(self) -> datetime:
        """The instant that the engine had reached."""
        return self.line.reached


def beginning(tx: Transaction, since: datetime) -> Beginning | None:
    """The snapshot at or before ``since``, or the first there is; None without any journal."""
    line = journal.snapshot_before(tx, since) or journal.first_snapshot(tx)
    return None if line is None else Beginning(line, journal.snapshot_of(tx, line.body))


def recorded(tx: Transaction, begin: Beginning, until: datetime) -> Iterator[Input | Reading]:
    """What the engine was told after ``begin`` and until ``until``, in its order."""
    heard = begin.line.after_reading
    for line in journal.inputs(tx, begin.line.id, until):
        yield from readings(tx, heard, line.after_reading)
        yield line
        heard = max(heard, line.after_reading)
    yield from readings(tx, heard, journal.last_reading_by(tx, until), until)


def readings(
    tx: Transaction, after: int, last: int, until: datetime | None = None
) -> Iterator[Reading]:
    """The readings after number ``after`` up to ``last``, and received by ``until``."""
    if last <= after:
        return
    query = f"SELECT {_COLUMNS} FROM reading WHERE id > ? AND id <= ?"  # noqa: S608
    asked: tuple[object, ...] = (after, last)
    if until is not None:
        query, asked = query + " AND received_at <= ?", (*asked, as_text(until))
    for row in tx.sql.exec_driver_sql(query + " ORDER BY id", asked):
        yield reading_of(tuple(row))


def reading_of(row: tuple[object, ...]) -> Reading:
    """A row of the table ``reading`` as the engine heard it; columns as ``_COLUMNS`` says."""
    dialect, address, word_for, number, word, measured_at, received_at, fresh, timed, seq = row
    quantity = _QUANTITIES[str(word_for)]
    value = word if number is None else bool(number) if quantity in _TRUTHS else number
    return Reading(
        DeviceId(str(dialect), str(address)),
        quantity,
        value,  # type: ignore[arg-type]
        datetime.fromisoformat(f"{measured_at}+00:00"),
        datetime.fromisoformat(f"{received_at}+00:00"),
        bool(fresh),
        bool(timed),
        seq,  # type: ignore[arg-type]
    )
