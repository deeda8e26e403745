"""The heating is out: one page with the rooms, the heaters and what is to be done."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.deps import Actor, ReadTx, WriteTx
from api.outage import outage_now
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.drawing import back_to, draw
from api.pages.equipment import wall_time
from api.pages.surroundings import ViewerPage
from api.routes.equipment import place_of
from api.routes.notices import number_of
from nightwarden.errors import Invalid
from nightwarden.model.roles import Right
from nightwarden.store import heaters, meta, outages, register

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Runner = Annotated[Actor, Depends(person_with(Right.RUN_OUTAGE))]


@router.get("/outage")
def show_outage(page: ViewerPage, tx: ReadTx) -> Response:
    """The outage that goes on, or what would open one."""
    places = [f"{row.room}/{row.place}" for row in register.places(tx)]
    return draw("outage.html", page, found=outage_now(tx), before=outages.before(tx), places=places)


@router.post("/outage")
def begin(form: Filled, actor: Runner, tx: WriteTx) -> Response:
    """The heating is out."""
    why = field(form, "why", "what is out, and since when")
    outages.begin(tx, why, actor.name, proposed=outage_now(tx).proposed)
    return back_to("/outage")


@router.post("/outage/steps/{step}")
def tick(step: str, form: Filled, actor: Runner, tx: WriteTx) -> Response:
    """A step is done."""
    outages.tick(tx, step, form.get("note", "").strip() or None, actor.name)
    return back_to("/outage#steps")


@router.post("/outage/end")
def end(form: Filled, actor: Runner, tx: WriteTx) -> Response:
    """The heating is back."""
    outages.end(tx, field(form, "why", "what was wrong, and since when it is warm"), actor.name)
    return back_to("/outage")


@router.post("/heaters")
def put_heater(form: Filled, actor: Runner, tx: WriteTx) -> Response:
    """A portable heater is put into a room."""
    place = place_of(field(form, "at", "where it stands"))
    if place is None:
        raise Invalid("Please choose where it stands.")
    tag = field(form, "equipment", "the tag on the heater")
    words = (
        field(form, "owner", "who looks after it"),
        field(form, "made_safe", "how it was made safe"),
    )
    until = wall_time(field(form, "until", "until when it stays"), meta.zone(tx))
    heaters.put(tx, tag, place, until, words, actor.name)
    return back_to("/outage#heaters")


@router.post("/heaters/{heater_id}/extend")
def extend(heater_id: str, form: Filled, actor: Runner, tx: WriteTx) -> Response:
    """It stays until later."""
    until = wall_time(field(form, "until", "until when it stays"), meta.zone(tx))
    reason = field(form, "reason", "why it stays")
    heaters.extend(tx, number_of(heater_id, "heater"), until, reason, actor.name)
    return back_to("/outage#heaters")


@router.post("/heaters/{heater_id}/take-away")
def take_away(heater_id: str, form: Filled, actor: Runner, tx: WriteTx) -> Response:
    """It is gone from its room."""
    went_to = field(form, "went_to", "where it went")
    heaters.take_away(tx, number_of(heater_id, "heater"), went_to, actor.name)
    return back_to("/outage#heaters")
