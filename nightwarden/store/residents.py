"""Residents as the register keeps them: who comes, who goes, and who changes rooms.

1. Nothing is deleted. Who has left has ``removed_at``; their requirements, assessments and consent
   end with them, and come back with them only when somebody records them anew.
2. A move is one step: the resident, what is required for them and the items that watch them, in one
   transaction, so that no alert of the night can name the old room (A12). What has moved proves
   itself anew by a press before it counts as live (A11).

Every function writes the audit and tells the rules. ``NotFound``, ``Invalid`` and ``Conflict`` as
in ``upkeep``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.model import claims
from nightwarden.model.phrases import phrase
from nightwarden.model.places import PlaceId
from nightwarden.store import audit, meta, register
from nightwarden.store.descriptions import checked
from nightwarden.store.editing import require_version
from nightwarden.store.engine import Transaction
from nightwarden.store.item_life import require_fit
from nightwarden.store.placing import put_at
from nightwarden.store.register import Item
from nightwarden.store.tables import Assessment, Consent, Place, Requirement, Resident, Room


@dataclass(frozen=True, slots=True)
class Move:
    """Where somebody goes, and with what.

    ``places``: old place to new place, where they are called otherwise; ``items``: the tags that go
    along, None for all that are theirs.
    """

    room: str
    places: Mapping[str, str] = field(default_factory=dict)
    items: tuple[str, ...] | None = None
    version: int | None = None


def resident(tx: Transaction, ident: str) -> Resident:
    """Somebody who lives here.

    Raises:
        NotFound: nobody of this id does.
    """
    row = tx.get(Resident, ident)
    if row is None or row.removed_at is not None:
        raise NotFound(f'There is no resident "{ident}".')
    return row


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who comes to live here."""

    id: str
    shown_as: str
    room: str
    admitted_on: date | None = None


def admit(tx: Transaction, who: Newcomer, actor: str) -> Resident:
    """Somebody comes to live here, or comes back under the same id."""
    ident, room = checked(claims.name, who.id, "id"), who.room
    shown_as = checked(claims.text, who.shown_as, "shown_as")
    _must_be_a_room(tx, room)
    row = tx.get(Resident, ident)
    if row is None:
        row = Resident(id=ident, shown_as=shown_as, room=room, since=tx.now)
    elif row.removed_at is None:
        raise Conflict(f'There is a resident "{ident}" already.')
    else:
        row.shown_as, row.room, row.since, row.removed_at = shown_as, room, tx.now, None
        row.version += 1
    row.admitted_on = who.admitted_on
    tx.add(row)
    said = {"shown_as": shown_as, "room": room, "admitted_on": who.admitted_on}
    note(tx, actor, "admitted", row, said)
    return row


def change(
    tx: Transaction, ident: str, version: int | None, changes: Mapping[str, Any], actor: str
) -> Resident:
    """Change ``shown_as`` or ``admitted_on``."""
    row = resident(tx, ident)
    if unknown := set(changes) - {"shown_as", "admitted_on"}:
        raise Invalid(f"{', '.join(sorted(unknown))} cannot be changed here.")
    seen_before(tx, row, version)
    after = dict(changes)
    if "shown_as" in after:
        after["shown_as"] = checked(claims.text, after["shown_as"] or "", "shown_as")
    changed = {name: value for name, value in after.items() if getattr(row, name) != value}
    row.sqlmodel_update(changed)
    touched(tx, actor, "changed", row, changed)
    return row


def leave(tx: Transaction, ident: str, actor: str) -> None:
    """Somebody no longer lives here. Their items stay where they are, and are gaps there."""
    row = resident(tx, ident)
    row.removed_at = tx.now
    ended: list[str] = []
    for need in requirements_of(tx, ident):
        need.until = tx.now
        ended.append(f"{need.needs} at {need.room}/{need.place}")
    for table in (Assessment, Consent):
        for paper in tx.exec(
            select(table).where(table.resident == ident, col(table.until).is_(None))
        ):
            paper.until, paper.ended_by = tx.now, actor
    touched(tx, actor, "left", row, {"room": row.room, "no_longer_needs": ended})


