"""Safety notices: recorded, matched with the register, checked, read; and findings from outside."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Depends, Response
from pydantic import Field

from api.deps import Actor, ReadTx, WriteTx, requires
from api.notices import BodyFile, download, finding_json, notice_json, plain_json
from api.nouns import noun_router
from api.paging import LARGEST_ID, PageQuery, listed
from api.routes.equipment import place_of
from api.routes.equipment_bodies import Body, Text
from nightwarden.errors import NotFound
from nightwarden.model.notices import CheckOutcome, Concerns, NoticeKind
from nightwarden.model.phrases import phrase
from nightwarden.model.places import EquipmentKind, PlaceId
from nightwarden.model.roles import Right, Role
from nightwarden.store import meta, notices, outside_findings
from nightwarden.store.engine import Transaction
from nightwarden.store.notice_words import LONGEST_TEXT
from nightwarden.store.notices import READERS, NewNotice
from nightwarden.store.outside_findings import NewFinding
from nightwarden.store.tables import Notice

router = noun_router("notices")

Seer = Annotated[Actor, Depends(requires(Right.SEE))]
Checker = Annotated[Actor, Depends(requires(Right.CONFIRM))]
Keeper = Annotated[Actor, Depends(requires(Right.KEEP_REGISTER))]
Manager = Annotated[Actor, Depends(requires(Right.MANAGE))]


class ConcernsBody(Body):
    """Which items: any of the three; `*` in a make or model stands for anything."""

    kind: EquipmentKind | None = None
    make: Text | None = None
    model: Text | None = None


class NoticeBody(Body):
    """A notice. `to_check` is what is to be done at each item that it concerns."""

    number: Text
    kind: NoticeKind
    source: Text
    title: Text
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
    dated: date
    concerns: Annotated[list[ConcernsBody], Field(max_length=50)] = Field(default_factory=list)
    to_check: Text | None = None
    roles: Annotated[list[Role], Field(min_length=1, max_length=6)] = Field(
        default_factory=lambda: list(READERS)
    )


class CheckBody(Body):
    """What somebody found who did at the item what the notice asks for."""

    equipment: Text
    outcome: CheckOutcome
    note: Text | None = None


class Why(Body):
    """Why it no longer holds."""

    why: Text


class FindingBody(Body):
    """What somebody from outside has found. `at` is a room, or ROOM/PLACE."""

    source: Text
    text: Text
    found_on: date
    owner: Text
    due_on: date
    reference: Text | None = None
    at: Text | None = None


class OwnerBody(Body):
    """Who has it, and until when."""

    owner: Text
    due_on: date


class HowBody(Body):
    """What was done, and what shows it."""

    how: Text


@router.get("/notices")
def list_notices(
    _actor: Seer, tx: ReadTx, page: PageQuery, state: Literal["open", "all"] = "open"
) -> dict[str, Any]:
    """Notices, the latest first; open is what somebody has yet to read or to check."""
    rows = notices.every(tx)
    standing = [each for each in notices.standings(tx, rows) if state == "all" or each.open]
    shown, cursor = page.cut_computed(
        "notices", standing, lambda one: (-(one.notice.id or 0),), int
    )
    return listed([notice_json(each) for each in shown], cursor)


@router.get("/notices/unread")
def list_unread(actor: Seer, tx: ReadTx) -> dict[str, Any]:
    """What the actor has yet to read and understand, the oldest first: asked before a shift."""
    rows = notices.unread(tx, actor.name, actor.role)
    return listed([plain_json(row) for row in rows], None)


@router.post("/notices", status_code=201)
def record(new: NoticeBody, actor: Keeper, tx: WriteTx) -> dict[str, Any]:
    """Record a notice; its file is sent afterwards."""
    told = NewNotice(
        number=new.number,
        kind=new.kind,
        source=new.source,
        title=new.title,
        text=new.text,
        dated=new.dated,
        concerns=[Concerns(each.kind, each.make, each.model) for each in new.concerns],
        to_check=new.to_check,
        roles=frozenset(new.roles),
    )
    return _shown(tx, notices.record(tx, told, None, actor.name))


@router.get("/notices/{notice_id}")
def get_notice(notice_id: str, _actor: Seer, tx: ReadTx) -> dict[str, Any]:
    """One notice: what it matches, what was done at each item, and who has read it."""
    return _shown(tx, notices.find(tx, number_of(notice_id)))


@router.get("/notices/{notice_id}/file")
def get_file(notice_id: str, _actor: Seer, tx: ReadTx) -> Response:
    """The file of a notice, as a download."""
    row = notices.find(tx, number_of(notice_id))
    return download(row, notices.file_of(tx, row))


@router.post("/notices/{notice_id}/file", status_code=201)
def add_file(notice_id: str, actor: Keeper, file: BodyFile, tx: WriteTx) -> dict[str, Any]:
    """Keep the file of a notice, once: the body is a PDF, a picture or plain text of up to 8 MiB,
    `?name=` what it is called."""
    row = notices.find(tx, number_of(notice_id))
    notices.attach(tx, row, file, actor.name)
    return _shown(tx, row)


@router.post("/notices/{notice_id}/read")
def mark_read(notice_id: str, actor: Seer, tx: WriteTx) -> dict[str, Any]:
    """The person who is signed in has read and understood it."""
    notices.mark_read(tx, number_of(notice_id), actor.name)
    return _shown(tx, notices.find(tx, number_of(notice_id)))


@router.post("/notices/{notice_id}/checks", status_code=201)
def check(notice_id: str, done: CheckBody, actor: Checker, tx: WriteTx) -> dict[str, Any]:
    """Somebody has done at an item what the notice asks for."""
    number = number_of(notice_id)
    notices.check_item(tx, number, done.equipment, done.outcome, done.note, actor.name)
    return _shown(tx, notices.find(tx, number))


@router.post("/notices/{notice_id}/withdraw")
def withdraw(notice_id: str, given: Why, actor: Keeper, tx: WriteTx) -> dict[str, Any]:
    """It no longer holds; it stays in the record."""
    return _shown(tx, notices.withdraw(tx, number_of(notice_id), given.why, actor.name))


@router.get("/findings")
def list_findings(
    _actor: Seer, tx: ReadTx, state: Literal["open", "closed"] = "open"
) -> dict[str, Any]:
    """What inspectors and consultants have found: the open ones, the oldest first."""
    rows = outside_findings.still_open(tx) if state == "open" else outside_findings.closed(tx)
    return listed([finding_json(row, meta.today(tx)) for row in rows], None)


@router.post("/findings", status_code=201)
def record_finding(new: FindingBody, actor: Keeper, tx: WriteTx) -> dict[str, Any]:
    """Record a finding from outside."""
    at = new.at and (place_of(new.at) if "/" in new.at else PlaceId(new.at, ""))
    told = NewFinding(
        source=new.source,
        text=new.text,
        found_on=new.found_on,
        owner=new.owner,
        due_on=new.due_on,
        reference=new.reference,
        at=at or None,
    )
    return finding_json(outside_findings.record(tx, told, actor.name), meta.today(tx))


@router.post("/findings/{finding_id}/owner")
def give_to(finding_id: str, given: OwnerBody, actor: Keeper, tx: WriteTx) -> dict[str, Any]:
    """Say who has it, and until when."""
    number = number_of(finding_id, "finding")
    row = outside_findings.give_to(tx, number, given.owner, given.due_on, actor.name)
    return finding_json(row, meta.today(tx))


@router.post("/findings/{finding_id}/close")
def close(finding_id: str, given: HowBody, actor: Manager, tx: WriteTx) -> dict[str, Any]:
    """It is put right: what was done, and what shows it."""
    number = number_of(finding_id, "finding")
    return finding_json(outside_findings.close(tx, number, given.how, actor.name), meta.today(tx))


def number_of(text: str, noun: str = phrase("notice")) -> int:
    """A number from an address.

    Raises:
        NotFound: it is none.
    """
    if not text.isascii() or not text.isdigit() or int(text[:20]) > LARGEST_ID:
        raise NotFound(f"There is no {noun} {text[:40]}.")
    return int(text)


def _shown(tx: Transaction, row: Notice) -> dict[str, Any]:
    (standing,) = notices.standings(tx, [row])
    return notice_json(standing)
