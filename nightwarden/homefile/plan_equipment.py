"""The part of a plan that speaks of equipment: what it is, where it stands, what speaks for it."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid
from nightwarden.homefile.changes import Change, differences
from nightwarden.homefile.shape import ConfirmedPart, EquipmentPart, HomeFile
from nightwarden.model.channels import ChannelMap
from nightwarden.store import register
from nightwarden.store.engine import Transaction
from nightwarden.store.item_life import put_pairing, require_fit
from nightwarden.store.placing import Binding, device_row, put_at, put_away, put_device
from nightwarden.store.register import Item
from nightwarden.store.tables import Confirmation, Equipment, Placement, StatusChange

_Claim = tuple[str, str, Any, str]
"""Tag, by, on, state: what makes two confirmations the same one."""
_Pair = tuple[str | None, str | None, str | None]
"""Make, model and serial of a transmitter."""


def equipment_changes(tx: Transaction, home_file: HomeFile, actor: str) -> Iterator[Change]:
    """What comes, changes, moves, is bound anew or newly confirmed."""
    kept = {item.tag: item for item in register.items_now(tx)}
    claims = select(
        col(Confirmation.equipment),
        col(Confirmation.by),
        col(Confirmation.on),
        col(Confirmation.state),
    )
    recorded: set[_Claim] = {(tag, by, on, state) for tag, by, on, state in tx.exec(claims)}
    ever = set(tx.exec(select(Equipment.tag)))
    bound = {item.device for item in kept.values()}
    for part in home_file.equipment:
        item = kept.get(part.tag)
        if item is None:
            known = part.tag in ever or (part.device and part.device.device in bound)
            yield Change("+", _introduced(part), partial(_revive if known else _add, part))
            if part.transmitter:
                text = f"{part.tag} transmitter {_words(part)}"
                yield Change("+", text, partial(_pair, part, actor))
            if part.status is not None:
                yield Change("+", f"{part.tag} {part.status}", partial(_set_aside, part, actor))
        else:
            yield from _changed(part, item, actor)
        seen = part.confirmed
        if seen and (part.tag, seen.by, seen.on, seen.state) not in recorded:
            text = f"{part.tag} confirmed {seen.state} by {seen.by} on {seen.on}"
            yield Change("+", text, partial(_confirm, part.tag, seen, actor))


def equipment_leaving(tx: Transaction, home_file: HomeFile) -> Iterator[Change]:
    """What is no longer in the file."""
    wanted = {part.tag for part in home_file.equipment}
    for item in register.items_now(tx):
        if item.tag not in wanted:
            text = f"{item.tag} leaves {item.place or 'the store cupboard'} (kept in the record)"
            yield Change("-", text, partial(_put_away, item.tag))


def binding(part: EquipmentPart) -> Binding | None:
    """The device of an item with its own pace, or its dialect's."""
    speaks = part.device
    if speaks is None:
        return None
    pace = speaks.supervision_s or register.supervision_s(speaks.dialect)
    return Binding(speaks.device, pace, speaks.proof_s, speaks.channels)


def _introduced(part: EquipmentPart) -> str:
    where = f"at {part.at}" if part.at else "in the store cupboard"
    device = f" ({part.device.device})" if part.device else ""
    return f"{part.tag} {part.kind} {where}{device}"


def _changed(part: EquipmentPart, item: Item, actor: str) -> Iterator[Change]:
    if part.place is not None and part.place != item.place:
        _must_be_fit(part, item)
    if part.status is not None and part.status != item.status:
        text = f"{part.tag} {item.status} -> {part.status.value}"
        yield Change("~", text, partial(_set_aside, part, actor))
    if said := differences(item, _described(part)):
        yield Change("~", f"{part.tag} {said}", partial(_describe, part))
    if _transmitter(part) != _paired(item):
        text = f"{part.tag} transmitter {item.standing.pairing or 'none'} -> {_words(part)}"
        yield Change("~", text, partial(_pair, part, actor))
    if part.place != item.place:
        moves = f"moves {item.place or 'store cupboard'} -> {part.place or 'store cupboard'}"
        yield Change("~", f"{part.tag} {moves}", partial(_move, part))
    wanted = binding(part)
    present = _present_binding(item)
    if wanted == present:
        return
    if wanted and present and wanted.device == present.device:
        pace = {"supervision_s": wanted.supervision_s, "proof_s": wanted.proof_s}
        changed = [differences(present, pace), _reading_of(present.channels, wanted.channels)]
        text = f"{part.tag} {', '.join(filter(None, changed))}"
        yield Change("~", text, partial(_bind, part))
    else:
        before, after = (str(bound.device) if bound else "none" for bound in (present, wanted))
        yield Change("~", f"{part.tag} device {before} -> {after}", partial(_bind, part))


