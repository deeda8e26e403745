"""Changes of the register, each by a named actor: add, change, move, bind, confirm, fault, permit.

The policy:

1. Every change is checked, written, entered into the audit and told to the rules in the one
   transaction that it is made in.
2. Nothing is deleted. A placement ends and another begins; a retired item keeps its history and
   comes back under its tag. A device's binding alone is only ever the present one: what it was
   before is in the audit.
3. An edit names the version that it was made from, so the second of two editors is told.

Every function raises ``NotFound`` for a thing that is not there, ``Invalid`` for a value that
cannot be, ``Conflict`` where the present state does not allow it.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, update
from sqlmodel import col

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.model import claims
from nightwarden.model.channels import PLAIN
from nightwarden.model.outputs import TAKE_ORDERS
from nightwarden.model.places import (
    CALLS_PEOPLE,
    ItemState,
    PlaceId,
)
from nightwarden.store import faults, meta, register, removals
from nightwarden.store.descriptions import Description, checked, described
from nightwarden.store.editing import require_version
from nightwarden.store.engine import Transaction
from nightwarden.store.item_life import require_fit
from nightwarden.store.item_record import entered, note
from nightwarden.store.placing import Binding, put_at, put_away, put_device
from nightwarden.store.sign_off import too_hot
from nightwarden.store.tables import (
    Confirmation,
    Device,
    Equipment,
    Permit,
    Place,
    Resident,
)

LONGEST_PERMIT = timedelta(days=7)
"""A control that stays off for longer is a change of the plan, which somebody else signs."""


def add_equipment(tx: Transaction, tag: str, what: Description, actor: str) -> register.Item:
    """Register an item, in the store cupboard at first; a retired one comes back under its tag."""
    tag = checked(claims.name, tag, "tag")
    what = described(asdict(what))
    _must_live_here(tx, what.meant_for)
    kept = tx.get(Equipment, tag)
    if kept is None:
        tx.add(Equipment(tag=tag, since=tx.now, **asdict(what)))
    elif kept.removed_at is None:
        raise Conflict(f'There is equipment "{tag}" already.')
    else:
        kept.removed_at, kept.version = None, kept.version + 1
        kept.sqlmodel_update(asdict(what))
    tx.flush()
    return entered(tx, actor, "added", tag, asdict(what))


def change_equipment(
    tx: Transaction, tag: str, version: int, changes: Mapping[str, Any], actor: str
) -> register.Item:
    """Change what is said of an item, any field of :class:`Description`.

    Args:
        version: that of the item which the editor saw; Conflict when it has changed since.
    """
    before = register.item(tx, tag)
    if unknown := set(changes) - set(Description.__slots__):
        raise Invalid(f"{', '.join(sorted(unknown))} cannot be changed here.")
    present = {field: getattr(before, field) for field in Description.__slots__}
    after = asdict(described(present | dict(changes)))
    if after["meant_for"] != present["meant_for"]:
        _must_live_here(tx, after["meant_for"])
    require_version(tx, f"equipment {tag}", version, before.version, present)
    compare_and_set = (
        update(Equipment)
        .where(col(Equipment.tag) == tag, col(Equipment.version) == version)
        .values(**after, version=version + 1)
    )
    result = tx.sql.execute(compare_and_set)
    assert isinstance(result, CursorResult)
    if result.rowcount == 0:
        raise Conflict(f'"{tag}" was changed by somebody else; look at it again.')
    tx.expire_all()
    changed = {field: value for field, value in after.items() if value != present[field]}
    return entered(tx, actor, "changed", tag, changed)


def move(tx: Transaction, tag: str, place: PlaceId | None, actor: str) -> register.Item:
    """Put an item at a place, or with None into the store cupboard."""
    before = register.item(tx, tag)
    if place is not None:
        _must_exist(tx, place)
        require_fit(before)
    if place == before.place:
        raise Conflict(f'"{tag}" is {"in the store cupboard" if place is None else place} already.')
    with removals.watched(tx, actor):
        put_at(tx, tag, place)
    moved = {"from": str(before.place or "store"), "to": str(place or "store")}
    return entered(tx, actor, "moved", tag, moved)


def bind(tx: Transaction, tag: str, binding: Binding | None, actor: str) -> register.Item:
    """Say which device speaks for an item; None ends the binding."""
    before = register.item(tx, tag)
    if binding is not None:
        checked(claims.address, binding.device.whole.address, "address")
        if binding.device.channel is not None:
            checked(claims.channel, binding.device.channel, "channel")
        if before.kind in CALLS_PEOPLE and binding.device.dialect not in TAKE_ORDERS:
            raise Invalid(
                f"device: a {before.kind} must be told when to sound, which no device of "
                f"{binding.device.dialect} can be; use {', '.join(sorted(TAKE_ORDERS))}."
            )
        other = tx.get(Device, tuple(binding.device))
        if other is not None and other.equipment != tag:
            raise Conflict(
                f"{binding.device} is bound to {other.equipment}; unbind it there first."
            )
    put_device(tx, tag, binding)
    bound = {"from": str(before.device), "to": str(binding.device if binding else None)}
    if binding is not None and binding.channels != PLAIN:
        bound["reads"] = str(binding.channels)
    return entered(tx, actor, "bound", tag, bound)


def retire(tx: Transaction, tag: str, actor: str, why: removals.Why | None = None) -> None:
    """Take an item out of use: it leaves its place and its device, and keeps its history.

    Raises:
        Invalid: it is what its place requires, and ``why`` does not say what is there instead.
    """
    before = register.item(tx, tag)
    removals.require_why(tx, tag, why)
    faults.end_with_item(tx, tag, actor)
    with removals.watched(tx, actor, why):
        put_away(tx, tag)
    note(tx, actor, "retired", tag, {"from": str(before.place or "store")})


def confirm(
    tx: Transaction,
    tag: str,
    state: ItemState,
    by: str,
    on: date,
    note: str | None,
    actor: str,
) -> register.Item:
    """Record what a person found at an item, standing there.

    Found in place today, an item whose permit is past its time is back. One that last measured too
    hot to touch is not confirmed in place: see ``sign_off``.

    Args:
        by: who stood there; ``actor`` is who entered it.
        on: the day on which they did, in the home's zone; not one that has yet to come.
    """
    before = register.item(tx, tag)
    by = checked(claims.text, by, "by")
    note = checked(claims.text, note, "note") if note else None
    checked(lambda day: claims.day_not_ahead(day, tx.now), on, "on")
    if state is ItemState.IN_PLACE and (hot := too_hot(tx, tag)) is not None:
        raise Conflict(f'"{tag}" cannot be signed off: {hot}.')
    seen: dict[str, Any] = {"state": state.value, "by": by, "on": on, "note": note}
    tx.add(Confirmation(equipment=tag, recorded_at=tx.now, recorded_by=actor, **seen))
    permit = before.permit
    if permit is not None and state is ItemState.IN_PLACE and permit.until <= tx.now:
        today = meta.today(tx)
        if on >= today:
            _end(tx, permit.id, actor)
    return entered(tx, actor, "confirmed", tag, seen)


def report_fault(
    tx: Transaction, tag: str, what: str, interim: str | None, actor: str
) -> register.Item:
    """Say that something is wrong with an item; ``interim`` is what is done meanwhile."""
    faults.report(tx, tag, what, interim, faults.Reporter(actor))
    return register.item(tx, tag)


def issue_permit(
    tx: Transaction, tag: str, reason: str, made_safe_by: str, until: datetime, actor: str
) -> register.Item:
    """Let a control be off until a time (aware), with how the room is safe meanwhile.

    A permit that is past its time is ended by it: the work goes on under the new one.
    """
    present = register.item(tx, tag).permit
    if present is not None and present.until > tx.now:
        raise Conflict(f'"{tag}" has a permit until {present.until:%Y-%m-%d %H:%M} UTC already.')
    if not tx.now < until <= tx.now + LONGEST_PERMIT:
        raise Invalid(f"until: a permit ends within the next {LONGEST_PERMIT.days} days.")
    terms: dict[str, Any] = {
        "reason": checked(claims.text, reason, "reason"),
        "made_safe_by": checked(claims.text, made_safe_by, "made_safe_by"),
        "until": until,
    }
    if present is not None:
        _end(tx, present.id, actor)
    tx.add(Permit(equipment=tag, since=tx.now, issued_by=actor, **terms))
    return entered(tx, actor, "issued a permit", tag, terms)


def end_permit(tx: Transaction, permit: int, actor: str) -> register.Item:
    """End a permit: the control is back, before the permit's time or after it."""
    row = tx.get(Permit, permit)
    if row is None:
        raise NotFound(f"There is no permit {permit}.")
    if row.ended_at is not None:
        raise Conflict(f"Permit {permit} has ended already.")
    _end(tx, permit, actor)
    return entered(tx, actor, "ended a permit", row.equipment, {"permit": permit})


def _end(tx: Transaction, permit: int, actor: str) -> None:
    row = tx.get_one(Permit, permit)
    row.ended_at, row.ended_by = tx.now, actor


def _must_live_here(tx: Transaction, resident: str | None) -> None:
    row = None if resident is None else tx.get(Resident, resident)
    if resident is not None and (row is None or row.removed_at is not None):
        raise Invalid(f'meant_for: there is no resident "{resident}".')


def _must_exist(tx: Transaction, place: PlaceId) -> None:
    row = tx.get(Place, tuple(place))
    if row is None or row.removed_at is not None:
        raise Invalid(f'There is no place "{place.place}" in room "{place.room}".')
