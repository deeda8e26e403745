"""Everything that names or concerns one resident, as one ZIP of CSV, JSON and pictures.

The policy:

1. Every table is searched: rows under the resident's id, rows that have one of their names in a
   text, what happened at the places of their plan while they lived here, and what is known of the
   items that served them in that time.
2. What proves who somebody is never leaves (``nightwarden.everything``).
3. Where somebody else has the same name, a text counts only in one of the resident's own rooms.
"""

import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Row, Table, select
from sqlmodel import SQLModel, col
from sqlmodel import select as rows_of

from nightwarden import everything, spreadsheet
from nightwarden.errors import NotFound
from nightwarden.model.places import PlaceId
from nightwarden.personal.erasing import is_ident, names_of
from nightwarden.personal.names import Names
from nightwarden.store.engine import Transaction
from nightwarden.store.photos import PhotoFiles
from nightwarden.store.tables import (
    Device,
    Equipment,
    Photo,
    Placement,
    ReadingRow,
    Requirement,
    Resident,
)

MOST_READINGS = 500_000
_TIMES = ("raised_at", "at", "since", "reported_at", "recorded_at", "opened_at", "removed_at")
_OF_THE_ROOM = frozenset(
    {"alert", "pause", "round", "help_call", "coverage_span", "trace", "removal", "fault"}
)
_NOT_THEIRS = frozenset(
    {
        "reading",
        "rulefile",
        "rulesshadow",
        "user",
        "token",
        "screen",
        "home",
        "recoverycode",
        "guestcode",
    }
)


def write_resident(tx: Transaction, folder: Path, ident: str, out: IO[bytes]) -> dict[str, int]:
    """Write the ZIP into ``out``.

    Args:
        tx: a reading transaction: the files are of one instant.
        folder: the home's data folder, for the photos.
        ident: of somebody who lives here or has left.
        out: a file open for writing.

    Returns:
        How many lines each file has.

    Raises:
        NotFound: there never was such a resident.
    """
    row = tx.get(Resident, ident)
    if row is None:
        raise NotFound(f'There never was a resident "{ident[:60]}".')
    theirs = _Theirs(tx, row)
    counts: dict[str, int] = {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for table in SQLModel.metadata.sorted_tables:
            if table.name in everything.NOT_OUT or table.name in _NOT_THEIRS:
                continue
            found = list(theirs.rows(table))
            if found:
                counts[f"{table.name}.csv"] = len(found)
                _write(packed, f"{table.name}.csv", everything.columns_out(table), found)
        readings = theirs.readings()
        if readings:
            counts["readings.csv"] = len(readings)
            columns = ["dialect", "address", "quantity", "number", "word", "measured_at"]
            _write(packed, "readings.csv", columns, readings)
        counts |= dict.fromkeys(_photos(tx, folder, theirs.tags, packed), 1)
        about = {
            "resident": row.model_dump(mode="json"),
            "as_of": tx.now.isoformat(),
            "items": sorted(theirs.tags),
            "files": counts,
            "shared_name": theirs.names.shared,
            "not_searched": ["files of notices", "backups", "the long history outside the store"],
        }
        packed.writestr("about.json", json.dumps(about, indent=2, ensure_ascii=False))
    return counts


class _Theirs:
    """What belongs to one resident."""

    def __init__(self, tx: Transaction, row: Resident) -> None:
        self._tx, self._row = tx, row
        self.names: Names = names_of(tx, row)
        needs = tx.exec(rows_of(Requirement).where(Requirement.resident == row.id)).all()
        self._places = {PlaceId(need.room, need.place) for need in needs}
        self._from = min([row.since, *(need.since for need in needs)])
        self._until = row.removed_at or tx.now
        self.tags = self._items()

    def _items(self) -> set[str]:
        tx = self._tx
        tags = set(tx.exec(rows_of(Equipment.tag).where(Equipment.meant_for == self._row.id)))
        for stay in tx.exec(rows_of(Placement)):
            here = PlaceId(stay.room, stay.place) in self._places
            if here and stay.since <= self._until and (stay.until or self._until) >= self._from:
                tags.add(stay.equipment)
        return tags

    def rows(self, table: Table) -> Iterator[list[Any]]:
        """The rows of a table that name or concern the resident."""
        found = self._tx.sql.execution_options(yield_per=2000).execute(
            select(table).order_by(*table.primary_key.columns)
        )
        out = everything.columns_out(table)
        for row in found:
            if self._is_theirs(table, row):
                said = row._mapping
                yield [said[table.c[name]] for name in out]

    def _is_theirs(self, table: Table, row: Row[Any]) -> bool:
        said = row._mapping
        if any(is_ident(table, c) and said[c] == self._row.id for c in table.columns):
            return True
        if table.name == "resident":
            return False
        values = {c.name: said[c] for c in table.columns}
        if table.name == "audit" and values["subject"] == f"resident {self._row.id}":
            return True
        if self._named(values):
            return True
        if not self._in_time(values):
            return False
        if values.get("equipment") in self.tags or (table.name, values.get("tag")) in {
            ("equipment", tag) for tag in self.tags
        }:
            return True
        here = PlaceId(str(values.get("room")), str(values.get("place")))
        return table.name in _OF_THE_ROOM and here in self._places

    def _named(self, values: dict[str, Any]) -> bool:
        own_room = not self.names.shared or values.get("room") in self.names.rooms
        if not own_room:
            return False
        return any(
            self.names.occurs(value if isinstance(value, str) else json.dumps(value, default=str))
            for name, value in values.items()
            if isinstance(value, str | dict | list) and name not in ("hash", "previous")
        )

    def _in_time(self, values: dict[str, Any]) -> bool:
        at = next((values[name] for name in _TIMES if values.get(name) is not None), None)
        if not isinstance(at, datetime):
            return True
        return at <= self._until and (at >= self._from or values.get("until") is None)

    def readings(self) -> list[list[Any]]:
        """What the devices of their items said in their time, the newest of it."""
        found: list[list[Any]] = []
        for device in self._tx.exec(rows_of(Device).where(col(Device.equipment).in_(self.tags))):
            query = rows_of(ReadingRow).where(
                ReadingRow.dialect == device.dialect,
                ReadingRow.address == device.address,
                col(ReadingRow.measured_at).between(self._from, self._until),
            )
            newest = query.order_by(col(ReadingRow.id).desc()).limit(MOST_READINGS - len(found))
            found += [
                [r.dialect, r.address, r.quantity, r.number, r.word, r.measured_at]
                for r in self._tx.exec(newest)
            ]
        return found


def _write(packed: zipfile.ZipFile, name: str, columns: list[str], rows: list[list[Any]]) -> None:
    packed.writestr(name, "".join(spreadsheet.lines(columns, rows)))


def _photos(
    tx: Transaction, folder: Path, tags: set[str], packed: zipfile.ZipFile
) -> Iterator[str]:
    files = PhotoFiles(folder)
    for photo in tx.exec(rows_of(Photo).where(col(Photo.equipment).in_(tags))):
        path = files.path(photo.digest)
        if path.is_file():
            name = f"photos/{photo.id}.jpg"
            packed.write(path, name)
            yield name
