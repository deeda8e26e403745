"""Out of bed more often than usual for this resident (M26, O1): a prompt to look at the plan.

1. Exits are counted for each night: the required hours, or from noon to noon where they never end.
   A clock change makes a night longer or shorter, and it is one night still.
2. What is usual is the median of the nights before it, once enough of them are known. A night that
   goes beyond it, and beyond a least number, is raised once, of low priority: somebody may be ill,
   in pain, or in need of another plan. It is a count and no score: it says what happened, and
   predicts nothing.
3. Exits in a pause are care and do not count, nor do those that nobody watched. A night in which
   the mat never changed says nothing of what is usual: it is unplugged, or she is away.
4. The end of the night clears it. Several such nights close together are said in the alert: the
   plan is due for review.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median_low
from typing import Any

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.hours import Hours
from nightwarden.model.phrases import by_number, phrase
from nightwarden.model.places import PlaceId
from nightwarden.model.plan import PlannedRequirement
from nightwarden.model.readings import Reading
from rules import wording
from rules.decisions import Clear, Decision, Raise, Reason
from rules.moments import Moments, remembered, unpacked_fields

KIND = AlertKind.OUT_OF_BED_OFTEN
_UNTIL_NOON = Hours(0, 12 * 60)


@dataclass(slots=True)
class NightsMemory:
    """What must survive a restart. ``counts``, ``unusual``: the nights before, the newest last.

    ``heard``: the mat has changed since the last night ended, so that this one says something.
    """

    occupied: bool | None = None
    heard: bool = False
    night_ends: datetime | None = None
    exits: int = 0
    counts: list[int] = field(default_factory=list)
    unusual: list[int] = field(default_factory=list)
    raised: bool = False


class RestlessNightsWatch:
    """Rule ``out_of_bed_often`` applied to one bed."""

    def __init__(self, requirement: PlannedRequirement, moments: Moments) -> None:
        self.requirement = requirement
        self._moments = moments
        self.memory = NightsMemory()

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return f"nights|{self.place}"

    @property
    def place(self) -> PlaceId:
        """The bed."""
        return self.requirement.place

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        return (self._cause,)

    @property
    def due_at(self) -> datetime | None:
        """When the night ends."""
        return self.memory.night_ends

    def hear(self, reading: Reading, _now: datetime) -> tuple[Decision, ...]:
        """Somebody is on the mat, or nobody is."""
        memory, moments, at = self.memory, self._moments, reading.measured_at
        was, memory.occupied, memory.heard = memory.occupied, bool(reading.value), True
        if memory.night_ends is None:
            memory.night_ends = self._end_of_night(at)
        if not was or memory.occupied or not self.requirement.hours.cover(at, moments.zone):
            return ()
        if moments.pause_at(self.place, at) or moments.missed(reading):
            return ()
        memory.exits += 1
        return self._judge(at)

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """The night is over."""
        memory = self.memory
        if memory.night_ends is None or memory.night_ends > now:
            return ()
        at, keep = memory.night_ends, self._moments.book.out_of_bed_often.nights
        raised = memory.raised
        if memory.heard:
            memory.counts = [*memory.counts, memory.exits][-keep:]
            memory.unusual = [*memory.unusual, int(raised)][-keep:]
        memory.exits, memory.heard, memory.raised = 0, False, False
        memory.night_ends = self._end_of_night(at)
        if not raised:
            return ()
        clear = Clear(self._cause, at, phrase("the night was over"))
        return (Decision(Reason.NIGHT_OVER, KIND, self.place, (clear,)),)

    def renew(self, fresh: "RestlessNightsWatch", _now: datetime) -> tuple[Decision, ...]:
        """The requirement has changed; another resident begins with no nights known."""
        if fresh.requirement.resident != self.requirement.resident:
            self.memory = NightsMemory(occupied=self.memory.occupied)
        self.requirement = fresh.requirement
        return ()

    def answered(self, _now: datetime) -> None:
        """A person has closed its alert; it is said once a night."""

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        return remembered(self.memory)

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        self.memory = NightsMemory(**unpacked_fields(memory))

    def _end_of_night(self, at: datetime) -> datetime | None:
        hours = _UNTIL_NOON if self.requirement.hours.always else self.requirement.hours
        return hours.next_end(at, self._moments.zone)

    def _judge(self, at: datetime) -> tuple[Decision, ...]:
        memory, rule = self.memory, self._moments.book.out_of_bed_often
        if memory.raised or len(memory.counts) < rule.known_nights:
            return ()
        usual = usual_of(memory.counts)
        if memory.exits < rule.at_least or memory.exits <= usual + rule.more_than:
            return ()
        memory.raised = True
        before = sum(memory.unusual)
        what = phrase(f"out of bed {memory.exits} times tonight, usually {usual}")
        action = phrase("Look in: is she ill, in pain, cold, thirsty?")
        if before:
            last = len(memory.unusual)
            again = by_number(
                before,
                f"{before} night of the last {last} were like this: review the plan.",
                f"{before} nights of the last {last} were like this: review the plan.",
            )
            action = f"{action} {again}"
        effect = Raise(
            cause=self._cause,
            priority=Priority.LOW,
            resident=self.requirement.resident,
            text=wording.headline(self.place, self.requirement.resident, what),
            action=action,
            caused_at=at,
        )
        return (Decision(Reason.UP_MORE_THAN_USUAL, KIND, self.place, (effect,)),)

    @property
    def _cause(self) -> Cause:
        return Cause(KIND, self.place)


def usual_of(counts: Sequence[int]) -> int:
    """What is usual: the median of some nights' exits, the lower of two middle ones."""
    return median_low(counts)
