"""The same fault reported again: what was mended and failed, or was never mended at all (H11, M19).

1. A fault is the same as an earlier one within the home's window if it is of the same item, or of
   the same kind of equipment in the same room. Whether the earlier one was mended does not matter.
2. It goes to the head of the queue, and the manager is called from the first: one report waits in
   maintenance's list, four of them about one valve scalded a man.
3. Each further report calls again. It is cleared when the newest of them is mended.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from nightwarden.model.alerts import AlertKind, Priority
from nightwarden.model.phrases import phrase
from nightwarden.model.plan import Plan, ReportedFault
from rules import wording
from rules.decisions import Reason
from rules.findings import Finding, FindingRule
from rules.moments import Moments


@dataclass(frozen=True, slots=True)
class Repeat:
    """What an open fault repeats. ``times`` counts it and all before it; ``before`` is the newest
    of those, ``mended_at`` when that one was said to be mended."""

    fault: ReportedFault
    before: ReportedFault
    times: int

    @property
    def mended_at(self) -> datetime | None:
        """When the fault before it was mended, if that was before it was reported again (M19)."""
        mended = self.before.mended_at
        return mended if mended is not None and mended <= self.fault.reported_at else None

    @property
    def of_item(self) -> bool:
        """Whether it is the same item, and not another one of its kind in the room."""
        return bool(self.fault.tag) and self.fault.tag == self.before.tag


def repeats(faults: Iterable[ReportedFault], within: timedelta) -> Mapping[int, Repeat]:
    """Which of the open faults were reported before, by their number.

    Args:
        faults: open ones and mended ones, in any order.
        within: how long after the other a report is the same again.
    """
    known = sorted(faults, key=lambda fault: fault.id)
    found: dict[int, Repeat] = {}
    for place, fault in enumerate(known):
        if fault.mended_at is not None:
            continue
        same = [
            each
            for each in known[:place]
            if _alike(each, fault) and fault.reported_at - each.reported_at <= within
        ]
        if same:
            own = [each for each in same if fault.tag and each.tag == fault.tag]
            found[fault.id] = Repeat(fault, (own or same)[-1], len(same) + 1)
    return found


def _alike(one: ReportedFault, other: ReportedFault) -> bool:
    if one.tag and one.tag == other.tag:
        return True
    if not other.tag and not one.tag:
        return one.place == other.place
    return bool(one.kind) and (one.kind, one.place.room) == (other.kind, other.place.room)


def _again(plan: Plan, moments: Moments) -> Iterator[Finding]:
    for repeat in repeats(plan.faults, moments.book.fault_again.within).values():
        fault = repeat.fault
        yield Finding(
            item=fault,
            what=f"{_history(repeat, moments)}: {fault.what}",
            action=phrase(
                "Make it safe now, and have somebody mend it for good: once was not enough."
            ),
            priority=Priority.MEDIUM,
            since=fault.reported_at,
            manager_too=True,
        )


def _named(fault: ReportedFault) -> str:
    if not fault.tag:
        place = fault.place.place.replace("-", " ")
        return phrase(f"{place} fault")
    return f"{fault.kind.replace('_', ' ')} {fault.tag}"


def _history(repeat: Repeat, moments: Moments) -> str:
    what, before = _named(repeat.fault), repeat.before.reported_at
    day = f"{before.astimezone(moments.zone):%-d %b}"
    if not repeat.of_item and repeat.before.tag:
        return phrase(f"{what} is at fault, as {repeat.before.tag} was on {day}")
    if (mended := repeat.mended_at) is not None:
        day = f"{mended.astimezone(moments.zone):%-d %b}"
        return phrase(f"{what} failed again, mended on {day}")
    time = wording.wall_time(before, moments.zone)
    if repeat.times == 2:
        return phrase(f"{what} reported twice, before that on {day} at {time}")
    if repeat.times == 3:
        return phrase(f"{what} reported three times, before that on {day} at {time}")
    return phrase(f"{what} reported {repeat.times} times, before that on {day} at {time}")


FAULT_AGAIN = FindingRule(AlertKind.FAULT_AGAIN, Reason.REPORTED_AGAIN, phrase("mended"), _again)
