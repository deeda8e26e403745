"""The stock: by kind, what is used up, and the orders."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Response

from api.deps import Actor, ReadTx, WriteTx
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.drawing import back_to, draw
from api.pages.removals import day_in
from api.pages.surroundings import ViewerPage
from api.routes.notices import number_of
from nightwarden.errors import Invalid
from nightwarden.model.phrases import phrase
from nightwarden.model.places import EquipmentKind
from nightwarden.model.roles import Right
from nightwarden.store import lives, stock, supplies
from nightwarden.store.stock import NewOrder

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Keeper = Annotated[Actor, Depends(person_with(Right.KEEP_REGISTER))]
_NUMBERS = {
    "spare_at_least": phrase("spare at least"),
    "quantity": phrase("quantity"),
    "reorder_at": phrase("reorder at"),
    "left": phrase("how many are left"),
}

User = Annotated[Actor, Depends(person_with(Right.REPORT_FAULT))]


@router.get("/stock")
def show_stock(page: ViewerPage, tx: ReadTx) -> Response:
    """By kind, then what is used up, then the orders."""
    return draw(
        "stock.html",
        page,
        kinds=stock.by_kind(tx),
        models=stock.models_below(tx),
        supplies=supplies.stock(tx),
        orders=stock.open_orders(tx),
        every_kind=list(EquipmentKind),
    )


@router.post("/stock/level")
def set_level(form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """How many tested spares of a kind are wanted."""
    kind = field(form, "kind", "which kind")
    because = field(form, "because", "why so many")
    stock.set_level(tx, kind, _number(form, "spare_at_least"), because, actor.name)
    return back_to("/stock")


@router.post("/stock/orders")
def order(form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """Something was ordered: ``what`` is a kind, or the name of a supply."""
    what, expected = (
        field(form, "what", "what was ordered"),
        form.get("expected_on", "").strip(),
    )
    of_kind = what in set(EquipmentKind)
    new = NewOrder(
        quantity=_number(form, "quantity"),
        kind=what if of_kind else None,
        supply=None if of_kind else what,
        model=form.get("model", "").strip() or None,
        source=form.get("source", "").strip() or None,
        expected_on=day_in(expected) if expected else None,
    )
    stock.order(tx, new, actor.name)
    return back_to("/stock#orders")


@router.post("/stock/orders/{order_id}/arrived")
def arrived(order_id: str, form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """It has come."""
    stock.arrived(tx, number_of(order_id, "order"), _number(form, "quantity"), actor.name)
    return back_to("/stock#orders")


@router.post("/stock/orders/{order_id}/call-off")
def call_off(order_id: str, form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """It does not come."""
    why = field(form, "why", "why it does not come")
    stock.call_off(tx, number_of(order_id, "order"), why, actor.name)
    return back_to("/stock#orders")


@router.post("/stock/supplies")
def put_supply(form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """Name a supply, or change the number at which it is ordered."""
    name = field(form, "name", "what it is called")
    supplies.put(tx, name, _number(form, "reorder_at"), actor.name)
    return back_to("/stock#supplies")


@router.post("/stock/supplies/{name}/take")
def take(name: str, form: Filled, actor: User, tx: WriteTx) -> Response:
    """So many were taken, perhaps for an item."""
    tag = form.get("equipment", "").strip() or None
    what = form.get("what", "").strip() or phrase("taken")
    supplies.change(tx, name, -_number(form, "quantity"), what, actor.name, tag)
    return back_to("/stock#supplies")


@router.post("/stock/supplies/{name}/count")
def count(name: str, form: Filled, actor: User, tx: WriteTx) -> Response:
    """Somebody has counted them."""
    supplies.counted(tx, name, _number(form, "left"), actor.name)
    return back_to("/stock#supplies")


@router.post("/equipment/{tag}/use")
def use(tag: str, form: Filled, actor: User, tx: WriteTx) -> Response:
    """A pad with a number of uses was used once."""
    lives.use(tx, tag, form.get("note", "").strip() or None, actor.name)
    return back_to(f"/equipment/{quote(tag, safe='')}")


def _number(form: Mapping[str, str], name: str) -> int:
    text = form.get(name, "").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 7:
        asked = _NUMBERS[name]
        raise Invalid(f"{asked}: write a whole number, such as 2.")
    return int(text)