def move(tx: Transaction, ident: str, wanted: Move, actor: str) -> Resident:
    """Somebody changes rooms, with what is required for them and the items that go along."""
    row = resident(tx, ident)
    seen_before(tx, row, wanted.version)
    if wanted.room == row.room:
        raise Conflict(f"{row.shown_as} lives in room {row.room} already.")
    _must_be_a_room(tx, wanted.room)
    needs, items = requirements_of(tx, ident), goes_along(tx, row)
    if wanted.items is not None:
        theirs = {item.tag: item for item in items}
        if unknown := [tag for tag in wanted.items if tag not in theirs]:
            raise Invalid(f"{', '.join(unknown)} is not {row.shown_as}'s in room {row.room}.")
        items = [theirs[tag] for tag in wanted.items]
    old = {need.place for need in needs} | {item.place.place for item in items if item.place}
    places = _new_places(tx, wanted, old)
    for need in needs:
        _require_there(tx, need, wanted.room, places[need.place])
    for item in items:
        assert item.place is not None
        require_fit(item)
        put_at(tx, item.tag, PlaceId(wanted.room, places[item.place.place]))
    before, row.room = row.room, wanted.room
    moved = {"from": before, "room": wanted.room, "items": [item.tag for item in items]}
    touched(tx, actor, "moved", row, moved)
    for item in items:
        detail = {"from": str(item.place), "to": f"{wanted.room}/{places[item.place.place]}"}  # type: ignore[union-attr]
        audit.record(tx, actor, "moved", f"equipment {item.tag}", detail | {"with": ident})
    return row


def goes_along(tx: Transaction, row: Resident) -> list[Item]:
    """The items that are a resident's: meant for them, or there because of what they need."""
    needed = {(need.place, need.needs) for need in requirements_of(tx, row.id)}
    return [
        item
        for item in register.items_in(tx, row.room)
        if item.place is not None
        and item.kind.value not in STAY
        and item.meant_for in (None, row.id)
        and (item.meant_for == row.id or (item.place.place, item.kind.value) in needed)
    ]


STAY = frozenset({"radiator_cover", "cover_switch", "temperature_sensor", "hub"})
"""Kinds that belong to the room, whoever lives in it."""


def requirements_of(tx: Transaction, ident: str) -> list[Requirement]:
    """What is required for a resident now."""
    return [row for row in register.requirements_now(tx) if row.resident == ident]


def seen_before(tx: Transaction, row: Resident, version: int | None) -> None:
    """Tell the second of two editors."""
    now = {"shown_as": row.shown_as, "room": row.room, "admitted_on": row.admitted_on}
    require_version(tx, f"resident {row.id}", version, row.version, now)


def touched(
    tx: Transaction, actor: str, action: str, row: Resident, detail: dict[str, Any]
) -> None:
    """Count a change of a resident or of their plan, and enter it."""
    row.version += 1
    note(tx, actor, action, row, detail)


def note(tx: Transaction, actor: str, action: str, row: Resident, detail: dict[str, Any]) -> None:
    """Enter a change of a resident into the audit, and tell the rules."""
    tx.flush()
    meta.plan_changed(tx)
    audit.record(tx, actor, action, f"resident {row.id}", {**detail, "version": row.version})


def _require_there(tx: Transaction, need: Requirement, room: str, place: str) -> None:
    """The same requirement at another place; nothing has stood there for it yet."""
    need.until = tx.now
    said = need.model_dump(exclude={"id", "room", "place", "since", "until"})
    tx.add(Requirement(**said, room=room, place=place, since=tx.now))


def _new_places(tx: Transaction, wanted: Move, old: set[str]) -> dict[str, str]:
    there = set(
        tx.exec(
            select(Place.place).where(Place.room == wanted.room, col(Place.removed_at).is_(None))
        )
    )
    places = {place: wanted.places.get(place, place) for place in old}
    if lacking := sorted({new for new in places.values() if new not in there}):
        has = ", ".join(sorted(there)) or phrase("none")
        raise Invalid(
            f"Room {wanted.room} has no {', '.join(lacking)}; say which of its places to use "
            f"instead: {has}."
        )
    return places


def _must_be_a_room(tx: Transaction, room: str) -> None:
    row = tx.get(Room, room)
    if row is None or row.removed_at is not None:
        raise Invalid(f'room: there is no room "{room}".')
