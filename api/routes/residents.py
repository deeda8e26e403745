"""Residents and their plans: who lives where, what was assessed, what they agreed to, what is
required.

A manager changes plans; a senior may move somebody in the night. What was judged of a person's body
and mind is shown to those who need it for the plan.
"""

from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Response
from pydantic import Field

from api.deps import Actor, ReadTx, WriteTx, requires
from api.nouns import noun_router
from api.paging import PageQuery, listed
from api.routes.bodies import Body, Number, Text, Versioned
from nightwarden.model.hours import ALWAYS
from nightwarden.model.papers import AssessmentKind, ConsentBasis
from nightwarden.model.places import EquipmentKind
from nightwarden.model.roles import Right
from nightwarden.store import register, resident_papers, residents
from nightwarden.store.engine import Transaction
from nightwarden.store.resident_papers import AssessmentClaim, ConsentClaim, Need
from nightwarden.store.tables import Assessment, Consent, Requirement, Resident
from nightwarden.wire import rfc3339

router = noun_router("residents")

Seer = Annotated[Actor, Depends(requires(Right.SEE))]
Mover = Annotated[Actor, Depends(requires(Right.MOVE_RESIDENT))]
Planner = Annotated[Actor, Depends(requires(Right.CHANGE_PLANS))]

_QUESTIONS = ("mobility", "heat_sensitivity", "capacity", "furniture", "finding")


class NewResident(Body):
    """Somebody who comes to live here."""

    id: Text
    shown_as: Text
    room: Text
    admitted_on: date | None = None


class ResidentChange(Versioned):
    """What is to change; a field that is not sent stays as it is."""

    shown_as: Text | None = None
    admitted_on: date | None = None


class MoveBody(Versioned):
    """Where somebody goes. `places` renames places, `items` are the tags that go along: all that
    are theirs, if not sent."""

    room: Text
    places: dict[Text, Text] = Field(default_factory=dict)
    items: list[Text] | None = None


class AssessmentBody(Versioned):
    """An assessment; `ref` names it, and one of the same name ends."""

    kind: AssessmentKind
    by: Text | None = None
    on: date
    review_by: date
    ref: Text | None = None
    mobility: Text | None = None
    heat_sensitivity: Text | None = None
    capacity: Text | None = None
    furniture: Text | None = None
    finding: Text | None = None


class ConsentBody(Versioned):
    """On what ground the resident is watched, or that they refuse; `by`: who decided."""

    basis: ConsentBasis
    by: Text
    on: date
    review_by: date | None = None
    note: Text | None = None


class NeedBody(Versioned):
    """What a place of the resident's room needs; the same again is worded anew."""

    place: Text
    needs: EquipmentKind
    because: Text
    review_by: date
    hours: str = str(ALWAYS)
    dwell_s: Annotated[int, Field(ge=0, le=600)] | None = None
    tell: Text | None = None
    action: Text | None = None
    assessment: Text | None = None


class Why(Versioned):
    """Why it ends."""

    why: Text


@router.get("/residents")
def list_residents(_actor: Seer, tx: ReadTx, page: PageQuery) -> dict[str, Any]:
    """Who lives here, by id."""
    rows, cursor = page.cut_computed("residents", register.residents(tx), lambda r: (r.id,), str)
    return listed([resident_json(row) for row in rows], cursor)


@router.post("/residents", status_code=201)
def admit(new: NewResident, actor: Planner, tx: WriteTx, response: Response) -> dict[str, Any]:
    """Somebody comes to live here; without a night plan that is a gap at once."""
    who = residents.Newcomer(new.id, new.shown_as, new.room, new.admitted_on)
    row = residents.admit(tx, who, actor.name)
    response.headers["Location"] = f"/api/v1/residents/{row.id}"
    return whole_json(tx, row, actor)


@router.get("/residents/{resident}")
def get_resident(resident: str, actor: Seer, tx: ReadTx) -> dict[str, Any]:
    """One resident with the plan. The answers of assessments need the right to see them."""
    return whole_json(tx, residents.resident(tx, resident), actor)


@router.patch("/residents/{resident}")
def change(resident: str, wanted: ResidentChange, actor: Planner, tx: WriteTx) -> dict[str, Any]:
    """Change what is said of a resident."""
    said = {name: getattr(wanted, name) for name in wanted.model_fields_set - {"version"}}
    return whole_json(tx, residents.change(tx, resident, wanted.version, said, actor.name), actor)


