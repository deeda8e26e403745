"""Checks: what is due today, how often and why, and the press test of the shift."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from api.deps import Actor, ReadTx, WriteTx
from api.fault_queue import by_age
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.check_words import CHECK_WORDS, OUTCOMES, answer_words
from api.pages.drawing import back_to, draw
from api.pages.surroundings import ViewerPage
from api.routes.checks import known_check, marks_of, shift_now
from nightwarden.errors import Invalid
from nightwarden.maintenance import presses
from nightwarden.maintenance import today as due
from nightwarden.maintenance.presses import Shown
from nightwarden.model.checks import EntryMark
from nightwarden.model.phrases import phrase
from nightwarden.model.roles import Right
from nightwarden.store import check_rounds, checks, photos, printed_labels
from nightwarden.store.engine import Transaction

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Setter = Annotated[Actor, Depends(person_with(Right.SET_CHECKS))]

SHOWN_CHECKS = 60
MARK_WORDS = {
    EntryMark.LATE: phrase("entered later"),
    EntryMark.TOGETHER: phrase("entered all at once"),
    EntryMark.ALIKE: phrase("the same temperature again and again"),
}
PRESS_WORDS = {
    Shown.PRESSED: phrase("Pressed"),
    Shown.WAITING: phrase("To press"),
    Shown.LATE: phrase("Late"),
    Shown.LAIN_ON: phrase("In use since"),
    Shown.MISSED: phrase("Missed"),
}


@router.get("/checks")
def show_today(page: ViewerPage, tx: ReadTx) -> Response:
    """What is overdue and due, the faults by age, and the rounds that go on."""
    labels = {label.equipment: label.code for label in printed_labels.now(tx)}
    shift = presses.shift_presses(tx, tx.now)
    return draw(
        "checks.html",
        page,
        today=due.today(tx),
        faults=by_age(tx),
        labels=labels,
        shift=shift,
        before=_shift_before(tx, shift),
        shown=Shown,
        running=check_rounds.running(tx),
        check_words=CHECK_WORDS,
    )


@router.get("/checks/record")
def show_record(page: ViewerPage, tx: ReadTx, item: str = "") -> Response:
    """The checks that were entered last, with both times and what is odd about them."""
    rows = checks.newest(tx, SHOWN_CHECKS, None, item or None)
    return draw(
        "checks_record.html",
        page,
        rows=rows,
        item=item,
        odd=marks_of(tx, rows),
        pictures=photos.of_checks(tx, [row.id or 0 for row in rows]),
        check_words=CHECK_WORDS,
        mark_words=MARK_WORDS,
        answer_words=answer_words(),
        outcomes=OUTCOMES,
    )


@router.get("/checks/kinds")
def show_kinds(page: ViewerPage, tx: ReadTx) -> Response:
    """How often everything is checked, why, and who says so."""
    window = checks.settings(tx).get(checks.PRESS_WINDOW)
    return draw(
        "checks_kinds.html",
        page,
        intervals=due.intervals(tx),
        window=checks.press_window_min(tx),
        window_set=window,
        check_words=CHECK_WORDS,
    )


@router.post("/checks/kinds")
def set_interval(form: Filled, actor: Setter, tx: WriteTx) -> Response:
    """How often from now on, and why."""
    because = field(form, "because", "a reason")
    if form.get("what") == "press-window":
        checks.set_press_window(tx, _number(form, "minutes"), because, actor.name)
    else:
        kind = field(form, "kind", "the kind of equipment")
        known, which = known_check(kind, field(form, "check", "which check"))
        checks.set_interval(tx, known, which, _number(form, "every_days"), because, actor.name)
    return back_to("/checks/kinds")


@router.get("/checks/press")
def show_press(page: ViewerPage, tx: ReadTx) -> Response:
    """The press test of the shift, ticked by what the mats say."""
    return draw("checks_press.html", page, **_press(tx))


@router.get("/checks/press/fragment")
def show_press_alone(page: ViewerPage, tx: ReadTx) -> Response:
    """The part of the page that renews itself."""
    return draw("checks_press_live.html", page, **_press(tx))


def _press(tx: Transaction) -> dict[str, Any]:
    labels = {label.equipment: label.code for label in printed_labels.now(tx)}
    return {
        "shift": shift_now(tx),
        "before": _shift_before(tx, presses.shift_presses(tx, tx.now)),
        "shown": Shown,
        "press_words": PRESS_WORDS,
        "labels": labels,
    }


def _shift_before(tx: Transaction, now: presses.ShiftPresses | None) -> presses.ShiftPresses | None:
    """The shift that has ended last: what was missed in it is reported until the next one ends."""
    if now is None:
        return None
    return presses.shift_presses(tx, now.shift.since - presses.MOMENT)


def _number(form: Filled, name: str) -> int:
    given = field(form, name, "a number")
    if not given.isascii() or not given.isdigit():
        raise Invalid(f'"{given[:20]}" is not a whole number.')
    return int(given[:6])
