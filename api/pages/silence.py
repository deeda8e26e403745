"""Why a place is silent, or was at a minute of the past."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.deps import ReadTx
from api.pages.asking import PageRoute
from api.pages.drawing import draw
from api.pages.strip import Mark, Strip, mark, strips
from api.pages.surroundings import ViewerPage
from api.routes.why import OneAtATime, quiet_at
from nightwarden.explaining.answers import WhyQuiet
from nightwarden.explaining.silence import AFTER, BEFORE
from nightwarden.languages import said
from nightwarden.model.alerts import AlertKind
from nightwarden.store import register
from rules.rule_words import rule_words

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Written = Annotated[str, Query(max_length=60)]


@dataclass(frozen=True, slots=True)
class Ask:
    """What the form has in it: the places to choose from, and what was asked."""

    places: list[str]
    place: str
    at: str
    day: str


@dataclass(frozen=True, slots=True)
class Mind:
    """One rule's watch at that instant, with what the rule is about."""

    about: str
    equipment: str | None
    words: str
    quieted_by: str


@dataclass(frozen=True, slots=True)
class SilenceView:
    """The answer as its page shows it."""

    room: str
    why: WhyQuiet
    minds: list[Mind]
    since: datetime
    until: datetime
    marks: list[Mark]
    strips: list[Strip]


@router.get("/rooms/{room}/why", dependencies=[OneAtATime])
def show_silence(
    room: str, page: ViewerPage, tx: ReadTx, place: Written, at: Written = "", day: Written = ""
) -> Response:
    """The page; ``at`` is a time of the day, or any time as the API takes it."""
    why = quiet_at(tx, room, place, f"{day}T{at}" if day and at else at)
    places = [one.place for one in register.places(tx) if one.room == room]
    since, until = why.at - BEFORE, why.at + AFTER
    view = SilenceView(
        room=room,
        why=why,
        minds=[
            Mind(_about(one.kinds), one.equipment, one.words, "; ".join(map(said, one.quieted_by)))
            for one in why.watches
        ],
        since=since,
        until=until,
        marks=[mark("asked", why.at, since, until)],
        strips=strips(why.readings, since, until),
    )
    return draw("silence.html", page, view=view, ask=Ask(places, place, at[:5], day))


def _about(kinds: tuple[AlertKind, ...]) -> str:
    return " ".join(said(rule_words(kind)) for kind in kinds)
