"""The press-to-prove test: of one item by who stands there, and of every mat as a shift begins.

1. Every required mat shows one real press within the first minutes of the shift. A reading closes
   it; there is nothing to tick.
2. A required place with no mat, or a mat with no device, cannot be tested, and that is a miss too.
3. A mat on which somebody lies cannot be pressed: that they lay down on it is its last press, and
   it is neither missed nor pressed. Nor is one missed that was put there after the shift began.
4. What has not shown by the end of the window is *missed*, and stays so in that shift's list: a
   press that comes later is shown as late beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from nightwarden.errors import Conflict
from nightwarden.model.hours import Hours
from nightwarden.model.phrases import phrase
from nightwarden.model.places import MATS, EquipmentKind, PlaceId
from nightwarden.model.plan import PlacedItem, PlannedRequirement
from nightwarden.model.readings import DeviceId
from nightwarden.rulesfile.in_force import load_rules
from nightwarden.store import checks, register
from nightwarden.store.engine import Transaction
from nightwarden.store.plan import load_liveness, load_plan
from nightwarden.store.presses import lain_on_since, presses, stands_since

NEAR = timedelta(minutes=10)
"""How far from the time that a person names a press may lie and still be theirs."""

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)


class Shown(StrEnum):
    """How far one place of the shift's test has come."""

    MISSED = "missed"
    LATE = "late"
    LAIN_ON = "lain_on"
    WAITING = "waiting"
    PRESSED = "pressed"


@dataclass(frozen=True, slots=True)
class ShiftTest:
    """The shift that holds at an instant, and its window. Hours are the home's, instants UTC."""

    name: str
    hours: Hours
    since: datetime
    until: datetime
    window_until: datetime


@dataclass(frozen=True, slots=True)
class PressLine:
    """One required place in the shift's test. ``why`` says what is in the way."""

    place: PlaceId
    needs: EquipmentKind
    resident: str
    equipment: str | None
    shown: Shown
    pressed_at: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class ShiftPresses:
    """The test of one shift as it stands; ``lines`` in the order of the home's rooms."""

    shift: ShiftTest
    lines: tuple[PressLine, ...]

    def count(self, shown: Shown) -> int:
        """How many places have come so far."""
        return sum(line.shown is shown for line in self.lines)


def press_near(tx: Transaction, tag: str, at: datetime) -> datetime:
    """The press of an item that proves that somebody pressed it at ``at`` (aware).

    Raises:
        Conflict: no press of it was heard within :data:`NEAR`, or none ever can be.
        NotFound: there is no such item.
    """
    item = register.item(tx, tag)
    if item.device is None:
        raise Conflict(f"No device speaks for {tag}, so no press of it can be heard; bind one.")
    heard = presses(tx, item, at - NEAR, min(at + NEAR, tx.now + timedelta(seconds=1)))
    if not heard:
        raise Conflict(
            f"No press of {tag} was heard in these {NEAR.seconds // 60} minutes; "
            "press it once, let go, and send this again."
        )
    return min(heard, key=lambda press: abs(press - at))


def shift_at(tx: Transaction, at: datetime, zone: ZoneInfo) -> ShiftTest:
    """The shift that holds at ``at`` (aware); of several the one that began last."""
    holding = [s for s in load_rules(tx).sections.telling.shifts if s.hours.cover(at, zone)]
    window = timedelta(minutes=checks.press_window_min(tx))
    found = []
    for shift in holding:
        parts = shift.hours.parts(at - DAY, at, zone)
        since, until = [(begin, end) for _, begin, end in parts if begin <= at < end][-1]
        found.append(ShiftTest(shift.name, shift.hours, since, until, min(since + window, until)))
    return max(found, key=lambda shift: shift.since)


def shift_presses(tx: Transaction, at: datetime) -> ShiftPresses | None:
    """The press test of the shift that holds at ``at``, as it stands at ``tx.now``.

    None before the first home file was applied.
    """
    plan = load_plan(tx)
    if plan is None:
        return None
    shift = shift_at(tx, at, plan.zone)
    items: dict[tuple[PlaceId, EquipmentKind], list[PlacedItem]] = {}
    for item in plan.items:
        items.setdefault((item.place, item.kind), []).append(item)
    rank = {room.id: number for number, room in enumerate(register.rooms(tx))}
    wanted: dict[tuple[PlaceId, EquipmentKind], PlannedRequirement] = {}
    for asked in plan.requirements:
        known = asked.since < min(shift.until, tx.now + MOMENT)
        if asked.needs in MATS and known and _in_shift(asked.hours, shift, plan.zone):
            wanted.setdefault((asked.place, asked.needs), asked)
    changed = {device: live.changed_at for device, live in load_liveness(tx).items()}
    lines = [
        _line(tx, asked, items.get((asked.place, asked.needs), []), shift, changed)
        for asked in wanted.values()
    ]
    lines.sort(key=lambda line: (rank.get(line.place.room, len(rank)), line.place.place))
    return ShiftPresses(shift, tuple(lines))


def _line(
    tx: Transaction,
    asked: PlannedRequirement,
    items: list[PlacedItem],
    shift: ShiftTest,
    changed: Mapping[DeviceId, datetime | None],
) -> PressLine:
    """What the items of the place have shown; the first press of any of them counts."""
    speaking = [item for item in items if item.device is not None]
    until = min(shift.until, tx.now + MOMENT)
    heard = sorted(
        (press, item.tag)
        for item in speaking
        if item.device is not None
        for press in presses(tx, item, shift.since, until, changed.get(item.device))[:1]
    )
    tag = speaking[0].tag if speaking else items[0].tag if items else None
    if heard:
        press, tag = heard[0]
        put = min(stands_since(item) or shift.since for item in speaking)
        in_time = press < shift.window_until or put > shift.since
        shown = Shown.PRESSED if in_time else Shown.LATE
        return PressLine(asked.place, asked.needs, asked.resident, tag, shown, press)
    for item in speaking:
        if (lain_on := lain_on_since(tx, item, min(shift.until, tx.now))) is not None:
            where = (asked.place, asked.needs, asked.resident, item.tag)
            return PressLine(*where, Shown.LAIN_ON, lain_on, phrase("somebody is on it"))
    lacking = phrase("no device speaks for it") if items else phrase("there is none")
    why = "" if speaking else lacking
    shown = Shown.MISSED if tx.now >= shift.window_until else Shown.WAITING
    begun = [stands_since(item) or shift.since for item in speaking]
    if begun and min(begun) > shift.since:
        shown, why = Shown.WAITING, phrase("put here after the shift began")
    elif asked.since > shift.since:
        shown, why = Shown.WAITING, why or phrase("asked for after the shift began")
    return PressLine(asked.place, asked.needs, asked.resident, tag, shown, None, why)


def _in_shift(hours: Hours, shift: ShiftTest, zone: ZoneInfo) -> bool:
    return hours.always or hours.next_start(shift.since, zone) < shift.until
