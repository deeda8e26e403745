"""What is unverified (M1, M22) or undocumented (M23): one alert that counts, and not two hundred.

1. Once a day, in the morning, the gaps of the state are counted; if there are any, one alert says
   how many of which kind, and where. It is of low priority: whoever goes round has the day for it.
   Required mats are not counted among the unverified: ``never_changes`` and ``device_silent``
   name each of them.
2. While it is open nothing is added. A person who closes it is asked again the next morning, if
   there is still something to count.
3. It is cleared when there is nothing left, as seen in the morning or when the register changes.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.hours import Hours
from nightwarden.model.phrases import phrase
from nightwarden.model.places import MATS, EquipmentKind, GapState, PlaceId
from nightwarden.model.plan import Gap, Plan
from nightwarden.model.readings import DeviceId
from rules import wording
from rules.coverage import gaps
from rules.decisions import Clear, Decision, Raise, Reason
from rules.findings import HOME
from rules.liveness import DeviceWatch
from rules.moments import Moments, remembered, unpacked_fields

MOST_NAMED = 12
"""More than these are counted; the register has them all."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What is counted."""

    kind: AlertKind
    state: GapState
    reason: Reason


TALLIES = (
    Tally(
        AlertKind.UNVERIFIED,
        GapState.UNVERIFIED,
        Reason.NOT_VERIFIED,
    ),
    Tally(
        AlertKind.UNDOCUMENTED,
        GapState.UNDOCUMENTED,
        Reason.NO_PLAN_ASKS,
    ),
)


def _what(state: GapState, listed: str) -> str:
    if state is GapState.UNVERIFIED:
        return phrase(f"{listed} not verified")
    return phrase(f"{listed} in use, and no plan asks for it")


def _action(state: GapState, listed: str) -> str:
    if state is GapState.UNVERIFIED:
        return phrase(f"Go and see that each one works, and say so: {listed}.")
    return phrase(f"Add each one to the plan, or take it away: {listed}.")


@dataclass(slots=True)
class TallyMemory:
    """What must survive a restart."""

    due: datetime | None = None
    raised: bool = False


class TallyWatch:
    """One tally of the whole home."""

    def __init__(
        self, tally: Tally, plan: Plan, devices: Mapping[DeviceId, DeviceWatch], moments: Moments
    ) -> None:
        self.tally = tally
        self._plan = plan
        self._devices = devices
        self._moments = moments
        self.memory = TallyMemory()

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return f"tally|{self.tally.kind}"

    @property
    def place(self) -> PlaceId:
        """It watches the whole home."""
        return PlaceId(HOME, self.tally.kind)

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        return (self._cause,)

    @property
    def due_at(self) -> datetime | None:
        """When it counts next."""
        return self.memory.due

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """Count."""
        memory = self.memory
        if memory.due is None or memory.due > now:
            return ()
        memory.due = self._morning(now)
        found = self._found(now)
        if not found:
            return self._cleared(now)
        if memory.raised:
            return ()
        memory.raised = True
        return (self._raised(found, now),)

    def renew(self, fresh: "TallyWatch", now: datetime) -> tuple[Decision, ...]:
        """The plan has changed, or the time at which it counts."""
        self._plan, self._devices = fresh._plan, fresh._devices
        if self.memory.due is None or self.memory.due > now:
            self.memory.due = self._morning(now)
        if self.memory.raised and not self._found(now):
            return self._cleared(now)
        return ()

    def hear(self, _reading: object, _now: datetime) -> tuple[Decision, ...]:
        """No reading feeds it."""
        return ()

    def answered(self, _now: datetime) -> None:
        """A person has closed its alert; it counts again in the morning."""
        self.memory.raised = False

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        return remembered(self.memory)

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        self.memory = TallyMemory(**unpacked_fields(memory))

    def _morning(self, now: datetime) -> datetime:
        """The next time after ``now`` at which it counts, by the home's clock."""
        told_at: timedelta = getattr(self._moments.book, self.tally.kind).told_at
        minute = int(told_at.total_seconds() // 60)
        hours, zone = Hours(minute, minute + 1), self._moments.zone
        if hours.cover(now, zone):
            now = hours.next_end(now, zone) or now
        return hours.next_start(now, zone)

    def _found(self, now: datetime) -> list[Gap]:
        liveness = {device: watch.liveness for device, watch in self._devices.items()}
        every = gaps(self._plan, liveness, now, self._moments.book)
        counted = [gap for gap in every if gap.state is self.tally.state]
        if self.tally.state is GapState.UNVERIFIED:
            return [gap for gap in counted if gap.needs not in MATS]
        return counted

    def _raised(self, found: list[Gap], now: datetime) -> Decision:
        counts = Counter(EquipmentKind(gap.needs) for gap in found)
        kinds = sorted(counts, key=wording.kind_words)
        listed = ", ".join(wording.counted(kind, counts[kind]) for kind in kinds)
        named = [f"{gap.place} {gap.equipment or ''}".rstrip() for gap in found[:MOST_NAMED]]
        if len(found) > MOST_NAMED:
            n = len(found) - MOST_NAMED
            named.append(phrase(f"and {n} more in the register"))
        effect = Raise(
            cause=self._cause,
            priority=Priority.LOW,
            resident=None,
            text=wording.headline(self.place, None, _what(self.tally.state, listed)),
            action=_action(self.tally.state, ", ".join(named)),
            caused_at=min(now, *(gap.since for gap in found)),
        )
        return Decision(self.tally.reason, self.tally.kind, self.place, (effect,))

    def _cleared(self, now: datetime) -> tuple[Decision, ...]:
        if not self.memory.raised:
            return ()
        self.memory.raised = False
        words = wording.at_time(phrase("none left"), now, self._moments.zone)
        clear = Clear(self._cause, now, words)
        return (Decision(Reason.PUT_RIGHT, self.tally.kind, self.place, (clear,)),)

    @property
    def _cause(self) -> Cause:
        return Cause(self.tally.kind, self.place)
