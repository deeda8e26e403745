"""The shift: who is on it, who hears in it, and its handover."""

from typing import Annotated, Any, Literal

from fastapi import Depends
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Actor, ReadTx, Viewer, WriteTx, requires
from api.nouns import noun_router
from nightwarden.maintenance.presses import ShiftTest
from nightwarden.maintenance.shifts import key_of, shift_before, shift_now
from nightwarden.model.roles import Right
from nightwarden.model.shifts import ShiftDeed
from nightwarden.store import shifts
from nightwarden.store.engine import Transaction
from nightwarden.wire import rfc3339

router = noun_router("shift")

Answerer = Annotated[Actor, Depends(requires(Right.ANSWER_ALERTS))]
Which = Literal["now", "before"]


class ShiftWord(BaseModel):
    """What somebody says of themselves and a shift: the present one, or the one before it.

    `on`, `off`; or one of the two signatures under a handover, `hands_over` and `takes_over`.
    """

    model_config = ConfigDict(extra="forbid")

    deed: ShiftDeed
    of: Which = "now"
    note: Annotated[str | None, Field(min_length=1, max_length=500)] = None


@router.get("/shift")
def get_shift(_viewer: Viewer, tx: ReadTx, of: Which = "now") -> dict[str, Any]:
    """A shift, who is on it and all that was said of it, oldest first."""
    return _as_json(tx, _shift(tx, of))


@router.post("/shift")
def say(word: ShiftWord, actor: Answerer, tx: WriteTx) -> dict[str, Any]:
    """Somebody comes on, goes off, or signs the handover, in the actor's name."""
    shift = _shift(tx, word.of)
    shifts.say(tx, key_of(shift), word.deed, actor.name, word.note)
    tx.flush()
    return _as_json(tx, shift)


def _shift(tx: Transaction, of: Which) -> ShiftTest:
    now = shift_now(tx)
    return now if of == "now" else shift_before(tx, now)


def _as_json(tx: Transaction, shift: ShiftTest) -> dict[str, Any]:
    said = shifts.of_shift(tx, key_of(shift))
    return {
        "shift": shift.name,
        "since": rfc3339(shift.since),
        "until": rfc3339(shift.until),
        "on": [row.person for row in shifts.on_shift(said)],
        "said": [
            {"deed": row.deed, "person": row.person, "at": rfc3339(row.at), "note": row.note}
            for row in said
        ],
    }
