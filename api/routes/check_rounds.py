"""Check rounds: a set of items that is frozen at the start, scanned, and ended with a receipt."""

from typing import Annotated, Any

from fastapi import Depends
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.deps import Actor, ReadTx, WriteTx, requires
from api.nouns import noun_router
from api.paging import LARGEST_ID, PageQuery, listed
from api.routes.equipment import place_of
from nightwarden.canonical import digest
from nightwarden.errors import Conflict, NotFound
from nightwarden.maintenance import walks
from nightwarden.maintenance.entry import KEY_MAX
from nightwarden.maintenance.walks import Walk, WalkLine
from nightwarden.model.checks import CheckKind
from nightwarden.model.places import EquipmentKind
from nightwarden.model.roles import Right
from nightwarden.store import check_rounds
from nightwarden.store.check_rounds import Scope
from nightwarden.store.tables import CheckRound, CheckRoundScan
from nightwarden.wire import rfc3339

router = noun_router("checks")

Seer = Annotated[Actor, Depends(requires(Right.SEE))]
Checker = Annotated[Actor, Depends(requires(Right.CONFIRM))]
Text = Annotated[str, Field(min_length=1, max_length=500)]


class NewRound(BaseModel):
    """What a check round expects: everything, or these rooms and kinds; `steps` are its checks."""

    model_config = ConfigDict(extra="forbid")

    name: Text
    rooms: Annotated[list[Text], Field(max_length=1000)] = Field(default_factory=list)
    kinds: Annotated[list[EquipmentKind], Field(max_length=50)] = Field(default_factory=list)
    steps: Annotated[list[CheckKind], Field(max_length=10)] = Field(default_factory=list)


class NewScan(BaseModel):
    """The actor stands at an item; `seen_at` is where that is, `at` when it was, now if not."""

    model_config = ConfigDict(extra="forbid")

    key: Annotated[str, Field(min_length=8, max_length=KEY_MAX)]
    equipment: Text
    at: AwareDatetime | None = None
    seen_at: Annotated[Text | None, Field(description="ROOM/PLACE")] = None


@router.get("/check-rounds")
def list_rounds(_actor: Seer, tx: ReadTx, page: PageQuery) -> dict[str, Any]:
    """Check rounds, the latest begun first."""
    after = page.after("check-rounds", int)
    rows = check_rounds.newest(tx, page.limit + 1, int(after[0]) if after else None)
    shown, cursor = page.cut("check-rounds", rows, lambda row: (row.id or 0,))
    return listed([_round_json(row) for row in shown], cursor)


@router.post("/check-rounds", status_code=201)
def begin(wanted: NewRound, actor: Checker, tx: WriteTx) -> dict[str, Any]:
    """Begin a check round; what it expects is what stands there now, and stays so."""
    scope = Scope(wanted.rooms, wanted.kinds)
    row = check_rounds.begin(tx, wanted.name, scope, wanted.steps, actor.name)
    return walk_json(walks.walk(tx, row.id or 0))


@router.get("/check-rounds/{number}")
def get_round(number: str, _actor: Seer, tx: ReadTx) -> dict[str, Any]:
    """A check round as it stands: found, missing, unexpected."""
    return walk_json(walks.walk(tx, number_of(number)))


@router.post("/check-rounds/{number}/scans", status_code=201)
def scan(number: str, sent: NewScan, actor: Checker, tx: WriteTx) -> dict[str, Any]:
    """The actor has found an item; the same `key` again is the same scan."""
    at = min(sent.at or tx.now, tx.now)
    place = place_of(sent.seen_at)
    row = check_rounds.scan(tx, number_of(number), sent.equipment, sent.key, actor.name, at, place)
    return _scan_json(row)


@router.post("/check-rounds/{number}/end")
def end(number: str, actor: Checker, tx: WriteTx) -> dict[str, Any]:
    """End it: what nobody found is missing and has a fault each; the receipt is made."""
    return walk_json(walks.end(tx, number_of(number), actor.name))


@router.get("/check-rounds/{number}/receipt")
def get_receipt(number: str, _actor: Seer, tx: ReadTx) -> dict[str, Any]:
    """What the round ended in. `sha256` was kept at its end; `matches`: the record says so still.

    It is the SHA-256 of `content` as JSON with sorted keys and no spaces, in UTF-8.
    """
    row = check_rounds.find(tx, number_of(number))
    if row.ended_at is None:
        raise Conflict(f"Check round {row.id} goes on; it has a receipt when it has ended.")
    content = walks.receipt(tx, row.id or 0)
    return {
        "content": content,
        "sha256": row.receipt,
        "matches": digest(content) == row.receipt,
    }


def number_of(text: str) -> int:
    """The number of a check round from an address.

    Raises:
        NotFound: it is none.
    """
    if not text.isascii() or not text.isdigit() or int(text[:20]) > LARGEST_ID:
        raise NotFound(f"There is no check round {text[:40]}.")
    return int(text)


def walk_json(walk: Walk) -> dict[str, Any]:
    """A round as it stands."""
    return _round_json(walk.round) | {
        "expected": walk.expected,
        "found": [_line_json(line) for line in walk.found],
        "missing": [_line_json(line) for line in walk.missing],
        "unexpected": [_line_json(line) for line in walk.unexpected],
        "entered_after_its_end": [_scan_json(scan) for scan in walk.afterwards],
    }


def _round_json(row: CheckRound) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "steps": row.steps,
        "begun_by": row.begun_by,
        "begun_at": rfc3339(row.begun_at),
        "ended_by": row.ended_by,
        "ended_at": rfc3339(row.ended_at),
        "sha256": row.receipt,
    }


def _line_json(line: WalkLine) -> dict[str, Any]:
    return {
        "equipment": line.equipment,
        "kind": line.kind,
        "expected_at": str(line.place) if line.place else None,
        "scan": None if line.scan is None else _scan_json(line.scan),
        "steps_not_done": list(line.steps),
        "fault": line.fault,
    }


def _scan_json(row: CheckRoundScan) -> dict[str, Any]:
    place = f"{row.room}/{row.place}" if row.room and row.place else None
    return {
        "equipment": row.equipment,
        "expected": row.expected,
        "seen_at": place,
        "by": row.by,
        "at": rfc3339(row.at),
        "recorded_at": rfc3339(row.recorded_at),
    }
