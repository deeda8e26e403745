"""Night drills: a marked synthetic exit, and how long it took people to come."""

from typing import Annotated, Any

from fastapi import Depends
from pydantic import BaseModel, Field

from api.deps import Actor, ReadTx, Viewer, WriteTx, requires
from api.nouns import noun_router
from api.paging import PageQuery, listed
from nightwarden.errors import NotFound
from nightwarden.model.roles import Right
from nightwarden.store import drills
from nightwarden.store.drills import DrillStory
from nightwarden.wire import rfc3339
from rules.drills import LASTS

router = noun_router("drills")

Manager = Annotated[Actor, Depends(requires(Right.MANAGE))]
_LARGEST = 1 << 62


class DrillAsked(BaseModel):
    """In which room nobody is to get up."""

    room: str = Field(min_length=1, max_length=200)


@router.post("/drills", status_code=201)
def ask(body: DrillAsked, actor: Manager, tx: WriteTx) -> dict[str, Any]:
    """Ask for a drill: a synthetic exit goes through the real broker to the real receivers.

    It is marked DRILL everywhere, ends by itself within ten minutes, and counts in no figure.
    """
    drill = drills.ask(tx, body.room, LASTS, actor.name)
    return drill_json(DrillStory(drill, None, None, None))


@router.get("/drills")
def list_drills(_viewer: Viewer, tx: ReadTx, page: PageQuery) -> dict[str, Any]:
    """The drills, the latest first; seconds count from the asking."""
    after = page.after("drills", int)
    before = None if after is None else int(after[0])
    rows, cursor = page.cut(
        "drills",
        drills.stories(tx, page.limit + 1, before),
        lambda story: (story.drill.id or 0,),
    )
    return listed([drill_json(story) for story in rows], cursor)


@router.get("/drills/{drill_id}")
def get_drill(drill_id: str, _viewer: Viewer, tx: ReadTx) -> dict[str, Any]:
    """One drill."""
    return drill_json(drills.story(tx, _number(drill_id)))


def drill_json(story: DrillStory) -> dict[str, Any]:
    """A drill as the api gives it; who answered is on its alert and in no figure."""
    drill = story.drill
    return {
        "id": str(drill.id),
        "room": drill.room,
        "asked_by": drill.asked_by,
        "asked_at": rfc3339(drill.asked_at),
        "ends_at": rfc3339(drill.ends_at),
        "came_through_s": story.after(drill.returned_at),
        "sounded_s": story.sounded_s,
        "accepted_s": story.accepted_s,
        "attended_s": story.attended_s,
        "alert": None if drill.alert is None else str(drill.alert),
        "ended_at": rfc3339(drill.ended_at),
        "ended_why": drill.ended_why,
    }


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text[:20]) > _LARGEST:
        raise NotFound(f"There is no drill {text[:40]}.")
    return int(text)
