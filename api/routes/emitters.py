"""The survey of heat emitters: every one of the home, assessed or not, and what covers it."""

from datetime import date
from typing import Annotated, Any

from fastapi import Depends
from pydantic import Field

from api.deps import Actor, ReadTx, WriteTx, requires
from api.nouns import noun_router
from api.paging import PageQuery, listed
from api.routes.bodies import Body, Text
from api.survey import Surveyed, survey, survey_of
from nightwarden.model.places import PlaceId
from nightwarden.model.roles import Right
from nightwarden.store import emitters
from nightwarden.store.emitters import EmitterClaim
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import EmitterAssessment
from nightwarden.wire import rfc3339

router = noun_router("emitters")

Seer = Annotated[Actor, Depends(requires(Right.SEE))]
Keeper = Annotated[Actor, Depends(requires(Right.KEEP_REGISTER))]


class EmitterBody(Body):
    """What was found at an emitter. `answers`: which of panel, pipes, valves and furniture are
    safe."""

    finding: Text
    by: Text | None = None
    on: date | None = None
    answers: dict[Text, bool] = Field(default_factory=dict)


class StayBody(Body):
    """Who answers for what is there for a time, and its last day."""

    owner: Text | None = None
    use_until: date | None = None


@router.get("/emitters")
def list_emitters(
    _actor: Seer, tx: ReadTx, page: PageQuery, *, assessed: bool | None = None
) -> dict[str, Any]:
    """Every heat emitter by room, with its assessment, and what is required and covers it."""
    found = [one for one in survey(tx) if assessed is None or one.assessed is assessed]
    shown, cursor = page.cut_computed(
        "emitters", found, lambda one: (one.order, *one.place), int, str, str
    )
    return listed([_emitter_json(one) for one in shown], cursor)


@router.get("/emitters/{room}/{place}")
def get_emitter(room: str, place: str, _actor: Seer, tx: ReadTx) -> dict[str, Any]:
    """One emitter with every assessment of it, the newest first."""
    return _with_history(tx, PlaceId(room, place))


@router.post("/emitters/{room}/{place}/assessments", status_code=201)
def assess(room: str, place: str, given: EmitterBody, actor: Keeper, tx: WriteTx) -> dict[str, Any]:
    """Record what somebody found, standing at the emitter."""
    here = PlaceId(room, place)
    on = given.on or tx.now.date()
    claim = EmitterClaim(given.by or actor.name, on, given.finding, given.answers)
    emitters.assess_emitter(tx, here, claim, actor.name)
    return _with_history(tx, here)


@router.post("/emitters/{room}/{place}/stay")
def stay(room: str, place: str, given: StayBody, actor: Keeper, tx: WriteTx) -> dict[str, Any]:
    """Say who answers for a portable heater and until when it stays."""
    here = PlaceId(room, place)
    emitters.set_heater(tx, here, given.owner, given.use_until, actor.name)
    return _with_history(tx, here)


def _with_history(tx: Transaction, place: PlaceId) -> dict[str, Any]:
    found = survey_of(tx, place)
    lines = [_assessment_json(row) for row in emitters.assessments_at(tx, place)]
    return _emitter_json(found) | {"assessments": lines}


def _emitter_json(one: Surveyed) -> dict[str, Any]:
    row = one.row
    return {
        "room": row.room,
        "room_kind": one.room_kind,
        "place": row.place,
        "emitter": row.emitter,
        "circuit": row.circuit,
        "assessed": one.assessed,
        "assessed_by": row.assessed_by,
        "assessed_on": row.assessed_on,
        "finding": row.assessed_finding,
        "owner": row.owner,
        "use_until": row.use_until,
        "required": one.required,
        "equipment": list(one.tags),
        "state": one.state,
    }


def _assessment_json(row: EmitterAssessment) -> dict[str, Any]:
    return {
        "by": row.by,
        "on": row.on,
        "finding": row.finding,
        "answers": row.answers,
        "recorded_at": rfc3339(row.recorded_at),
        "recorded_by": row.recorded_by,
    }
