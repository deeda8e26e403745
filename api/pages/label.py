"""``/l/CODE``: what a label opens when a phone scans it.

1. Signed in it is the item with its checks, or the place with its items. To anybody else it is the
   name of the item and "report a fault", and nothing more.
2. A check may have been kept on the phone. It then says how long ago it was made by the phone's
   own count; the phone's clock itself is not believed.
3. Whoever made a kept check has to be who sends it: a phone is passed on.
4. The pages that a phone may keep for a dead spot say so in a header, and have no resident on them.
"""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse, JSONResponse

from api.deps import Actor, ReadTx, WriteTx
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.check_words import CHECK_WORDS
from api.pages.drawing import HERE, back_to, draw
from api.pages.label_view import (
    begun,
    item_words,
    live_press,
    scanned_item,
    scanned_place,
)
from api.pages.problem import wants_page
from api.pages.surroundings import OpenPage, ViewerPage
from api.photos import FormPhoto
from api.routes.check_rounds import number_of
from api.routes.equipment import place_of
from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.languages import gettext, ngettext, said
from nightwarden.maintenance.entry import Entry, enter
from nightwarden.model.checks import CheckKind, CheckOutcome
from nightwarden.model.phrases import phrase
from nightwarden.model.roles import Right
from nightwarden.store import check_rounds, checks, photos, printed_labels, register
from nightwarden.store.engine import Transaction
from nightwarden.store.printed_labels import Labelled
from nightwarden.store.tables import ItemCheck

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Checker = Annotated[Actor, Depends(person_with(Right.CONFIRM))]

KEEP = {"Nightwarden-Keep": "yes"}
OUTCOME_WORDS = {
    CheckOutcome.PASSED: phrase("Passed"),
    CheckOutcome.FAILED: phrase("Failed"),
    CheckOutcome.NOT_PROVED: phrase("Proves nothing"),
}


@router.get("/l/worker.js")
def worker() -> Response:
    """The worker, under the name that phones of an earlier release ask for (scope ``/l/``)."""
    return FileResponse(
        HERE / "static" / "worker.js",
        media_type="text/javascript",
        headers={"Cache-Control": "no-cache"},
    )


@router.get("/l/offline")
def no_signal(page: OpenPage) -> Response:
    """The page for a label that the phone has not kept."""
    return draw("label_offline.html", page)


@router.get("/l/{code}")
def show_label(code: str, page: OpenPage, tx: ReadTx, made: str = "") -> Response:
    """What the label is on."""
    label = printed_labels.find(tx, code)
    if page.viewer is None:
        return draw("label_open.html", page, label=label, name=_open_name(tx, label))
    if label.equipment is None:
        assert label.place is not None
        scanned = scanned_place(tx, label.code, label.place)
        answer = draw("label_place.html", page, scanned=scanned)
    else:
        shown = scanned_item(tx, label.code, label.equipment)
        answer = draw(
            "label.html",
            page,
            scanned=shown,
            base=f"/l/{label.code}",
            made=_made(tx, label, made),
            words=OUTCOME_WORDS,
            check_words=CHECK_WORDS,
        )
    answer.headers.update(KEEP)
    return answer


@router.get("/l/{code}/press/fragment")
def show_press(code: str, page: ViewerPage, tx: ReadTx) -> Response:
    """The part of the page that says when a press has come through."""
    item = _item(tx, code)
    press = live_press(tx, item)
    return draw("label_press.html", page, press=press, base=f"/l/{code}")


