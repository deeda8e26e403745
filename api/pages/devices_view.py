"""The devices as lines to read: who speaks and is bound to nothing, and who is bound to what.

What was heard last stands on top: whoever holds a new mat presses it, and its line comes up.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from api.pages.drawing import value_words
from nightwarden import binding
from nightwarden.languages import gettext, said
from nightwarden.model.pace import Pace
from nightwarden.model.phrases import phrase
from nightwarden.model.places import HEARS, EquipmentKind, PlaceId
from nightwarden.model.plan import PlacedItem, Plan
from nightwarden.model.readings import DeviceId, Quantity
from nightwarden.store import heard as store
from nightwarden.store import listings, outputs, register
from nightwarden.store.binding import SPEAKING, likely_kinds
from nightwarden.store.engine import Transaction
from nightwarden.store.heard import Heard
from nightwarden.store.listings import DeviceLine
from nightwarden.store.outputs import Told
from nightwarden.store.plan import load_liveness, load_plan
from rules.proposals import span_words
from rules.wording import kind_words

JUST_NOW = timedelta(seconds=8)
_WORST_FIRST = ("silent", "unproved", "live")


@dataclass(frozen=True, slots=True)
class UnboundLine:
    """A device that nobody has bound. ``live`` False: the broker keeps a word of it, no more."""

    device: DeviceId
    says: str
    rhythm: str
    first_at: datetime
    last_at: datetime
    live: bool
    just_now: bool
    may_be: str


@dataclass(frozen=True, slots=True)
class BoundLine:
    """A device and its item. ``state`` is silent, unproved or live; ``told`` what a sounder or
    light was last told."""

    line: DeviceLine
    state: Literal["live", "unproved", "silent"]
    told: Told | None


@dataclass(frozen=True, slots=True)
class Devices:
    """All that speaks, or should."""

    unbound: list[UnboundLine]
    bound: list[BoundLine]
    forgotten: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A place that waits for a device: an item without one, or a requirement without an item."""

    place: PlaceId
    kind: EquipmentKind
    tag: str | None
    resident: str


def devices_at(tx: Transaction) -> Devices:
    """Everything at ``tx.now``."""
    plan = load_plan(tx)
    placed = {item.device: item for item in plan.items if item.device} if plan else {}
    bound = [line for line in listings.devices(tx) if line.equipment is not None]
    liveness, told = load_liveness(tx), outputs.told(tx)
    lines = []
    for line in bound:
        known, item = liveness.get(line.device), placed.get(line.device)
        state = _state(line, item, tx.now, online=not known or known.online)
        lines.append(BoundLine(line, state, told.get(line.device)))
    lines.sort(key=lambda found: _WORST_FIRST.index(found.state))
    unbound = [unbound_line(heard, tx.now) for heard in store.unbound_devices(tx)]
    return Devices(unbound, lines, store.forgotten(tx))


def unbound_line(heard: Heard, now: datetime) -> UnboundLine:
    """One device as it is shown."""
    kinds = likely_kinds(frozenset(heard.said))
    live = heard.pace.messages > 0
    return UnboundLine(
        device=heard.device,
        says=" · ".join(_said(q, heard.said[q][0]) for q in Quantity if q in heard.said),
        rhythm=_rhythm(heard.pace, only_changes=binding.seen(heard).speaks_only_when_it_changes),
        first_at=heard.first_at,
        last_at=heard.last_at,
        live=live,
        just_now=live and now - heard.last_at <= JUST_NOW,
        may_be=_may_be(kinds),
    )


def waiting_for(plan: Plan | None, heard: Heard) -> list[Waiting]:
    """Where such a device is wanted, by room."""
    if plan is None:
        return []
    kinds = likely_kinds(frozenset(heard.said))
    standing = {(item.place, item.kind) for item in plan.items}
    wanted = [
        Waiting(item.place, item.kind, item.tag, plan.residents.get(item.place.room, ""))
        for item in plan.items
        if item.device is None and item.kind in kinds
    ]
    wanted += [
        Waiting(need.place, need.needs, None, need.resident)
        for need in plan.requirements
        if need.needs in kinds and (need.place, need.needs) not in standing
    ]
    return sorted(wanted, key=lambda found: (found.place, kinds.index(found.kind)))


def kinds_to_choose(heard: Heard) -> list[tuple[EquipmentKind, str]]:
    """Every kind that a device may be bound to, the likeliest first."""
    likely = likely_kinds(frozenset(heard.said))
    rest = [kind for kind in SPEAKING if kind not in likely]
    return [(kind, kind_words(kind)) for kind in (*likely, *rest)]


def places_by_room(tx: Transaction) -> list[tuple[str, list[str]]]:
    """The places of each room, in the order of the home file."""
    rooms: dict[str, list[str]] = {}
    for row in register.places(tx):
        rooms.setdefault(row.room, []).append(row.place)
    return list(rooms.items())


def senses(heard: Heard, kind: EquipmentKind) -> tuple[str, str] | None:
    """What an item's usual and its inverted sense would make of what the device says now.

    None for a kind, or a device, that has but one sense. Whoever stands there sees which is true.
    """
    channels = binding.proposed(heard, kind).channels
    for quantity in (Quantity.OCCUPANCY, Quantity.CONTACT):
        if quantity not in heard.said or channels.reads.get(quantity, quantity) not in HEARS[kind]:
            continue
        means = channels.reads.get(quantity, quantity)
        value = bool(heard.said[quantity][0])
        plain, turned = (_said(means, sense) for sense in (value, not value))
        if means is quantity:
            return (
                gettext("As it speaks: now {state}").format(state=plain),
                gettext("The other way round: now {state}").format(state=turned),
            )
        contact, either = _said(quantity, value), gettext("Now it is {contact}: {state}")
        return (
            either.format(contact=contact, state=plain),
            either.format(contact=contact, state=turned),
        )
    return None


def _said(quantity: Quantity, value: bool | float | str) -> str:  # noqa: FBT001
    return said(value_words(quantity, value))


def _state(
    line: DeviceLine, item: PlacedItem | None, now: datetime, *, online: bool
) -> Literal["live", "unproved", "silent"]:
    asked_since = line.heard_at or line.bound_at or now
    if not online or now - asked_since > timedelta(seconds=line.supervision_s or 0):
        return "silent"
    proved = line.changed_at
    begun = item.stands_since if item else line.bound_at
    held = proved is not None and now - proved <= timedelta(seconds=line.proof_s or 0)
    return "live" if held and proved and begun and proved >= begun else "unproved"


def _may_be(kinds: tuple[EquipmentKind, ...]) -> str:
    if not kinds:
        return ""
    if kinds[0] is EquipmentKind.COVER_SWITCH and len(kinds) > 1:
        return phrase("cover switch, or a mat's contact")
    return kind_words(kinds[0])


def _rhythm(pace: Pace, *, only_changes: bool) -> str:
    if not pace.messages:
        return phrase("not heard yet: the broker keeps this from before")
    if pace.typical_s is None:
        return phrase("heard once")
    if only_changes:
        return phrase("speaks only when it changes")
    typical, longest = span_words(pace.typical_s), span_words(pace.longest_s)
    return phrase(f"speaks about every {typical}, at the longest {longest}")
