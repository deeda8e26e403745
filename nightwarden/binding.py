"""A device that was heard becomes an item's: what is proposed, and what a person makes of it.

Pages, API and command line all come through here, so that they propose and refuse alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from nightwarden.errors import Invalid
from nightwarden.model.channels import TWO_WAY, ChannelMap
from nightwarden.model.phrases import phrase
from nightwarden.model.places import EquipmentKind, Mount, PlaceId
from nightwarden.model.readings import DeviceId, Quantity
from nightwarden.store import binding, register
from nightwarden.store.engine import Transaction
from nightwarden.store.heard import Heard
from nightwarden.store.placing import Binding
from rules import proposals
from rules.proposals import Proposal, Seen

SUPERVISION_S = (30, 172_800)
PROOF_S = (3_600, 2_678_400)


@dataclass(frozen=True, slots=True)
class Proposed:
    """How an item of this kind would be bound to a device, each pace with its reason."""

    kind: EquipmentKind
    channels: ChannelMap
    supervision: Proposal
    proof: Proposal


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person says; None is "as proposed", and for an item that exists "as it is"."""

    device: str
    tag: str | None = None
    kind: EquipmentKind | None = None
    mount: Mount | None = None
    place: PlaceId | None = None
    reads: Mapping[str, str] | None = None
    inverted: bool = False
    supervision_s: int | None = None
    proof_s: int | None = None


def seen(heard: Heard) -> Seen:
    """What the proposals go by."""
    return Seen(heard.pace, Quantity.BATTERY in heard.said, Quantity.LINK in heard.said)


def supervision(heard: Heard) -> Proposal:
    """Within how many seconds it should have to speak."""
    dialect = heard.device.dialect
    return proposals.supervision(dialect, register.supervision_s(dialect), seen(heard))


def proposed(heard: Heard, kind: EquipmentKind) -> Proposed:
    """What is proposed for an item of this kind."""
    channels = binding.proposed_map(kind, frozenset(heard.said))
    return Proposed(kind, channels, supervision(heard), proposals.proof(kind, seen(heard)))


def bind(tx: Transaction, asked: Asked, actor: str) -> register.Item:
    """Bind a device that was heard, as asked and else as proposed.

    Raises:
        NotFound: no such device has been heard.
        Conflict: the device or the item is taken.
        Invalid: a value that cannot be, or something without which it cannot be done.
    """
    heard = binding.unbound_device(tx, asked.device)
    kind = asked.kind or _kind_of(tx, asked.tag)
    wanted = proposed(heard, kind)
    supervision_s, proof_s = asked.supervision_s, asked.proof_s
    reads = {said.value: meant.value for said, meant in wanted.channels.reads.items()}
    pace = Binding(
        heard.device,
        wanted.supervision.seconds
        if supervision_s is None
        else _within("supervision_s", supervision_s, SUPERVISION_S),
        wanted.proof.seconds if proof_s is None else _within("proof_s", proof_s, PROOF_S),
        as_channels(reads if asked.reads is None else asked.reads, inverted=asked.inverted),
    )
    tag = asked.tag or _tag(tx, kind, asked.place)
    terms = binding.Wanted(tag, pace, asked.kind, asked.mount, asked.place)
    return binding.bind(tx, terms, actor)


def as_channels(reads: Mapping[str, str], *, inverted: bool) -> ChannelMap:
    """The map that a person writes.

    Raises:
        Invalid: no such quantity, or one that cannot be read as the other.
    """
    unknown = [word for word in (*reads, *reads.values()) if word not in set(TWO_WAY)]
    if unknown:
        raise Invalid(f'reads: "{unknown[0]}" is neither occupancy nor contact.')
    try:
        return ChannelMap({Quantity(s): Quantity(h) for s, h in reads.items()}, inverted)
    except ValueError as problem:
        raise Invalid(f"reads: {problem}.") from None


def how_to_prove(kind: EquipmentKind) -> str:
    """What a person does to show that an item works, in the imperative."""
    return {
        EquipmentKind.TEMPERATURE_SENSOR: phrase("Warm the sensor in your hand"),
        EquipmentKind.COVER_SWITCH: phrase("Open the cover and close it"),
        EquipmentKind.CALL_BUTTON: phrase("Press the button once"),
    }.get(kind, phrase("Press the mat once and let go"))


def device_text(device: DeviceId) -> str:
    """As people read it: ``tasmota: hall, Switch1``."""
    channel = f", {device.channel}" if device.channel else ""
    return f"{device.dialect}: {device.whole.address}{channel}"


def _kind_of(tx: Transaction, tag: str | None) -> EquipmentKind:
    if tag is None:
        raise Invalid("Say which item the device is for: its tag, or a kind and a place.")
    kept = {item.tag: item.kind for item in register.items_now(tx)}
    if tag not in kept:
        raise Invalid(f'There is no equipment "{tag}" yet; say its kind and where it stands.')
    return kept[tag]


def _tag(tx: Transaction, kind: EquipmentKind, place: PlaceId | None) -> str:
    if place is None:
        raise Invalid("Say where the item stands, as ROOM/PLACE.")
    return binding.proposed_tag(tx, kind, place)


def _within(field: str, seconds: int, bounds: tuple[int, int]) -> int:
    least, most = bounds
    if not least <= seconds <= most:
        raise Invalid(f"{field} is {seconds}; from {least} to {most} seconds are due.")
    return seconds
