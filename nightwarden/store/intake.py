"""What a batch of messages writes: readings, quarantine, the engine's memory, receipts.

This is the hot path, so the many rows go in by ``executemany`` on the driver, with times put into
SQLite's text form here, once. Everything of one batch is one transaction of the caller's.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import orjson
from sqlalchemy import delete, update
from sqlmodel import col, select

from nightwarden.model.places import PlaceId
from nightwarden.model.readings import DeviceId, Quantity, Reading, Repeat
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import (
    DeviceState,
    HistoryCursor,
    NewestRepeat,
    ReadingRow,
    Unacked,
    WatchMemory,
)
from nightwarden.store.times import as_text

KEEP_PAYLOAD = 4096
KEEP_QUARANTINED = 20_000
"""Lines, of up to 4 KiB of payload each: 80 MB at the most, and months of a home that is well."""

COUNT_TOGETHER = timedelta(minutes=10)

_NAMES = {quantity: quantity.value for quantity in Quantity}
"""Plain texts: asking an enum for its value costs as much as the rest of a row."""

_COLUMNS = "dialect, address, quantity, number, measured_at, received_at, fresh, late, timed, seq"

Memories = Mapping[str, tuple[dict[str, Any], datetime | None]]


_RECEIPT = "H8s"
"""Packet id and digest; little-endian, without gaps."""


def add_readings(tx: Transaction, readings: Iterable[tuple[Reading, bool]]) -> None:
    """Record believed readings; the flag says that one came late and moved no state.

    The driver looks for an adapter at each value that is no plain number, text or bytes: the three
    truths of a row, and None where a word would stand, would cost 0.9 µs, a quarter of the rest.
    So truths go in as numbers, and a batch without words (most are) has no column for them.
    """
    rows: list[tuple[object, ...]] = []
    words: dict[int, str] = {}
    for (device, quantity, value, measured_at, received_at, fresh, timed, seq), late in readings:
        number: float | None
        if value is True or value is False:
            number = 1 if value else 0
        elif isinstance(value, str):
            number, words[len(rows)] = None, value
        else:
            number = value
        received = as_text(received_at)
        measured = received if measured_at is received_at else as_text(measured_at)
        dialect, address = device
        flags = (1 if fresh else 0), (1 if late else 0), (1 if timed else 0)
        rows.append((dialect, address, _NAMES[quantity], number, measured, received, *flags, seq))
    if words:
        rows = [(*row, words.get(number)) for number, row in enumerate(rows)]
    if rows:
        columns = f"{_COLUMNS}, word" if words else _COLUMNS
        places = ", ".join("?" * len(rows[0]))
        insert = f"INSERT INTO reading ({columns}) VALUES ({places})"  # noqa: S608
        tx.sql.exec_driver_sql(insert, rows)


def quarantine(
    tx: Transaction,
    topic: str,
    payload: bytes,
    reason: str,
    device: DeviceId | None = None,
    *,
    times: int = 1,
) -> None:
    """Keep what was not believed, with the reason; the same again is counted.

    The newest :data:`KEEP_QUARANTINED` lines are kept: a stranger who invents topics must not fill
    the store.
    """
    topic, now = topic[:1024], as_text(tx.now)
    again = tx.sql.exec_driver_sql(
        "UPDATE quarantine SET times = times + ?, last_at = ? WHERE id = (SELECT id FROM quarantine"
        " WHERE topic = ? AND reason = ? AND received_at > ? LIMIT 1)",
        (times, now, topic, reason, as_text(tx.now - COUNT_TOGETHER)),
    )
    if again.rowcount:
        return
    kept = tx.sql.exec_driver_sql(
        "INSERT INTO quarantine (received_at, last_at, times, topic, payload, size, reason,"
        " dialect, address) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (now, now, times, topic, payload[:KEEP_PAYLOAD], len(payload), reason)
        + (tuple(device) if device else (None, None)),
    )
    oldest = kept.lastrowid - KEEP_QUARANTINED
    tx.sql.exec_driver_sql("DELETE FROM quarantine WHERE id <= ?", (oldest,))


def save_memories(tx: Transaction, memories: Memories) -> None:
    """Save what the engine must not forget; a device's memory also feeds ``GET /devices``."""
    devices, watches = [], []
    for key, (memory, due_at) in memories.items():
        packed = orjson.dumps(memory).decode()
        if key.startswith("device|"):
            _, dialect, address = key.split("|", 2)
            heard, changed = (_column(memory.get(name)) for name in ("heard_at", "changed_at"))
            devices.append((dialect, address, packed, heard, changed))
        else:
            watches.append((key, packed, None if due_at is None else as_text(due_at)))
    if devices:
        tx.sql.exec_driver_sql(
            "INSERT INTO devicestate (dialect, address, memory, heard_at, changed_at, duplicates)"
            " VALUES (?, ?, ?, ?, ?, 0) ON CONFLICT (dialect, address) DO UPDATE SET"
            " memory = excluded.memory, heard_at = excluded.heard_at,"
            " changed_at = excluded.changed_at",
            devices,
        )
    if watches:
        tx.sql.exec_driver_sql(
            "INSERT INTO watchmemory (key, memory, due_at) VALUES (?, ?, ?)"
            " ON CONFLICT (key) DO UPDATE SET memory = excluded.memory, due_at = excluded.due_at",
            watches,
        )


