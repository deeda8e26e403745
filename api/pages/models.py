"""Models of equipment, and who has been shown which kind: what is true of many items at once."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from api.deps import Actor, ReadTx, WriteTx
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.drawing import back_to, draw
from api.pages.surroundings import ViewerPage
from nightwarden.errors import ChangedMeanwhile, Invalid, NotPermitted
from nightwarden.model.phrases import phrase
from nightwarden.model.places import EquipmentKind
from nightwarden.model.roles import Right
from nightwarden.store import kit_models, people, register, training
from nightwarden.store.engine import Transaction
from nightwarden.store.kit_models import FIELDS, NUMBERS

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Keeper = Annotated[Actor, Depends(person_with(Right.KEEP_REGISTER))]
Recorder = Annotated[Actor, Depends(person_with(Right.RECORD_TRAINING))]

LABELS = {
    "service_life_days": phrase("Service life, days"),
    "life_uses": phrase("Uses that it lasts"),
    "battery_life_days": phrase("Battery life, days"),
    "rearm_s": phrase("Silent after an alarm, seconds"),
    "reorder_level": phrase("Order when fewer spare than"),
    "note": phrase("Note"),
}


def _signed_in(page: ViewerPage) -> ViewerPage:
    if page.actor is None:
        raise NotPermitted("Sign in to see this.")
    return page


SignedIn = Annotated[ViewerPage, Depends(_signed_in)]


@router.get("/models")
def show_models(page: SignedIn, tx: ReadTx) -> Response:
    """Every model that is known, and those that items name and nobody has described."""
    return draw("models.html", page, **_content(tx), sent={}, theirs=[], refusal="")


@router.post("/models")
def put_model(page: ViewerPage, form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """What is known of a model."""
    said: dict[str, Any] = {
        "kind": form.get("kind") or None,
        "note": form.get("note", "").strip() or None,
    }
    for name in NUMBERS:
        said[name] = _number(form.get(name, "").strip(), LABELS[name])
    make, model = field(form, "make", "the make"), field(form, "model", "the model")
    seen = form.get("version", "")
    version = int(seen[:18]) if seen.isascii() and seen.isdigit() else None
    try:
        kit_models.put_model(tx, (make, model), said, version, actor.name)
    except ChangedMeanwhile as problem:
        content = _content(tx) | {"sent": dict(form), "theirs": problem.changes}
        return draw("models.html", page, HTTPStatus.CONFLICT, refusal=str(problem), **content)
    return back_to("/models")


@router.get("/training")
def show_training(page: SignedIn, tx: ReadTx) -> Response:
    """Who has been shown what; a blank is nobody."""
    rows = training.shown(tx)
    in_use = {item.kind for item in register.items_now(tx)}
    kinds = [kind for kind in EquipmentKind if kind in in_use]
    names = {member.name for member in people.staff(tx)} | {row.person for row in rows}
    last = {(row.person, row.kind): row for row in rows}
    return draw(
        "training.html",
        page,
        kinds=kinds,
        names=sorted(names),
        last=last,
        every_kind=list(EquipmentKind),
    )


@router.post("/training")
def record(form: Filled, actor: Recorder, tx: WriteTx) -> Response:
    """Somebody was shown a kind, and has tried it."""
    person, kind = field(form, "person", "a name"), field(form, "kind", "a kind")
    day = form.get("on", "")
    try:
        on = date.fromisoformat(day) if day else tx.now.date()
    except ValueError:
        raise Invalid(f'"{day[:20]}" is not a day; write it as 2026-11-23.') from None
    training.record(tx, person, kind, form.get("shown_by") or actor.name, on, actor.name)
    return back_to("/training")


def _content(tx: Transaction) -> dict[str, Any]:
    rows = kit_models.kit_models(tx)
    known = {(row.make, row.model) for row in rows}
    items = register.items_now(tx)
    count: dict[tuple[str, str], int] = {}
    for item in items:
        if item.make and item.model:
            count[item.make, item.model] = count.get((item.make, item.model), 0) + 1
    return {
        "rows": rows,
        "count": count,
        "unknown": sorted(set(count) - known),
        "labels": LABELS,
        "fields": FIELDS,
        "kinds": list(EquipmentKind),
    }


def _number(text: str, label: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise Invalid(f'{label}: "{text[:20]}" is not a whole number.')
    return int(text[:9])
