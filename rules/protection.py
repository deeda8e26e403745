"""Whether each person who must be watched is really protected at this moment.

Protected is: the required mat is armed, live and proved, nobody has found it wanting, and somebody
would hear the alert. Otherwise the reasons, the first of which counts (``Loss`` has their order).

A pause for care of at most 15 minutes counts as protected: somebody is with the resident. One that
was begun for longer does not, from its first minute; nor does what goes past 15 minutes of pauses
that follow one another.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nightwarden.model.phrases import phrase
from nightwarden.model.places import MATS, EquipmentKind, GapState, PlaceId
from nightwarden.model.plan import Liveness, PlacedItem, Plan, PlannedRequirement
from nightwarden.model.protection import Loss
from nightwarden.model.readings import DeviceId
from nightwarden.model.watches import Pause, WatchState
from rules.coverage import by_device, by_record
from rules.watching import blindness, watch_view

CARE_LASTS = timedelta(minutes=15)
"""A round of care; what anybody may pause for."""

SAME_CARE = timedelta(minutes=1)
"""A pause that begins so soon after another is the same round of care."""


@dataclass(frozen=True, slots=True)
class Protection:
    """One requirement within its hours. Protected when there are no reasons."""

    requirement: PlannedRequirement
    reasons: tuple[tuple[Loss, str], ...]


def protections(
    plan: Plan, liveness: Mapping[DeviceId, Liveness], listening: int, now: datetime
) -> Iterator[Protection]:
    """Every requirement that watches a person and is within its hours at ``now``.

    Args:
        plan: the register as the rules see it.
        liveness: when each device last spoke and changed.
        listening: how many screens, phones and pagers could sound an alert.
        now: aware, UTC.
    """
    standing: dict[tuple[PlaceId, EquipmentKind], list[PlacedItem]] = defaultdict(list)
    for item in plan.items:
        if item.kind in MATS:
            standing[item.place, item.kind].append(item)
    for requirement in plan.requirements:
        if requirement.needs not in MATS or not requirement.hours.cover(now, plan.zone):
            continue
        items = standing.get((requirement.place, requirement.needs), [])
        if in_care(plan, requirement.place, now):
            yield Protection(requirement, ())
            continue
        found = _reasons(plan, liveness, requirement, items, now)
        if not listening:
            found += ((Loss.NOBODY_LISTENING, phrase("nobody would hear an alert")),)
        yield Protection(requirement, found)


def watched_places(plan: Plan, now: datetime) -> list[PlaceId]:
    """Every place at which somebody must be watched at ``now``, each once."""
    required = (
        r.place for r in plan.requirements if r.needs in MATS and r.hours.cover(now, plan.zone)
    )
    return list(dict.fromkeys(required))


def _reasons(
    plan: Plan,
    liveness: Mapping[DeviceId, Liveness],
    requirement: PlannedRequirement,
    items: Sequence[PlacedItem],
    now: datetime,
) -> tuple[tuple[Loss, str], ...]:
    """Why the mat does not watch; nothing when it does."""
    here = (requirement.place, requirement.needs, requirement.hours)
    view = watch_view(plan, liveness, now, *here, items)
    if view.state is WatchState.PAUSED:
        return ((Loss.PAUSED, view.why),)
    if view.state is WatchState.BLIND:
        return ((Loss.BLIND, view.why),)
    seeing = [item for item in items if not blindness(item, liveness, now)]
    wanting = [_wanting(item, plan, liveness, now) for item in seeing]
    return () if None in wanting else tuple(filter(None, wanting))[:1]


def _wanting(
    item: PlacedItem, plan: Plan, liveness: Mapping[DeviceId, Liveness], now: datetime
) -> tuple[Loss, str] | None:
    """What keeps an item that is live from being relied on."""
    if judged := by_record(item, now, plan.zone):
        return Loss.FAULTY, f"{item.tag}: {judged[2]}"
    if (judged := by_device(item, liveness, now)) and judged[0] is GapState.UNVERIFIED:
        return Loss.UNPROVED, f"{item.tag}: {judged[2]}"
    return None


def in_care(plan: Plan, place: PlaceId, now: datetime) -> bool:
    """Whether somebody is with the resident, for no longer than a round of care."""
    pauses = sorted((p for p in plan.pauses if p.place == place), key=lambda p: p.since)
    present = [p for p in pauses if p.since <= now < p.until]
    if not present or any(p.until - p.since > CARE_LASTS for p in present):
        return False
    return now - _began(pauses, present[0]) < CARE_LASTS


def _began(pauses: Sequence[Pause], present: Pause) -> datetime:
    """When the care began that ``present`` goes on with."""
    began = present.since
    for pause in reversed(pauses):
        if pause.since < began <= pause.until + SAME_CARE:
            began = pause.since
    return began
