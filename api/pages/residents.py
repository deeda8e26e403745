"""Residents and their plans, for whoever makes them: who lives where, what was assessed, what they
agreed to, what is required, and a move to another room in a few taps.
"""

from datetime import date
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Response

from api.deps import Actor, ReadTx, WriteTx
from api.gaps import judged
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.drawing import back_to, draw
from api.pages.surroundings import ViewerPage
from nightwarden.errors import Invalid, NotPermitted
from nightwarden.model.papers import AssessmentKind, ConsentBasis
from nightwarden.model.phrases import phrase
from nightwarden.model.places import EquipmentKind, GapState
from nightwarden.model.roles import Right
from nightwarden.store import register, resident_papers, residents
from nightwarden.store.engine import Transaction
from nightwarden.store.resident_papers import AssessmentClaim, ConsentClaim, Need

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Mover = Annotated[Actor, Depends(person_with(Right.MOVE_RESIDENT))]
Planner = Annotated[Actor, Depends(person_with(Right.CHANGE_PLANS))]

QUESTIONS = {
    "mobility": phrase("Can they move away by themselves, and how?"),
    "heat_sensitivity": phrase("Would they feel that something is hot?"),
    "capacity": phrase("Would they understand the danger, and call?"),
    "furniture": phrase("Can furniture trap them at something hot?"),
    "finding": phrase("What follows from it?"),
}
"""HSIS6's questions, in plain words."""


def _see_papers(page: ViewerPage) -> ViewerPage:
    if page.actor is None or not page.actor.may(Right.SEE_PAPERS):
        raise NotPermitted("Plans are shown to a senior or the manager who is signed in.")
    return page


PapersPage = Annotated[ViewerPage, Depends(_see_papers)]


@router.get("/residents")
def show_residents(page: PapersPage, tx: ReadTx) -> Response:
    """Everybody who lives here, and whose plan lacks something."""
    home = judged(tx)
    lacking = {
        gap.resident
        for gap in (home.gaps if home else [])
        if gap.state in (GapState.NO_NIGHT_PLAN, GapState.CONSENT_MISSING, GapState.REVIEW_OVERDUE)
    }
    papers = home.papers.residents if home else ()
    rooms = [room.id for room in register.rooms(tx)]
    return draw("residents.html", page, people=papers, lacking=lacking, rooms=rooms)


@router.post("/residents")
def admit(form: Filled, actor: Planner, tx: WriteTx) -> Response:
    """Somebody comes to live here."""
    who = residents.Newcomer(
        field(form, "id", "an id, such as res-14"),
        field(form, "shown_as", "a name for the board"),
        field(form, "room", "a room"),
        _day(form.get("admitted_on")),
    )
    return _back(residents.admit(tx, who, actor.name).id)


@router.get("/residents/{resident}")
def show_resident(resident: str, page: PapersPage, tx: ReadTx) -> Response:
    """One resident with the plan, and what can be done about it."""
    return draw("resident.html", page, **_content(tx, resident))


@router.get("/residents/{resident}/move")
def show_move(resident: str, page: PapersPage, tx: ReadTx, room: str = "") -> Response:
    """The move: where to, and what goes along."""
    row = residents.resident(tx, resident)
    places = [one.place for one in register.places(tx) if one.room == room]
    needs = residents.requirements_of(tx, resident)
    items = residents.goes_along(tx, row)
    old = sorted({need.place for need in needs} | {one.place.place for one in items if one.place})
    rooms = [one.id for one in register.rooms(tx) if one.id != row.room]
    shown: dict[str, Any] = {"rooms": rooms, "room": room, "places": places, "old": old}
    return draw("move.html", page, resident=row, items=items, **shown)


@router.post("/residents/{resident}/move")
def move(resident: str, form: Filled, actor: Mover, tx: WriteTx) -> Response:
    """They and what is theirs are in the other room now; each mat wants one press there."""
    places = {
        name.removeprefix("place-"): new
        for name, new in form.items()
        if name.startswith("place-") and new
    }
    items = tuple(name.removeprefix("item-") for name in form if name.startswith("item-"))
    there = residents.Move(field(form, "room", "a room"), places, items, _version(form))
    residents.move(tx, resident, there, actor.name)
    return back_to(f"/residents/{quote(resident, safe='')}?moved=yes")


