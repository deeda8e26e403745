"""The codes that are printed on labels: short, unguessable, one for each item and place.

1. A code is ten signs out of 31 that cannot be taken for each other: 49 bits. It opens ``/l/CODE``
   and is no secret of a person: without signing in it leads to the item's name and to reporting a
   fault, and no further.
2. An item's label stays its own wherever it goes; a place's stays where it is stuck.
3. A label that is lost or worn can be ended: another code is made, the old one opens nothing.
"""

import secrets
from dataclasses import dataclass

from sqlmodel import col, select

from nightwarden.errors import NotFound
from nightwarden.model.places import PlaceId
from nightwarden.store import audit, register
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Equipment, PrintedLabel

SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 10


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a code opens: an item, or else a place."""

    code: str
    equipment: str | None
    place: PlaceId | None


def find(tx: Transaction, code: str) -> Labelled:
    """What a printed code is on; letters may be small, spaces and hyphens are passed over.

    Raises:
        NotFound: no label has it, it was ended, or the item is retired.
    """
    typed = code.upper().replace("-", "").replace(" ", "")[:64]
    row = tx.get(PrintedLabel, typed)
    if row is None or row.ended_at is not None:
        raise NotFound("This label is not one of ours, or has been replaced; use the newer one.")
    if row.equipment is not None:
        item = tx.get(Equipment, row.equipment)
        if item is None or item.removed_at is not None:
            raise NotFound(f'"{row.equipment}" has been taken out of use; take its label off.')
    return _labelled(row)


def now(tx: Transaction) -> list[Labelled]:
    """Every label in use."""
    query = select(PrintedLabel).where(col(PrintedLabel.ended_at).is_(None))
    return [_labelled(row) for row in tx.exec(query.order_by(col(PrintedLabel.code)))]


def of_item(tx: Transaction, tag: str) -> Labelled | None:
    """The label of an item, if one was made."""
    query = select(PrintedLabel).where(
        PrintedLabel.equipment == tag, col(PrintedLabel.ended_at).is_(None)
    )
    row = tx.exec(query).first()
    return None if row is None else _labelled(row)


def make_missing(tx: Transaction, actor: str) -> int:
    """Give every item and place that has no label a code; how many were made."""
    have = now(tx)
    tags = {label.equipment for label in have}
    places = {label.place for label in have}
    made = [
        PrintedLabel(code=_new_code(), equipment=item.tag, made_by=actor, made_at=tx.now)
        for item in register.items_now(tx)
        if item.tag not in tags
    ]
    made += [
        PrintedLabel(
            code=_new_code(), room=row.room, place=row.place, made_by=actor, made_at=tx.now
        )
        for row in register.places(tx)
        if PlaceId(row.room, row.place) not in places
    ]
    if made:
        tx.add_all(made)
        tx.flush()
        audit.record(tx, actor, "made labels", "labels", {"made": len(made)})
    return len(made)


def replace(tx: Transaction, code: str, actor: str) -> Labelled:
    """End a label and make another for the same item or place."""
    old = find(tx, code)
    row = tx.get_one(PrintedLabel, old.code)
    row.ended_at, row.ended_by = tx.now, actor
    tx.flush()
    place = old.place or PlaceId("", "")
    fresh = PrintedLabel(
        code=_new_code(),
        equipment=old.equipment,
        room=place.room or None,
        place=place.place or None,
        made_by=actor,
        made_at=tx.now,
    )
    tx.add(fresh)
    tx.flush()
    on = f"equipment {old.equipment}" if old.equipment else f"place {old.place}"
    audit.record(tx, actor, "replaced a label", on)
    return _labelled(fresh)


def _new_code() -> str:
    return "".join(secrets.choice(SIGNS) for _ in range(LENGTH))


def _labelled(row: PrintedLabel) -> Labelled:
    place = None if row.room is None or row.place is None else PlaceId(row.room, row.place)
    return Labelled(row.code, row.equipment, place)
