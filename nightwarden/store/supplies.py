"""What is used up and has no tag: batteries of a size, pads from a box.

A supply is a name and the number at which somebody orders. Each change says what it was for; a
count by hand corrects what was forgotten, and is an entry as well. A battery that goes into an item
names it, so that an item's batteries have a history.
"""

from dataclasses import dataclass

from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.model import claims
from nightwarden.store import audit, register
from nightwarden.store.descriptions import checked
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Supply, SupplyMove

MOST = 100_000


@dataclass(frozen=True, slots=True)
class SupplyStock:
    """A supply at one instant. ``last`` is its newest change."""

    row: Supply
    left: int
    last: SupplyMove | None

    @property
    def below(self) -> bool:
        """Whether somebody has to order."""
        return self.left <= self.row.reorder_at


def put(tx: Transaction, name: str, reorder_at: int, actor: str) -> Supply:
    """Name a supply, or change the number at which it is ordered."""
    name = checked(claims.name, name, "name")
    if not 0 <= reorder_at <= MOST:
        raise Invalid(f"reorder_at: from 0 to {MOST}.")
    row = tx.get(Supply, name)
    if row is None:
        row = Supply(name=name, reorder_at=reorder_at, since=tx.now)
    row.reorder_at, row.removed_at = reorder_at, None
    tx.add(row)
    tx.flush()
    audit.record(tx, actor, "set a supply", f"supply {name}", {"reorder_at": reorder_at})
    return row


def change(
    tx: Transaction, name: str, by: int, what: str, actor: str, equipment: str | None = None
) -> SupplyMove:
    """So many came (more than nothing) or went.

    Raises:
        Conflict: more go than there are; count them first.
    """
    left = _left(tx, name) + by
    if left < 0:
        raise Conflict(f"There are only {left - by} of {name} by the book; count them first.")
    return _moved(tx, name, (by, left), what, actor, equipment)


def counted(tx: Transaction, name: str, left: int, actor: str) -> SupplyMove:
    """Somebody has counted them: so many there are."""
    if not 0 <= left <= MOST:
        raise Invalid(f"left: from 0 to {MOST}.")
    return _moved(tx, name, (left - _left(tx, name), left), "counted", actor, None)


def stock(tx: Transaction) -> list[SupplyStock]:
    """Every supply, those to order first."""
    newest: dict[str, SupplyMove] = {}
    for move in tx.exec(select(SupplyMove).order_by(col(SupplyMove.id))):
        newest[move.supply] = move
    rows = tx.exec(select(Supply).where(col(Supply.removed_at).is_(None)))
    found = [
        SupplyStock(row, last.left if (last := newest.get(row.name)) else 0, last) for row in rows
    ]
    return sorted(found, key=lambda each: (not each.below, each.row.name))


def fitted(tx: Transaction, tag: str) -> list[SupplyMove]:
    """What was put into an item, the latest first."""
    query = select(SupplyMove).where(SupplyMove.equipment == tag)
    return list(tx.exec(query.order_by(col(SupplyMove.id).desc())))


def _left(tx: Transaction, name: str) -> int:
    row = tx.get(Supply, name)
    if row is None or row.removed_at is not None:
        raise NotFound(f'There is no supply "{name}".')
    query = select(SupplyMove.left).where(SupplyMove.supply == name)
    return tx.exec(query.order_by(col(SupplyMove.id).desc()).limit(1)).first() or 0


def _moved(
    tx: Transaction, name: str, much: tuple[int, int], what: str, actor: str, tag: str | None
) -> SupplyMove:
    if tag is not None:
        register.item(tx, tag)
    by, left = much
    move = SupplyMove(
        supply=name,
        change=by,
        left=left,
        what=checked(claims.text, what, "what"),
        equipment=tag,
        by=actor,
        at=tx.now,
    )
    tx.add(move)
    tx.flush()
    said = {"change": by, "left": left, "what": move.what, "equipment": tag}
    audit.record(tx, actor, "changed a supply", f"supply {name}", said)
    return move
