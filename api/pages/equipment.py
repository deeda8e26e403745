"""One item of equipment: what it is, what was found at it, and what a person may say of it."""

from datetime import UTC, date, datetime
from typing import Annotated
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Response

from api.deps import Actor, ReadTx, WriteTx
from api.gaps import judged
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.check_words import CHECK_WORDS, OUTCOMES, answer_words
from api.pages.drawing import back_to, draw
from api.pages.register_view import register_lines
from api.pages.surroundings import ViewerPage
from nightwarden.errors import Conflict, Invalid
from nightwarden.model.places import ItemState, PlaceId
from nightwarden.model.roles import Right
from nightwarden.store import (
    lives,
    meta,
    notices,
    outputs,
    register,
    removals,
    supplies,
    upkeep,
)
from nightwarden.store.binding import SPEAKING
from nightwarden.store.item_history import history
from nightwarden.store.plan import life_ends, load_liveness

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Confirmer = Annotated[Actor, Depends(person_with(Right.CONFIRM))]
Reporter = Annotated[Actor, Depends(person_with(Right.REPORT_FAULT))]
Keeper = Annotated[Actor, Depends(person_with(Right.KEEP_REGISTER))]


@router.get("/equipment/{tag}")
def show_item(tag: str, page: ViewerPage, tx: ReadTx) -> Response:
    """The item with its history, latest first."""
    item = register.item(tx, tag)
    names = {resident.id: resident.shown_as for resident in register.residents(tx)}
    home, liveness = judged(tx), load_liveness(tx)
    lines = []
    if home is not None and item.place is not None:
        lines = register_lines(home, tx.now, item.place.room)
    own = [line for line in lines if any(placed.tag == tag for placed in line.items)]
    return draw(
        "equipment.html",
        page,
        item=item,
        line=own[0] if own else None,
        live=liveness.get(item.device) if item.device else None,
        history=history(tx, tag)[::-1],
        life_ends=life_ends(item, meta.zone(tx)),
        owner=names.get(item.meant_for or "", item.meant_for),
        found_states=list(ItemState),
        speaks=item.kind in SPEAKING,
        uses_left=lives.uses_left(tx).get(tag),
        fitted=supplies.fitted(tx, tag)[:5],
        notices=notices.of_item(tx, item),
        required_alone=removals.required_alone(tx, tag),
        all_places=[PlaceId(row.room, row.place) for row in register.places(tx)],
        told=outputs.told(tx).get(item.device) if item.device else None,
        check_words=CHECK_WORDS,
        outcomes=OUTCOMES,
        answer_words=answer_words(),
    )


@router.post("/equipment/{tag}/confirm")
def confirm(tag: str, form: Filled, actor: Confirmer, tx: WriteTx) -> Response:
    """Somebody stood at the item and says what they found."""
    found = field(form, "state", "what you found")
    if found not in set(ItemState):
        raise Invalid("Please choose what you found from the list.")
    on = _day(form["on"]) if form.get("on") else meta.today(tx)
    upkeep.confirm(tx, tag, ItemState(found), actor.name, on, form.get("note") or None, actor.name)
    return _back(tag)


@router.post("/equipment/{tag}/fault")
def report_fault(tag: str, form: Filled, actor: Reporter, tx: WriteTx) -> Response:
    """Something is wrong with it."""
    what = field(form, "what", "a few words on what is wrong")
    upkeep.report_fault(tx, tag, what, form.get("interim") or None, actor.name)
    return _back(tag)


@router.post("/equipment/{tag}/permit")
def issue_permit(tag: str, form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """It is off until a time on the home's clock, and this is who made the room safe."""
    reason = field(form, "reason", "a reason")
    made_safe_by = field(form, "made_safe_by", "who has made the room safe, and how")
    until = wall_time(field(form, "until", "the time at which it is back"), meta.zone(tx))
    upkeep.issue_permit(tx, tag, reason, made_safe_by, until, actor.name)
    return _back(tag)


@router.post("/equipment/{tag}/permit/end")
def end_permit(tag: str, actor: Keeper, tx: WriteTx) -> Response:
    """It is back, before the permit's time or after it."""
    permit = register.item(tx, tag).permit
    if permit is None:
        raise Conflict(f"{tag} has no permit in force; it has ended already.")
    upkeep.end_permit(tx, permit.id, actor.name)
    return _back(tag)


def _back(tag: str) -> Response:
    return back_to(f"/equipment/{quote(tag, safe='')}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f'"{text}" is not a day; write it as 2026-11-23.') from None


def wall_time(text: str, zone: ZoneInfo) -> datetime:
    """A time on the home's wall, as a form sends it, in UTC."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(f'"{text}" is not a time; write it as 2026-11-23T16:00.') from None
    return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)
