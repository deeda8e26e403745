"""Who can hear an alert right now."""

from typing import Annotated, Any

from fastapi import Depends, Path, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from api.deps import Actor, Now, ReadTx, Viewer, WriteTx, get_parts, requires
from api.nouns import noun_router
from api.paging import listed
from nightwarden.maintenance.shifts import confirm_heard
from nightwarden.model.roles import Right
from nightwarden.store import receivers
from nightwarden.store.receivers import LISTENS_FOR, ReceiverKind, Word
from nightwarden.store.tables import SoundTest
from nightwarden.wire import rfc3339

router = noun_router("receivers")

Answerer = Annotated[Actor, Depends(requires(Right.ANSWER_ALERTS))]
ReceiverId = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{8,64}$")]


class ReceiverWord(BaseModel):
    """A receiver's own word: say it at least every 7 s; after 20 s of silence it counts no more."""

    model_config = ConfigDict(extra="forbid")

    kind: ReceiverKind
    sound: StrictBool = Field(description="It would sound an alert now, and be heard.")


@router.get("/receivers")
def list_receivers(_viewer: Viewer, tx: ReadTx) -> dict[str, Any]:
    """Every screen, phone and pager that is there now, and whether it would be heard.

    `counts`: its sound is on and, of a screen or phone, somebody has heard its sound test in this
    shift (`heard`: by whom and when).
    """
    tests = receivers.heard_tests(tx)
    return listed(
        [
            {
                "id": row.id,
                "counts": receivers.counts(row, tests),
                "heard": _heard_json(tests.get(row.id)),
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
async def say(
    receiver_id: ReceiverId,
    word: ReceiverWord,
    viewer: Viewer,
    request: Request,
    now: Now,
) -> dict[str, Any]:
    """A receiver says that it is there. The id is its own, made once: 8 to 64 letters or digits."""
    parts = get_parts(request)
    said = Word(receiver_id, viewer.name, word.kind, word.sound, now)

    def write(words: list[Word]) -> None:
        with parts.store.transaction(now) as tx:
            receivers.heard(tx, words)

    def read() -> dict[str, SoundTest]:
        with parts.store.reading(now) as tx:
            return receivers.heard_tests(tx)

    if words := parts.receivers.hear(said):
        await run_in_threadpool(write, words)
    test = (await parts.sound_tests.of("all", now, read)).get(receiver_id)
    return {
        "listens": word.sound,
        "counts": word.sound and (word.kind is ReceiverKind.PAGER or test is not None),
        "heard": _heard_json(test),
        "say_again_within_s": LISTENS_FOR.total_seconds() / 3,
    }


@router.post("/receivers/{receiver_id}/heard")
def confirm(receiver_id: ReceiverId, actor: Answerer, tx: WriteTx) -> dict[str, Any]:
    """A person has heard this receiver's sound test; it counts until the shift is over."""
    test = confirm_heard(tx, receiver_id, actor.name)
    return {"heard": _heard_json(test)}


def _heard_json(test: SoundTest | None) -> dict[str, Any] | None:
    if test is None:
        return None
    return {
        "by": test.heard_by,
        "at": rfc3339(test.at),
        "shift": test.shift,
        "until": rfc3339(test.expires_at),
    }