def save_repeats(tx: Transaction, repeats: Sequence[Reading]) -> None:
    """Save what devices have said again, beside their memories."""
    rows = [
        (*r.device, r.quantity.value, as_text(r.measured_at), as_text(r.received_at), r.seq)
        for r in repeats
    ]
    if not rows:
        return
    tx.sql.exec_driver_sql(
        "INSERT INTO newestrepeat (dialect, address, quantity, measured_at, received_at, seq)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (dialect, address, quantity) DO UPDATE SET"
        " measured_at = excluded.measured_at, received_at = excluded.received_at,"
        " seq = excluded.seq",
        rows,
    )
    tx.sql.exec_driver_sql(
        "UPDATE devicestate SET heard_at = ? WHERE dialect = ? AND address = ?",
        [(as_text(repeat.received_at), *repeat.device) for repeat in repeats],
    )


def load_memories(tx: Transaction) -> dict[str, dict[str, Any]]:
    """Every memory as it was last saved, by the watch's key."""
    memories = {row.key: row.memory for row in tx.exec(select(WatchMemory))}
    for row in tx.exec(select(DeviceState)):
        memories[f"device|{row.dialect}|{row.address}"] = row.memory
    return memories


def load_repeats(tx: Transaction) -> list[Repeat]:
    """What was saved beside the memories of devices, see :func:`save_repeats`."""
    return [
        Repeat(
            DeviceId(row.dialect, row.address),
            row.quantity,
            row.measured_at,
            row.received_at,
            row.seq,
        )
        for row in tx.exec(select(NewestRepeat))
    ]


def count_duplicate(tx: Transaction, device: DeviceId) -> None:
    """A device's message came twice."""
    tx.sql.execute(
        update(DeviceState)
        .where(
            col(DeviceState.dialect) == device.dialect, col(DeviceState.address) == device.address
        )
        .values(duplicates=col(DeviceState.duplicates) + 1)
    )


def forget_receipts(tx: Transaction, settled_before: datetime) -> None:
    """The acknowledgements of what was committed before have reached the broker."""
    tx.sql.execute(delete(Unacked).where(col(Unacked.committed_at) < settled_before))


def keep_receipts(tx: Transaction, receipts: Mapping[int, bytes]) -> None:
    """Remember which messages are committed but perhaps not acknowledged.

    One row a batch: a row a message cost 1.7 µs each.

    Args:
        tx: the batch's own.
        receipts: the digest (8 bytes) of each message's content, by its packet id.
    """
    if receipts:
        packed = struct.pack(f"<{_RECEIPT * len(receipts)}", *chain.from_iterable(receipts.items()))
        tx.sql.exec_driver_sql(
            "INSERT INTO unacked (receipts, committed_at) VALUES (?, ?)", (packed, as_text(tx.now))
        )


def load_receipts(tx: Transaction) -> dict[int, bytes]:
    """Digest by packet id of what may be delivered again after a crash; the newest of each."""
    rows = tx.exec(select(Unacked.receipts).order_by(col(Unacked.id)))
    return dict(chain.from_iterable(struct.iter_unpack(f"<{_RECEIPT}", row) for row in rows))


def trace(tx: Transaction, quiet: Sequence[tuple[PlaceId, str, str]]) -> None:
    """Count decisions that raised nothing: the place, the kind of alert and the reason of each."""
    now = as_text(tx.now)
    rows = [(now, *place, kind, reason) for place, kind, reason in quiet]
    if rows:
        tx.sql.exec_driver_sql(
            "INSERT INTO trace (at, room, place, kind, reason) VALUES (?, ?, ?, ?, ?)", rows
        )


def forget_old(tx: Transaction, keep: timedelta, most: int = 5_000) -> int:
    """Delete up to ``most`` readings older than ``keep``, none that a history sink still lacks.

    Returns:
        How many went; as many as ``most`` means that there may be more.
    """
    # The oldest rows by number, judged here: by age alone SQLite would read the whole table.
    query = select(ReadingRow.id, ReadingRow.received_at).order_by(col(ReadingRow.id)).limit(most)
    waiting_from = tx.exec(select(HistoryCursor.reading)).all()
    if waiting_from:
        query = query.where(col(ReadingRow.id) <= min(waiting_from))
    old = [number for number, received_at in tx.exec(query) if received_at < tx.now - keep]
    if old:
        tx.sql.execute(delete(ReadingRow).where(col(ReadingRow.id) <= old[-1]))
    return len(old)


def _column(packed: object) -> str | None:
    return as_text(datetime.fromisoformat(str(packed)[1:])) if packed else None
