"""Beds: out of bed, and not back in bed.

1. An exit is a change from somebody to nobody on the mat, in the required hours. A bed that is
   empty when the hours begin, or when the mat is first heard, is no exit.
2. The exit is raised when the bed has stayed empty for the dwell; a return before that leaves a
   trace and no alert.
3. A bed still empty some minutes after the exit is raised once more as *not back in bed*.
4. During a pause nothing is raised. At its end a bed that was left in the meantime and is still
   empty is raised: care was given, and the resident did not go back.
5. A return to bed is shown and closes nothing. A person who closes the alert while the bed is
   empty is trusted for as long as rule 3 says, then it is raised again.
6. The exit's time is the device's where it gave one: what happened in an outage is raised after it,
   with its true time and the words "while not watching".
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.phrases import phrase
from nightwarden.model.places import PlaceId
from nightwarden.model.plan import PlannedRequirement
from nightwarden.model.readings import Reading
from nightwarden.model.watches import Pause
from rules import wording
from rules.decisions import Clear, Decision, Raise, Reason
from rules.moments import Moments, remembered, unpacked_fields


@dataclass(slots=True)
class BedMemory:
    """What must survive a restart. ``left_at`` is set while an exit of ours is going on."""

    occupied: bool | None = None
    changed_at: datetime | None = None
    left_at: datetime | None = None
    exit_due: datetime | None = None
    back_due: datetime | None = None
    after_pause: bool = False
    back_paused: bool = False
    not_back_raised: bool = False
    unwatched: bool = False


class BedWatch:
    """Rules ``bed_exit`` and ``not_back_in_bed`` applied to one bed."""

    def __init__(self, requirement: PlannedRequirement, moments: Moments) -> None:
        self.requirement = requirement
        self._moments = moments
        self.memory = BedMemory()

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return f"bed|{self.place}"

    @property
    def place(self) -> PlaceId:
        """The bed."""
        return self.requirement.place

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        kinds = (AlertKind.BED_EXIT, AlertKind.NOT_BACK_IN_BED)
        return tuple(Cause(kind, self.place) for kind in kinds)

    @property
    def due_at(self) -> datetime | None:
        """When it wants to be asked again, without a reading."""
        dues = [due for due in (self.memory.exit_due, self.memory.back_due) if due]
        return min(dues, default=None)

    def hear(self, reading: Reading, now: datetime) -> tuple[Decision, ...]:
        """Somebody is on the mat, or nobody is."""
        memory = self.memory
        occupied = bool(reading.value)
        if occupied == memory.occupied:
            return ()
        was = memory.occupied
        memory.occupied, memory.changed_at = occupied, reading.measured_at
        if occupied:
            return self._returned(reading.measured_at)
        if was is None:
            return (self._quiet(Reason.FIRST_HEARD),)
        return self._left(reading, now)

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """Raise what has become due; each deadline is judged at its own time, not at ``now``."""
        memory = self.memory
        decisions = []
        while memory.exit_due and memory.exit_due <= now:
            decisions.append(self._exit_is_due(memory.exit_due))
        while memory.back_due and memory.back_due <= now:
            decisions.append(self._back_is_due(memory.back_due))
        return tuple(decisions)

    def replan(self, requirement: PlannedRequirement, now: datetime) -> tuple[Decision, ...]:
        """The requirement or a pause has changed; running timers are kept."""
        self.requirement = requirement
        memory = self.memory
        pause_ends = self._moments.paused_until(self.place, now)  # it may have been cut short
        if memory.after_pause and memory.exit_due:
            memory.exit_due = min(memory.exit_due, pause_ends)
        if memory.back_paused and memory.back_due:
            memory.back_due = min(memory.back_due, pause_ends)
        return self.tick(now)

    def answered(self, now: datetime) -> None:
        """A person has closed one of its alerts (rule 5)."""
        memory = self.memory
        if memory.left_at and not memory.back_due and not memory.exit_due:
            memory.back_due = now + self._moments.book.not_back_in_bed.after

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        return remembered(self.memory)

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        self.memory = BedMemory(**unpacked_fields(memory))

    # --- the two changes -------------------------------------------------------------------------

    def _left(self, reading: Reading, now: datetime) -> tuple[Decision, ...]:
        memory, moments = self.memory, self._moments
        left_at = reading.measured_at
        if not self.requirement.hours.cover(left_at, moments.zone):
            return (self._quiet(Reason.OFF_HOURS),)
        memory.left_at = left_at
        memory.unwatched = (
            not reading.fresh
            or moments.unwatched(left_at)
            or (not reading.timed and moments.may_have_waited(reading.received_at))
        )
        dwell = self.requirement.dwell
        memory.exit_due = left_at + (moments.book.bed_exit.dwell if dwell is None else dwell)
        memory.back_due = left_at + moments.book.not_back_in_bed.after
        if pause := moments.pause_at(self.place, left_at):
            return (self._wait_for_end_of(pause),)
        return self.tick(now) or (self._quiet(Reason.WITHIN_DWELL),)

    def _returned(self, returned_at: datetime) -> tuple[Decision, ...]:
        memory = self.memory
        waiting = memory.exit_due is not None
        stands = (memory.left_at is not None and not waiting, memory.not_back_raised)
        raised = [cause for cause, holds in zip(self.causes, stands, strict=True) if holds]
        quiet = Reason.BACK_BEFORE_DWELL if waiting and not memory.after_pause else Reason.IN_BED
        self.memory = BedMemory(occupied=True, changed_at=memory.changed_at)
        if not raised:
            return (self._quiet(quiet),)
        words = wording.at_time(phrase("back in bed"), returned_at, self._moments.zone)
        return tuple(
            Decision(
                Reason.RETURNED_TO_BED,
                cause.kind,
                self.place,
                (Clear(cause, returned_at, words),),
            )
            for cause in raised
        )

    # --- the two deadlines -----------------------------------------------------------------------

    def _exit_is_due(self, due: datetime) -> Decision:
        if pause := self._moments.pause_at(self.place, due):
            return self._wait_for_end_of(pause)
        memory = self.memory
        memory.exit_due = None
        memory.unwatched = memory.unwatched or self._moments.unwatched(due)
        if memory.after_pause:
            memory.back_due = due + self._moments.book.not_back_in_bed.after
            return self._raised(
                Reason.STILL_OUT_AFTER_PAUSE,
                AlertKind.BED_EXIT,
                phrase("not back in bed after the pause"),
            )
        return self._raised(Reason.LEFT_BED, AlertKind.BED_EXIT, phrase("out of bed"))

    def _wait_for_end_of(self, pause: Pause) -> Decision:
        memory = self.memory
        memory.exit_due, memory.back_due, memory.after_pause = pause.until, None, True
        return self._quiet(Reason.PAUSED)

    def _back_is_due(self, due: datetime) -> Decision:
        memory = self.memory
        if pause := self._moments.pause_at(self.place, due):
            memory.back_due, memory.back_paused = pause.until, True
            return self._quiet(Reason.PAUSED, AlertKind.NOT_BACK_IN_BED)
        memory.back_due, memory.back_paused, memory.not_back_raised = None, False, True
        memory.unwatched = memory.unwatched or self._moments.unwatched(due)
        left_at = memory.left_at or due
        since = wording.wall_time(left_at, self._moments.zone)
        what = phrase(f"not back in bed since {since}")
        return self._raised(Reason.NOT_BACK, AlertKind.NOT_BACK_IN_BED, what)

    def _raised(self, reason: Reason, kind: AlertKind, what: str) -> Decision:
        memory, requirement = self.memory, self.requirement
        left_at = memory.left_at
        assert left_at is not None, "nothing is due for a bed that was not left"
        at = wording.wall_time(left_at, self._moments.zone) if memory.unwatched else ""
        effect = Raise(
            cause=Cause(kind, self.place),
            priority=Priority.HIGH,
            resident=requirement.resident,
            text=wording.headline(self.place, requirement.resident, what, at),
            action=wording.todo(
                requirement.action,
                wording.go_now(
                    phrase("Go now. Look at the floor by the bed first."), requirement.because
                ),
            ),
            caused_at=left_at,
            unwatched=memory.unwatched,
            tell=requirement.tell,
        )
        return Decision(reason, kind, self.place, (effect,))

    def _quiet(self, reason: Reason, kind: AlertKind = AlertKind.BED_EXIT) -> Decision:
        return Decision(reason, kind, self.place)
