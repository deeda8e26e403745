"""Whether each place is watched at this moment, and why not where it is not.

A watch is what a requirement with a device asks for, and every sensor of a hot surface. It is
``paused`` while somebody said so, else ``off_hours`` outside the required hours, else ``blind``
when nothing live stands there, else ``armed``.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from nightwarden.model.hours import ALWAYS, Hours
from nightwarden.model.phrases import phrase
from nightwarden.model.places import EquipmentKind, Mount, PlaceId
from nightwarden.model.plan import Liveness, PlacedItem, Plan
from nightwarden.model.readings import DeviceId
from nightwarden.model.watches import WatchState
from rules.coverage import NEVER_HEARD, SPEAKS
from rules.wording import kind_words, length


@dataclass(frozen=True, slots=True)
class WatchView:
    """One watch at one instant. ``until`` is when the state ends by itself, if it does."""

    place: PlaceId
    needs: EquipmentKind
    state: WatchState
    why: str
    until: datetime | None = None


def watch_views(
    plan: Plan, liveness: Mapping[DeviceId, Liveness], now: datetime
) -> Iterator[WatchView]:
    """Every watch of the home at ``now`` (aware, UTC), in the plan's order."""
    standing: dict[tuple[PlaceId, EquipmentKind], list[PlacedItem]] = defaultdict(list)
    for item in plan.items:
        standing[item.place, item.kind].append(item)
    for requirement in plan.requirements:
        if requirement.needs in SPEAKS:
            items = standing.get((requirement.place, requirement.needs), [])
            hours, place = requirement.hours, requirement.place
            yield watch_view(plan, liveness, now, place, requirement.needs, hours, items)
    sensor = EquipmentKind.TEMPERATURE_SENSOR
    required = {r.place for r in plan.requirements if r.needs is sensor}
    for item in plan.items:
        if item.kind is sensor and item.mount is not Mount.ROOM_AIR and item.place not in required:
            yield watch_view(plan, liveness, now, item.place, sensor, ALWAYS, [item])


def watch_view(  # noqa: PLR0913, PLR0917
    plan: Plan,
    liveness: Mapping[DeviceId, Liveness],
    now: datetime,
    place: PlaceId,
    needs: EquipmentKind,
    hours: Hours,
    items: Sequence[PlacedItem],
) -> WatchView:
    """One watch at ``now``; ``items`` are those of the kind that stand at the place."""
    pauses = [p for p in plan.pauses if p.place == place and p.since <= now < p.until]
    if pauses:
        pause = max(pauses, key=lambda p: p.until)
        why = f"{pause.by}: {pause.reason}"
        return WatchView(place, needs, WatchState.PAUSED, why, pause.until)
    if not hours.cover(now, plan.zone):
        start = hours.next_start(now, plan.zone)
        return WatchView(place, needs, WatchState.OFF_HOURS, phrase(f"required {hours}"), start)
    blindness_of_each = [blindness(item, liveness, now) for item in items]
    if not items:
        kind = kind_words(needs)
        why = phrase(f"no {kind} stands here")
        return WatchView(place, needs, WatchState.BLIND, why)
    if all(blindness_of_each):
        why = "; ".join(blindness_of_each)
        return WatchView(place, needs, WatchState.BLIND, why, _waits_until(items, liveness, now))
    return WatchView(place, needs, WatchState.ARMED, "", hours.next_end(now, plan.zone))


def blindness(item: PlacedItem, liveness: Mapping[DeviceId, Liveness], now: datetime) -> str:
    """Why an item cannot watch; empty when it can."""
    if item.device is None:
        return phrase(f"{item.tag} has no device")
    live = liveness.get(item.device, NEVER_HEARD)
    if live.heard_at is None:
        return phrase(f"{item.tag} has never spoken")
    if not live.online:
        return phrase(f"{item.tag} is off or unplugged")
    if now - live.heard_at > item.supervision:
        return phrase(f"{item.tag} is silent")
    if live.at_fault_since is not None:
        return phrase(f"{item.tag} cannot be believed")
    ready_at = ready_again_at(item, liveness)
    if ready_at is not None and now < ready_at:
        span = length(item.rearm)
        return phrase(f"{item.tag} is not ready: it stays silent for {span} after an alarm")
    return ""


def ready_again_at(item: PlacedItem, liveness: Mapping[DeviceId, Liveness]) -> datetime | None:
    """When a mat that stays silent after its alarm was reset notices an exit again (M12)."""
    live = liveness.get(item.device, NEVER_HEARD) if item.device else NEVER_HEARD
    if not item.rearm or not live.occupied or live.changed_at is None:
        return None
    return live.changed_at + item.rearm


def _waits_until(
    items: Sequence[PlacedItem], liveness: Mapping[DeviceId, Liveness], now: datetime
) -> datetime | None:
    """When the first of ``items`` is ready by itself, if one only waits for that."""
    ready = (ready_again_at(item, liveness) for item in items)
    return min((at for at in ready if at and at > now), default=None)
