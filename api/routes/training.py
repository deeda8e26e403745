"""Who has been shown which kind of equipment."""

from datetime import date
from typing import Annotated, Any

from fastapi import Depends

from api.deps import Actor, ReadTx, WriteTx, requires
from api.nouns import noun_router
from api.paging import LARGEST_ID, PageQuery, listed
from api.routes.bodies import Body, Number, Text
from nightwarden.model.places import EquipmentKind
from nightwarden.model.roles import Right
from nightwarden.store import training
from nightwarden.store.tables import Training
from nightwarden.wire import rfc3339

router = noun_router("training")

Seer = Annotated[Actor, Depends(requires(Right.SEE))]
Recorder = Annotated[Actor, Depends(requires(Right.RECORD_TRAINING))]


class ShownBody(Body):
    """Somebody was shown a kind of equipment, and has tried it."""

    person: Text
    kind: EquipmentKind
    shown_by: Text | None = None
    on: date | None = None


class TakenBack(Body):
    """Why the record no longer holds."""

    why: Text


@router.get("/training")
def list_training(_actor: Seer, tx: ReadTx, page: PageQuery) -> dict[str, Any]:
    """Every record in force, by person."""
    rows = training.shown(tx)
    shown, cursor = page.cut_computed("training", rows, lambda r: (r.person, r.id or 0), str, int)
    return listed([_json(row) for row in shown], cursor)


@router.post("/training", status_code=201)
def record(given: ShownBody, actor: Recorder, tx: WriteTx) -> dict[str, Any]:
    """Record who was shown what."""
    on, by = given.on or tx.now.date(), given.shown_by or actor.name
    return _json(training.record(tx, given.person, given.kind, by, on, actor.name))


@router.post("/training/{number}/take-back", status_code=204)
def take_back(number: Number, given: TakenBack, actor: Recorder, tx: WriteTx) -> None:
    """A record was wrong; it stays, ended."""
    training.take_back(tx, min(number, LARGEST_ID), given.why, actor.name)


def _json(row: Training) -> dict[str, Any]:
    shown = ("id", "person", "kind", "shown_by", "on", "recorded_by")
    return {name: getattr(row, name) for name in shown} | {"recorded_at": rfc3339(row.recorded_at)}
