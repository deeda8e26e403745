"""Plan against live: what is required, what stands there, and whether it works now.

A gap is computed, never stored. For each requirement the first of these that is true:

1. ``missing``: no item of the kind stands at the place, or the one there was found off.
2. ``faulty``: somebody found it loose or damaged or reported a fault, a permit has it off, no
   device is bound to what needs one, or its device has fallen silent or said goodbye.
3. ``unverified``: its device has never spoken, or has not really changed within the proof interval
   (a green light is no proof, M11); a cover that nobody has confirmed lately.

Beside the requirements: a place whose alerts would find nobody to call, by the home's policies
and the people it has, is ``no_escalation``; a heat emitter that nobody has assessed is
``unassessed`` (H1), and what watches a person without a plan asking for it is ``undocumented``
(M23).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from nightwarden.model.places import (
    WATCHES_A_PERSON,
    EquipmentKind,
    GapState,
    ItemState,
    PlaceId,
)
from nightwarden.model.plan import Gap, Liveness, PlacedItem, Plan, PlannedRequirement
from nightwarden.model.readings import DeviceId
from nightwarden.model.roles import Role
from rules.rulebook import DEFAULT_RULEBOOK, Rulebook
from rules.telling import Telling
from rules.wording import kind_words

NEVER_HEARD = Liveness()
SPEAKS = WATCHES_A_PERSON | {
    EquipmentKind.TEMPERATURE_SENSOR,
    EquipmentKind.COVER_SWITCH,
    EquipmentKind.HUB,
}
"""Kinds that are nothing without a device."""

_WORST_FIRST = list(GapState)


@dataclass(frozen=True, slots=True)
class Calling:
    """Whom alerts call: the home's policies, and the roles that somebody in it has.

    ``since``: when the policies were put in force; None for those as delivered.
    """

    telling: Telling
    present: frozenset[Role]
    since: datetime | None = None


def gaps(
    plan: Plan,
    liveness: Mapping[DeviceId, Liveness],
    now: datetime,
    book: Rulebook = DEFAULT_RULEBOOK,
    calling: Calling | None = None,
) -> list[Gap]:
    """Every gap of the home at ``now`` (aware, UTC), worst first, then oldest first.

    Without ``calling`` nothing is said of whom its alerts would call.
    """
    standing: dict[tuple[PlaceId, EquipmentKind], list[PlacedItem]] = defaultdict(list)
    for item in plan.items:
        standing[item.place, item.kind].append(item)
    required = {(r.place, r.needs) for r in plan.requirements}
    found: list[Gap] = []
    for requirement in plan.requirements:
        items = standing.get((requirement.place, requirement.needs), [])
        gap = requirement_gap(requirement, items, liveness, now, plan.zone, book)
        if gap is not None:
            found.append(gap)
    found.extend(_undocumented(plan, required))
    found.extend(_unassessed(plan))
    if calling is not None:
        found.extend(_untold(plan, calling))
    return sorted(found, key=lambda gap: (_WORST_FIRST.index(gap.state), gap.since, gap.place))


def requirement_gap(
    requirement: PlannedRequirement,
    items: Sequence[PlacedItem],
    liveness: Mapping[DeviceId, Liveness],
    now: datetime,
    zone: ZoneInfo,
    book: Rulebook = DEFAULT_RULEBOOK,
) -> Gap | None:
    """The gap of one requirement; None when one of ``items`` meets it."""
    words = kind_words(requirement.needs)
    if not items:
        return _gap(
            requirement, GapState.MISSING, requirement.since, f"no {words} stands here", None
        )
    judged = [item_gap(requirement, item, liveness, now, zone, book) for item in items]
    if None in judged:
        return None
    present = [gap for gap in judged if gap is not None]
    return min(present, key=lambda gap: _WORST_FIRST[::-1].index(gap.state))


def item_gap(
    requirement: PlannedRequirement,
    item: PlacedItem,
    liveness: Mapping[DeviceId, Liveness],
    now: datetime,
    zone: ZoneInfo,
    book: Rulebook = DEFAULT_RULEBOOK,
) -> Gap | None:
    """Why this item does not meet the requirement; None when it does."""
    reasons = _by_record(item, zone) or (
        _by_device(item, liveness, now) if item.kind in SPEAKS else _by_age(item, now, zone, book)
    )
    if reasons is None:
        return None
    state, since, why = reasons
    return _gap(requirement, state, since, why, item.tag)


_Judgement = tuple[GapState, datetime, str] | None


def _by_record(item: PlacedItem, zone: ZoneInfo) -> _Judgement:
    """What people have written down: findings, faults, permits."""
    if item.permit_until and item.permit_since:
        until = item.permit_until.astimezone(zone)
        return GapState.FAULTY, item.permit_since, f"off on a permit until {until:%H:%M on %d %b}"
    if item.found and item.found is not ItemState.IN_PLACE and item.found_on:
        state = GapState.MISSING if item.found is ItemState.OFF else GapState.FAULTY
        return state, _midnight(item.found_on, zone), f"{item.found_by} found it {item.found}"
    if item.fault and item.fault_since:
        return GapState.FAULTY, item.fault_since, f"fault: {item.fault}"
    return None


def _by_device(
    item: PlacedItem, liveness: Mapping[DeviceId, Liveness], now: datetime
) -> _Judgement:
    """What its device has shown since it stands here (a moved item proves itself anew, A11)."""
    if item.device is None:
        return GapState.FAULTY, item.placed_at, "no device is bound to it"
    live = liveness.get(item.device, NEVER_HEARD)
    heard, changed = live.heard_at, live.changed_at
    stands = item.stands_since
    if heard is None or heard < stands:
        return GapState.UNVERIFIED, stands, "its device has not spoken since it stands here"
    if not live.online:
        return GapState.FAULTY, heard, "its device went offline"
    if now - heard > item.supervision:
        return GapState.FAULTY, heard + item.supervision, "its device is silent"
    if changed is None or changed < stands:
        return GapState.UNVERIFIED, stands, "nobody has seen it work here; press it once"
    if now - changed > item.proof:
        return GapState.UNVERIFIED, changed + item.proof, "it speaks and never changes; press it"
    return None


def _by_age(item: PlacedItem, now: datetime, zone: ZoneInfo, book: Rulebook) -> _Judgement:
    """A confirmation ages into unverified."""
    if item.found_on is None:
        return GapState.UNVERIFIED, item.placed_at, "nobody has confirmed it"
    aged = _midnight(item.found_on, zone) + book.required_not_in_place.confirmation_holds
    if now >= aged:
        why = f"last confirmed by {item.found_by} on {item.found_on:%d %b %Y}"
        return GapState.UNVERIFIED, aged, why
    return None


def cover_in_place(
    cover: PlacedItem, now: datetime, zone: ZoneInfo, book: Rulebook
) -> GapState | None:
    """The gap state of a cover by its records and their age; None is confirmed in place."""
    judgement = _by_record(cover, zone) or _by_age(cover, now, zone, book)
    return None if judgement is None else judgement[0]


def confirmation_ends(cover: PlacedItem, zone: ZoneInfo, book: Rulebook) -> datetime | None:
    """When the present confirmation of a cover ages into unverified."""
    if cover.found_on is None:
        return None
    return _midnight(cover.found_on, zone) + book.required_not_in_place.confirmation_holds


def _undocumented(plan: Plan, required: set[tuple[PlaceId, EquipmentKind]]) -> Iterable[Gap]:
    for item in plan.items:
        if item.kind in WATCHES_A_PERSON and (item.place, item.kind) not in required:
            yield Gap(
                place=item.place,
                needs=item.kind,
                state=GapState.UNDOCUMENTED,
                since=item.placed_at,
                because="in use, and no plan asks for it",
                equipment=item.tag,
                resident=plan.residents.get(item.place.room),
                next_step="Add it to the plan, or take it away",
            )


def _unassessed(plan: Plan) -> Iterable[Gap]:
    with_requirement = {requirement.place for requirement in plan.requirements}
    for emitter in plan.emitters:
        if not emitter.assessed and emitter.place not in with_requirement:
            yield Gap(
                place=emitter.place,
                needs="assessment",
                state=GapState.UNASSESSED,
                since=emitter.since,
                because=f"nobody has judged this {emitter.kind.replace('_', ' ')}",
                resident=plan.residents.get(emitter.place.room),
                next_step="Assess it: can somebody fall against it or be trapped by it?",
            )


def _untold(plan: Plan, calling: Calling) -> Iterable[Gap]:
    """A gap for every place at which something may be raised and somebody might not be called."""
    watched: dict[tuple[PlaceId, str | None], tuple[datetime, str | None]] = {}
    for requirement in plan.requirements:
        key = (requirement.place, requirement.tell)
        since = min(requirement.since, watched.get(key, (requirement.since, None))[0])
        watched[key] = (since, requirement.resident)
    places = {place for place, _ in watched}
    for item in plan.items:
        if item.device is not None and item.place not in places:
            resident = plan.residents.get(item.place.room)
            watched.setdefault((item.place, None), (item.placed_at, resident))
    said: dict[tuple[str | None, str | None], str] = {}  # a home has many places and few zones
    for (place, tell), (since, resident) in watched.items():
        zone = plan.zones.get(place.room)
        if (zone, tell) not in said:
            lacking = calling.telling.lacks(zone, tell, calling.present)
            said[zone, tell] = "; ".join(lacking)
        if why := said[zone, tell]:
            yield Gap(
                place=place,
                needs=f"escalation {tell}" if tell else "escalation",
                state=GapState.NO_ESCALATION,
                since=max(since, calling.since or since),
                because=why,
                resident=resident,
                next_step="Correct who_is_told in the rules file, or add somebody with the role; "
                "until then its alerts call everyone",
            )


_NEXT_STEPS = {
    GapState.MISSING: "Put a {words} in place, or set a manual round",
    GapState.FAULTY: "Mend or swap the {words}",
    GapState.UNVERIFIED: "Go and see that the {words} works, and say so",
}


def _gap(
    requirement: PlannedRequirement, state: GapState, since: datetime, why: str, tag: str | None
) -> Gap:
    return Gap(
        place=requirement.place,
        needs=requirement.needs,
        state=state,
        since=since,
        because=f"{requirement.because}: {why}",
        equipment=tag,
        resident=requirement.resident,
        next_step=_NEXT_STEPS[state].format(words=kind_words(requirement.needs)),
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
