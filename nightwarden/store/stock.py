"""Equipment by kind: required, in place, spare and tested, set aside, on order (M20).

1. A spare counts when somebody has tested it since it was last used or set aside: one in a box that
   nobody has tried is hope.
2. Of a kind the home says how many tested spares it wants, and why; of a model its maker's line in
   the register does (``reorder_level``). Fewer than that is a finding, what is on order beside it.
3. An order ends when it arrives or is called off. What arrives gets its tags in the register.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.model import claims
from nightwarden.model.places import EquipmentKind, ItemStatus
from nightwarden.store import audit, kit_models, lives, register, supplies
from nightwarden.store.descriptions import checked
from nightwarden.store.engine import Transaction
from nightwarden.store.register import Item
from nightwarden.store.tables import StockLevel, StockOrder, Supply

MOST = 10_000


@dataclass(frozen=True, slots=True)
class KindStock:
    """One kind at one instant. ``wanted``: so many tested spares, None where nobody said."""

    kind: EquipmentKind
    required: int
    met: int
    in_place: int
    spare_tested: int
    spare_untested: int
    quarantined: int
    in_repair: int
    on_order: int
    wanted: int | None

    @property
    def short(self) -> int:
        """So many places require one and have none."""
        return self.required - self.met

    @property
    def below(self) -> bool:
        """Whether there are fewer tested spares than wanted, or than places wait for one."""
        return self.spare_tested < max(self.wanted or 0, self.short)


@dataclass(frozen=True, slots=True)
class ModelStock:
    """A model of which fewer tested spares are there than its line in the register wants."""

    make: str
    model: str
    spare_tested: int
    wanted: int


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What is ordered: a kind of equipment, or a supply by its name."""

    quantity: int
    kind: str | None = None
    supply: str | None = None
    model: str | None = None
    source: str | None = None
    expected_on: date | None = None


def by_kind(tx: Transaction) -> list[KindStock]:
    """Every kind that the home has, requires, orders or wants."""
    items, left = register.items_now(tx), lives.uses_left(tx)
    levels = {row.kind: row.spare_at_least for row in tx.exec(select(StockLevel))}
    ordered = Counter[str]()
    for row in open_orders(tx):
        if row.kind is not None:
            ordered[row.kind] += row.quantity
    needs = {(row.room, row.place, row.needs) for row in register.requirements_now(tx)}
    of_kind: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        of_kind[item.kind].append(item)
    known = of_kind.keys() | levels.keys() | ordered.keys() | {kind for _, _, kind in needs}
    return [
        _kind_stock(kind, of_kind[kind], needs, left, (ordered[kind], levels.get(kind)))
        for kind in EquipmentKind
        if kind in known
    ]


def models_below(tx: Transaction) -> list[ModelStock]:
    """The models of which fewer tested spares are there than wanted."""
    left = lives.uses_left(tx)
    spares = Counter(
        (item.make, item.model) for item in register.items_now(tx) if is_tested_spare(item, left)
    )
    return [
        ModelStock(row.make, row.model, spares[row.make, row.model], row.reorder_level)
        for row in kit_models.kit_models(tx)
        if row.reorder_level is not None and spares[row.make, row.model] < row.reorder_level
    ]


def is_tested_spare(item: Item, left: Mapping[str, int]) -> bool:
    """Whether an item in the store cupboard could be used now."""
    test = item.standing.test
    tested = test is not None and test.passed and item.standing.unfit_since is None
    return item.status is ItemStatus.IN_STORE and tested and left.get(item.tag, 1) > 0


def set_level(tx: Transaction, kind: str, least: int, because: str, actor: str) -> None:
    """Say how many tested spares of a kind the home wants to have, and why."""
    if kind not in set(EquipmentKind):
        raise Invalid(f'kind: "{kind}" is none of {", ".join(EquipmentKind)}.')
    if not 0 <= least <= MOST:
        raise Invalid(f"spare_at_least: from 0 to {MOST}.")
    words = checked(claims.text, because, "because")
    tx.merge(
        StockLevel(kind=kind, spare_at_least=least, because=words, set_by=actor, set_at=tx.now)
    )
    said = {"spare_at_least": least, "because": words}
    _note(tx, actor, "set a stock level", f"stock of {kind}", said)


