"""The shift: who is on it, who hears in it, and its handover."""

from typing import Annotated, Any, Literal

from fastapi import Depends
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Actor, ReadTx, Viewer, WriteTx, requires
from api.handover_kept import keep
from api.nouns import noun_router
from api.paging import LARGEST_ID, PageQuery, listed
from nightwarden.errors import NotFound
from nightwarden.maintenance.presses import ShiftTest
from nightwarden.maintenance.shifts import key_of, shift_before, shift_now
from nightwarden.model.phrases import phrase
from nightwarden.model.roles import Right
from nightwarden.model.shifts import HANDOVER, ShiftDeed
from nightwarden.store import handovers, shifts
from nightwarden.store.engine import Transaction
from nightwarden.store.handovers import kept_json
from nightwarden.wire import rfc3339

router = noun_router("shift")

Answerer = Annotated[Actor, Depends(requires(Right.ANSWER_ALERTS))]
Seer = Annotated[Actor, Depends(requires(Right.SEE))]
Which = Literal["now", "before"]

_KEPT_AS = {
    ShiftDeed.HANDS_OVER: phrase("handed over"),
    ShiftDeed.TAKES_OVER: phrase("taken over"),
}


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
    if word.deed in HANDOVER:
        keep(tx, word.of, _KEPT_AS[word.deed], actor.name)
    return _as_json(tx, shift)


@router.get("/shift/handovers")
def list_handovers(_actor: Seer, tx: ReadTx, page: PageQuery) -> dict[str, Any]:
    """The kept handovers, newest first, without their content."""
    after = page.after("handovers", int)
    rows = handovers.page(tx, page.limit + 1, int(after[0]) if after else None)
    shown, cursor = page.cut("handovers", rows, lambda row: (row.id or 0,))
    return listed([kept_json(row) for row in shown], cursor)


@router.get("/shift/handovers/{handover_id}")
def get_handover(handover_id: str, _actor: Seer, tx: ReadTx) -> dict[str, Any]:
    """One as it was shown: `content` has who was on and the parts with their lines.

    `sha256` is of the canonical form of all but itself and `id`; `whole` is false where that no
    longer fits, as after a name was erased.
    """
    row = handovers.find(tx, number_of(handover_id))
    return kept_json(row, content=True) | {"whole": handovers.is_whole(row)}


def number_of(text: str) -> int:
    """A kept handover's number from an address.

    Raises:
        NotFound: it is none.
    """
    if not text.isascii() or not text.isdigit() or int(text[:20]) > LARGEST_ID:
        raise NotFound(f"There is no kept handover {text[:20]}.")
    return int(text)


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
