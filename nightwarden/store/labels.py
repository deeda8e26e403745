"""What a label in a room says: that whoever scanned it stands there.

A label is a place's, ``ROOM/PLACE``, or an item's, its asset tag, or either's printed code, alone
or as the address that a phone reads (``…/l/CODE``). An item proves the room in which it stands now.
"""

from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.store import printed_labels
from nightwarden.store.engine import Transaction
from nightwarden.store.printed_labels import Labelled
from nightwarden.store.tables import Place, Placement


def must_be_in_room(tx: Transaction, label: str | None, room: str) -> str:
    """The label as it is kept, if it is one of ``room``.

    Raises:
        Invalid: there is no such label in the home, or none was given.
        Conflict: it is a label of another room; the sentence says of which.
    """
    text = (label or "").strip()
    if not text:
        raise Invalid('detail: evidence "scan" needs the text of the label, such as 12/bed.')
    found = _room_of(tx, text)
    if found is None:
        raise Invalid(
            f'detail: "{text[:64]}" is no label of this home; scan a place, such as {room}/bed, '
            "or an item that stands in the room."
        )
    if found != room:
        raise Conflict(f'The label "{text}" is in room {found}; this alert is in room {room}.')
    return text


def _room_of(tx: Transaction, text: str) -> str | None:
    room, _, spot = text.partition("/")
    place = tx.get(Place, (room, spot))
    if place is not None and place.removed_at is None:
        return place.room
    printed = _printed(tx, text)
    if printed is not None and printed.place is not None:
        return printed.place.room
    tag = text if printed is None else printed.equipment
    placed = select(Placement.room).where(
        Placement.equipment == tag, col(Placement.until).is_(None)
    )
    return tx.exec(placed).first()


def _printed(tx: Transaction, text: str) -> Labelled | None:
    """What the code is on, where the text is one of a printed label."""
    try:
        return printed_labels.find(tx, text.rpartition("/l/")[2])
    except NotFound:
        return None
