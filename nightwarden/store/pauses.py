"""Pauses of the watches of a place: always somebody's, always with a reason and an end (M6, A17).

A pause ends by itself; nothing has to run for that, since the rules compare its end with the time.
A new pause replaces the present one rather than adding to it: what the last person said holds.

"Care in progress" is said at the door: a pause of a room's ``door`` pauses every place of the room
at which something watches a person (rounds, hoists, two carers), each as a pause of its own, and
its end ends them all. It is for a round of care, for whoever says it. What a pause holds back is
for each rule to say (docs/alarms.md); a cry for help is held back by none.
"""

from datetime import timedelta

from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.model.places import WATCHES_A_PERSON, EquipmentKind, PlaceId
from nightwarden.model.watches import WatchState
from nightwarden.store import audit, meta, outgoing
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Equipment, PauseRow, Place, Placement, Requirement
from nightwarden.wire import rfc3339

DOOR = "door"
"""Where "care in progress" is said for a whole room."""

SHORT_MINUTES = 15
"""What anybody with the right may pause for: a round of care (a maker's default)."""

LONGEST_MINUTES = 480
"""A shift; whoever needs longer needs another plan."""


def pause(tx: Transaction, place: PlaceId, minutes: int, reason: str, actor: str) -> PauseRow:
    """Pause the watches of ``place`` for 1 to :data:`LONGEST_MINUTES` minutes from now.

    Raises:
        NotFound: there is no such place.
        Invalid: the time or the reason will not do.
    """
    places = [place] if place.place != DOOR else _in_care(tx, place.room)
    for one in places:
        _must_exist(tx, one)
    reason = " ".join(reason.split())
    if place.place == DOOR and minutes > SHORT_MINUTES:
        raise Invalid(
            f"Care in progress lasts up to {SHORT_MINUTES} minutes; say it again while it goes on, "
            "or pause a single place for longer."
        )
    if not 1 <= minutes <= LONGEST_MINUTES:
        raise Invalid(f"A pause lasts 1 to {LONGEST_MINUTES} minutes, not {minutes}.")
    if not 0 < len(reason) <= 200:
        raise Invalid("A pause needs a reason of at most 200 letters, such as: care in progress.")
    until = tx.now + timedelta(minutes=minutes)
    rows = []
    for one in places:
        _end_present(tx, one, actor)
        row = PauseRow(
            room=one.room, place=one.place, since=tx.now, until=until, by=actor, reason=reason
        )
        rows.append(row)
        outgoing.stream(tx, "watch", pause_json(row))
    tx.add_all(rows)
    meta.beside_changed(tx)
    said = {"until": rfc3339(until), "reason": reason}
    if place.place == DOOR:
        said["covers"] = ", ".join(one.place for one in places[1:])
    audit.record(tx, actor, "paused", f"place {place}", said)
    return rows[0]


def resume(tx: Transaction, place: PlaceId, actor: str) -> None:
    """End the present pause of ``place`` before its time.

    What the watch is from now on (armed, blind, off hours) only the gateway can see; it says so
    on the live stream.

    Raises:
        NotFound: there is no such place.
        Conflict: it is not paused.
    """
    row = present(tx, place)
    if row is None:
        _must_exist(tx, place)
        raise Conflict(f"{place} is not paused.")
    _end_present(tx, place, actor)
    if place.place == DOOR:
        for other in _begun_with(tx, row):
            _end_present(tx, other, actor)
    meta.beside_changed(tx)
    audit.record(tx, actor, "resumed", f"place {place}")


def present(tx: Transaction, place: PlaceId) -> PauseRow | None:
    """The pause of ``place`` that is in force at ``tx.now``."""
    query = select(PauseRow).where(
        PauseRow.room == place.room,
        PauseRow.place == place.place,
        col(PauseRow.until) > tx.now,
        col(PauseRow.ended_at).is_(None),
    )
    return tx.exec(query.order_by(col(PauseRow.id).desc())).first()


def pause_json(row: PauseRow) -> dict[str, str | None]:
    """A pause as the api and the live stream give it."""
    return {
        "room": row.room,
        "place": row.place,
        "needs": None,
        "state": WatchState.PAUSED,
        "why": f"{row.reason} ({row.by})",
        "by": row.by,
        "reason": row.reason,
        "since": rfc3339(row.since),
        "until": rfc3339(row.until),
    }


def _end_present(tx: Transaction, place: PlaceId, actor: str) -> bool:
    row = present(tx, place)
    if row is None:
        return False
    row.ended_at, row.ended_by = tx.now, actor
    tx.flush()
    return True


def _in_care(tx: Transaction, room: str) -> list[PlaceId]:
    """The door of a room, and every place at which a mat watches somebody there."""
    mats = WATCHES_A_PERSON - {EquipmentKind.CALL_BUTTON}
    required = tx.exec(
        select(Requirement.place).where(
            Requirement.room == room,
            col(Requirement.until).is_(None),
            col(Requirement.needs).in_(mats),
        )
    )
    standing = tx.exec(
        select(Placement.place)
        .join(Equipment, col(Equipment.tag) == Placement.equipment)
        .where(
            Placement.room == room,
            col(Placement.until).is_(None),
            col(Equipment.kind).in_(mats),
        )
    )
    here = {*required, *standing} - {DOOR}
    if not here:
        raise Invalid(f"Nothing watches a person in room {room}, so there is nothing to pause.")
    return [PlaceId(room, place) for place in (DOOR, *sorted(here))]


def _begun_with(tx: Transaction, door: PauseRow) -> list[PlaceId]:
    """The places that the pause of a door has paused, and that are paused by it still."""
    rows = tx.exec(
        select(PauseRow).where(
            PauseRow.room == door.room,
            PauseRow.since == door.since,
            PauseRow.by == door.by,
            PauseRow.place != DOOR,
            col(PauseRow.ended_at).is_(None),
        )
    )
    return [PlaceId(row.room, row.place) for row in rows]


def _must_exist(tx: Transaction, place: PlaceId) -> None:
    if place.place == DOOR:  # every room has one, whether anything stands at it or not
        return
    row = tx.get(Place, tuple(place))
    if row is None or row.removed_at is not None:
        raise NotFound(f"There is no place {place} in this home.")
