"""Check rounds on the pages: begun, walked with a phone, ended with a receipt to print."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from api.deps import Actor, ReadTx, WriteTx
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.check_words import CHECK_WORDS
from api.pages.drawing import back_to, draw
from api.pages.surroundings import ViewerPage
from api.routes.check_rounds import number_of
from nightwarden.canonical import digest
from nightwarden.errors import Conflict, Invalid
from nightwarden.maintenance import walks
from nightwarden.model.checks import CheckKind
from nightwarden.model.phrases import phrase
from nightwarden.model.places import EquipmentKind
from nightwarden.model.roles import Right
from nightwarden.store import check_rounds, printed_labels, register
from nightwarden.store.check_rounds import Scope
from nightwarden.store.engine import Transaction

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Checker = Annotated[Actor, Depends(person_with(Right.CONFIRM))]

SHOWN_ROUNDS = 40


async def _chosen(request: Request) -> FormData:
    """The form with all that was chosen from a list."""
    return await request.form()


Chosen = Annotated[FormData, Depends(_chosen)]


@router.get("/checks/rounds")
def show_rounds(page: ViewerPage, tx: ReadTx) -> Response:
    """The rounds that there were, and the form for another."""
    return draw(
        "check_rounds.html",
        page,
        rounds=check_rounds.newest(tx, SHOWN_ROUNDS),
        rooms=[room.id for room in register.rooms(tx)],
        kinds=sorted({item.kind for item in register.items_now(tx) if item.place}),
        check_words=CHECK_WORDS,
    )


@router.post("/checks/rounds")
def begin(form: Chosen, actor: Checker, tx: WriteTx) -> Response:
    """Begin a round: what it expects is what stands there now."""
    chosen = {
        name: [said for said in form.getlist(name) if isinstance(said, str)]
        for name in ("room", "kind", "step")
    }
    kinds, steps = chosen["kind"], chosen["step"]
    if not set(kinds) <= set(EquipmentKind) or not set(steps) <= set(CheckKind):
        raise Invalid("Please choose from the lists.")
    name, day = str(form.get("name") or "").strip(), f"{tx.now:%-d %b %Y}"
    row = check_rounds.begin(
        tx,
        name or phrase(f"Check round of {day}"),
        Scope(chosen["room"], [EquipmentKind(kind) for kind in kinds]),
        [CheckKind(step) for step in steps],
        actor.name,
    )
    return back_to(f"/checks/rounds/{row.id}")


@router.get("/checks/rounds/{number}")
def show_round(number: str, page: ViewerPage, tx: ReadTx) -> Response:
    """The round as it stands."""
    return draw("check_round.html", page, **_round(tx, number))


@router.get("/checks/rounds/{number}/fragment")
def show_round_alone(number: str, page: ViewerPage, tx: ReadTx) -> Response:
    """The part of the page that renews itself."""
    return draw("check_round_live.html", page, **_round(tx, number))


@router.post("/checks/rounds/{number}/end")
def end(number: str, form: Filled, actor: Checker, tx: WriteTx) -> Response:
    """It is over; what nobody found is missing, and whoever ends it has seen how many."""
    seen = field(form, "missing", "how many are missing")
    missing = len(walks.walk(tx, number_of(number)).missing)
    if seen != str(missing):
        raise Conflict(f"Now {missing} are missing, not {seen[:6]}; look again, then end it.")
    walks.end(tx, number_of(number), actor.name)
    return back_to(f"/checks/rounds/{number_of(number)}/receipt")


@router.get("/checks/rounds/{number}/receipt")
def show_receipt(number: str, page: ViewerPage, tx: ReadTx) -> Response:
    """What the round ended in, to print and sign."""
    state = walks.walk(tx, number_of(number))
    if state.round.ended_at is None:
        raise Conflict(f"Check round {state.round.id} goes on; it has a receipt when it has ended.")
    content = walks.receipt(tx, state.round.id or 0)
    return draw(
        "check_receipt.html",
        page,
        walk=state,
        digest=state.round.receipt,
        matches=digest(content) == state.round.receipt,
        check_words=CHECK_WORDS,
    )


def _round(tx: Transaction, number: str) -> dict[str, Any]:
    labels = {label.equipment: label.code for label in printed_labels.now(tx)}
    state = walks.walk(tx, number_of(number))
    return {"walk": state, "labels": labels, "check_words": CHECK_WORDS}
