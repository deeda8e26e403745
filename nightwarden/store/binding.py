"""Binding a device that was heard to the item that it speaks for, in one step of one person.

The item may be new, or stand in the register without a device. Whoever comes second is told: a
device that is bound, and an item that has a device, are refused, whatever was seen on the page.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import select

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.model import claims
from nightwarden.model.channels import ChannelMap
from nightwarden.model.places import HEARS, EquipmentKind, Mount, PlaceId
from nightwarden.model.readings import DeviceId, Quantity
from nightwarden.store import register, upkeep
from nightwarden.store.descriptions import Description
from nightwarden.store.engine import Transaction
from nightwarden.store.heard import Heard, unbound_devices
from nightwarden.store.placing import Binding
from nightwarden.store.tables import Device, Equipment

PREFIXES = {
    EquipmentKind.BED_MAT: "MAT",
    EquipmentKind.FLOOR_MAT: "FLR",
    EquipmentKind.CHAIR_MAT: "CHR",
    EquipmentKind.TEMPERATURE_SENSOR: "TMP",
    EquipmentKind.COVER_SWITCH: "SWI",
    EquipmentKind.CALL_BUTTON: "BTN",
    EquipmentKind.HUB: "HUB",
    EquipmentKind.RADIATOR_COVER: "CVR",
    EquipmentKind.PORTABLE_HEATER: "HTR",
    EquipmentKind.MAINS_MONITOR: "PWR",
}
SPEAKING = tuple(kind for kind in PREFIXES if kind in HEARS)
"""Kinds that a device can be bound to here. A hub is named in the home file."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks for. ``place``, ``kind`` and ``mount`` None: as the item has them."""

    tag: str
    binding: Binding
    kind: EquipmentKind | None = None
    mount: Mount | None = None
    place: PlaceId | None = None


def bind(tx: Transaction, wanted: Wanted, actor: str) -> register.Item:
    """Bind a device to an item, registering and placing it where that is needed.

    Raises:
        Conflict: the device or the item is taken.
        Invalid: the item is of another kind, or what it needs is not said.
    """
    device = wanted.binding.device
    other = tx.get(Device, tuple(device))
    if other is not None:
        raise Conflict(f"{device} is bound to {other.equipment} already; unbind it there first.")
    item = _item(tx, wanted, actor)
    if item.device is not None:
        raise Conflict(f"{item.tag} has {item.device} already; unbind that first.")
    if wanted.kind is not None and wanted.kind is not item.kind:
        kind = item.kind.replace("_", " ")
        raise Conflict(f"{item.tag} is a {kind} already; choose another tag.")
    if wanted.mount is not None and wanted.mount is not item.mount:
        item = upkeep.change_equipment(tx, item.tag, item.version, {"mount": wanted.mount}, actor)
    if wanted.place is not None and wanted.place != item.place:
        upkeep.move(tx, item.tag, wanted.place, actor)
    return upkeep.bind(tx, item.tag, wanted.binding, actor)


def unbound_device(tx: Transaction, text: str) -> Heard:
    """The unbound device that ``DIALECT:ADDRESS[#CHANNEL]`` or an address alone names.

    Raises:
        NotFound: it has not been heard, or the address is that of several.
        Conflict: it is bound.
    """
    dialect, _, address = text.partition(":")
    bound = tx.get(Device, (dialect, address))
    if bound is not None:
        raise Conflict(f"{text} is bound to {bound.equipment} already; unbind it there first.")
    heard = unbound_devices(tx)
    named = [found for found in heard if text in (str(found.device), found.device.address)]
    if len(named) == 1:
        return named[0]
    if named:
        raise NotFound(f'"{text}" is the address of several devices; write DIALECT:{text}.')
    inputs = [str(found.device) for found in heard if text in _names_of_whole(found.device)]
    if inputs:
        raise NotFound(f"{text} has several inputs; name one: {', '.join(inputs)}.")
    raise NotFound(f'No unbound device "{text}" has been heard; `nightwarden devices` lists them.')


def proposed_tag(tx: Transaction, kind: EquipmentKind, place: PlaceId) -> str:
    """A free tag such as ``MAT-0012`` for room 12; a second one there is ``MAT-0012-2``."""
    number = place.room.zfill(4) if place.room.isascii() and place.room.isdigit() else place.room
    first = f"{PREFIXES[kind]}-{'-'.join(number.split())}"[: claims.NAME_MAX - 4]
    taken = set(tx.exec(select(Equipment.tag)))
    return next(tag for tag in _numbered(first) if tag not in taken)


def proposed_map(kind: EquipmentKind, said: frozenset[Quantity]) -> ChannelMap:
    """How an item of this kind would hear a device that says these things."""
    hears = HEARS.get(kind, frozenset())
    if hears & said:
        return ChannelMap()
    swapped = {
        other: heard
        for heard, other in (
            (Quantity.OCCUPANCY, Quantity.CONTACT),
            (Quantity.CONTACT, Quantity.OCCUPANCY),
        )
        if heard in hears and other in said
    }
    return ChannelMap(swapped)


def likely_kinds(said: frozenset[Quantity]) -> tuple[EquipmentKind, ...]:
    """The kinds that such a device can be, the likeliest first."""
    fits = [kind for kind in SPEAKING if HEARS[kind] & said]
    wired = [kind for kind in SPEAKING if kind not in fits and proposed_map(kind, said).reads]
    return tuple(fits + wired)


def _item(tx: Transaction, wanted: Wanted, actor: str) -> register.Item:
    try:
        return register.item(tx, wanted.tag)
    except NotFound:
        if wanted.kind is None:
            raise Invalid(
                f'There is no equipment "{wanted.tag}" yet; say its kind and where it stands.'
            ) from None
    if wanted.place is None:
        raise Invalid(f"Say where {wanted.tag} stands, as ROOM/PLACE.")
    what = Description(kind=wanted.kind, mount=wanted.mount)
    return upkeep.add_equipment(tx, wanted.tag, what, actor)


def _names_of_whole(device: DeviceId) -> tuple[str, ...]:
    return (str(device.whole), device.whole.address) if device.channel else ()


def _numbered(first: str) -> Iterator[str]:
    yield first
    for number in range(2, 1000):
        yield f"{first}-{number}"