@router.post("/l/{code}/check")
def check(  # noqa: PLR0913, PLR0917
    code: str, request: Request, form: Filled, actor: Checker, photo: FormPhoto, tx: WriteTx
) -> Response:
    """Enter a check, with a photo where there is one."""
    label = printed_labels.find(tx, code)
    if label.equipment is None:
        raise Invalid("This is the label of a place; scan the item's own to check it.")
    _same_person(form, actor)
    entry = Entry(
        key=field(form, "key", "the key of the form; open the page again"),
        equipment=label.equipment,
        kind=_kind(form),
        answers={name[2:]: text for name, text in form.items() if name.startswith("q-")},
        note=form.get("note") or None,
        at=_when(form, tx.now),
        place=place_of(form["seen_at"]) if form.get("seen_at") else None,
        round=number_of(form["round"]) if form.get("round") else None,
        kept_offline=form.get("kept") == "yes",
    )
    row = enter(tx, entry, actor.name)
    if photo is not None:
        photos.add(
            tx,
            digest=photo.digest,
            size=(photo.width, photo.height, len(photo.content)),
            equipment=row.equipment,
            place=checks.place_of(row),
            at=row.at,
            by=actor.name,
            check=row,
        )
    return _answer(request, f"/l/{label.code}?made={row.id}", _sentence(row), row.remark)


@router.post("/l/{code}/scan")
def scan(code: str, request: Request, form: Filled, actor: Checker, tx: WriteTx) -> Response:
    """I have found it, on a check round."""
    item = _item(tx, code)
    _same_person(form, actor)
    number = number_of(field(form, "round", "the check round"))
    key = field(form, "key", "the key of the form; open the page again")
    at = _when(form, tx.now) or tx.now
    place = place_of(form["seen_at"]) if form.get("seen_at") else item.place
    row = check_rounds.scan(tx, number, item.tag, key, actor.name, at, place)
    found = gettext("Found.") if row.expected else gettext("Found, and not expected by this round.")
    ended = check_rounds.find(tx, number).ended_at
    late = (
        phrase("the round had ended before this came")
        if ended and ended <= row.recorded_at
        else None
    )
    return _answer(request, f"/l/{code}", found, late)


def _item(tx: Transaction, code: str) -> register.Item:
    label = printed_labels.find(tx, code)
    if label.equipment is None:
        raise NotFound("This is the label of a place; scan the item's own.")
    return register.item(tx, label.equipment)


def _open_name(tx: Transaction, label: Labelled) -> str:
    if label.equipment is not None:
        return item_words(register.item(tx, label.equipment).kind, label.equipment)
    assert label.place is not None
    return begun(said(label.place.place.replace("-", " ")))


def _made(tx: Transaction, label: Labelled, number: str) -> ItemCheck | None:
    """The check that was entered just now, if it is one of this item."""
    if not number.isascii() or not number.isdigit():
        return None
    row = tx.get(ItemCheck, int(number[:15]))
    return row if row is not None and row.equipment == label.equipment else None


def _kind(form: Filled) -> CheckKind:
    text = field(form, "check", "which check it is")
    if text not in set(CheckKind):
        raise Invalid(f'There is no check "{text[:20]}"; open the page again.')
    return CheckKind(text)


def _when(form: Filled, now: datetime) -> datetime | None:
    """When it was done, from how long ago the phone says that was; None is now."""
    ago = form.get("ago_ms", "")
    if not ago:
        return None
    if not ago.isascii() or not ago.isdigit() or len(ago) > 12:
        raise Invalid("The phone did not say how long ago the check was made; enter it again.")
    return now - timedelta(milliseconds=int(ago))


def _same_person(form: Filled, actor: Actor) -> None:
    made_by = form.get("made_by")
    if made_by and made_by != actor.name:
        raise Conflict(f"{made_by} made this check; it is sent when {made_by} signs in here.")


def _sentence(row: ItemCheck) -> str:
    """What came of a check, as the phone that has sent it says."""
    check, outcome = CHECK_WORDS[CheckKind(row.kind)], OUTCOME_WORDS[CheckOutcome(row.outcome)]
    opened = len(row.faults)
    faults = ngettext("{n} fault opened.", "{n} faults opened.", opened).format(n=opened)
    return f"{said(check)}: {said(outcome)}.{f' {faults}' if opened else ''}"


def _answer(request: Request, path: str, sentence: str, remark: str | None) -> Response:
    """Back to the page; a script that sends what a phone has kept gets the words instead."""
    if wants_page(request):
        return back_to(path)
    return JSONResponse({"said": sentence, "remark": remark and said(remark), "path": path}, 201)
