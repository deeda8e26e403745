"""Stock by kind, orders, supplies that are used up, and uses of an item."""

from datetime import date
from typing import Annotated, Any

from fastapi import Depends
from pydantic import Field

from api.deps import Actor, ReadTx, WriteTx, requires
from api.nouns import noun_router
from api.paging import listed
from api.routes.equipment_bodies import Body, Text
from api.routes.notices import number_of
from nightwarden.model.places import EquipmentKind
from nightwarden.model.roles import Right
from nightwarden.store import lives, stock, supplies
from nightwarden.store.engine import Transaction
from nightwarden.store.stock import KindStock, NewOrder
from nightwarden.store.supplies import SupplyStock
from nightwarden.store.tables import StockOrder, SupplyMove
from nightwarden.wire import rfc3339

router = noun_router("stock")

Seer = Annotated[Actor, Depends(requires(Right.SEE))]
Keeper = Annotated[Actor, Depends(requires(Right.KEEP_REGISTER))]
User = Annotated[Actor, Depends(requires(Right.REPORT_FAULT))]

Many = Annotated[int, Field(ge=1, le=stock.MOST)]


class LevelBody(Body):
    """How many tested spares are wanted, and why."""

    spare_at_least: Annotated[int, Field(ge=0, le=stock.MOST)]
    because: Text


class OrderBody(Body):
    """What is ordered: a kind of equipment, or a supply by its name."""

    quantity: Many
    kind: EquipmentKind | None = None
    supply: Text | None = None
    model: Text | None = None
    source: Text | None = None
    expected_on: date | None = None


class ArrivedBody(Body):
    """How many have come."""

    quantity: Many


class CalledOffBody(Body):
    """Why it does not come."""

    why: Text


class SupplyBody(Body):
    """At how many left somebody orders."""

    reorder_at: Annotated[int, Field(ge=0, le=supplies.MOST)]


class ChangeBody(Body):
    """So many came (more than nothing) or went, for what, and into which item."""

    change: Annotated[int, Field(ge=-supplies.MOST, le=supplies.MOST)]
    what: Text
    equipment: Text | None = None


class CountBody(Body):
    """So many were counted."""

    left: Annotated[int, Field(ge=0, le=supplies.MOST)]


class UsesBody(Body):
    """How often the item may be used, from its beginning."""

    uses_allowed: Annotated[int, Field(ge=1, le=lives.MOST_USES)]


class UseBody(Body):
    """What there is to say of the use."""

    note: Text | None = None


@router.get("/stock")
def get_stock(_actor: Seer, tx: ReadTx) -> dict[str, Any]:
    """By kind: required, in place, spare and tested, set aside, on order; what is too few."""
    return stock_json(tx)


@router.put("/stock/{kind}")
def set_level(kind: str, level: LevelBody, actor: Keeper, tx: WriteTx) -> dict[str, Any]:
    """Say how many tested spares of a kind are wanted, and why."""
    stock.set_level(tx, kind, level.spare_at_least, level.because, actor.name)
    return stock_json(tx)


@router.get("/orders")
def list_orders(_actor: Seer, tx: ReadTx) -> dict[str, Any]:
    """The orders that neither arrived nor were called off, the oldest first."""
    return listed([_order_json(row) for row in stock.open_orders(tx)], None)


@router.post("/orders", status_code=201)
def order(new: OrderBody, actor: Keeper, tx: WriteTx) -> dict[str, Any]:
    """Something was ordered."""
    told = NewOrder(
        quantity=new.quantity,
        kind=new.kind,
        supply=new.supply,
        model=new.model,
        source=new.source,
        expected_on=new.expected_on,
    )
    return _order_json(stock.order(tx, told, actor.name))


@router.post("/orders/{order_id}/arrived")
def arrived(order_id: str, came: ArrivedBody, actor: Keeper, tx: WriteTx) -> dict[str, Any]:
    """It has come; a supply is counted up, equipment gets its tags in the register."""
    return _order_json(stock.arrived(tx, number_of(order_id, "order"), came.quantity, actor.name))


