"""Chairs and floor mats: up from the chair, and a foot on the floor mat.

Both are one change of one mat, seen from two sides: a chair is watched for nobody on it, a floor
mat for somebody on it.

1. Only a change in the required hours counts. What a mat shows when the hours begin, or when it is
   first heard, is no exit and no step.
2. It is raised when it has lasted for the dwell; what ends before leaves a trace and no alert.
3. During a pause nothing is raised. If it still lasts at the end of the pause, it is raised then.
4. Its end is shown and closes nothing. Whoever closes the alert earlier is trusted with the
   resident: there is no second alert, as there is of a bed that stays empty.
5. The time is the device's where it gave one: what happened in an outage is raised after it, with
   its true time and the words "while not watching".
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.phrases import phrase
from nightwarden.model.places import EquipmentKind, PlaceId
from nightwarden.model.plan import PlannedRequirement
from nightwarden.model.readings import Reading
from rules import wording
from rules.decisions import Clear, Decision, Raise, Reason
from rules.moments import Moments, remembered, unpacked_fields


@dataclass(frozen=True, slots=True)
class Edge:
    """The change of a mat that matters, and how it is said. ``occupied``: what it changes to."""

    kind: AlertKind
    needs: EquipmentKind
    occupied: bool
    raised: tuple[Reason, str]
    after_pause: tuple[Reason, str]
    over: tuple[Reason, str]
    action: str


UP_FROM_CHAIR = Edge(
    AlertKind.CHAIR_EXIT,
    EquipmentKind.CHAIR_MAT,
    occupied=False,
    raised=(Reason.LEFT_CHAIR, phrase("up from the chair")),
    after_pause=(Reason.STILL_OUT_AFTER_PAUSE, phrase("not back in the chair after the pause")),
    over=(Reason.RETURNED_TO_CHAIR, phrase("back in the chair")),
    action=phrase("Go now. Look at the floor by the chair first, then on the way to the door."),
)
ON_FLOOR_MAT = Edge(
    AlertKind.FLOOR_MAT,
    EquipmentKind.FLOOR_MAT,
    occupied=True,
    raised=(Reason.STEPPED_ON_MAT, phrase("on the floor mat")),
    after_pause=(Reason.ON_MAT_AFTER_PAUSE, phrase("still on the floor mat after the pause")),
    over=(Reason.STEPPED_OFF_MAT, phrase("off the floor mat")),
    action=phrase("Go now. Look at the floor first."),
)
EDGES = (UP_FROM_CHAIR, ON_FLOOR_MAT)


@dataclass(slots=True)
class EdgeMemory:
    """What must survive a restart. ``since`` is set while a change of ours lasts."""

    occupied: bool | None = None
    since: datetime | None = None
    due: datetime | None = None
    after_pause: bool = False
    raised: bool = False
    unwatched: bool = False


class EdgeWatch:
    """Rule ``chair_exit`` or ``floor_mat`` applied to one place."""

    def __init__(self, edge: Edge, requirement: PlannedRequirement, moments: Moments) -> None:
        self.edge = edge
        self.requirement = requirement
        self._moments = moments
        self.memory = EdgeMemory()

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return f"{self.edge.kind}|{self.place}"

    @property
    def place(self) -> PlaceId:
        """The chair, or where the floor mat lies."""
        return self.requirement.place

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        return (self._cause,)

    @property
    def due_at(self) -> datetime | None:
        """When it wants to be asked again, without a reading."""
        return self.memory.due

    def hear(self, reading: Reading, now: datetime) -> tuple[Decision, ...]:
        """Somebody is on the mat, or nobody is."""
        occupied, was = bool(reading.value), self.memory.occupied
        if occupied == was:
            return ()
        self.memory.occupied = occupied
        if was is None:
            return (self._quiet(Reason.FIRST_HEARD),)
        return self._begun(reading, now) if occupied is self.edge.occupied else self._over(reading)

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """Raise what has become due; it is judged at its own time, not at ``now``."""
        memory = self.memory
        decisions = []
        while memory.due and memory.due <= now:
            decisions.append(self._is_due(memory.due))
        return tuple(decisions)

    def renew(self, fresh: "EdgeWatch", now: datetime) -> tuple[Decision, ...]:
        """The requirement or a pause has changed; a pause cut short excuses no longer."""
        self.requirement = fresh.requirement
        memory = self.memory
        if memory.after_pause and memory.due:
            memory.due = min(memory.due, self._moments.paused_until(self.place, now))
        return self.tick(now)

    def answered(self, _now: datetime) -> None:
        """A person has closed its alert (rule 4)."""
        self.memory.raised = False

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        return remembered(self.memory)

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        self.memory = EdgeMemory(**unpacked_fields(memory))

    def _begun(self, reading: Reading, now: datetime) -> tuple[Decision, ...]:
        memory, moments = self.memory, self._moments
        since = reading.measured_at
        if not self.requirement.hours.cover(since, moments.zone):
            return (self._quiet(Reason.OFF_HOURS),)
        memory.since, memory.unwatched = since, moments.missed(reading)
        memory.due = since + self._dwell
        return self.tick(now) or (self._quiet(Reason.WITHIN_DWELL),)

    def _over(self, reading: Reading) -> tuple[Decision, ...]:
        memory = self.memory
        self.memory = EdgeMemory(occupied=memory.occupied)
        if memory.due is not None and not memory.after_pause:
            return (self._quiet(Reason.BACK_BEFORE_DWELL),)
        if not memory.raised:
            return (self._quiet(Reason.NOTHING_NEW),)
        reason, words = self.edge.over
        at = reading.measured_at
        words = wording.at_time(words, at, self._moments.zone)
        return (Decision(reason, self.edge.kind, self.place, (Clear(self._cause, at, words),)),)

    def _is_due(self, due: datetime) -> Decision:
        memory = self.memory
        if pause := self._moments.pause_at(self.place, due):
            memory.due, memory.after_pause = pause.until, True
            return self._quiet(Reason.PAUSED)
        memory.due, memory.raised = None, True
        memory.unwatched = memory.unwatched or self._moments.unwatched(due)
        since, requirement = memory.since, self.requirement
        assert since is not None, "nothing is due of a mat on which nothing has changed"
        reason, what = self.edge.after_pause if memory.after_pause else self.edge.raised
        at = wording.wall_time(since, self._moments.zone) if memory.unwatched else ""
        effect = Raise(
            cause=self._cause,
            priority=Priority.HIGH,
            resident=requirement.resident,
            text=wording.headline(self.place, requirement.resident, what, at),
            action=wording.todo(
                requirement.action, wording.go_now(self.edge.action, requirement.because)
            ),
            caused_at=since,
            unwatched=memory.unwatched,
            tell=requirement.tell,
        )
        return Decision(reason, self.edge.kind, self.place, (effect,))

    def _quiet(self, reason: Reason) -> Decision:
        return Decision(reason, self.edge.kind, self.place)

    @property
    def _dwell(self) -> timedelta:
        """The requirement's own, or the home's."""
        book = self._moments.book
        rule = book.chair_exit if self.edge is UP_FROM_CHAIR else book.floor_mat
        return rule.dwell if self.requirement.dwell is None else self.requirement.dwell

    @property
    def _cause(self) -> Cause:
        return Cause(self.edge.kind, self.place)
