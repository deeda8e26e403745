"""The survey of heat emitters: each of them by room, assessed or not; none closed by assumption."""

from datetime import date
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Response

from api.deps import Actor, ReadTx, WriteTx
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.drawing import back_to, draw
from api.pages.surroundings import ViewerPage
from api.survey import RED, survey, survey_of
from nightwarden.errors import Invalid
from nightwarden.model.phrases import phrase
from nightwarden.model.places import PlaceId
from nightwarden.model.roles import Right
from nightwarden.store import emitters
from nightwarden.store.emitters import LOOKED_AT, EmitterClaim

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Keeper = Annotated[Actor, Depends(person_with(Right.KEEP_REGISTER))]

SAFE_WORDS = {
    "panel": phrase("The panel: covered or cool"),
    "pipes": phrase("The pipes: covered or cool"),
    "valves": phrase("The valves: covered or cool"),
    "furniture": phrase("No furniture can trap somebody against it"),
}


@router.get("/emitters")
def show_survey(page: ViewerPage, tx: ReadTx, show: str = "") -> Response:
    """All of them, or those that somebody has yet to see to."""
    every = survey(tx)
    red = [one for one in every if one.state in RED]
    shown = red if show == "red" else every
    assessed = sum(one.assessed for one in every)
    return draw(
        "emitters.html", page, lines=shown, total=len(every), red=len(red), assessed=assessed
    )


@router.get("/emitters/{room}/{place}")
def show_emitter(room: str, place: str, page: ViewerPage, tx: ReadTx) -> Response:
    """One of them, with all that was ever found at it."""
    here = PlaceId(room, place)
    return draw(
        "emitter.html",
        page,
        one=survey_of(tx, here),
        lines=emitters.assessments_at(tx, here),
        safe=SAFE_WORDS,
    )


@router.post("/emitters/{room}/{place}/assess")
def assess(room: str, place: str, form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """Somebody stands there and says what they find."""
    here = PlaceId(room, place)
    answers = {name: form.get(name) == "yes" for name in LOOKED_AT if form.get(name)}
    claim = EmitterClaim(
        actor.name, tx.now.date(), field(form, "finding", "what you found"), answers
    )
    emitters.assess_emitter(tx, here, claim, actor.name)
    return _back(here)


@router.post("/emitters/{room}/{place}/stay")
def stay(room: str, place: str, form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """Who answers for it, and until when it stays."""
    here = PlaceId(room, place)
    until = form.get("use_until", "")
    try:
        last = date.fromisoformat(until) if until else None
    except ValueError:
        raise Invalid(f'"{until[:20]}" is not a day; write it as 2026-11-23.') from None
    emitters.set_heater(tx, here, form.get("owner") or None, last, actor.name)
    return _back(here)


def _back(place: PlaceId) -> Response:
    return back_to(f"/emitters/{quote(place.room, safe='')}/{quote(place.place, safe='')}")
