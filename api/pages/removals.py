"""What is off on a permit, and what was taken away for good."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.deps import Actor, ReadTx, WriteTx
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.drawing import back_to, draw
from api.pages.equipment import wall_time
from api.pages.surroundings import ViewerPage
from api.routes.notices import number_of
from nightwarden.errors import Invalid
from nightwarden.model.roles import Right
from nightwarden.store import meta, permits, removals, upkeep
from nightwarden.store.removals import Why

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Keeper = Annotated[Actor, Depends(person_with(Right.KEEP_REGISTER))]
Manager = Annotated[Actor, Depends(person_with(Right.MANAGE))]


@router.get("/permits")
def show_permits(page: ViewerPage, tx: ReadTx) -> Response:
    """The permits in force, late ones first, and the controls that were taken away."""
    every = removals.every(tx)
    return draw(
        "permits.html",
        page,
        permits=permits.in_force(tx),
        gone=[each for each in every if each.open],
        settled=[each for each in every if not each.open],
    )


@router.post("/permits/{permit_id}/extend")
def extend(permit_id: str, form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """More time, and why."""
    until = wall_time(field(form, "until", "the time at which it is back"), meta.zone(tx))
    reason = field(form, "reason", "a reason")
    permits.extend(tx, number_of(permit_id, "permit"), until, reason, actor.name)
    return back_to("/permits")


@router.post("/permits/{permit_id}/end")
def end(permit_id: str, actor: Keeper, tx: WriteTx) -> Response:
    """It is back."""
    upkeep.end_permit(tx, number_of(permit_id, "permit"), actor.name)
    return back_to("/permits")


@router.post("/removals/{removal_id}/explain")
def explain(removal_id: str, form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """Why it went, what is there instead, and when that is looked at again."""
    removals.explain(tx, number_of(removal_id, "removal"), why_in(form), actor.name)
    return back_to("/permits#removals")


@router.post("/removals/{removal_id}/review")
def review(removal_id: str, form: Filled, actor: Manager, tx: WriteTx) -> Response:
    """It was looked at again; with another day it stays open."""
    verdict = field(form, "verdict", "what you found")
    again = form.get("again_by", "").strip()
    again_by = day_in(again) if again else None
    removals.review(tx, number_of(removal_id, "removal"), verdict, again_by, actor.name)
    return back_to("/permits#removals")


@router.post("/equipment/{tag}/retire")
def retire(tag: str, form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """Take an item out of use; what its place requires goes with a why only."""
    said = any(form.get(name, "").strip() for name in ("reason", "replacement", "review_by"))
    upkeep.retire(tx, tag, actor.name, why_in(form) if said else None)
    return back_to("/register")


def why_in(form: Filled) -> Why:
    """The three things that are asked of a removal."""
    return Why(
        field(form, "reason", "why it goes"),
        field(form, "replacement", "what is there instead"),
        day_in(field(form, "review_by", "the day on which it is looked at again")),
    )


def day_in(text: str) -> date:
    """A day as a form sends it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f'"{text[:40]}" is not a day; write it as 2026-11-23.') from None
