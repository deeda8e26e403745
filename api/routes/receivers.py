"""Who can hear an alert right now."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from api.deps import Now, ReadTx, Viewer, get_parts
from api.paging import listed
from nightwarden.store import receivers
from nightwarden.store.receivers import LISTENS_FOR, ReceiverKind, Word
from nightwarden.wire import rfc3339

router = APIRouter(tags=["receivers"])


class ReceiverWord(BaseModel):
    """A receiver's own word: say it at least every 7 s; after 20 s of silence it counts no more."""

    model_config = ConfigDict(extra="forbid")

    kind: ReceiverKind
    sound: StrictBool = Field(description="It would sound an alert now, and be heard.")


@router.get("/receivers")
def list_receivers(_viewer: Viewer, tx: ReadTx) -> dict[str, Any]:
    """Every screen, phone and pager that is there now, and whether it can sound an alert."""
    return listed(
        [
            {
                "id": row.id,
                "name": row.name,
                "kind": row.kind,
                "sound": row.sound,
                "since": rfc3339(row.since),
                "heard_at": rfc3339(row.heard_at),
            }
            for row in receivers.present(tx)
        ],
        None,
    )


@router.post("/receivers/{receiver_id}")
def say(
    receiver_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{8,64}$")],
    word: ReceiverWord,
    viewer: Viewer,
    request: Request,
    now: Now,
) -> dict[str, Any]:
    """A receiver says that it is there. The id is its own, made once: 8 to 64 letters or digits."""
    parts = get_parts(request)
    said = Word(receiver_id, viewer.name, word.kind, word.sound, now)
    if words := parts.receivers.hear(said):
        with parts.store.transaction(now) as tx:
            receivers.heard(tx, words)
    return {"listens": word.sound, "say_again_within_s": LISTENS_FOR.total_seconds() / 3}
