"""What shows that a fault is mended: see the third sentence of ``nightwarden.store.faults``."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, NotPermitted
from nightwarden.model import claims
from nightwarden.model.checks import CheckOutcome
from nightwarden.model.phrases import phrase, vocabulary
from nightwarden.model.places import WATCHES_A_PERSON, EquipmentKind, ItemState
from nightwarden.store import faults, meta, register, upkeep
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Confirmation, DeviceState, Fault, ItemCheck, Photo


@vocabulary
class How(StrEnum):
    """By what a fault is known to be mended, the best first."""

    PRESS = "press"
    READING = "reading"
    PHOTO = "photo"
    CHECK = "check"
    CONFIRMATION = "confirmation"
    DECISION = "decision"
    RETIRED = "retired"  # its item was taken out of use


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that has shown since the report that it works. ``at`` is ours, aware, UTC."""

    how: How
    at: datetime
    words: str


_SHOWN_BY_CHANGE = WATCHES_A_PERSON | {EquipmentKind.COVER_SWITCH}


def must_be_pressed(tx: Transaction, fault: Fault) -> bool:
    """Whether nothing but a real change of its device shows that it works (M11)."""
    if fault.equipment is None:
        return False
    item = register.item(tx, fault.equipment)
    return item.kind in WATCHES_A_PERSON and item.device is not None


def evidence(tx: Transaction, fault: Fault) -> list[Evidence]:
    """What there is since the fault was reported, the best first."""
    if fault.equipment is None:
        return []
    item = register.item(tx, fault.equipment)
    found = [*_of_device(tx, fault, item)]
    pressed_only = must_be_pressed(tx, fault)
    if not pressed_only:
        found += _photos(tx, fault)
    found += _checks(tx, fault, pressed_only=pressed_only)
    if not pressed_only:
        found += _confirmations(tx, fault)
    return found


def mend(
    tx: Transaction, number: int, how: How | None, note: str | None, actor: str, *, decides: bool
) -> Fault:
    """Close a fault by its evidence.

    Args:
        number: the fault.
        how: which evidence; None for the best that there is. ``confirmation`` is that of the
            actor, now, standing at it; ``decision`` needs a note.
        note: what was done.
        actor: who says so.
        decides: whether they may close one by decision.

    Raises:
        Conflict: nothing shows it yet, or it is mended already.
    """
    row = faults.find(tx, number)
    if row.mended_at is not None:
        raise Conflict(f"Fault {number} was mended by {row.mended_by} already.")
    if how is How.DECISION:
        if not decides:
            raise NotPermitted("Only a manager closes a fault by decision; show that it works.")
        faults.words_needed(note, "why it is closed although nothing shows that it works")
        return faults.mended(tx, number, how, note, actor)
    if how is How.RETIRED:
        raise Invalid("how: a fault ends with its item when that is taken out of use.")
    if how is How.CONFIRMATION and not must_be_pressed(tx, row):
        return _confirmed(tx, row, note, actor)
    shown = [each for each in evidence(tx, row) if how is None or each.how is how]
    if not shown:
        raise Conflict(_lacking(tx, row))
    return faults.mended(tx, number, shown[0].how, note, actor)


def _confirmed(tx: Transaction, row: Fault, note: str | None, actor: str) -> Fault:
    assert row.id is not None
    if row.equipment is None:
        faults.words_needed(note, "what was done at the place")
    else:
        today = meta.today(tx)
        seen = f"mended: {row.what}"[: claims.TEXT_MAX]
        upkeep.confirm(tx, row.equipment, ItemState.IN_PLACE, actor, today, seen, actor)
    return faults.mended(tx, row.id, How.CONFIRMATION, note, actor)


def _lacking(tx: Transaction, row: Fault) -> str:
    if must_be_pressed(tx, row):
        return phrase(
            f"{row.equipment} has not been seen to work since the fault was reported; "
            "press it once, and let go."
        )
    if row.equipment is None:
        return phrase(
            "Say that you stand at it, and what was done: a fault is not closed by a tick."
        )
    return phrase(
        f"Nothing has shown since the fault was reported that {row.equipment} is well; stand at "
        "it and confirm it, or take a photo."
    )


def _of_device(tx: Transaction, fault: Fault, item: register.Item) -> list[Evidence]:
    if item.device is None:
        return []
    state = tx.get(DeviceState, tuple(item.device))
    if state is None:
        return []
    if item.kind in _SHOWN_BY_CHANGE:
        if state.changed_at and state.changed_at > fault.reported_at:
            return [Evidence(How.PRESS, state.changed_at, phrase("its device was seen to change"))]
        return []
    if state.heard_at and state.heard_at > fault.reported_at:
        return [Evidence(How.READING, state.heard_at, phrase("its device has spoken"))]
    return []


def _photos(tx: Transaction, fault: Fault) -> list[Evidence]:
    query = select(Photo).where(
        Photo.equipment == fault.equipment, col(Photo.recorded_at) > fault.reported_at
    )
    rows = tx.exec(query.order_by(col(Photo.id).desc()).limit(1))
    return [Evidence(How.PHOTO, row.recorded_at, phrase(f"a photo by {row.by}")) for row in rows]


def _checks(tx: Transaction, fault: Fault, *, pressed_only: bool) -> list[Evidence]:
    """A check that was passed; of what must be pressed, one that a reading closed."""
    query = select(ItemCheck).where(
        ItemCheck.equipment == fault.equipment,
        ItemCheck.outcome == CheckOutcome.PASSED.value,
        col(ItemCheck.at) > fault.reported_at,
    )
    if pressed_only:
        query = query.where(col(ItemCheck.proved_at) > fault.reported_at)
    rows = tx.exec(query.order_by(col(ItemCheck.id).desc()).limit(1))
    return [
        Evidence(
            How.CHECK, row.at, phrase(f"{row.kind.replace('_', ' ')} check by {row.by}, passed")
        )
        for row in rows
    ]


def _confirmations(tx: Transaction, fault: Fault) -> list[Evidence]:
    query = select(Confirmation).where(
        Confirmation.equipment == fault.equipment,
        Confirmation.state == ItemState.IN_PLACE.value,
        col(Confirmation.recorded_at) > fault.reported_at,
    )
    rows = tx.exec(query.order_by(col(Confirmation.id).desc()).limit(1))
    return [
        Evidence(How.CONFIRMATION, row.recorded_at, phrase(f"found in place by {row.by}"))
        for row in rows
    ]


def check_words(how: str) -> How:
    """The word of an evidence; Invalid where it is none."""
    try:
        return How(how)
    except ValueError:
        raise Invalid(f'how: "{how}" is none of {", ".join(How)}.') from None
