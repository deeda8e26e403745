"""The heating outage and portable heaters."""

from datetime import UTC
from typing import Annotated, Any

from fastapi import Depends
from pydantic import AwareDatetime

from api.deps import Actor, ReadTx, WriteTx, requires
from api.nouns import noun_router
from api.outage import outage_json, outage_now, row_json, stay_json
from api.paging import listed
from api.routes.equipment import place_of
from api.routes.equipment_bodies import Body, Text
from api.routes.notices import number_of
from nightwarden.errors import Invalid
from nightwarden.model.roles import Right
from nightwarden.store import heaters, outages

router = noun_router("outage")

Seer = Annotated[Actor, Depends(requires(Right.SEE))]
Runner = Annotated[Actor, Depends(requires(Right.RUN_OUTAGE))]


class WhyBody(Body):
    """Why it is opened, or what was done at its end."""

    why: Text


class StepBody(Body):
    """What there is to say of a step."""

    note: Text | None = None


class HeaterBody(Body):
    """A portable heater: where, whose to look after, how it was made safe, and until when."""

    equipment: Text
    at: Text
    owner: Text
    made_safe: Text
    until: AwareDatetime


class LongerBody(Body):
    """Until when it stays, and why."""

    until: AwareDatetime
    reason: Text


class WentBody(Body):
    """Where it went."""

    went_to: Text


@router.get("/outage")
def get_outage(_actor: Seer, tx: ReadTx) -> dict[str, Any]:
    """The outage that goes on, if one does; the rooms, the coldest first; the heaters; the
    checklist. `proposed`: two rooms or more are too cold and nobody has opened one."""
    return outage_json(outage_now(tx))


@router.post("/outage", status_code=201)
def begin(given: WhyBody, actor: Runner, tx: WriteTx) -> dict[str, Any]:
    """The heating is out."""
    outages.begin(tx, given.why, actor.name, proposed=outage_now(tx).proposed)
    return outage_json(outage_now(tx))


@router.post("/outage/steps/{step}")
def tick(step: str, actor: Runner, tx: WriteTx, given: StepBody | None = None) -> dict[str, Any]:
    """A step of the checklist is done."""
    outages.tick(tx, step, given.note if given else None, actor.name)
    return outage_json(outage_now(tx))


@router.post("/outage/end")
def end(given: WhyBody, actor: Runner, tx: WriteTx) -> dict[str, Any]:
    """The heating is back; 409 while a heater is not accounted for."""
    return row_json(outages.end(tx, given.why, actor.name))


@router.get("/outages")
def list_outages(_actor: Seer, tx: ReadTx) -> dict[str, Any]:
    """Outages that have ended, the latest first, each with its heaters."""
    return listed(
        [
            row_json(row)
            | {"heaters": [stay_json(stay, tx.now) for stay in heaters.of_outage(tx, row.id or 0)]}
            for row in outages.before(tx)
        ],
        None,
    )


@router.get("/heaters")
def list_heaters(_actor: Seer, tx: ReadTx) -> dict[str, Any]:
    """The portable heaters that nobody has taken away, the one that goes first on top."""
    return listed([stay_json(stay, tx.now) for stay in heaters.standing(tx)], None)


@router.post("/heaters", status_code=201)
def put_heater(new: HeaterBody, actor: Runner, tx: WriteTx) -> dict[str, Any]:
    """Put a portable heater into a room for a time; a tag that nobody knows is registered."""
    place = place_of(new.at)
    if place is None:
        raise Invalid("at: say where it stands, as ROOM/PLACE.")
    words, until = (new.owner, new.made_safe), new.until.astimezone(UTC)
    return stay_json(heaters.put(tx, new.equipment, place, until, words, actor.name), tx.now)


@router.post("/heaters/{heater_id}/extend")
def extend(heater_id: str, more: LongerBody, actor: Runner, tx: WriteTx) -> dict[str, Any]:
    """It stays until later."""
    number, until = number_of(heater_id, "heater"), more.until.astimezone(UTC)
    return stay_json(heaters.extend(tx, number, until, more.reason, actor.name), tx.now)


@router.post("/heaters/{heater_id}/take-away")
def take_away(heater_id: str, went: WentBody, actor: Runner, tx: WriteTx) -> dict[str, Any]:
    """It is gone from its room."""
    number = number_of(heater_id, "heater")
    return stay_json(heaters.take_away(tx, number, went.went_to, actor.name), tx.now)
