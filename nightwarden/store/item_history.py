"""What happened to an item of equipment: placements, confirmations, faults, permits, in order."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import select

from nightwarden.errors import NotFound
from nightwarden.model.checks import CheckOutcome
from nightwarden.model.phrases import phrase
from nightwarden.model.places import PlaceId
from nightwarden.store.engine import Transaction
from nightwarden.store.faults import Reporter
from nightwarden.store.tables import (
    Confirmation,
    Equipment,
    EquipmentTest,
    Fault,
    ItemCheck,
    Pairing,
    Permit,
    Placement,
    StatusChange,
)

WORTH_SAYING = timedelta(minutes=2)
"""By so much two times of a check may differ and mean the same."""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened to an item. ``by`` is empty where nobody is named."""

    at: datetime
    what: str
    text: str
    by: str = ""
    check: ItemCheck | None = None
    """The check, where it was one: pages show its answers in their own words."""


def history(tx: Transaction, tag: str) -> list[HistoryLine]:
    """All that happened to an item, retired or not, oldest first.

    Raises:
        NotFound: there never was one with this tag.
    """
    equipment = tx.get(Equipment, tag)
    if equipment is None:
        raise NotFound(f'There is no equipment "{tag}".')
    lines = [HistoryLine(equipment.since, phrase("registered"), equipment.kind)]
    for placed in tx.exec(select(Placement).where(Placement.equipment == tag)):
        where = str(PlaceId(placed.room, placed.place))
        lines.append(HistoryLine(placed.since, phrase("placed"), where))
        if placed.until is not None:
            lines.append(HistoryLine(placed.until, phrase("left"), where))
    for seen in tx.exec(select(Confirmation).where(Confirmation.equipment == tag)):
        note = f": {seen.note}" if seen.note else ""
        text = phrase(f"{seen.state} on {seen.on}") + note
        lines.append(HistoryLine(seen.recorded_at, phrase("confirmed"), text, seen.by))
    lines += _faults(tx, tag) + _permits(tx, tag)
    lines += _life(tx, tag)
    lines += _checks(tx, tag)
    if equipment.removed_at is not None:
        lines.append(HistoryLine(equipment.removed_at, phrase("retired"), equipment.kind))
    return sorted(lines, key=lambda line: line.at)


def _faults(tx: Transaction, tag: str) -> list[HistoryLine]:
    lines = []
    for fault in tx.exec(select(Fault).where(Fault.equipment == tag)):
        interim = "; " + phrase(f"meanwhile: {fault.interim}") if fault.interim else ""
        by = Reporter(fault.reported_by, fault.signed_in).in_audit
        text = f"{fault.what}{interim}"
        lines.append(HistoryLine(fault.reported_at, phrase("fault"), text, by))
        if fault.mended_at is not None:
            shown = "; " + phrase(f"shown by {fault.mended_how}") if fault.mended_how else ""
            note = f": {fault.mended_note}" if fault.mended_note else ""
            text = f"{fault.what}{shown}{note}"
            lines.append(
                HistoryLine(fault.mended_at, phrase("mended"), text, fault.mended_by or "")
            )
    return lines


def _life(tx: Transaction, tag: str) -> list[HistoryLine]:
    """Its status, its transmitters, its tests."""
    lines = []
    for change in tx.exec(select(StatusChange).where(StatusChange.equipment == tag)):
        what = change.status.replace("_", " ")
        lines.append(HistoryLine(change.at, what, change.why, change.by))
    for pair in tx.exec(select(Pairing).where(Pairing.equipment == tag)):
        text = " ".join(part for part in (pair.make, pair.model, pair.serial) if part)
        lines.append(HistoryLine(pair.since, phrase("paired with"), text, pair.by))
    for test in tx.exec(select(EquipmentTest).where(EquipmentTest.equipment == tag)):
        tried, result = test.kind, "passed" if test.passed else phrase(f"not passed: {test.why}")
        if test.surface_c is None:
            text = phrase(f"{tried} on {test.on}, {result}")
        else:
            text = phrase(f"{tried} on {test.on}, surface {test.surface_c:g} °C, {result}")
        lines.append(HistoryLine(test.recorded_at, phrase("tested"), text, test.by))
    return lines


def _checks(tx: Transaction, tag: str) -> list[HistoryLine]:
    """Its checks, at the time at which they were entered; with the claimed one where it differs."""
    lines = []
    for check in tx.exec(select(ItemCheck).where(ItemCheck.equipment == tag)):
        answered = ", ".join(str(answer) for answer in check.answers.values())
        ended = _ended(check.outcome, answered) if answered else check.outcome
        late = check.recorded_at - check.at
        if late >= WORTH_SAYING:
            minutes = round(late.total_seconds() / 60)
            ended = phrase(f"{ended}, done {minutes} min before, as they say")
        text = f"{check.kind}: {ended}"
        what = phrase("checked")
        lines.append(HistoryLine(check.recorded_at, what, text, check.by, check))
    return lines


def _ended(outcome: str, answered: str) -> str:
    """How a check ended, with what was answered."""
    if outcome == CheckOutcome.PASSED:
        return phrase(f"passed ({answered})")
    return phrase(f"failed ({answered})") if outcome == CheckOutcome.FAILED else outcome


def _permits(tx: Transaction, tag: str) -> list[HistoryLine]:
    lines = []
    for permit in tx.exec(select(Permit).where(Permit.equipment == tag)):
        text = f"{permit.reason}; " + phrase(f"made safe by {permit.made_safe_by}")
        lines.append(HistoryLine(permit.since, phrase("permit"), text, permit.issued_by))
        if permit.ended_at is not None:
            by = permit.ended_by or ""
            lines.append(HistoryLine(permit.ended_at, phrase("permit ended"), permit.reason, by))
        elif permit.until <= tx.now:
            lines.append(HistoryLine(permit.until, phrase("permit ran out"), permit.reason))
    return lines
