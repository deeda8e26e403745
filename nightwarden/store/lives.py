"""How often an item may be used: a pad of one use, a pad of thirty (M13).

The number is the model's, or the item's own where it has one. Each use is an entry of a person;
when none is left the item is past its life (``rules/service_life.py``).
"""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid
from nightwarden.model import claims
from nightwarden.store import register
from nightwarden.store.descriptions import checked
from nightwarden.store.engine import Transaction
from nightwarden.store.item_record import note as noted
from nightwarden.store.tables import Equipment, KitModel, LifeCount, UseOfItem

MOST_USES = 1_000_000


def uses_left(tx: Transaction) -> dict[str, int]:
    """By tag, of the items in use whose uses are counted; less than nothing: used too often."""
    own = {row.equipment: row.uses_allowed for row in tx.exec(select(LifeCount))}
    of_model = (
        select(Equipment.tag, KitModel.life_uses)
        .join(
            KitModel,
            (col(KitModel.make) == col(Equipment.make))
            & (col(KitModel.model) == col(Equipment.model)),
        )
        .where(col(KitModel.life_uses).is_not(None), col(KitModel.removed_at).is_(None))
        .where(col(Equipment.removed_at).is_(None))
    )
    allowed = {tag: uses for tag, uses in tx.exec(of_model) if uses is not None} | own
    if not allowed:
        return {}
    counted = select(UseOfItem.equipment, func.count()).group_by(col(UseOfItem.equipment))
    used = dict(tx.exec(counted).all())
    return {tag: most - used.get(tag, 0) for tag, most in allowed.items()}


def used_up(tx: Transaction, left: dict[str, int]) -> dict[str, datetime]:
    """When the last use was, by tag, of the items that have none left."""
    over = [tag for tag, number in left.items() if number <= 0]
    query = select(UseOfItem.equipment, UseOfItem.at).where(col(UseOfItem.equipment).in_(over))
    return dict(tx.exec(query.order_by(col(UseOfItem.at))).all()) if over else {}


def allow(tx: Transaction, tag: str, uses: int, actor: str) -> None:
    """Say how often an item may be used, from its beginning."""
    register.item(tx, tag)
    if not 1 <= uses <= MOST_USES:
        raise Invalid(f"uses_allowed: from 1 to {MOST_USES}.")
    tx.merge(LifeCount(equipment=tag, uses_allowed=uses, set_by=actor, set_at=tx.now))
    noted(tx, actor, "set its uses", tag, {"uses_allowed": uses})


def use(tx: Transaction, tag: str, note: str | None, actor: str) -> int | None:
    """An item was used once; how often it may be still, None where nobody counts.

    Raises:
        Conflict: it has had all its uses.
    """
    register.item(tx, tag)
    left = uses_left(tx).get(tag)
    if left is not None and left <= 0:
        raise Conflict(f"{tag} has been used as often as it may be; put a new one in its place.")
    words = checked(claims.text, note, "note") if note else None
    tx.add(UseOfItem(equipment=tag, at=tx.now, by=actor, note=words))
    noted(tx, actor, "used", tag, {"note": words})
    return None if left is None else left - 1
