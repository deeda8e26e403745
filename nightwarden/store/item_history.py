"""What happened to an item of equipment: placements, confirmations, faults, permits, in order."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import select

from nightwarden.errors import NotFound
from nightwarden.model.places import PlaceId
from nightwarden.store.engine import Transaction
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


def history(tx: Transaction, tag: str) -> list[HistoryLine]:
    """All that happened to an item, retired or not, oldest first.

    Raises:
        NotFound: there never was one with this tag.
    """
    equipment = tx.get(Equipment, tag)
    if equipment is None:
        raise NotFound(f'There is no equipment "{tag}".')
    lines = [HistoryLine(equipment.since, "registered", equipment.kind)]
    for placed in tx.exec(select(Placement).where(Placement.equipment == tag)):
        where = str(PlaceId(placed.room, placed.place))
        lines.append(HistoryLine(placed.since, "placed", where))
        if placed.until is not None:
            lines.append(HistoryLine(placed.until, "left", where))
    for seen in tx.exec(select(Confirmation).where(Confirmation.equipment == tag)):
        note = f": {seen.note}" if seen.note else ""
        text = f"{seen.state} on {seen.on}{note}"
        lines.append(HistoryLine(seen.recorded_at, "confirmed", text, seen.by))
    lines += _faults(tx, tag) + _permits(tx, tag)
    lines += _life(tx, tag)
    lines += _checks(tx, tag)
    if equipment.removed_at is not None:
        lines.append(HistoryLine(equipment.removed_at, "retired", equipment.kind))
    return sorted(lines, key=lambda line: line.at)


def _faults(tx: Transaction, tag: str) -> list[HistoryLine]:
    lines = []
    for fault in tx.exec(select(Fault).where(Fault.equipment == tag)):
        interim = f"; meanwhile: {fault.interim}" if fault.interim else ""
        text = f"{fault.what}{interim}"
        unsigned = "" if fault.signed_in else " (not signed in)"
        by = f"{fault.reported_by}{unsigned}"
        lines.append(HistoryLine(fault.reported_at, "fault", text, by))
        if fault.mended_at is not None:
            shown = f" by {fault.mended_how}" if fault.mended_how else ""
            note = f": {fault.mended_note}" if fault.mended_note else ""
            text = f"{fault.what}{shown}{note}"
            lines.append(HistoryLine(fault.mended_at, "mended", text, fault.mended_by or ""))
    return lines


def _life(tx: Transaction, tag: str) -> list[HistoryLine]:
    """Its status, its transmitters, its tests."""
    lines = []
    for change in tx.exec(select(StatusChange).where(StatusChange.equipment == tag)):
        what = change.status.replace("_", " ")
        lines.append(HistoryLine(change.at, what, change.why, change.by))
    for pair in tx.exec(select(Pairing).where(Pairing.equipment == tag)):
        text = " ".join(part for part in (pair.make, pair.model, pair.serial) if part)
        lines.append(HistoryLine(pair.since, "paired with", text, pair.by))
    for test in tx.exec(select(EquipmentTest).where(EquipmentTest.equipment == tag)):
        surface = "" if test.surface_c is None else f", surface {test.surface_c:g} °C"
        result = "passed" if test.passed else f"not passed: {test.why}"
        text = f"{test.kind} on {test.on}{surface}, {result}"
        lines.append(HistoryLine(test.recorded_at, "tested", text, test.by))
    return lines


def _checks(tx: Transaction, tag: str) -> list[HistoryLine]:
    """Its checks, at the time at which they were entered; with the claimed one where it differs."""
    lines = []
    for check in tx.exec(select(ItemCheck).where(ItemCheck.equipment == tag)):
        said = ", ".join(str(answer) for answer in check.answers.values())
        late = check.recorded_at - check.at
        done = f", done {round(late.total_seconds() / 60)} min before, as they say"
        text = f"{check.kind}: {check.outcome}" + (f" ({said})" if said else "")
        text += done if late >= WORTH_SAYING else ""
        lines.append(HistoryLine(check.recorded_at, "checked", text, check.by))
    return lines


def _permits(tx: Transaction, tag: str) -> list[HistoryLine]:
    lines = []
    for permit in tx.exec(select(Permit).where(Permit.equipment == tag)):
        text = f"{permit.reason}; made safe by {permit.made_safe_by}"
        lines.append(HistoryLine(permit.since, "permit", text, permit.issued_by))
        if permit.ended_at is not None:
            by = permit.ended_by or ""
            lines.append(HistoryLine(permit.ended_at, "permit ended", permit.reason, by))
        elif permit.until <= tx.now:
            lines.append(HistoryLine(permit.until, "permit ran out", permit.reason))
    return lines
