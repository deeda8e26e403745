"""Floor plans: a picture of each floor, and where on it the rooms are.

A room is on one picture at a time. Nothing is deleted: a picture is put away, a spot is ended and
another follows.
"""

from sqlmodel import col, select

from nightwarden.errors import Invalid, NotFound
from nightwarden.model import claims
from nightwarden.store import audit
from nightwarden.store.descriptions import checked
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import FloorPlan, FloorSpot, Room


def every(tx: Transaction) -> list[FloorPlan]:
    """The floors, in the order in which they came."""
    query = select(FloorPlan).where(col(FloorPlan.removed_at).is_(None))
    return list(tx.exec(query.order_by(col(FloorPlan.id))))


def find(tx: Transaction, number: int) -> FloorPlan:
    """One floor.

    Raises:
        NotFound: there is none with this number, or it was put away.
    """
    row = tx.get(FloorPlan, number)
    if row is None or row.removed_at is not None:
        raise NotFound(f"There is no floor {number}.")
    return row


def add(tx: Transaction, name: str, digest: str, size: tuple[int, int], actor: str) -> FloorPlan:
    """Enter a picture whose file is kept; ``size`` is its width and height in pixels."""
    row = FloorPlan(
        name=checked(claims.text, name, "name"),
        digest=digest,
        width=size[0],
        height=size[1],
        by=actor,
        at=tx.now,
    )
    tx.add(row)
    tx.flush()
    said = {"name": row.name, "sha256": digest}
    audit.record(tx, actor, "added a floor plan", f"floor {row.id}", said)
    return row


def put_away(tx: Transaction, number: int, actor: str) -> None:
    """The picture is no longer shown; its rooms are on none."""
    row = find(tx, number)
    row.removed_at, row.removed_by = tx.now, actor
    for spot in spots(tx, number):
        spot.until = tx.now
    tx.flush()
    audit.record(tx, actor, "put a floor plan away", f"floor {number}", {"name": row.name})


def spots(tx: Transaction, number: int) -> list[FloorSpot]:
    """Where the rooms of a floor are now."""
    query = select(FloorSpot).where(FloorSpot.floor == number, col(FloorSpot.until).is_(None))
    return list(tx.exec(query.order_by(col(FloorSpot.room))))


def placed(tx: Transaction) -> set[str]:
    """The rooms that are on some floor."""
    return set(tx.exec(select(FloorSpot.room).where(col(FloorSpot.until).is_(None))))


def place(  # noqa: PLR0913, PLR0917
    tx: Transaction, number: int, room: str, x: float, y: float, actor: str
) -> FloorSpot:
    """Put a room at a spot of a floor: shares of width and height from the upper left, 0 to 1.

    Raises:
        NotFound: there is no such floor or room.
        Invalid: the spot is off the picture.
    """
    find(tx, number)
    known = tx.get(Room, room)
    if known is None or known.removed_at is not None:
        raise NotFound(f"There is no room {room} in this home.")
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise Invalid("x, y: from 0 (left, top) to 100 (right, bottom) per cent of the picture.")
    _end(tx, room)
    row = FloorSpot(floor=number, room=room, x=round(x, 4), y=round(y, 4), by=actor, at=tx.now)
    tx.add(row)
    tx.flush()
    said = {"room": room, "x": row.x, "y": row.y}
    audit.record(tx, actor, "placed a room on a floor plan", f"floor {number}", said)
    return row


def take_off(tx: Transaction, number: int, room: str, actor: str) -> None:
    """The room is on no picture any more."""
    find(tx, number)
    if _end(tx, room):
        audit.record(tx, actor, "took a room off a floor plan", f"floor {number}", {"room": room})


def _end(tx: Transaction, room: str) -> bool:
    query = select(FloorSpot).where(FloorSpot.room == room, col(FloorSpot.until).is_(None))
    row = tx.exec(query).first()
    if row is not None:
        row.until = tx.now
        tx.flush()
    return row is not None
