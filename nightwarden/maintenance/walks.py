"""A check round as it stands, and what it ends in: found, missing, unexpected, with a receipt.

1. It ends when somebody says so. What was expected and nobody found is *missing*, and that opens a
   fault on each such item.
2. Its receipt is everything that it ended in, as JSON with sorted keys and no spaces. The SHA-256
   of it is kept with the round, stands in the audit and is printed on the receipt's page, so that
   whoever has the paper can see whether the record still says the same.
3. What is entered after its end is not in the receipt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import select

from nightwarden.canonical import digest
from nightwarden.errors import Conflict
from nightwarden.model.checks import CheckKind
from nightwarden.model.phrases import phrase
from nightwarden.model.places import EquipmentKind, PlaceId
from nightwarden.store import check_rounds, checks, faults, meta
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import (
    CheckRound,
    CheckRoundItem,
    CheckRoundScan,
    Equipment,
    ItemCheck,
)
from nightwarden.wire import rfc3339
from rules.checks import kinds_of_check


@dataclass(frozen=True, slots=True)
class WalkLine:
    """One item of a round. ``scan`` None: nobody has found it. ``steps`` are those not done."""

    equipment: str
    kind: EquipmentKind
    place: PlaceId | None
    scan: CheckRoundScan | None
    steps: tuple[CheckKind, ...] = ()
    checks: tuple[ItemCheck, ...] = ()
    fault: int | None = None

    @property
    def elsewhere(self) -> PlaceId | None:
        """Where it was found, if that is not where it was expected."""
        if self.scan is None or self.scan.room is None or self.scan.place is None:
            return None
        seen = PlaceId(self.scan.room, self.scan.place)
        return None if seen == self.place else seen


@dataclass(frozen=True, slots=True)
class Walk:
    """A round as it stands. ``afterwards``: scans that were entered after its end."""

    round: CheckRound
    found: tuple[WalkLine, ...]
    missing: tuple[WalkLine, ...]
    unexpected: tuple[WalkLine, ...]
    afterwards: tuple[CheckRoundScan, ...]

    @property
    def expected(self) -> int:
        """How many items it expects."""
        return len(self.found) + len(self.missing)


def walk(tx: Transaction, number: int) -> Walk:
    """The round with this number.

    Raises:
        NotFound: there is none.
    """
    row = check_rounds.find(tx, number)
    expected = {line.equipment: line for line in check_rounds.expected(tx, number)}
    scans, late = _scans(tx, row)
    made: dict[str, list[ItemCheck]] = {}
    for check in checks.of_round(tx, number):
        if row.ended_at is None or check.recorded_at <= row.ended_at:
            made.setdefault(check.equipment, []).append(check)
    kinds = _kinds(tx, {*expected, *scans})
    steps = tuple(CheckKind(step) for step in row.steps)

    def line(tag: str, was: CheckRoundItem | None) -> WalkLine:
        done = made.get(tag, [])
        todo = [step for step in steps if step in kinds_of_check(kinds[tag])]
        left = tuple(step for step in todo if step.value not in {check.kind for check in done})
        place = PlaceId(was.room, was.place) if was and was.room and was.place else None
        scan, fault = scans.get(tag), was.fault if was else None
        return WalkLine(tag, kinds[tag], place, scan, left, tuple(done), fault)

    lines = [line(tag, was) for tag, was in expected.items()]
    return Walk(
        round=row,
        found=tuple(one for one in lines if one.scan is not None),
        missing=tuple(one for one in lines if one.scan is None),
        unexpected=tuple(line(tag, None) for tag in scans if tag not in expected),
        afterwards=tuple(late),
    )


def end(tx: Transaction, number: int, actor: str) -> Walk:
    """End a round: a fault for whatever nobody found, and the receipt.

    Raises:
        NotFound: there is no such round.
        Conflict: it has ended already.
    """
    row = check_rounds.find(tx, number)
    if row.ended_at is not None:
        raise Conflict(f"Check round {number} was ended by {row.ended_by} already.")
    for line in walk(tx, number).missing:
        kit = tx.get_one(Equipment, line.equipment)
        if kit.removed_at is None:
            there = line.place
            what = phrase(
                f"Not found at {there} on check round {number}"
                if there
                else f"Not found on check round {number}"
            )
            fault = faults.report(tx, line.equipment, what, None, faults.Reporter(actor))
            tx.flush()
            tx.get_one(CheckRoundItem, (number, line.equipment)).fault = fault.id
    row.ended_at, row.ended_by = tx.now, actor
    tx.flush()
    check_rounds.end(tx, row, digest(receipt(tx, number)), actor)
    return walk(tx, number)


def receipt(tx: Transaction, number: int) -> dict[str, Any]:
    """What a round ended in, in the form that its digest is made from."""
    state = walk(tx, number)
    row, home = state.round, meta.home(tx)
    return {
        "home": None if home is None else home.id,
        "check_round": row.id,
        "name": row.name,
        "steps": list(row.steps),
        "begun_by": row.begun_by,
        "begun_at": rfc3339(row.begun_at),
        "ended_by": row.ended_by,
        "ended_at": rfc3339(row.ended_at),
        "found": [_line(line) for line in state.found],
        "missing": [_line(line) for line in state.missing],
        "unexpected": [_line(line) for line in state.unexpected],
    }


def _line(line: WalkLine) -> dict[str, Any]:
    scan = line.scan
    return {
        "equipment": line.equipment,
        "kind": line.kind,
        "expected_at": str(line.place) if line.place else None,
        "found_at": str(line.elsewhere or line.place or "") or None if scan else None,
        "found_by": scan.by if scan else None,
        "at": rfc3339(scan.at) if scan else None,
        "recorded_at": rfc3339(scan.recorded_at) if scan else None,
        "checks": [
            {
                "check": check.kind,
                "outcome": check.outcome,
                "answers": check.answers,
                "by": check.by,
                "at": rfc3339(check.at),
                "recorded_at": rfc3339(check.recorded_at),
                "faults": list(check.faults),
            }
            for check in line.checks
        ],
        "steps_not_done": list(line.steps),
        "fault": line.fault,
    }


def _scans(
    tx: Transaction, row: CheckRound
) -> tuple[dict[str, CheckRoundScan], list[CheckRoundScan]]:
    """The first scan of each item, and those that were entered after the end."""
    assert row.id is not None
    first: dict[str, CheckRoundScan] = {}
    late = []
    for scan in check_rounds.scans(tx, row.id):
        if row.ended_at is not None and scan.recorded_at > row.ended_at:
            late.append(scan)
        else:
            first.setdefault(scan.equipment, scan)
    return first, late


def _kinds(tx: Transaction, tags: set[str]) -> dict[str, EquipmentKind]:
    rows: Sequence[tuple[str, str]] = tx.exec(select(Equipment.tag, Equipment.kind)).all()
    return {tag: EquipmentKind(kind) for tag, kind in rows if tag in tags}
