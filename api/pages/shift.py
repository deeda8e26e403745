"""The shift: how it starts, who is on, and how it is handed over."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from api.deps import Actor, ReadTx, WriteTx
from api.pages.asking import Filled, PageRoute, person_with
from api.pages.checks import PRESS_WORDS
from api.pages.drawing import back_to, draw
from api.pages.handover_view import handover_of, wanted_shift
from api.pages.shift_view import shift_start
from api.pages.surroundings import ViewerPage
from api.routes import receivers as hearing
from api.routes import shifts as saying
from nightwarden.maintenance.presses import Shown
from nightwarden.model.roles import Right
from nightwarden.model.shifts import HANDOVER, ShiftDeed
from nightwarden.store import handovers, printed_labels, shifts
from nightwarden.store.engine import Transaction
from nightwarden.store.shifts import ShiftKey

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Answerer = Annotated[Actor, Depends(person_with(Right.ANSWER_ALERTS))]

KEPT_SHOWN = 60


@router.get("/shift")
def show_start(page: ViewerPage, tx: ReadTx) -> Response:
    """Is this shift green, and what is to be done for it."""
    return draw("shift.html", page, **_start(tx))


@router.get("/shift/fragment")
def show_start_alone(page: ViewerPage, tx: ReadTx) -> Response:
    """The part of the page that renews itself."""
    return draw("shift_live.html", page, **_start(tx))


def _start(tx: Transaction) -> dict[str, Any]:
    return {
        "start": shift_start(tx),
        "labels": {label.equipment: label.code for label in printed_labels.now(tx)},
        "press_words": PRESS_WORDS,
        "shown": Shown,
    }


@router.post("/shift/on")
def sign_on(actor: Answerer, tx: WriteTx) -> Response:
    """ "I'm on"."""
    saying.say(saying.ShiftWord(deed=ShiftDeed.ON), actor, tx)
    return back_to("/shift")


@router.post("/shift/off")
def sign_off(actor: Answerer, tx: WriteTx) -> Response:
    """ "I'm off", or a wrong press."""
    saying.say(saying.ShiftWord(deed=ShiftDeed.OFF), actor, tx)
    return back_to("/shift")


@router.post("/receivers/{receiver_id}/heard")
def heard(receiver_id: hearing.ReceiverId, actor: Answerer, tx: WriteTx) -> Response:
    """ "Yes, I heard it"."""
    hearing.confirm(receiver_id, actor, tx)
    return back_to("/")


@router.get("/shift/handover")
def show_handover(page: ViewerPage, tx: ReadTx, of: str = "") -> Response:
    """What the next shift has to know; ``of`` is ``now`` or ``before``, else by the hour."""
    return draw("handover.html", page, handover=handover_of(tx, wanted_shift(tx, of)))


@router.get("/shift/handovers")
def show_kept(page: ViewerPage, tx: ReadTx, before: str = "") -> Response:
    """What was handed over, as it was shown then."""
    rows = handovers.page(tx, KEPT_SHOWN + 1, saying.number_of(before) if before else None)
    shown = rows[:KEPT_SHOWN]
    older = shown[-1].id if len(rows) > KEPT_SHOWN else None
    return draw("handovers.html", page, kept=shown, older=older)


@router.get("/shift/handovers/{number}")
def show_one_kept(number: str, page: ViewerPage, tx: ReadTx) -> Response:
    """One of them, for paper too."""
    row = handovers.find(tx, saying.number_of(number))
    said = shifts.of_shift(tx, ShiftKey(row.shift, row.since))
    signed = [one for one in said if one.deed in HANDOVER]
    whole = handovers.is_whole(row)
    return draw("handover_kept.html", page, row=row, signed=signed, whole=whole)


@router.post("/shift/handover")
def sign_handover(form: Filled, actor: Answerer, tx: WriteTx) -> Response:
    """One of the two signatures."""
    of: saying.Which = "before" if form.get("of") == "before" else "now"
    side = form.get("side")
    deed = ShiftDeed.TAKES_OVER if side == "takes_over" else ShiftDeed.HANDS_OVER
    note = form.get("note", "").strip()[:500] or None
    saying.say(saying.ShiftWord(deed=deed, of=of, note=note), actor, tx)
    return back_to(f"/shift/handover?of={of}")
