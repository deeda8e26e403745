"""Calling for help by hand: what a call button in the room would do."""

from typing import Annotated, Any

from fastapi import Depends

from api.deps import Actor, WriteTx, requires
from api.nouns import noun_router
from nightwarden.model.roles import Right
from nightwarden.store import calls
from nightwarden.wire import rfc3339

router = noun_router("places")

Caller = Annotated[Actor, Depends(requires(Right.ANSWER_ALERTS))]


@router.post("/rooms/{room}/call", status_code=201)
def call(room: str, actor: Caller, tx: WriteTx) -> dict[str, Any]:
    """Call for help in a room: a high alert (`call_button`) that says who called.

    The gateway raises it, at the place `room` of that room, within a second. The same person's
    second call within ten seconds is the first one.
    """
    row = calls.call(tx, room, actor.name)
    return {"id": row.id, "room": row.room, "at": rfc3339(row.at), "by": row.by}
