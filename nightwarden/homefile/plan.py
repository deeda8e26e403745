"""Compares a home file with the store, and makes the store match it.

The policy:

1. A plan is a list of changes, each a line for people and the write behind it; ``apply`` makes
   exactly the writes of the plan that it shows.
2. Nothing is deleted. What the file no longer names is ended (``removed_at``, ``until``) and
   comes back when a later file names it again.
3. A requirement that is worded anew (hours, reason, review date, dwell) ends and begins again in
   the new words, and keeps the ``since`` of the old: a gap must not look younger because somebody
   edited a review date.
4. The file claims confirmations, assessments, consent and models; it takes none back. What is not
   in the record is added, what it says otherwise follows what was there.
5. A store belongs to one home: a file of another is refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlmodel import select

from nightwarden.errors import Invalid
from nightwarden.homefile.changes import Change, add, differences, put
from nightwarden.homefile.plan_equipment import equipment_changes, equipment_leaving
from nightwarden.homefile.plan_papers import models_changes, papers_changes
from nightwarden.homefile.plan_residents import residents_changes, residents_leaving
from nightwarden.homefile.shape import HomeFile, PlacePart
from nightwarden.model.places import PlaceId
from nightwarden.store import audit, meta, register, removals
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Home, Place, Room


def plan(tx: Transaction, home_file: HomeFile) -> list[Change]:
    """What ``apply`` would do; empty when the store matches the file.

    Raises:
        Invalid: the store is of another home.
    """
    return list(_changes(tx, home_file, actor=""))


@dataclass(frozen=True, slots=True)
class Deed:
    """How the audit names what was applied, and what it says beside the changes."""

    action: str = "applied home file"
    detail: Mapping[str, Any] = field(default_factory=dict)


HOME_FILE = Deed()


def apply(tx: Transaction, home_file: HomeFile, actor: str, deed: Deed = HOME_FILE) -> list[Change]:
    """Make the store match the file, and tell the rules and the audit if anything changed.

    Raises:
        Invalid: the store is of another home.
    """
    changes = list(_changes(tx, home_file, actor))
    # Rows are written a table at a time; what they point at is there at the commit.
    tx.sql.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    with removals.watched(tx, actor):
        for change in changes:
            change.write(tx)
    if changes:
        _number(tx, home_file)
        tx.flush()
        meta.plan_changed(tx)
        detail = {**deed.detail, "changes": [str(change) for change in changes]}
        audit.record(tx, actor, deed.action, f"home {home_file.home.id}", detail)
    return changes


def _changes(tx: Transaction, home_file: HomeFile, actor: str) -> Iterator[Change]:
    """In the order in which they can be made: what is pointed at comes first and goes last."""
    yield from _home(tx, home_file)
    yield from _rooms(tx, home_file)
    yield from _places(tx, home_file)
    yield from residents_changes(tx, home_file)
    yield from papers_changes(tx, home_file, actor)
    yield from models_changes(tx, home_file, actor)
    yield from equipment_changes(tx, home_file, actor)
    yield from equipment_leaving(tx, home_file)
    yield from residents_leaving(tx, home_file)
    yield from _places_leaving(tx, home_file)
    yield from _rooms_leaving(tx, home_file)


def _home(tx: Transaction, home_file: HomeFile) -> Iterator[Change]:
    kept, wanted = meta.home(tx), home_file.home
    if kept is None:
        text = f"home {wanted.id} ({wanted.name}, {wanted.timezone})"
        yield Change("+", text, partial(add, Home(**wanted.model_dump())))
    elif kept.id != wanted.id:
        raise Invalid(
            f'this store is of home "{kept.id}" and the file is of "{wanted.id}"; '
            "correct the file's home: id, or give the new home a --data of its own"
        )
    elif said := differences(kept, wanted.model_dump()):
        yield Change("~", f"home {kept.id} {said}", partial(put, Home(**wanted.model_dump())))


def _rooms(tx: Transaction, home_file: HomeFile) -> Iterator[Change]:
    kept = {room.id: room for room in register.rooms(tx)}
    ever = set(tx.exec(select(Room.id)))
    for part in home_file.rooms:
        row = kept.get(part.id)
        kind = part.kind and part.kind.value
        room = Room(id=part.id, zone=part.zone, kind=kind)
        room.position = 0 if row is None else row.position
        write = partial(put if part.id in ever else add, room)
        if row is None:
            zone = f" in {part.zone}" if part.zone else ""
            yield Change("+", f"room {part.id}{zone}", write)
        elif said := differences(row, {"zone": part.zone, "kind": kind}):
            yield Change("~", f"room {part.id} {said}", write)
    yield from _order("the rooms", list(kept), [part.id for part in home_file.rooms])


def _places(tx: Transaction, home_file: HomeFile) -> Iterator[Change]:
    kept = {PlaceId(row.room, row.place): row for row in register.places(tx)}
    ever = {PlaceId(*key) for key in tx.exec(select(Place.room, Place.place))}
    order: dict[str, list[str]] = {}
    for here in kept:
        order.setdefault(here.room, []).append(here.place)
    for room in home_file.rooms:
        for part in room.places:
            here, values = PlaceId(room.id, part.id), _described(part)
            row = kept.get(here)
            since = tx.now if row is None else row.since
            place = Place(room=room.id, place=part.id, since=since, **values)
            write = partial(put if here in ever else add, place)
            if row is None:
                yield Change("+", f"{here} ({part.emitter})" if part.emitter else str(here), write)
            elif said := differences(row, values):
                yield Change("~", f"{here} {said}", write)
        wanted = [part.id for part in room.places]
        yield from _order(f"the places in room {room.id}", order.get(room.id, []), wanted)


def _described(part: PlacePart) -> dict[str, Any]:
    assessed = part.assessed
    return {
        "emitter": part.emitter,
        "circuit": part.circuit,
        "assessed_by": assessed and assessed.by,
        "assessed_on": assessed and assessed.on,
        "assessed_finding": assessed and assessed.finding,
        "owner": part.owner,
        "use_until": part.until,
    }


def _order(what: str, kept: list[str], wanted: list[str]) -> Iterator[Change]:
    """Names whose order alone changed; the numbering at the end of ``apply`` writes it."""
    if [name for name in kept if name in wanted] != [name for name in wanted if name in kept]:
        yield Change("~", f"order of {what}")


def _places_leaving(tx: Transaction, home_file: HomeFile) -> Iterator[Change]:
    wanted = {PlaceId(room.id, part.id) for room in home_file.rooms for part in room.places}
    for row in register.places(tx):
        if (here := PlaceId(row.room, row.place)) not in wanted:
            yield Change("-", f"{here} (kept in the record)", partial(_remove, row))


def _rooms_leaving(tx: Transaction, home_file: HomeFile) -> Iterator[Change]:
    wanted = {room.id for room in home_file.rooms}
    for row in register.rooms(tx):
        if row.id not in wanted:
            yield Change("-", f"room {row.id} (kept in the record)", partial(_remove, row))


def _remove(row: Room | Place, tx: Transaction) -> None:
    row.removed_at = tx.now


def _number(tx: Transaction, home_file: HomeFile) -> None:
    """Positions as in the file: boards and exports keep its order."""
    rooms = {row.id: row for row in register.rooms(tx)}
    places = {PlaceId(row.room, row.place): row for row in register.places(tx)}
    for position, room in enumerate(home_file.rooms):
        rooms[room.id].position = position
        for place_position, part in enumerate(room.places):
            places[PlaceId(room.id, part.id)].position = place_position