@router.post("/residents/{resident}/leave")
def leave(resident: str, actor: Planner, tx: WriteTx) -> Response:
    """They no longer live here."""
    residents.leave(tx, resident, actor.name)
    return back_to("/residents")


@router.post("/residents/{resident}/assessments")
def assess(resident: str, form: Filled, actor: Planner, tx: WriteTx) -> Response:
    """Somebody has judged what they need."""
    on = _day(form.get("on")) or tx.now.date()
    review_by = _day(field(form, "review_by", "a day for the review"))
    assert review_by is not None
    answers = {name: form.get(name) or None for name in QUESTIONS}
    claim = AssessmentClaim(
        field(form, "kind", "what was assessed"),
        form.get("by") or actor.name,
        on,
        review_by,
        form.get("ref") or None,
        **answers,
    )
    resident_papers.assess(tx, resident, claim, _version(form), actor.name)
    return _back(resident)


@router.post("/residents/{resident}/consent")
def consent(resident: str, form: Filled, actor: Planner, tx: WriteTx) -> Response:
    """What they, or somebody for them, decided about being watched."""
    claim = ConsentClaim(
        field(form, "basis", "what was decided"),
        field(form, "by", "who decided"),
        _day(form.get("on")) or tx.now.date(),
        _day(form.get("review_by")),
        form.get("note") or None,
    )
    resident_papers.record_consent(tx, resident, claim, _version(form), actor.name)
    return _back(resident)


@router.post("/residents/{resident}/requirements")
def require(resident: str, form: Filled, actor: Planner, tx: WriteTx) -> Response:
    """What a place of their room needs."""
    review_by = _day(field(form, "review_by", "a day for the review"))
    assert review_by is not None
    need = Need(
        place=field(form, "place", "a place"),
        needs=field(form, "needs", "what it needs"),
        because=field(form, "because", "why"),
        review_by=review_by,
        hours=form.get("hours") or "00:00-24:00",
        action=form.get("action") or None,
        assessment=form.get("assessment") or None,
    )
    resident_papers.require(tx, resident, need, _version(form), actor.name)
    return _back(resident)


@router.post("/residents/{resident}/requirements/{requirement}/end")
def end_requirement(
    resident: str, requirement: int, form: Filled, actor: Planner, tx: WriteTx
) -> Response:
    """It is no longer asked for."""
    why = field(form, "why", "why it is no longer needed")
    resident_papers.end_requirement(tx, resident, requirement, why, _version(form), actor.name)
    return _back(resident)


def _content(tx: Transaction, ident: str) -> dict[str, Any]:
    row = residents.resident(tx, ident)
    home = judged(tx)
    mine = [gap for gap in (home.gaps if home else []) if gap.place.room == row.room]
    consents = resident_papers.consents_of(tx, ident)
    return {
        "resident": row,
        "gaps": [gap for gap in mine if gap.resident == row.shown_as],
        "assessments": resident_papers.assessments_of(tx, ident, past=True)[::-1],
        "consents": consents[::-1],
        "requirements": residents.requirements_of(tx, ident),
        "items": residents.goes_along(tx, row),
        "places": [one.place for one in register.places(tx) if one.room == row.room],
        "questions": QUESTIONS,
        "assessment_kinds": list(AssessmentKind),
        "bases": list(ConsentBasis),
        "kinds": list(EquipmentKind),
    }


def _version(form: Filled) -> int | None:
    given = form.get("version", "")
    return int(given[:18]) if given.isascii() and given.isdigit() else None


def _day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f'"{text[:20]}" is not a day; write it as 2026-11-23.') from None


def _back(resident: str) -> Response:
    return back_to(f"/residents/{quote(resident, safe='')}")
