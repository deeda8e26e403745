"""Today: what is overdue, what is due, and what will be within a week.

1. Only what stands somewhere is due; the store cupboard is not walked.
2. A press is due by what was heard: an item's last real change is its last press test. A cover's
   confirmation counts as its cover check.
3. A check of a past placement says nothing: an item that was moved is due where it stands now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from nightwarden.model.checks import CheckKind, DueCheck, Interval
from nightwarden.model.places import EquipmentKind
from nightwarden.model.plan import Liveness, PlacedItem
from nightwarden.model.readings import DeviceId
from nightwarden.store import checks, meta, register
from nightwarden.store.engine import Transaction
from nightwarden.store.plan import load_liveness, load_plan
from nightwarden.store.presses import proves_by_press, stands_since
from nightwarden.store.register import Item
from rules.check_times import SOON, due_on
from rules.checks import kinds_of_check, usual_interval

NOON = time(12)
"""A confirmation has a day and no time; at noon it is that day in every zone but the furthest."""


@dataclass(frozen=True, slots=True)
class Today:
    """The day on the home's calendar; each list has the worst first."""

    day: date
    overdue: tuple[DueCheck, ...]
    due: tuple[DueCheck, ...]
    soon: tuple[DueCheck, ...]


def today(tx: Transaction) -> Today:
    """What there is to do at ``tx.now``."""
    zone = meta.zone(tx)
    day = tx.now.astimezone(zone).date()
    plan = load_plan(tx)
    items = () if plan is None else plan.items
    rank = {room.id: number for number, room in enumerate(register.rooms(tx))}
    found = sorted(
        _due(tx, items, zone),
        key=lambda one: (one.due_on, rank.get(one.place.room, 0), one.place, one.equipment),
    )
    return Today(
        day=day,
        overdue=tuple(one for one in found if one.due_on < day),
        due=tuple(one for one in found if one.due_on == day),
        soon=tuple(one for one in found if day < one.due_on <= day + SOON),
    )


def due_at(tx: Transaction, item: Item) -> list[DueCheck]:
    """Every check of one item with the day on which it is due, the soonest first."""
    zone = meta.zone(tx)
    plan = load_plan(tx)
    own = [] if plan is None else [placed for placed in plan.items if placed.tag == item.tag]
    return sorted(_due(tx, own, zone, item.tag), key=lambda one: one.due_on)


def intervals(tx: Transaction) -> list[Interval]:
    """How often everything is checked, as the home has it, by kind of equipment."""
    usual = [
        usual_interval(kind, check) for kind in EquipmentKind for check in kinds_of_check(kind)
    ]
    return checks.with_settings(usual, checks.settings(tx))


def _due(
    tx: Transaction, items: Sequence[PlacedItem], zone: ZoneInfo, tag: str | None = None
) -> list[DueCheck]:
    paces = {(one.equipment, one.check): one for one in intervals(tx)}
    done, liveness = checks.last_done(tx, tag), load_liveness(tx)
    found = []
    for item in items:
        for check in kinds_of_check(item.kind):
            if check is CheckKind.PRESS and (item.device is None or not proves_by_press(item)):
                continue  # the missing device is a gap already
            last = done.get((item.tag, check.value))
            last = _beside(item, check, last, liveness)
            pace = paces[item.kind, check]
            last_day = None if last is None else last.astimezone(zone).date()
            stands = item.placed_at.astimezone(zone).date()
            due = due_on(last_day, stands, pace.every_days)
            found.append(DueCheck(item.tag, item.kind, item.place, pace, due, last))
    return found


def _beside(
    item: PlacedItem, check: CheckKind, last: datetime | None, liveness: Mapping[DeviceId, Liveness]
) -> datetime | None:
    """The last time at which the same was shown otherwise: by a reading, by a confirmation."""
    known = [last] if last else []
    if check is CheckKind.PRESS and item.device is not None:
        changed = liveness.get(item.device, Liveness()).changed_at
        since = stands_since(item)
        if changed is not None and (since is None or changed >= since):
            known.append(changed)
    if check is CheckKind.COVER and item.found_on is not None:
        known.append(datetime.combine(item.found_on, NOON, UTC))
    return max(known, default=None)
