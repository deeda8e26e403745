"""An item between store cupboard and scrap: moved, set aside, paired, tested, described anew.

Two people who describe one item at once: the second keeps what they wrote and sees both.
"""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Response

from api.deps import Actor, ReadTx, WriteTx
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.drawing import back_to, draw
from api.pages.surroundings import ViewerPage
from api.routes.equipment import place_of
from api.routes.item_life import tested
from nightwarden.errors import ChangedMeanwhile, Invalid
from nightwarden.model.phrases import phrase
from nightwarden.model.places import ItemStatus
from nightwarden.model.roles import Right
from nightwarden.store import item_life, register, upkeep
from nightwarden.store.engine import Transaction
from nightwarden.store.item_life import TestClaim

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Keeper = Annotated[Actor, Depends(person_with(Right.KEEP_REGISTER))]
Confirmer = Annotated[Actor, Depends(person_with(Right.CONFIRM))]

TEXTS = {
    "make": phrase("Make"),
    "model": phrase("Model"),
    "serial": phrase("Serial number"),
    "owner": phrase("Who answers for it"),
}
DAYS = {
    "in_service_on": phrase("In use since"),
    "use_until": phrase("Last day, if it is here for a time"),
}


@router.get("/equipment/{tag}/edit")
def show_edit(tag: str, page: ViewerPage, tx: ReadTx) -> Response:
    """What is said of an item, to be said anew."""
    item = register.item(tx, tag)
    said = {name: _shown(getattr(item, name)) for name in (*TEXTS, *DAYS, "service_life_days")}
    return draw("edit.html", page, **_form(tx, item, said, {}))


@router.post("/equipment/{tag}/edit")
def edit(tag: str, page: ViewerPage, form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """Keep it, or show what somebody else has written meanwhile beside what was sent."""
    item = register.item(tx, tag)
    life = form.get("service_life_days", "").strip()
    if life and not (life.isascii() and life.isdigit()):
        raise Invalid(f'"{life[:20]}" is not a number of days; write 365, say.')
    said: dict[str, Any] = {name: form.get(name, "").strip() or None for name in TEXTS}
    said |= {name: _day(form.get(name)) for name in DAYS}
    said |= {"service_life_days": int(life[:6]) if life else None}
    said |= {"meant_for": form.get("meant_for") or None}
    version = int(form["version"][:18]) if form.get("version", "").isdigit() else item.version
    try:
        upkeep.change_equipment(tx, tag, version, said, actor.name)
    except ChangedMeanwhile as problem:
        sent = {name: _shown(value) for name, value in said.items()}
        theirs = {one["field"]: one for one in problem.changes}
        content = _form(tx, item, sent, theirs) | {"refusal": str(problem)}
        return draw("edit.html", page, HTTPStatus.CONFLICT, **content)
    return _back(tag)


@router.post("/equipment/{tag}/move")
def move(tag: str, form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """It stands somewhere else now, or in the store cupboard."""
    upkeep.move(tx, tag, place_of(form.get("at") or None), actor.name)
    return _back(tag)


@router.post("/equipment/{tag}/status")
def set_status(tag: str, form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """It may not be used, or may be used again."""
    status = field(form, "status", "what it is now")
    if status not in item_life.SETTABLE:
        raise Invalid("Please choose from the list what it is now.")
    why = field(form, "why", "a few words on why")
    item_life.set_status(tx, tag, ItemStatus(status), why, actor.name)
    return _back(tag)


@router.post("/equipment/{tag}/pairing")
def pair(tag: str, form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """The transmitter that it is used with."""
    said = [form.get(name) or None for name in ("make", "model", "serial")]
    item_life.pair(tx, tag, said[0], said[1], said[2], actor.name)
    return _back(tag)


@router.post("/equipment/{tag}/tests")
def record_test(tag: str, form: Filled, actor: Confirmer, tx: WriteTx) -> Response:
    """Somebody has tested it, here and now."""
    surface = form.get("surface_c", "").strip().replace(",", ".")
    try:
        surface_c = float(surface) if surface else None
    except ValueError:
        raise Invalid(f'"{surface[:20]}" is not a temperature; write 41.5, say.') from None
    passed = field(form, "passed", "whether it passed") == "yes"
    kind = field(form, "kind", "which test")
    note = form.get("note") or None
    claim = TestClaim(kind, passed, actor.name, tx.now.date(), surface_c, note)
    tested(tx, tag, claim, actor.name)
    return _back(tag)


def _form(
    tx: Transaction, item: register.Item, said: dict[str, str], theirs: dict[str, Any]
) -> dict[str, Any]:
    people = [(row.id, row.shown_as) for row in register.residents(tx)]
    labels = TEXTS | DAYS | {"service_life_days": phrase("Service life in days")}
    shown = {"item": item, "said": said, "theirs": theirs, "labels": labels, "people": people}
    return shown | {"days": set(DAYS), "refusal": ""}


def _shown(value: object) -> str:
    return "" if value is None else str(value)


def _day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f'"{text[:20]}" is not a day; write it as 2026-11-23.') from None


def _back(tag: str) -> Response:
    return back_to(f"/equipment/{quote(tag, safe='')}")
