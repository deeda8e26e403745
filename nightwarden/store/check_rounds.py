"""Check rounds: what was expected when one began, and who found what.

1. The expected set is frozen when the round begins. What is moved, added or retired later changes
   nothing about it.
2. Every scan is somebody's, with two times. The first scan of an item is how it was found; a scan
   of what was not expected is kept as such.
3. A scan that a phone sends after the round has ended is kept and is not part of what it ended in.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.model import claims
from nightwarden.model.checks import CheckKind
from nightwarden.model.places import EquipmentKind, PlaceId
from nightwarden.store import audit, outgoing, register
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import CheckRound, CheckRoundItem, CheckRoundScan, Equipment, Room


@dataclass(frozen=True, slots=True)
class Scope:
    """Which items a round expects; empty is all. Items in the store cupboard are not expected."""

    rooms: Collection[str] = ()
    kinds: Collection[EquipmentKind] = ()

    def has(self, item: register.Item) -> bool:
        """Whether the item belongs to it."""
        if item.place is None:
            return False
        in_rooms = not self.rooms or item.place.room in self.rooms
        return in_rooms and (not self.kinds or item.kind in self.kinds)


def begin(
    tx: Transaction, name: str, scope: Scope, steps: Sequence[CheckKind], actor: str
) -> CheckRound:
    """Begin a round: what it expects is what stands there now.

    Raises:
        Invalid: the name will not do, a room is not known, or nothing would be expected.
    """
    try:
        name = claims.text(name)
    except ValueError as problem:
        raise Invalid(f"The name of the round {problem}.") from None
    known = {room.id for room in register.rooms(tx)}
    if strangers := set(scope.rooms) - known:
        raise Invalid(f'There is no room "{min(strangers)}".')
    expected = [item for item in register.items_now(tx) if scope.has(item)]
    if not expected:
        raise Invalid("Nothing of that stands anywhere, so there would be nothing to find.")
    row = CheckRound(
        name=name,
        steps=[step.value for step in dict.fromkeys(steps)],
        begun_by=actor,
        begun_at=tx.now,
    )
    tx.add(row)
    tx.flush()
    assert row.id is not None
    for item in expected:
        assert item.place is not None
        room, place = item.place
        tx.add(CheckRoundItem(round=row.id, equipment=item.tag, room=room, place=place))
    tx.flush()
    detail = {"name": name, "expected": len(expected), "steps": row.steps}
    audit.record(tx, actor, "began a check round", f"check round {row.id}", detail)
    return row


def find(tx: Transaction, number: int) -> CheckRound:
    """One round.

    Raises:
        NotFound: there is none with this number.
    """
    row = tx.get(CheckRound, number)
    if row is None:
        raise NotFound(f"There is no check round {number}.")
    return row


def running(tx: Transaction) -> list[CheckRound]:
    """The rounds that have not ended, the latest begun first."""
    query = select(CheckRound).where(col(CheckRound.ended_at).is_(None))
    return list(tx.exec(query.order_by(col(CheckRound.id).desc())))


def newest(tx: Transaction, limit: int, before: int | None = None) -> list[CheckRound]:
    """Every round, the latest begun first."""
    query = select(CheckRound).order_by(col(CheckRound.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(CheckRound.id) < before)
    return list(tx.exec(query))


def expected(tx: Transaction, number: int) -> list[CheckRoundItem]:
    """What the round expects, in the order of the home's rooms, then by place and tag."""
    query = (
        select(CheckRoundItem)
        .outerjoin(Room, col(Room.id) == CheckRoundItem.room)
        .where(CheckRoundItem.round == number)
    )
    order = (col(Room.position), col(CheckRoundItem.place), col(CheckRoundItem.equipment))
    return list(tx.exec(query.order_by(*order)))


def scans(tx: Transaction, number: int) -> list[CheckRoundScan]:
    """Every scan of the round, as they were entered."""
    query = select(CheckRoundScan).where(CheckRoundScan.round == number)
    return list(tx.exec(query.order_by(col(CheckRoundScan.id))))


def of_item(
    tx: Transaction, number: int, tag: str
) -> tuple[CheckRoundItem | None, CheckRoundScan | None]:
    """An item as the round expects it, and its first scan; None where there is none."""
    query = select(CheckRoundScan).where(
        CheckRoundScan.round == number, CheckRoundScan.equipment == tag
    )
    scan = tx.exec(query.order_by(col(CheckRoundScan.id)).limit(1)).first()
    return tx.get(CheckRoundItem, (number, tag)), scan


def scan(  # noqa: PLR0913, PLR0917
    tx: Transaction,
    number: int,
    tag: str,
    key: str,
    actor: str,
    at: datetime,
    place: PlaceId | None,
) -> CheckRoundScan:
    """Somebody stands at an item, at ``place`` if they say so; ``at`` is when they did.

    The same key again is the same scan.

    Raises:
        NotFound: there is no such round, or never was such an item.
        Conflict: the key is that of another scan.
    """
    find(tx, number)
    if tx.get(Equipment, tag) is None:
        raise NotFound(f'There is no equipment "{tag}".')
    kept = tx.exec(select(CheckRoundScan).where(CheckRoundScan.key == key)).first()
    if kept is not None:
        if (kept.round, kept.equipment, kept.by) != (number, tag, actor):
            raise Conflict("Another scan was sent with this key; send it with a new one.")
        return kept
    row = CheckRoundScan(
        key=key,
        round=number,
        equipment=tag,
        expected=tx.get(CheckRoundItem, (number, tag)) is not None,
        room=place.room if place else None,
        place=place.place if place else None,
        by=actor,
        at=min(at, tx.now),
        recorded_at=tx.now,
    )
    tx.add(row)
    tx.flush()
    detail = {"round": number, "expected": row.expected, "seen_at": str(place) if place else None}
    audit.record(tx, actor, "found on a check round", f"equipment {tag}", detail)
    outgoing.stream(tx, "check", {"round": number, "equipment": tag, "expected": row.expected})
    return row


def end(tx: Transaction, row: CheckRound, receipt: str, actor: str) -> None:
    """The round is over, and this is the SHA-256 of what it ended in."""
    row.ended_at, row.ended_by, row.receipt = tx.now, actor, receipt
    tx.flush()
    detail = {"receipt": receipt}
    audit.record(tx, actor, "ended a check round", f"check round {row.id}", detail)
    outgoing.stream(tx, "check", {"round": row.id, "ended": True})
