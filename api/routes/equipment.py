"""The register's equipment: what it is, where it stands, what was found at it, and its history.

Every change is made by ``nightwarden.store.upkeep``; here it is only asked for. The second of two
editors is told: a change may name the ``version`` that it was made from, in the body or as
``If-Match``, and is refused when somebody else was first.
"""

from dataclasses import asdict
from datetime import UTC
from typing import Annotated, Any

from fastapi import Depends, Header, Response

from api.deps import Actor, ReadTx, WriteTx, requires
from api.errors import BadQuery
from api.nouns import noun_router
from api.paging import LARGEST_ID, PageQuery, listed
from api.routes.bodies import Number
from api.routes.equipment_bodies import (
    ConfirmationBody,
    Description,
    DeviceBody,
    EquipmentChange,
    ExtensionBody,
    FaultBody,
    MendBody,
    NewEquipment,
    PermitBody,
    WhyBody,
)
from nightwarden.binding import as_channels
from nightwarden.errors import Invalid, NotFound
from nightwarden.model.places import PlaceId
from nightwarden.model.readings import DeviceId
from nightwarden.model.roles import Right
from nightwarden.store import (
    descriptions,
    fault_evidence,
    faults,
    meta,
    permits,
    register,
    upkeep,
)
from nightwarden.store.engine import Transaction
from nightwarden.store.item_history import HistoryLine, history
from nightwarden.store.placing import Binding
from nightwarden.store.register import Item
from nightwarden.wire import rfc3339

router = noun_router("equipment")

Seer = Annotated[Actor, Depends(requires(Right.SEE))]
Keeper = Annotated[Actor, Depends(requires(Right.KEEP_REGISTER))]
Confirmer = Annotated[Actor, Depends(requires(Right.CONFIRM))]
Reporter = Annotated[Actor, Depends(requires(Right.REPORT_FAULT))]


@router.get("/equipment")
def list_equipment(
    _actor: Seer, tx: ReadTx, page: PageQuery, room: str | None = None
) -> dict[str, Any]:
    """The equipment in use or in the store cupboard, by tag."""
    items = [
        item
        for item in register.items_now(tx)
        if room is None or (item.place is not None and item.place.room == room)
    ]
    shown, cursor = page.cut_computed("equipment", items, lambda item: (item.tag,), str)
    return listed([item_json(item) for item in shown], cursor)


@router.post("/equipment", status_code=201)
def add(new: NewEquipment, actor: Keeper, tx: WriteTx, response: Response) -> dict[str, Any]:
    """Register an item; one that was retired comes back under its tag."""
    fields = {name: getattr(new, name) for name in descriptions.Description.__slots__}
    tag = upkeep.add_equipment(tx, new.tag, descriptions.Description(**fields), actor.name).tag
    _place_and_bind(tx, tag, new, actor)
    response.headers["Location"] = f"/api/v1/equipment/{tag}"
    return _shown(response, register.item(tx, tag))


@router.get("/equipment/{tag}")
def get_item(tag: str, _actor: Seer, tx: ReadTx, response: Response) -> dict[str, Any]:
    """One item, with its history: placements, confirmations, faults and permits in order."""
    item = register.item(tx, tag)
    lines = [_line_json(line) for line in history(tx, tag)]
    return _shown(response, item) | {"history": lines}


@router.patch("/equipment/{tag}")
def change(
    tag: str,
    wanted: EquipmentChange,
    actor: Keeper,
    tx: WriteTx,
    response: Response,
    if_match: Annotated[str | None, Header()] = None,
) -> dict[str, Any]:
    """Change an item, move it, or bind it to a device."""
    seen = wanted.version if if_match is None else _version(if_match)
    present = register.item(tx, tag).version
    sent = wanted.model_fields_set
    described = {
        name: getattr(wanted, name) for name in sent & {*descriptions.Description.__slots__}
    }
    # A move alone changes no field, and must still be refused to an editor who saw another state.
    version = present if seen is None else seen
    upkeep.change_equipment(tx, tag, version, described, actor.name)
    _place_and_bind(tx, tag, wanted, actor)
    return _shown(response, register.item(tx, tag))


@router.post("/equipment/{tag}/confirmations", status_code=201)
def confirm(tag: str, found: ConfirmationBody, actor: Confirmer, tx: WriteTx) -> dict[str, Any]:
    """Record what a person found at the item."""
    on = found.on or meta.today(tx)
    by = found.by or actor.name
    return item_json(upkeep.confirm(tx, tag, found.state, by, on, found.note, actor.name))


@router.post("/equipment/{tag}/faults", status_code=201)
def report_fault(tag: str, fault: FaultBody, actor: Reporter, tx: WriteTx) -> dict[str, Any]:
    """Say that something is wrong with the item."""
    return item_json(upkeep.report_fault(tx, tag, fault.what, fault.interim, actor.name))


@router.post("/equipment/{tag}/faults/{fault}/mend")
def mend_fault(
    tag: str, fault: Number, actor: Confirmer, tx: WriteTx, shown: MendBody | None = None
) -> dict[str, Any]:
    """Say that a fault of the item is mended; something has to have shown it since the report."""
    faults.must_be_of(faults.find(tx, fault), tag)
    how = shown.how if shown else None
    note = shown.note if shown else None
    decides = actor.may(Right.MANAGE)
    fault_evidence.mend(tx, fault, how, note, actor.name, decides=decides)
    return item_json(register.item(tx, tag))


@router.post("/equipment/{tag}/permits", status_code=201)
def issue_permit(tag: str, permit: PermitBody, actor: Keeper, tx: WriteTx) -> dict[str, Any]:
    """Let the control be off until a time, within a week from now."""
    until = permit.until.astimezone(UTC)
    terms = (permit.reason, permit.made_safe_by, until)
    return item_json(upkeep.issue_permit(tx, tag, *terms, actor.name))