def open_orders(tx: Transaction) -> list[StockOrder]:
    """The orders that have neither arrived nor been called off, the oldest first."""
    query = select(StockOrder).where(col(StockOrder.ended_at).is_(None))
    return list(tx.exec(query.order_by(col(StockOrder.id))))


def order(tx: Transaction, new: NewOrder, actor: str) -> StockOrder:
    """Something was ordered.

    Raises:
        Invalid: neither a kind nor a supply, or both, or a quantity that cannot be.
    """
    if (new.kind is None) == (new.supply is None):
        raise Invalid("Order a kind of equipment or a supply, one of the two.")
    if new.kind is not None and new.kind not in set(EquipmentKind):
        raise Invalid(f'kind: "{new.kind}" is none of {", ".join(EquipmentKind)}.')
    if new.supply is not None and tx.get(Supply, new.supply) is None:
        raise Invalid(f'supply: there is no supply "{new.supply}"; add it first.')
    row = StockOrder(
        kind=new.kind,
        supply=new.supply,
        model=checked(claims.text, new.model, "model") if new.model else None,
        quantity=_quantity(new.quantity),
        source=checked(claims.text, new.source, "source") if new.source else None,
        expected_on=new.expected_on,
        ordered_at=tx.now,
        ordered_by=actor,
    )
    tx.add(row)
    tx.flush()
    said = {"kind": row.kind, "supply": row.supply, "quantity": row.quantity}
    _note(tx, actor, "ordered", f"order {row.id}", said)
    return row


def arrived(tx: Transaction, number: int, quantity: int, actor: str) -> StockOrder:
    """An order has arrived, so many of it; a supply is counted up by them."""
    row = _open_order(tx, number)
    row.arrived, row.ended_at, row.ended_by = _quantity(quantity), tx.now, actor
    if row.supply is not None:
        supplies.change(tx, row.supply, quantity, f"order {number} arrived", actor)
    _note(tx, actor, "an order arrived", f"order {number}", {"quantity": quantity})
    return row


def call_off(tx: Transaction, number: int, why: str, actor: str) -> StockOrder:
    """An order does not come."""
    row = _open_order(tx, number)
    row.ended_why = checked(claims.text, why, "why")
    row.ended_at, row.ended_by = tx.now, actor
    _note(tx, actor, "called off an order", f"order {number}", {"why": row.ended_why})
    return row


def _kind_stock(
    kind: EquipmentKind,
    items: Iterable[Item],
    needs: set[tuple[str, str, str]],
    left: Mapping[str, int],
    told: tuple[int, int | None],
) -> KindStock:
    items = list(items)
    placed = {(item.place.room, item.place.place) for item in items if item.place}
    wanted_at = {(room, place) for room, place, needed in needs if needed == kind}
    status = Counter(item.status for item in items)
    tested = sum(is_tested_spare(item, left) for item in items)
    return KindStock(
        kind=kind,
        required=len(wanted_at),
        met=len(wanted_at & placed),
        in_place=status[ItemStatus.IN_PLACE],
        spare_tested=tested,
        spare_untested=status[ItemStatus.IN_STORE] - tested,
        quarantined=status[ItemStatus.QUARANTINED],
        in_repair=status[ItemStatus.IN_REPAIR],
        on_order=told[0],
        wanted=told[1],
    )


def _quantity(value: int) -> int:
    if not 1 <= value <= MOST:
        raise Invalid(f"quantity: from 1 to {MOST}.")
    return value


def _open_order(tx: Transaction, number: int) -> StockOrder:
    row = tx.get(StockOrder, number)
    if row is None:
        raise NotFound(f"There is no order {number}.")
    if row.ended_at is not None:
        raise Conflict(f"Order {number} was ended by {row.ended_by} already.")
    return row


def _note(tx: Transaction, actor: str, action: str, subject: str, said: dict[str, Any]) -> None:
    tx.flush()
    audit.record(tx, actor, action, subject, said)
