"""When checks are due, and what is odd about the times at which they were entered.

1. A check is due on the day that is its interval after the last one; one that was never done where
   the item stands is due from the day on which it was put there.
2. A check that proves nothing (a touch temperature with the heating off) is not one that was done.
3. A record that was written without having been there costs lives (failure-modes.md, H12), so the
   times are looked at: entered long after, entered together in less time than it takes to walk,
   the same temperature again and again. A mark is shown; it accuses nobody and changes nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from nightwarden.model.checks import EnteredCheck, EntryMark

LATE_AFTER = timedelta(minutes=15)
TOGETHER_WITHIN = timedelta(seconds=90)
TOGETHER_FROM = 4
"""So many items in two rooms or more, within that time: nobody walks that fast."""

ALIKE_FROM = 4
SOON = timedelta(days=7)


def due_on(last: date | None, stands_since: date, every_days: int) -> date:
    """The day on which it is due, on the home's calendar."""
    return stands_since if last is None else last + timedelta(days=every_days)


def marks(checks: Sequence[EnteredCheck]) -> dict[int, tuple[EntryMark, ...]]:
    """The marks of each check, by its number; those without any are left out."""
    found: dict[int, set[EntryMark]] = defaultdict(set)
    for check in checks:
        if check.recorded_at - check.at > LATE_AFTER:
            found[check.id].add(EntryMark.LATE)
    for number in _together(checks):
        found[number].add(EntryMark.TOGETHER)
    for number in _alike(checks):
        found[number].add(EntryMark.ALIKE)
    order = list(EntryMark)
    return {number: tuple(sorted(kinds, key=order.index)) for number, kinds in found.items()}


def _together(checks: Iterable[EnteredCheck]) -> set[int]:
    """Entered together; of those that a phone had kept, the times they claim are looked at."""
    by_person: dict[str, list[tuple[datetime, EnteredCheck]]] = defaultdict(list)
    for check in checks:
        moment = check.at if check.kept_offline else check.recorded_at
        by_person[check.by].append((moment, check))
    found: set[int] = set()
    for entered in by_person.values():
        entered.sort(key=lambda pair: pair[0])
        first = marked = 0
        items: Counter[str] = Counter()
        rooms: Counter[str] = Counter()
        for last, (moment, check) in enumerate(entered):
            _count(check, items, rooms, 1)
            while moment - entered[first][0] > TOGETHER_WITHIN:
                _count(entered[first][1], items, rooms, -1)
                first += 1
            if len(items) >= TOGETHER_FROM and len(rooms) > 1:
                found.update(one.id for _, one in entered[max(first, marked) : last + 1])
                marked = last + 1
    return found


def _count(check: EnteredCheck, items: Counter[str], rooms: Counter[str], by: int) -> None:
    """Let a check into the window, or out of it; what is not in it is not counted as zero."""
    counted = [(items, check.equipment)] + ([(rooms, check.place.room)] if check.place else [])
    for counter, key in counted:
        counter[key] += by
        if not counter[key]:
            del counter[key]


def _alike(checks: Iterable[EnteredCheck]) -> set[int]:
    said: dict[tuple[str, date, float], list[EnteredCheck]] = defaultdict(list)
    for check in checks:
        if check.temperature_c is not None:
            said[check.by, check.at.date(), check.temperature_c].append(check)
    return {
        check.id
        for same in said.values()
        if len({check.equipment for check in same}) >= ALIKE_FROM
        for check in same
    }