@router.post("/equipment/{tag}/permits/{permit}/extend")
def extend_permit(
    tag: str, permit: Number, more: ExtensionBody, actor: Keeper, tx: WriteTx
) -> dict[str, Any]:
    """Give the permit more time, within a week from its issue, and say why."""
    until = more.until.astimezone(UTC)
    return _of(tag, permits.extend(tx, permit, until, more.reason, actor.name))


@router.post("/equipment/{tag}/permits/{permit}/end")
def end_permit(tag: str, permit: Number, actor: Keeper, tx: WriteTx) -> dict[str, Any]:
    """The control is back, before the permit's time or after it."""
    return _of(tag, upkeep.end_permit(tx, permit, actor.name))


@router.post("/equipment/{tag}/retire", status_code=204)
def retire(tag: str, actor: Keeper, tx: WriteTx, why: WhyBody | None = None) -> None:
    """Take the item out of use; its history stays.

    What its place requires, and has no other of, goes only with a reason, what is there instead,
    and a day on which that is looked at again.
    """
    upkeep.retire(tx, tag, actor.name, why.given if why else None)


@router.get("/equipment/{tag}/history")
def get_history(tag: str, _actor: Seer, tx: ReadTx) -> dict[str, Any]:
    """All that happened to an item, retired or not, oldest first."""
    return listed([_line_json(line) for line in history(tx, tag)], None)


def item_json(item: Item) -> dict[str, Any]:
    """An item as it stands now."""
    found, fault, permit = item.found, item.fault, item.permit
    return {
        "tag": item.tag,
        "kind": item.kind,
        "mount": item.mount,
        "sounds_for": item.sounds_for,
        "sounds_from": item.sounds_from,
        "make": item.make,
        "model": item.model,
        "serial": item.serial,
        "in_service_on": item.in_service_on,
        "service_life_days": item.service_life_days,
        "meant_for": item.meant_for,
        "at": None if item.place is None else str(item.place),
        "room": None if item.place is None else item.place.room,
        "place": None if item.place is None else item.place.place,
        "placed_at": rfc3339(item.placed_at),
        "device": None if item.device is None else str(item.device),
        "reads": dict(item.channels.reads),
        "inverted": item.channels.inverted,
        "supervision_s": item.supervision_s,
        "proof_s": item.proof_s,
        "bound_at": rfc3339(item.bound_at),
        "confirmed": found and asdict(found) | {"recorded_at": rfc3339(found.recorded_at)},
        "fault": fault and asdict(fault) | {"reported_at": rfc3339(fault.reported_at)},
        "permit": permit
        and asdict(permit) | {"since": rfc3339(permit.since), "until": rfc3339(permit.until)},
        "since": rfc3339(item.since),
        "version": item.version,
        "owner": item.owner,
        "use_until": item.use_until,
        **_standing_json(item),
    }


def _standing_json(item: Item) -> dict[str, Any]:
    standing = item.standing
    pairing, test = standing.pairing, standing.test
    return {
        "status": item.status,
        "status_why": standing.status_why if item.unfit else None,
        "model_service_life_days": item.model_life_days,
        "transmitter": pairing
        and {
            "make": pairing.make,
            "model": pairing.model,
            "serial": pairing.serial,
            "since": rfc3339(pairing.since),
            "signed_off_at": rfc3339(pairing.signed_off_at),
        },
        "test": test and asdict(test) | {"recorded_at": rfc3339(test.recorded_at)},
    }


def _line_json(line: HistoryLine) -> dict[str, Any]:
    return {"at": rfc3339(line.at), "what": line.what, "text": line.text, "by": line.by}


def _shown(response: Response, item: Item) -> dict[str, Any]:
    response.headers["ETag"] = f'"{item.version}"'
    return item_json(item)


def _of(tag: str, item: Item) -> dict[str, Any]:
    """The item, if it is the one in the address; else nothing is kept."""
    if item.tag != tag:
        raise NotFound(f"That is a record of {item.tag}, not of {tag}.")
    return item_json(item)


def _place_and_bind(tx: Transaction, tag: str, wanted: Description, actor: Actor) -> None:
    sent = wanted.model_fields_set
    if "at" in sent and (place := place_of(wanted.at)) != register.item(tx, tag).place:
        upkeep.move(tx, tag, place, actor.name)
    if "device" in sent:
        upkeep.bind(tx, tag, _binding(wanted.device), actor.name)


def place_of(at: str | None) -> PlaceId | None:
    """``ROOM/PLACE``; None is the store cupboard. Invalid when it is not written so."""
    if at is None:
        return None
    room, slash, place = at.partition("/")
    if not slash or not room or not place:
        raise Invalid(f'"at" is ROOM/PLACE, such as 12/bed, not "{at}".')
    return PlaceId(room, place)


def _binding(device: DeviceBody | None) -> Binding | None:
    if device is None:
        return None
    named = DeviceId(device.dialect, device.address)
    usual = Binding.usual(named.at_channel(device.channel) if device.channel else named)
    return Binding(
        usual.device,
        device.supervision_s or usual.supervision_s,
        device.proof_s or usual.proof_s,
        as_channels(device.reads, inverted=device.inverted),
    )


def _version(if_match: str) -> int:
    number = if_match.strip().removeprefix("W/").strip('"')
    if not number.isascii() or not number.isdigit() or int(number[:20]) > LARGEST_ID:
        raise BadQuery('If-Match is the ETag of the item, such as "3".')
    return int(number)
