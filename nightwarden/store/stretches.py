"""The record in stretches: what was news in full, and what was said again as runs.

1. A stretch is up to three hours of readings, by their numbers. It holds every reading that may be
   news and a run (``nightwarden/model/runs.py``) for what each device said between two of them.
2. It is derived: made from the readings a while after they came, off the way of a message, and it
   goes when they go. A reading that lies in no stretch is read as it is.
3. A reading is news when it is the first of its device and quantity in the stretch, when it was
   late, kept by a broker or numbered out of order, and when its value differs from the one before;
   a temperature differs all the time, and its run says between which limits.
"""

import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson

from nightwarden.model.readings import DeviceId, Quantity, Reading
from nightwarden.model.runs import Run, Span
from nightwarden.store.engine import Transaction
from nightwarden.store.stretch_digest import EPOCH, Digest
from nightwarden.store.times import as_text

LENGTH = timedelta(hours=3)
MOST_READINGS = 20_000
"""In one stretch: it is made in a twentieth of a second, and bounds what a run can span."""

COLUMNS = (
    "id, dialect, address, quantity, number, word, measured_at, received_at,"
    " fresh, late, timed, seq"
)


class Stretch(NamedTuple):
    """Readings from number ``first`` to number ``last``, the news and runs in order of number."""

    first: int
    last: int
    until: datetime
    told: Sequence[tuple[int, Reading | Run]]


def make_next(tx: Transaction, length: timedelta = LENGTH, most: int = MOST_READINGS) -> bool:
    """Make the next stretch if its time is over; True when one was made."""
    made = tx.sql.exec_driver_sql("SELECT max(last_reading) FROM readingstretch").scalar() or 0
    first = tx.sql.exec_driver_sql(
        "SELECT received_at FROM reading WHERE id > ? ORDER BY id LIMIT 1", (made,)
    ).scalar()
    if first is None or datetime.fromisoformat(f"{first}+00:00") > tx.now - length:
        return False
    rows = tx.sql.exec_driver_sql(
        f"SELECT {COLUMNS} FROM reading WHERE id > ? ORDER BY id LIMIT ?",  # noqa: S608
        (made, most),
    ).all()
    keep(tx, rows, length)
    return True


def keep(tx: Transaction, rows: Sequence[Sequence[Any]], length: timedelta = LENGTH) -> int:
    """Make a stretch of the first of these rows of ``reading``; returns the last one's number."""
    digest = Digest(length)
    for row in rows:
        if not digest.take(*row):
            break
    digest.finish()
    body = orjson.dumps({"devices": digest.devices, "told": digest.told})
    tx.sql.exec_driver_sql(
        "INSERT INTO readingstretch (first_reading, last_reading, until, body) VALUES (?, ?, ?, ?)",
        (rows[0][0], digest.last, as_text(_instant(digest.until)), zlib.compress(body, 1)),
    )
    return digest.last


def stretches(tx: Transaction, after: int, last: int) -> Iterator[Stretch]:
    """The stretches that lie wholly after reading ``after`` and up to reading ``last``."""
    rows = tx.sql.exec_driver_sql(
        "SELECT first_reading, last_reading, until, body FROM readingstretch"
        " WHERE first_reading > ? AND last_reading <= ? ORDER BY first_reading",
        (after, last),
    )
    for first, final, until, body in rows:
        content = orjson.loads(zlib.decompress(body))
        devices = [DeviceId(*device) for device in content["devices"]]
        told = [_told(devices, one) for one in content["told"]]
        yield Stretch(first, final, datetime.fromisoformat(f"{until}+00:00"), told)


def forget(tx: Transaction) -> None:
    """Forget the stretches whose readings are not all there any more."""
    oldest = tx.sql.exec_driver_sql("SELECT min(id) FROM reading").scalar()
    if oldest is not None:
        tx.sql.exec_driver_sql("DELETE FROM readingstretch WHERE first_reading < ?", (oldest,))


def run_rows(tx: Transaction, run: Run) -> Iterator[Sequence[Any]]:
    """The rows of a run's readings, in order; columns as in a stretch."""
    measured = [t for s in run.spans for t in (s.first_measured_at, s.last_measured_at)]
    return iter(
        tx.sql.exec_driver_sql(
            f"SELECT {COLUMNS} FROM reading"  # noqa: S608
            " WHERE dialect = ? AND address = ? AND measured_at BETWEEN ? AND ?"
            " AND id BETWEEN ? AND ? ORDER BY id",
            (*run.device, as_text(min(measured)), as_text(max(measured)), run.first, run.last),
        )
    )


def _told(devices: Sequence[DeviceId], one: Sequence[Any]) -> tuple[int, Reading | Run]:
    device = devices[one[2]]
    if one[0] == 0:
        _, number, _, quantity, said, measured, received, flags, seq = one
        reading = Reading(
            device,
            quantity_of(quantity),
            value_of(quantity, said),
            _instant(measured),
            _instant(received),
            bool(flags & 1),
            bool(flags & 4),
            seq,
        )
        return number, reading
    _, first, _, last, readings, since, until, gap, first_seq, last_seq, spans = one
    run = Run(
        device,
        first,
        last,
        readings,
        _instant(since),
        _instant(until),
        timedelta(microseconds=gap),
        first_seq,
        last_seq,
        tuple(_span(*span) for span in spans),
    )
    return first, run


def _span(  # noqa: PLR0913, PLR0917
    quantity: str,
    low: float,
    high: float,
    step: float,
    first: float,
    last: float,
    first_measured: int,
    last_measured: int,
    last_received: int,
    changed: int | None,
) -> Span:
    return Span(
        quantity_of(quantity),
        low,
        high,
        step,
        first,
        last,
        _instant(first_measured),
        _instant(last_measured),
        _instant(last_received),
        None if changed is None else _instant(changed),
    )


_QUANTITIES = {quantity.value: quantity for quantity in Quantity}
_TRUTHS = frozenset({"occupancy", "contact", "link"})


def quantity_of(word: str) -> Quantity:
    """The quantity of a row."""
    return _QUANTITIES[word]


def value_of(quantity: str, kept: float | str) -> bool | float | str:
    """The value of a row as it was heard; truths are kept as 0 and 1."""
    return bool(kept) if quantity in _TRUTHS else kept


def _instant(microseconds: int) -> datetime:
    return EPOCH + timedelta(0, 0, microseconds)
