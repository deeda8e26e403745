"""Pausing the watches of a place, and resuming them."""

from typing import Annotated, Any

from fastapi import Depends
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Actor, WriteTx, requires
from api.nouns import noun_router
from nightwarden.errors import NotPermitted
from nightwarden.model.places import PlaceId
from nightwarden.model.roles import Right
from nightwarden.store import pauses
from nightwarden.store.pauses import LONGEST_MINUTES, SHORT_MINUTES, pause_json

router = noun_router("places")

Pauser = Annotated[Actor, Depends(requires(Right.PAUSE))]


class PauseRequest(BaseModel):
    """For how long, and why. More than 15 minutes need a senior or a manager."""

    model_config = ConfigDict(extra="forbid")

    minutes: Annotated[int, Field(ge=1, le=LONGEST_MINUTES, strict=True)]
    reason: Annotated[str, Field(min_length=1, max_length=200)]


@router.post("/places/{room}/{place}/pause")
def pause(
    room: str, place: str, wanted: PauseRequest, actor: Pauser, tx: WriteTx
) -> dict[str, Any]:
    """Pause the watches of a place; they arm themselves again at the end.

    The place `door` is the whole room: "care in progress" there pauses every mat of the room, for
    up to 15 minutes.
    """
    if wanted.minutes > SHORT_MINUTES and not actor.may(Right.PAUSE_LONG):
        raise NotPermitted(
            f"A {actor.role} may pause for {SHORT_MINUTES} minutes at most; "
            "ask a senior or the manager for longer."
        )
    row = pauses.pause(tx, PlaceId(room, place), wanted.minutes, wanted.reason, actor.name)
    return pause_json(row)


@router.post("/places/{room}/{place}/resume", status_code=204)
def resume(room: str, place: str, actor: Pauser, tx: WriteTx) -> None:
    """End a pause before its time; the live stream says what the watch is from then on."""
    pauses.resume(tx, PlaceId(room, place), actor.name)
