"""Manual rounds: what people do where nothing else protects somebody."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.deps import Actor, ReadTx, Viewer, WriteTx, requires
from api.nouns import noun_router
from api.paging import LARGEST_ID, listed
from api.rounds import due_list
from nightwarden.errors import Invalid, NotFound
from nightwarden.model.places import PlaceId
from nightwarden.model.plan import Plan
from nightwarden.model.roles import Right
from nightwarden.model.rounds import Seen
from nightwarden.store import rounds
from nightwarden.store.engine import Transaction
from nightwarden.store.plan import load_plan
from nightwarden.store.rounds import round_json, tick_json
from rules.protection import watched_places

router = noun_router("rounds")

Setter = Annotated[Actor, Depends(requires(Right.SET_ROUND))]
Looker = Annotated[Actor, Depends(requires(Right.ANSWER_ALERTS))]
Reason = Annotated[str, Field(min_length=1, max_length=200)]


class RoundRequest(BaseModel):
    """How often, until when, and why."""

    model_config = ConfigDict(extra="forbid")

    every_minutes: Annotated[int, Field(strict=True, description="15 or 30")]
    until: AwareDatetime
    reason: Reason


class Upset(BaseModel):
    """Why every bed is to be looked at once."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


class Tick(BaseModel):
    """How the resident was; `at` is when somebody looked in, now unless given."""

    model_config = ConfigDict(extra="forbid")

    seen: Seen
    note: Annotated[str, Field(max_length=500)] = ""
    at: AwareDatetime | None = None


@router.get("/rounds")
def list_rounds(_viewer: Viewer, tx: ReadTx) -> dict[str, Any]:
    """The rounds that go on, the one that is due first on top.

    `late_s` is negative before it is due. `watched_again` is true when the place is protected and
    somebody may end the round; it does not end by itself before its time.
    """
    return listed([one.as_json() for one in due_list(tx)], None)


@router.get("/rounds/{round_id}")
def get_round(round_id: str, _viewer: Viewer, tx: ReadTx) -> dict[str, Any]:
    """A round with its looks, the latest first."""
    row = rounds.find(tx, number_of(round_id))
    ticks = rounds.ticks_of(tx, row.id or 0)
    return {**round_json(row), "ticks": [tick_json(tick) for tick in ticks]}


@router.post("/places/{room}/{place}/round", status_code=201)
def set_round(
    room: str, place: str, wanted: RoundRequest, actor: Setter, tx: WriteTx
) -> dict[str, Any]:
    """Set a manual round of a place; a round that it has already ends."""
    every, until = timedelta(minutes=wanted.every_minutes), wanted.until
    row = rounds.begin(tx, PlaceId(room, place), every, until, wanted.reason, actor.name)
    return round_json(row)


@router.post("/rounds/after-upset", status_code=201)
def after_upset(wanted: Upset, actor: Setter, tx: WriteTx) -> dict[str, Any]:
    """Every bed within its hours is to be looked at once; a place with a round keeps it."""
    places = watched_places(_plan(tx), tx.now)
    made = rounds.begin_once(tx, places, wanted.reason, actor.name)
    return listed([round_json(row) for row in made], None)


@router.post("/rounds/{round_id}/ticks", status_code=201)
def tick(round_id: str, given: Tick, actor: Looker, tx: WriteTx) -> dict[str, Any]:
    """The actor has looked in."""
    at: datetime | None = given.at
    row, made = rounds.tick(tx, number_of(round_id), given.seen, given.note, at, actor.name)
    return {**round_json(row), "tick": tick_json(made)}


@router.post("/rounds/{round_id}/end")
def end(round_id: str, actor: Setter, tx: WriteTx) -> dict[str, Any]:
    """End a round before its time."""
    return round_json(rounds.end(tx, number_of(round_id), actor.name))


def number_of(text: str) -> int:
    """A round's number from an address.

    Raises:
        NotFound: it is none.
    """
    if not text.isascii() or not text.isdigit() or int(text[:20]) > LARGEST_ID:
        raise NotFound(f"There is no round {text}.")
    return int(text)


def _plan(tx: Transaction) -> Plan:
    plan = load_plan(tx)
    if plan is None:
        raise Invalid("There is no home here yet.")
    return plan
