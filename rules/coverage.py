"""Plan against live: what is required, what stands there, and whether it works now.

A gap is computed, never stored. For each requirement the first of these that is true:

1. ``missing``: no item of the kind stands at the place, or the one there was found off.
2. ``faulty``: somebody found it loose or damaged or reported a fault, a permit has it off (past
   the permit's time too, until somebody says that it is back, H9), no device is bound to what
   needs one, or its device has fallen silent, said goodbye or cannot be believed.
3. ``unverified``: its device has never spoken, or has not really changed within the proof interval
   (a green light is no proof, M11); a cover that nobody has confirmed lately.

Beside the requirements: a place whose alerts would find nobody to call, by the home's policies
and the people it has, is ``no_escalation``; a heat emitter that nobody has assessed is
``unassessed`` (H1), and what watches a person without a plan asking for it is ``undocumented``
(M23). An item that is one resident's and stands where that resident does not live is in the
``wrong_room`` (A12), and one that is older than its maker allows is ``past_service_life`` (M13),
whether or not a plan asks for it. What the papers lack is in ``paper_gaps``; whose a gap is, and
what was decided of it, in ``gap_words``.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from nightwarden.model.papers import Papers
from nightwarden.model.phrases import phrase
from nightwarden.model.places import (
    MATS,
    WATCHES_A_PERSON,
    EquipmentKind,
    GapState,
    ItemState,
    PlaceId,
)
from nightwarden.model.plan import Gap, Liveness, PlacedItem, Plan, PlannedRequirement
from nightwarden.model.readings import DeviceId
from rules.beside_requirements import Calling, beside_requirements, midnight
from rules.gap_words import spoken_for
from rules.paper_gaps import paper_gaps
from rules.rulebook import DEFAULT_RULEBOOK, Rulebook
from rules.wording import kind_words, moment_of_day

NEVER_HEARD = Liveness()
SPEAKS = WATCHES_A_PERSON | {
    EquipmentKind.TEMPERATURE_SENSOR,
    EquipmentKind.COVER_SWITCH,
    EquipmentKind.HUB,
    EquipmentKind.MAINS_MONITOR,
}
"""Kinds that are nothing without a device."""

_WORST_FIRST = {state: rank for rank, state in enumerate(GapState)}
NO_PAPERS = Papers()


def gaps(
    plan: Plan,
    liveness: Mapping[DeviceId, Liveness],
    now: datetime,
    book: Rulebook = DEFAULT_RULEBOOK,
    calling: Calling | None = None,
    papers: Papers = NO_PAPERS,
) -> list[Gap]:
    """Every gap of the home at ``now`` (aware, UTC), worst first, then oldest first; those that a
    manager lets be for a time come last.

    Without ``calling`` nothing is said of whom its alerts would call, without ``papers`` nothing of
    what is written down.
    """
    standing: dict[tuple[PlaceId, EquipmentKind], list[PlacedItem]] = defaultdict(list)
    for item in plan.items:
        standing[item.place, item.kind].append(item)
    found: list[Gap] = []
    for requirement in plan.requirements:
        items = standing.get((requirement.place, requirement.needs), [])
        gap = requirement_gap(requirement, items, liveness, now, plan.zone, book)
        if gap is not None:
            found.append(gap)
    found.extend(beside_requirements(plan, calling, now))
    found.extend(paper_gaps(papers, plan.zone, now))
    return sorted(spoken_for(found, papers.words, plan.zone, now), key=_urgency)


def _urgency(gap: Gap) -> tuple[bool, int, datetime, PlaceId]:
    return gap.decision is not None, _WORST_FIRST[gap.state], gap.since, gap.place


def requirement_gap(
    requirement: PlannedRequirement,
    items: Sequence[PlacedItem],
    liveness: Mapping[DeviceId, Liveness],
    now: datetime,
    zone: ZoneInfo,
    book: Rulebook = DEFAULT_RULEBOOK,
) -> Gap | None:
    """The gap of one requirement; None when one of ``items`` meets it."""
    kind = kind_words(requirement.needs)
    if not items:
        return _gap(
            requirement, GapState.MISSING, requirement.since, phrase(f"no {kind} stands here"), None
        )
    judged = [item_gap(requirement, item, liveness, now, zone, book) for item in items]
    if None in judged:
        return None
    present = [gap for gap in judged if gap is not None]
    return max(present, key=lambda gap: _WORST_FIRST[gap.state])


def item_gap(
    requirement: PlannedRequirement,
    item: PlacedItem,
    liveness: Mapping[DeviceId, Liveness],
    now: datetime,
    zone: ZoneInfo,
    book: Rulebook = DEFAULT_RULEBOOK,
) -> Gap | None:
    """Why this item does not meet the requirement; None when it does."""
    reasons = (
        by_record(item, now, zone)
        or (
            by_device(item, liveness, now)
            if item.kind in SPEAKS
            else _by_age(item, now, zone, book)
        )
        or _by_pairing(item)
    )
    if reasons is None:
        return None
    state, since, why = reasons
    gap = _gap(requirement, state, since, why, item.tag)
    if item.permit_until is None:
        return gap
    kind = kind_words(item.kind)
    return replace(gap, next_step=phrase(f"Put the {kind} back, and say so"))


_Judgement = tuple[GapState, datetime, str] | None


def by_record(item: PlacedItem, now: datetime, zone: ZoneInfo) -> _Judgement:
    """What people have written down: findings, faults, permits."""
    if item.permit_until and item.permit_since:
        until = moment_of_day(item.permit_until, zone, "%d %b")
        why = phrase(f"off on a permit until {until}")
        if now >= item.permit_until:
            why = phrase(
                f"off on a permit that ended at {until}, and nobody has said that it is back"
            )
        return GapState.FAULTY, item.permit_since, why
    if item.found and item.found is not ItemState.IN_PLACE and item.found_on:
        state = GapState.MISSING if item.found is ItemState.OFF else GapState.FAULTY
        why = phrase(f"{item.found_by} found it {item.found}")
        return state, midnight(item.found_on, zone), why
    if item.fault and item.fault_since:
        return GapState.FAULTY, item.fault_since, phrase(f"fault: {item.fault}")
    if item.failed_test and item.failed_since:
        why = phrase(f"it failed its test: {item.failed_test}")
        return GapState.FAULTY, item.failed_since, why
    return None


def _by_pairing(item: PlacedItem) -> _Judgement:
    """A pad and a transmitter that work apart may not work together (M14)."""
    if item.untested_since is None:
        return None
    why = phrase("nobody has tested this pad with its transmitter")
    return GapState.UNVERIFIED, item.untested_since, why


def by_device(item: PlacedItem, liveness: Mapping[DeviceId, Liveness], now: datetime) -> _Judgement:
    """What its device has shown since it stands here (a moved item proves itself anew, A11)."""
    if item.device is None:
        return GapState.FAULTY, item.placed_at, phrase("no device is bound to it")
    live = liveness.get(item.device, NEVER_HEARD)
    heard, changed = live.heard_at, live.changed_at
    stands = item.stands_since
    if heard is None or heard < stands:
        return GapState.UNVERIFIED, stands, phrase("its device has not spoken since it stands here")
    if not live.online:
        return GapState.FAULTY, heard, phrase("its device went offline")
    if now - heard > item.supervision:
        return GapState.FAULTY, heard + item.supervision, phrase("its device is silent")
    if live.at_fault_since is not None:
        return GapState.FAULTY, live.at_fault_since, phrase("its readings cannot be believed")
    if changed is None or changed < stands:
        return GapState.UNVERIFIED, stands, phrase("nobody has seen it work here; press it once")
    if now - changed > item.proof:
        return (
            GapState.UNVERIFIED,
            changed + item.proof,
            phrase("it speaks and never changes; press it"),
        )
    return None


def _by_age(item: PlacedItem, now: datetime, zone: ZoneInfo, book: Rulebook) -> _Judgement:
    """A confirmation ages into unverified."""
    if item.found_on is None:
        return GapState.UNVERIFIED, item.placed_at, phrase("nobody has confirmed it")
    aged = midnight(item.found_on, zone) + book.required_not_in_place.confirmation_holds
    if now >= aged:
        day = f"{item.found_on:%d %b %Y}"
        why = phrase(f"last confirmed by {item.found_by} on {day}")
        return GapState.UNVERIFIED, aged, why
    return None


def cover_in_place(
    cover: PlacedItem, now: datetime, zone: ZoneInfo, book: Rulebook
) -> GapState | None:
    """The gap state of a cover by its records and their age; None is confirmed in place."""
    judgement = by_record(cover, now, zone) or _by_age(cover, now, zone, book)
    return None if judgement is None else judgement[0]


def confirmation_ends(cover: PlacedItem, zone: ZoneInfo, book: Rulebook) -> datetime | None:
    """When the present confirmation of a cover ages into unverified."""
    if cover.found_on is None:
        return None
    return midnight(cover.found_on, zone) + book.required_not_in_place.confirmation_holds


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
        next_step=_next_step(requirement.needs, state),
    )


def _next_step(needs: EquipmentKind, state: GapState) -> str:
    kind = kind_words(needs)
    if state is GapState.MISSING:
        return phrase(f"Put a {kind} in place, or set a manual round")
    if state is GapState.UNVERIFIED:
        return phrase(f"Go and see that the {kind} works, and say so")
    if needs in MATS:
        return phrase(f"Mend or swap the {kind}, or set a manual round")
    return phrase(f"Mend or swap the {kind}")