@router.post("/orders/{order_id}/call-off")
def call_off(order_id: str, off: CalledOffBody, actor: Keeper, tx: WriteTx) -> dict[str, Any]:
    """It does not come."""
    return _order_json(stock.call_off(tx, number_of(order_id, "order"), off.why, actor.name))


@router.put("/supplies/{name}")
def put_supply(name: str, wanted: SupplyBody, actor: Keeper, tx: WriteTx) -> dict[str, Any]:
    """Name a supply, or change the number at which it is ordered."""
    supplies.put(tx, name, wanted.reorder_at, actor.name)
    return stock_json(tx)


@router.post("/supplies/{name}/changes", status_code=201)
def change(name: str, made: ChangeBody, actor: User, tx: WriteTx) -> dict[str, Any]:
    """So many came or went; a battery that goes into an item names it."""
    move = supplies.change(tx, name, made.change, made.what, actor.name, made.equipment)
    return _move_json(move)


@router.post("/supplies/{name}/count", status_code=201)
def count(name: str, found: CountBody, actor: User, tx: WriteTx) -> dict[str, Any]:
    """Somebody has counted them."""
    return _move_json(supplies.counted(tx, name, found.left, actor.name))


@router.put("/equipment/{tag}/uses")
def allow(tag: str, wanted: UsesBody, actor: Keeper, tx: WriteTx) -> dict[str, Any]:
    """Say how often an item may be used."""
    lives.allow(tx, tag, wanted.uses_allowed, actor.name)
    return {"equipment": tag, "uses_left": lives.uses_left(tx).get(tag)}


@router.post("/equipment/{tag}/uses", status_code=201)
def use(tag: str, actor: User, tx: WriteTx, made: UseBody | None = None) -> dict[str, Any]:
    """The item was used once; 409 when it has had all its uses."""
    left = lives.use(tx, tag, made.note if made else None, actor.name)
    return {"equipment": tag, "uses_left": left}


def stock_json(tx: Transaction) -> dict[str, Any]:
    """Everything on the page of the stock."""
    return {
        "items": [_kind_json(each) for each in stock.by_kind(tx)],
        "models_below": [
            {
                "make": each.make,
                "model": each.model,
                "spare_tested": each.spare_tested,
                "wanted": each.wanted,
            }
            for each in stock.models_below(tx)
        ],
        "supplies": [_supply_json(each) for each in supplies.stock(tx)],
        "orders": [_order_json(row) for row in stock.open_orders(tx)],
    }


def _kind_json(each: KindStock) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "required": each.required,
        "met": each.met,
        "short": each.short,
        "in_place": each.in_place,
        "spare_tested": each.spare_tested,
        "spare_untested": each.spare_untested,
        "quarantined": each.quarantined,
        "in_repair": each.in_repair,
        "on_order": each.on_order,
        "wanted": each.wanted,
        "below": each.below,
    }


def _supply_json(each: SupplyStock) -> dict[str, Any]:
    return {
        "name": each.row.name,
        "left": each.left,
        "reorder_at": each.row.reorder_at,
        "below": each.below,
        "last": each.last and _move_json(each.last),
    }


def _move_json(move: SupplyMove) -> dict[str, Any]:
    return {
        "supply": move.supply,
        "change": move.change,
        "left": move.left,
        "what": move.what,
        "equipment": move.equipment,
        "by": move.by,
        "at": rfc3339(move.at),
    }


def _order_json(row: StockOrder) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "kind": row.kind,
        "supply": row.supply,
        "model": row.model,
        "quantity": row.quantity,
        "source": row.source,
        "expected_on": row.expected_on,
        "ordered_at": rfc3339(row.ordered_at),
        "ordered_by": row.ordered_by,
        "arrived": row.arrived,
        "ended_at": rfc3339(row.ended_at),
        "ended_by": row.ended_by,
        "ended_why": row.ended_why,
    }
