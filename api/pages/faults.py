"""The open faults, one of them, and the report from a label that needs no sign-in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Actor, Now, ReadTx, WriteTx, require_same_origin
from api.fault_queue import line_of, queue
from api.label_reports import common_words, may_report, report_at_label, reporter
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.drawing import back_to, draw
from api.pages.surroundings import Anybody, OpenPage, ViewerPage
from api.routes.faults import number_of
from nightwarden.model.roles import Right
from nightwarden.store import fault_evidence, faults, printed_labels, register
from nightwarden.store.engine import Transaction
from nightwarden.store.printed_labels import Labelled

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Reporter = Annotated[Actor, Depends(person_with(Right.REPORT_FAULT))]
Confirmer = Annotated[Actor, Depends(person_with(Right.CONFIRM))]

SHOWN_MENDED = 20


@router.get("/faults")
def show_faults(page: ViewerPage, tx: ReadTx) -> Response:
    """The queue, and what was mended last."""
    done = [line_of(tx, row) for row in faults.page(tx, "mended", SHOWN_MENDED)]
    return draw("faults.html", page, lines=queue(tx), done=done)


@router.get("/faults/{fault_id}")
def show_fault(fault_id: str, page: ViewerPage, tx: ReadTx) -> Response:
    """One fault: what is done meanwhile, who has it, and what shows that it works."""
    row = faults.find(tx, number_of(fault_id))
    waiting = row.mended_at is None
    return draw(
        "fault.html",
        page,
        line=line_of(tx, row),
        evidence=fault_evidence.evidence(tx, row) if waiting else [],
        must_press=waiting and fault_evidence.must_be_pressed(tx, row),
    )


@router.post("/faults/{fault_id}/interim")
def set_interim(fault_id: str, form: Filled, actor: Reporter, tx: WriteTx) -> Response:
    """Who does what until it is mended."""
    words = field(form, "interim", "what is done meanwhile, and by whom")
    faults.set_interim(tx, number_of(fault_id), words, actor.name)
    return back_to(f"/faults/{number_of(fault_id)}")


@router.post("/faults/{fault_id}/owner")
def set_owner(fault_id: str, form: Filled, actor: Reporter, tx: WriteTx) -> Response:
    """Who has it in hand; nobody named is the person who asks."""
    owner = form.get("owner", "").strip() or actor.name
    faults.set_owner(tx, number_of(fault_id), owner, actor.name)
    return back_to(f"/faults/{number_of(fault_id)}")


@router.post("/faults/{fault_id}/mend")
def mend(fault_id: str, form: Filled, actor: Confirmer, tx: WriteTx) -> Response:
    """It is mended, and this shows it."""
    number, how = number_of(fault_id), form.get("how")
    shown = fault_evidence.check_words(how) if how else None
    note = form.get("note", "").strip() or None
    decides = actor.may(Right.MANAGE)
    fault_evidence.mend(tx, number, shown, note, actor.name, decides=decides)
    return back_to(f"/faults/{number}")


@router.get("/l/{code}/fault")
def show_report(code: str, page: OpenPage, tx: ReadTx) -> Response:
    """What is wrong? A tap on one of the usual words reports it."""
    return _report_page(tx, page, printed_labels.find(tx, code))


@router.post("/l/{code}/fault")
def report(
    code: str, request: Request, form: Filled, viewer: Anybody, now: Now, tx: WriteTx
) -> Response:
    """Report it; nobody has to be signed in, and an enrolled screen is not asked who it is."""
    require_same_origin(request)
    may_report(request, viewer, now)
    what = form.get("words", "").strip() or field(form, "what", "a few words on what is wrong")
    interim = form.get("interim", "").strip() or None
    row = report_at_label(tx, code, what, interim, reporter(viewer, form.get("name")))
    return back_to(f"/l/{printed_labels.find(tx, code).code}/fault/thanks?number={row.id}")


@router.get("/l/{code}/fault/thanks")
def show_thanks(code: str, page: OpenPage, tx: ReadTx, number: str = "") -> Response:
    """It is written down; it says no more than whoever reported it knows."""
    label = printed_labels.find(tx, code)
    return draw("fault_thanks.html", page, label=label, number=number if number.isdigit() else "")


def _report_page(tx: Transaction, page: OpenPage, label: Labelled) -> Response:
    item = register.item(tx, label.equipment) if label.equipment else None
    words = common_words(item.kind if item else None)
    return draw("fault_report.html", page, label=label, item=item, words=words)