def _reading_of(before: ChannelMap, after: ChannelMap) -> str:
    """``reads as it says -> contact as occupancy, inverted``; empty where nothing changes."""
    return "" if before == after else f"reads {before} -> {after}"


def _present_binding(item: Item) -> Binding | None:
    if item.device is None or item.supervision_s is None or item.proof_s is None:
        return None
    return Binding(item.device, item.supervision_s, item.proof_s, item.channels)


def _described(part: EquipmentPart) -> dict[str, Any]:
    fields = {"kind", "mount", "make", "model", "serial", "service_life_days", "meant_for", "owner"}
    said = part.model_dump(include=fields | {"sounds_for", "sounds_from"})
    return {**said, "in_service_on": part.in_service, "use_until": part.until}


def _must_be_fit(part: EquipmentPart, item: Item) -> None:
    """A file does not put at a bed what somebody has found unfit."""
    try:
        require_fit(item)
    except Conflict as problem:
        raise Invalid(f"{part.tag} is to stand at {part.at}: {problem}") from None


def _transmitter(part: EquipmentPart) -> _Pair:
    said = part.transmitter
    return (said.make, said.model, said.serial) if said else (None, None, None)


def _paired(item: Item) -> _Pair:
    said = item.standing.pairing
    return (said.make, said.model, said.serial) if said else (None, None, None)


def _words(part: EquipmentPart) -> str:
    return " ".join(filter(None, _transmitter(part))) or "none"


def _pair(part: EquipmentPart, actor: str, tx: Transaction) -> None:
    make, model, serial = _transmitter(part)
    put_pairing(tx, part.tag, {"make": make, "model": model, "serial": serial}, actor)


def _set_aside(part: EquipmentPart, actor: str, tx: Transaction) -> None:
    """Quarantined or in repair, because the file says so."""
    row = tx.get_one(Equipment, part.tag)
    assert part.status is not None
    row.status = part.status.value
    why = "as the home file says"
    tx.add(StatusChange(equipment=part.tag, status=row.status, why=why, by=actor, at=tx.now))


def _add(part: EquipmentPart, tx: Transaction) -> None:
    """A new item with a device of its own; not flushed, see ``changes.add``."""
    tx.add(Equipment(tag=part.tag, since=tx.now, **_described(part)))
    if part.place:
        room, place = part.place
        tx.add(Placement(equipment=part.tag, room=room, place=place, since=tx.now))
    if wanted := binding(part):
        tx.add(device_row(part.tag, wanted, tx.now))


def _revive(part: EquipmentPart, tx: Transaction) -> None:
    """An item that comes back, or takes over another one's device."""
    if tx.get(Equipment, part.tag) is None:
        tx.add(Equipment(tag=part.tag, since=tx.now, **_described(part)))
    else:
        _describe(part, tx)
        tx.flush()
        if part.place is not None:
            _must_be_fit(part, register.item(tx, part.tag))
    put_at(tx, part.tag, part.place)
    put_device(tx, part.tag, binding(part))


def _describe(part: EquipmentPart, tx: Transaction) -> None:
    row = tx.get(Equipment, part.tag)
    assert row is not None
    row.sqlmodel_update(_described(part))
    row.removed_at, row.version = None, row.version + 1


def _move(part: EquipmentPart, tx: Transaction) -> None:
    put_at(tx, part.tag, part.place)


def _bind(part: EquipmentPart, tx: Transaction) -> None:
    put_device(tx, part.tag, binding(part))


def _put_away(tag: str, tx: Transaction) -> None:
    put_away(tx, tag)


def _confirm(tag: str, seen: ConfirmedPart, actor: str, tx: Transaction) -> None:
    claimed = seen.model_dump(include={"by", "on", "state"})
    tx.add(Confirmation(equipment=tag, recorded_at=tx.now, recorded_by=actor, **claimed))
