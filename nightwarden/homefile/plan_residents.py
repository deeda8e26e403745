"""The part of a plan that speaks of residents and what their assessments require."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from sqlmodel import select

from nightwarden.homefile.changes import Change, add, differences, put
from nightwarden.homefile.shape import HomeFile, RequirementPart
from nightwarden.model.places import PlaceId
from nightwarden.store import register
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Requirement, Resident


class _Key(NamedTuple):
    """What makes two requirements the same one, in whatever words."""

    resident: str
    place: PlaceId
    needs: str

    def __str__(self) -> str:
        return f"{self.needs} at {self.place}"


def residents_changes(tx: Transaction, home_file: HomeFile) -> Iterator[Change]:
    """Who comes or changes, and every change of what is required."""
    kept = {row.id: row for row in register.residents(tx)}
    ever = set(tx.exec(select(Resident.id)))
    for part in home_file.residents:
        values: dict[str, Any] = {
            "shown_as": part.shown_as,
            "room": part.room,
            "admitted_on": part.admitted,
        }
        row = kept.get(part.id)
        since = tx.now if row is None else row.since
        version = 0 if row is None else row.version + 1
        resident = Resident(id=part.id, since=since, version=version, **values)
        write = partial(put if part.id in ever else add, resident)
        if row is None:
            yield Change("+", f'{part.id} "{part.shown_as}" in room {part.room}', write)
        elif said := differences(row, values):
            yield Change("~", f"{part.id} {said}", write)
    yield from _requirements(tx, home_file)


def residents_leaving(tx: Transaction, home_file: HomeFile) -> Iterator[Change]:
    """Who is no longer in the file."""
    wanted = {part.id for part in home_file.residents}
    for row in register.residents(tx):
        if row.id not in wanted:
            yield Change("-", f"{row.id} leaves (kept in the record)", partial(_leave, row))


def _requirements(tx: Transaction, home_file: HomeFile) -> Iterator[Change]:
    kept = {
        _Key(row.resident, PlaceId(row.room, row.place), row.needs): row
        for row in register.requirements_now(tx)
    }
    wanted = {
        _Key(resident.id, PlaceId(resident.room, part.place), part.needs): part
        for resident in home_file.residents
        for part in resident.requirements
    }
    for key, part in wanted.items():
        values = _wording(part)
        row = kept.get(key)
        if row is None:
            text = f"{key.resident} needs {key}, {part.hours}"
            yield Change("+", text, partial(_begin, key, values))
        elif said := differences(row, values):
            yield Change("~", f"{key.resident} {key} {said}", partial(_reword, row, key, values))
    for key, row in kept.items():
        if key not in wanted:
            yield Change("-", f"{key.resident} no longer needs {key}", partial(_end, row))


def _wording(part: RequirementPart) -> dict[str, Any]:
    fields = {"hours", "because", "review_by", "dwell_s", "tell", "action", "assessment"}
    return part.model_dump(include=fields)


def _leave(row: Resident, tx: Transaction) -> None:
    row.removed_at = tx.now


def _begin(
    key: _Key, wording: dict[str, Any], tx: Transaction, since: datetime | None = None
) -> None:
    room, place = key.place
    where: dict[str, Any] = {
        "resident": key.resident,
        "room": room,
        "place": place,
        "needs": key.needs,
    }
    tx.add(Requirement(**where, **wording, since=since or tx.now))


def _reword(row: Requirement, key: _Key, wording: dict[str, Any], tx: Transaction) -> None:
    row.until = tx.now
    _begin(key, wording, tx, since=row.since)


def _end(row: Requirement, tx: Transaction) -> None:
    row.until = tx.now