@router.post("/residents/{resident}/move")
def move(resident: str, wanted: MoveBody, actor: Mover, tx: WriteTx) -> dict[str, Any]:
    """Move a resident, what is required for them and their items, in one step. What has moved is
    unverified until it has been pressed there."""
    items = None if wanted.items is None else tuple(wanted.items)
    there = residents.Move(wanted.room, wanted.places, items, wanted.version)
    return whole_json(tx, residents.move(tx, resident, there, actor.name), actor)


@router.post("/residents/{resident}/leave", status_code=204)
def leave(resident: str, actor: Planner, tx: WriteTx) -> None:
    """They no longer live here; what was recorded stays."""
    residents.leave(tx, resident, actor.name)


@router.post("/residents/{resident}/assessments", status_code=201)
def assess(resident: str, given: AssessmentBody, actor: Planner, tx: WriteTx) -> dict[str, Any]:
    """Record an assessment."""
    said = given.model_dump(exclude={"version", "by"})
    claim = AssessmentClaim(by=given.by or actor.name, **said)
    resident_papers.assess(tx, resident, claim, given.version, actor.name)
    return whole_json(tx, residents.resident(tx, resident), actor)


@router.post("/residents/{resident}/consent", status_code=201)
def consent(resident: str, given: ConsentBody, actor: Planner, tx: WriteTx) -> dict[str, Any]:
    """Record consent, a best-interests decision or a refusal."""
    claim = ConsentClaim(**given.model_dump(exclude={"version"}))
    resident_papers.record_consent(tx, resident, claim, given.version, actor.name)
    return whole_json(tx, residents.resident(tx, resident), actor)


@router.post("/residents/{resident}/consent/withdraw")
def withdraw(resident: str, given: Why, actor: Planner, tx: WriteTx) -> dict[str, Any]:
    """The record no longer holds; the watch goes on, and consent is missing."""
    resident_papers.withdraw_consent(tx, resident, given.why, actor.name)
    return whole_json(tx, residents.resident(tx, resident), actor)


@router.post("/residents/{resident}/requirements", status_code=201)
def require(resident: str, given: NeedBody, actor: Planner, tx: WriteTx) -> dict[str, Any]:
    """Require a kind of equipment at a place, or word anew what is required there."""
    need = Need(**given.model_dump(exclude={"version"}))
    resident_papers.require(tx, resident, need, given.version, actor.name)
    return whole_json(tx, residents.resident(tx, resident), actor)


@router.post("/residents/{resident}/requirements/{requirement}/end")
def end_requirement(
    resident: str, requirement: Number, given: Why, actor: Planner, tx: WriteTx
) -> dict[str, Any]:
    """It is no longer required."""
    resident_papers.end_requirement(tx, resident, requirement, given.why, given.version, actor.name)
    return whole_json(tx, residents.resident(tx, resident), actor)


def resident_json(row: Resident) -> dict[str, Any]:
    """A resident without the plan."""
    return {
        "id": row.id,
        "shown_as": row.shown_as,
        "room": row.room,
        "admitted_on": row.admitted_on,
        "since": rfc3339(row.since),
        "version": row.version,
    }


def whole_json(tx: Transaction, row: Resident, actor: Actor) -> dict[str, Any]:
    """A resident with the plan in force."""
    told = actor.may(Right.SEE_PAPERS)
    consents = [one for one in resident_papers.consents_of(tx, row.id) if one.until is None]
    return resident_json(row) | {
        "assessments": [
            _assessment(one, told=told) for one in resident_papers.assessments_of(tx, row.id)
        ],
        "consent": _consent(consents[-1]) if consents else None,
        "requirements": [_requirement(one) for one in residents.requirements_of(tx, row.id)],
    }


def _assessment(row: Assessment, *, told: bool) -> dict[str, Any]:
    shown = ("ref", "kind", "by", "on", "review_by", *(_QUESTIONS if told else ()))
    return {name: getattr(row, name) for name in shown} | {"recorded_at": rfc3339(row.since)}


def _consent(row: Consent) -> dict[str, Any]:
    shown = ("basis", "by", "on", "review_by", "note")
    return {name: getattr(row, name) for name in shown} | {"recorded_at": rfc3339(row.since)}


def _requirement(row: Requirement) -> dict[str, Any]:
    shown = ("id", "place", "needs", "hours", "because", "review_by", "dwell_s", "tell", "action")
    said = {name: getattr(row, name) for name in (*shown, "assessment")}
    return said | {"since": rfc3339(row.since)}
