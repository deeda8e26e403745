"""Faults: the queue, who has one in hand, what is done meanwhile, and how it was mended."""

from typing import Annotated, Any, Literal

from fastapi import Depends, Request
from pydantic import Field

from api.deps import Actor, Now, ReadTx, WriteTx, requires
from api.fault_queue import evidence_json, fault_json, line_of, queue
from api.label_reports import LONGEST_NAME, may_report, report_at_label, reporter
from api.nouns import noun_router
from api.pages.surroundings import Anybody
from api.paging import LARGEST_ID, PageQuery, listed
from api.routes.bodies import Body, Text
from api.routes.equipment import place_of
from api.routes.equipment_bodies import FaultBody, MendBody
from nightwarden.errors import Invalid, NotFound
from nightwarden.model.roles import Right
from nightwarden.store import fault_evidence, faults

router = noun_router("faults")

Seer = Annotated[Actor, Depends(requires(Right.SEE))]
Reporter = Annotated[Actor, Depends(requires(Right.REPORT_FAULT))]
Confirmer = Annotated[Actor, Depends(requires(Right.CONFIRM))]


class NewFault(FaultBody):
    """A fault of an item, or of a place: `equipment` is a tag, `at` is ROOM/PLACE."""

    equipment: Text | None = None
    at: Text | None = None


class LabelFault(FaultBody):
    """A fault of what the label is on; `name` is what the reporter is called."""

    name: Annotated[str, Field(max_length=LONGEST_NAME)] | None = None


class Interim(Body):
    """Who does what until it is mended."""

    interim: Text


class Owner(Body):
    """Who has it in hand."""

    owner: Text


@router.get("/faults")
def list_faults(
    _actor: Seer, tx: ReadTx, page: PageQuery, state: Literal["open", "mended", "all"] = "open"
) -> dict[str, Any]:
    """Faults newest first; the board has the open ones by urgency, as `/faults/queue` does."""
    after = page.after("faults", int)
    rows = faults.page(tx, state, page.limit + 1, int(after[0]) if after else None)
    shown, cursor = page.cut("faults", rows, lambda row: (row.id or 0,))
    return listed([fault_json(line_of(tx, row)) for row in shown], cursor)


@router.get("/faults/queue")
def get_queue(_actor: Seer, tx: ReadTx) -> dict[str, Any]:
    """Every open fault, the one to see to first on top: repeated ones, then those with nothing
    done meanwhile, then the oldest."""
    return listed([fault_json(line) for line in queue(tx)], None)


@router.post("/faults", status_code=201)
def report(new: NewFault, actor: Reporter, tx: WriteTx) -> dict[str, Any]:
    """Say that something is wrong with an item, or at a place."""
    if (new.equipment is None) == (new.at is None):
        raise Invalid("Name the item as equipment, or the place as at; one of the two.")
    place = place_of(new.at)
    subject = new.equipment if place is None else place
    assert subject is not None
    row = faults.report(tx, subject, new.what, new.interim, faults.Reporter(actor.name))
    return fault_json(line_of(tx, row))


@router.get("/faults/{fault_id}")
def get_fault(fault_id: str, _actor: Seer, tx: ReadTx) -> dict[str, Any]:
    """One fault, with what has shown since the report that it works."""
    row = faults.find(tx, number_of(fault_id))
    return fault_json(line_of(tx, row)) | {"evidence": evidence_json(tx, row)}


@router.post("/faults/{fault_id}/interim")
def set_interim(fault_id: str, given: Interim, actor: Reporter, tx: WriteTx) -> dict[str, Any]:
    """Say who does what until it is mended."""
    row = faults.set_interim(tx, number_of(fault_id), given.interim, actor.name)
    return fault_json(line_of(tx, row))


@router.post("/faults/{fault_id}/owner")
def set_owner(fault_id: str, given: Owner, actor: Reporter, tx: WriteTx) -> dict[str, Any]:
    """Say who has it in hand."""
    row = faults.set_owner(tx, number_of(fault_id), given.owner, actor.name)
    return fault_json(line_of(tx, row))


@router.post("/faults/{fault_id}/mend")
def mend(
    fault_id: str, actor: Confirmer, tx: WriteTx, shown: MendBody | None = None
) -> dict[str, Any]:
    """Say that it is mended, by what has shown it since the report.

    `confirmation` is that of the actor who stands at it now. A mat or button with a device has to
    be pressed. `decision` is a manager's, with a note that says why.
    """
    given = shown or MendBody()
    number, decides = number_of(fault_id), actor.may(Right.MANAGE)
    row = fault_evidence.mend(tx, number, given.how, given.note, actor.name, decides=decides)
    return fault_json(line_of(tx, row))


@router.post("/labels/{code}/faults", status_code=201)
def report_at(
    code: str, new: LabelFault, request: Request, viewer: Anybody, now: Now, tx: WriteTx
) -> dict[str, Any]:
    """Report a fault of what a label is on, signed in or not; a few times in some minutes without.

    What comes back says no more than whoever is at the label knows.
    """
    may_report(request, viewer, now)
    row = report_at_label(tx, code, new.what, new.interim, reporter(viewer, new.name))
    return {"id": str(row.id), "equipment": row.equipment, "what": row.what}


def number_of(text: str) -> int:
    """A fault's number from an address.

    Raises:
        NotFound: it is none.
    """
    if not text.isascii() or not text.isdigit() or int(text[:20]) > LARGEST_ID:
        raise NotFound(f"There is no fault {text}.")
    return int(text)
