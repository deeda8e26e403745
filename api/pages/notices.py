"""Notices and findings from outside, as pages; what a person has yet to read before the shift."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.deps import Actor, ReadTx, WriteTx
from api.notices import FormFile, download
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.drawing import back_to, draw
from api.pages.removals import day_in
from api.pages.surroundings import ViewerPage
from api.routes.notices import number_of
from nightwarden.errors import Invalid
from nightwarden.model.notices import CheckOutcome, Concerns, NoticeKind
from nightwarden.model.places import EquipmentKind, PlaceId
from nightwarden.model.roles import Right
from nightwarden.store import notices, outside_findings
from nightwarden.store.notices import READERS, NewNotice
from nightwarden.store.outside_findings import NewFinding, days_open

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Reader = Annotated[Actor, Depends(person_with(Right.SEE))]
Checker = Annotated[Actor, Depends(person_with(Right.CONFIRM))]
Keeper = Annotated[Actor, Depends(person_with(Right.KEEP_REGISTER))]
Manager = Annotated[Actor, Depends(person_with(Right.MANAGE))]

MODELS = 3
"""How many kinds, makes and models the form asks for; the api takes more."""


@router.get("/notices")
def show_notices(page: ViewerPage, tx: ReadTx) -> Response:
    """The open notices, then the others; the form for a new one where the role may."""
    every = notices.standings(tx, notices.every(tx))
    return draw(
        "notices.html",
        page,
        waiting=[each for each in every if each.open],
        done=[each for each in every if not each.open],
        kinds=list(NoticeKind),
        equipment_kinds=list(EquipmentKind),
        roles=READERS,
        models=range(MODELS),
    )


@router.get("/notices/unread")
def show_unread(page: ViewerPage, tx: ReadTx) -> Response:
    """What the person who is signed in has yet to read, one after the other."""
    actor = page.actor
    rows = notices.unread(tx, actor.name, actor.role) if actor else []
    return draw("notices_unread.html", page, rows=rows)


@router.post("/notices")
def record(form: Filled, file: FormFile, actor: Keeper, tx: WriteTx) -> Response:
    """Record a notice, with its file if one was chosen."""
    kind = field(form, "kind", "what kind of notice it is")
    if kind not in set(NoticeKind):
        raise Invalid("Please choose the kind of notice from the list.")
    roles = [role for role in READERS if form.get(f"role_{role}")]
    new = NewNotice(
        number=field(form, "number", "its number"),
        kind=NoticeKind(kind),
        source=field(form, "source", "whom it comes from"),
        title=field(form, "title", "a title"),
        text=form.get("text", ""),
        dated=day_in(field(form, "dated", "its date")),
        concerns=_concerns(form),
        to_check=form.get("to_check", "").strip() or None,
        roles=roles,
    )
    return back_to(f"/notices/{notices.record(tx, new, file, actor.name).id}")


@router.get("/notices/{notice_id}")
def show_notice(notice_id: str, page: ViewerPage, tx: ReadTx) -> Response:
    """One notice: what it says, our items, and who has read it."""
    (standing,) = notices.standings(tx, [notices.find(tx, number_of(notice_id))])
    mine = page.actor is not None and page.actor.name in standing.unread_by
    return draw("notice.html", page, standing=standing, to_read=mine, outcomes=list(CheckOutcome))


@router.get("/notices/{notice_id}/file")
def get_file(notice_id: str, _page: ViewerPage, tx: ReadTx) -> Response:
    """Its file, to be saved."""
    row = notices.find(tx, number_of(notice_id))
    return download(row, notices.file_of(tx, row))


@router.post("/notices/{notice_id}/read")
def mark_read(notice_id: str, form: Filled, actor: Reader, tx: WriteTx) -> Response:
    """Read and understood, by whoever is signed in or has just said who they are."""
    number = number_of(notice_id)
    notices.mark_read(tx, number, actor.name)
    return back_to("/notices/unread" if form.get("from") == "unread" else f"/notices/{number}")


@router.post("/notices/{notice_id}/check")
def check(notice_id: str, form: Filled, actor: Checker, tx: WriteTx) -> Response:
    """Somebody has done at an item what it asks for."""
    outcome = field(form, "outcome", "what you found")
    if outcome not in set(CheckOutcome):
        raise Invalid("Please choose what you found from the list.")
    tag, note = field(form, "equipment", "which item"), form.get("note", "").strip() or None
    number = number_of(notice_id)
    notices.check_item(tx, number, tag, CheckOutcome(outcome), note, actor.name)
    return back_to(f"/notices/{number}")


@router.post("/notices/{notice_id}/withdraw")
def withdraw(notice_id: str, form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """It no longer holds."""
    number = number_of(notice_id)
    notices.withdraw(tx, number, field(form, "why", "why it no longer holds"), actor.name)
    return back_to(f"/notices/{number}")


@router.get("/findings")
def show_findings(page: ViewerPage, tx: ReadTx) -> Response:
    """What was found from outside, the one that has been open for longest on top."""
    waiting = [(row, days_open(row, page.today)) for row in outside_findings.still_open(tx)]
    return draw("findings.html", page, waiting=waiting, done=outside_findings.closed(tx))


@router.post("/findings")
def record_finding(form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """Record one."""
    room, _, place = form.get("at", "").strip().partition("/")
    new = NewFinding(
        source=field(form, "source", "who found it"),
        text=field(form, "text", "what was found"),
        found_on=day_in(field(form, "found_on", "the day on which it was found")),
        owner=field(form, "owner", "who puts it right"),
        due_on=day_in(field(form, "due_on", "the day by which it is put right")),
        reference=form.get("reference", "").strip() or None,
        at=PlaceId(room, place) if room else None,
    )
    outside_findings.record(tx, new, actor.name)
    return back_to("/findings")


@router.post("/findings/{finding_id}/owner")
def give_to(finding_id: str, form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """Somebody else has it, or until another day."""
    number, owner = number_of(finding_id, "finding"), field(form, "owner", "who has it")
    due_on = day_in(field(form, "due_on", "the day by which it is put right"))
    outside_findings.give_to(tx, number, owner, due_on, actor.name)
    return back_to("/findings")


@router.post("/findings/{finding_id}/close")
def close(finding_id: str, form: Filled, actor: Manager, tx: WriteTx) -> Response:
    """It is put right."""
    number = number_of(finding_id, "finding")
    how = field(form, "how", "what was done, and what shows it")
    outside_findings.close(tx, number, how, actor.name)
    return back_to("/findings")


def _concerns(form: Mapping[str, str]) -> list[Concerns]:
    found = []
    for line in range(MODELS):
        said = (form.get(f"{name}_{line}", "").strip() for name in ("kind", "make", "model"))
        kind, make, model = (words or None for words in said)
        if kind or make or model:
            found.append(Concerns(kind, make, model))
    return found
