"""Mats that do not come back: not armed after care (M6, M7), or when the required hours begin.

1. A pause of the place has ended. Some minutes later a required mat must be back: there, and heard
   within its supervision interval. If it is not, whoever paused is asked by name.
2. A bed mat that is back and has shown nobody since before the care is asked about too, where
   nobody was raised as out of that bed: who was cared for should lie on it, and a pad that was not
   plugged into its box says nothing (M7, M15).
3. Some minutes after the required hours begin a mat that is not there is raised, where nothing else
   says so: its silence may be excused or its alert closed.
4. What only a hub keeps from us is the hub's to say. Outside the required hours nothing is asked;
   a new pause puts the question off to its own end; after an outage of ours there is as much time
   again.
5. It is cleared when the mat is back. A person who closes it is asked again after a quarter of an
   hour if the mat still is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.phrases import phrase
from nightwarden.model.places import EquipmentKind, PlaceId
from nightwarden.model.plan import PlannedRequirement
from nightwarden.model.readings import Quantity
from rules import wording
from rules.decisions import Clear, Decision, Raise, Reason
from rules.liveness import DeviceWatch
from rules.moments import Moments, remembered, unpacked_fields

KIND = AlertKind.NOT_ARMED_AFTER_CARE
_LOOK_EVERY = timedelta(minutes=1)
"""While it is raised: whether the mat is back."""


@dataclass(slots=True)
class ArmedMemory:
    """What must survive a restart. ``care_*`` are of the last pause that was taken up. ``again`` is
    when to look once more at what is raised, or was closed; ``unmoved``: the mat is there and shows
    nobody; ``care``: it is asked about because of the care."""

    care_since: datetime | None = None
    care_until: datetime | None = None
    care_by: str = ""
    care_due: datetime | None = None
    hours_due: datetime | None = None
    again: datetime | None = None
    care: bool = False
    unmoved: bool = False
    raised: bool = False


class ArmedWatch:
    """Rule ``not_armed_after_care`` applied to one required mat's place."""

    def __init__(
        self, requirement: PlannedRequirement, devices: Sequence[DeviceWatch], moments: Moments
    ) -> None:
        self.requirement = requirement
        self.devices = devices
        self._moments = moments
        self.memory = ArmedMemory()

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return f"armed|{self.place}|{self.requirement.needs}"

    @property
    def place(self) -> PlaceId:
        """Where the mat lies."""
        return self.requirement.place

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        return (self._cause,)

    @property
    def due_at(self) -> datetime | None:
        """When it looks next."""
        memory = self.memory
        return min(filter(None, (memory.care_due, memory.hours_due, memory.again)), default=None)

    def hear(self, _reading: object, _now: datetime) -> tuple[Decision, ...]:
        """No reading feeds it: it looks when it is due."""
        return ()

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """Look whether the mat is back."""
        memory = self.memory
        made: tuple[Decision, ...] = ()
        if memory.hours_due and memory.hours_due <= now:
            memory.hours_due = self._hours_due(now)
            made += self._look(now, care=False)
        if memory.care_due and memory.care_due <= now:
            memory.care_due = None
            made += self._look(now, care=True)
        if memory.again and memory.again <= now:
            memory.again = None
            made += self._look_again(now) if memory.raised else self._look(now, care=memory.care)
        return made

    def renew(self, fresh: "ArmedWatch", now: datetime) -> tuple[Decision, ...]:
        """The mat, its hours or a pause has changed."""
        self.requirement, self.devices = fresh.requirement, fresh.devices
        memory = self.memory
        if memory.hours_due is None or not now < memory.hours_due <= now + self._after:
            memory.hours_due = self._hours_due(now)
        pauses = self._moments.pauses.get(self.place, ())
        if not pauses:
            return ()
        last = max(pauses, key=lambda pause: (pause.until, pause.since))
        if last.until == memory.care_until:
            return ()
        goes_on = memory.care_due is not None and last.since <= (memory.care_until or last.since)
        memory.care_since = memory.care_since if goes_on else last.since
        memory.care_until, memory.care_by = last.until, last.by
        memory.care_due = last.until + self._after
        return ()

    def answered(self, now: datetime) -> None:
        """A person has closed its alert (rule 5)."""
        if self.memory.raised:
            self.memory.raised = False
            self.memory.again = now + self._moments.book.not_armed_after_care.ask_again

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        return remembered(self.memory)

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        self.memory = ArmedMemory(**unpacked_fields(memory))

    @property
    def _after(self) -> timedelta:
        return self._moments.book.not_armed_after_care.after

    def _hours_due(self, now: datetime) -> datetime | None:
        """Some minutes after the next beginning of the required hours."""
        hours, zone = self.requirement.hours, self._moments.zone
        ends = hours.next_end(now, zone) if hours.cover(now, zone) else now
        return None if ends is None else hours.next_start(ends, zone) + self._after

    def _look(self, now: datetime, *, care: bool) -> tuple[Decision, ...]:
        """Raise it if the mat is not back."""
        memory, moments = self.memory, self._moments
        if memory.raised:
            return ()
        if pause := moments.pause_at(self.place, now):
            memory.again, memory.care = pause.until + self._after, care
            return (Decision(Reason.PAUSED, KIND, self.place),)
        if not self.requirement.hours.cover(now, moments.zone):
            return (Decision(Reason.OFF_HOURS, KIND, self.place),)
        listening = moments.outage_until
        if listening and now < listening + self._after:
            memory.again, memory.care = listening + self._after, care
            return ()
        memory.unmoved = care and self._is_unmoved(now)
        if not memory.unmoved and not self._is_away(now, care=care):
            return ()
        memory.raised, memory.care, memory.again = True, care, now + _LOOK_EVERY
        return (self._raised(now),)

    def _look_again(self, now: datetime) -> tuple[Decision, ...]:
        """Clear it if the mat is back."""
        memory, since = self.memory, self.memory.care_since
        back = [device for device in self.devices if device.speaks(now)]
        if memory.unmoved:
            back = [d for d in back if since and (d.memory.changed_at or since) > since]
        if not back:
            memory.again = now + _LOOK_EVERY
            return ()
        memory.raised = memory.unmoved = False
        words = wording.at_time(phrase("back"), now, self._moments.zone)
        clear = Clear(self._cause, now, words)
        return (Decision(Reason.MAT_IS_BACK, KIND, self.place, (clear,)),)

    def _is_away(self, now: datetime, *, care: bool) -> bool:
        """Nothing lives here, and no hub is the reason; after care, whatever else says so."""
        said = any(device.memory.raised for device in self.devices)
        behind = any(device.memory.hub_down_since for device in self.devices)
        if not self.devices or behind or (said and not care):
            return False
        return all(device.is_gone(now) for device in self.devices)

    def _is_unmoved(self, now: datetime) -> bool:
        """It is there and has shown nobody since before the care (rule 2)."""
        if self.requirement.needs is not EquipmentKind.BED_MAT:
            return False
        there = [device for device in self.devices if device.speaks(now)]
        return bool(there) and all(map(self._shows_nobody, there))

    def _shows_nobody(self, device: DeviceWatch) -> bool:
        said, changed_at = device.memory.last.get(Quantity.OCCUPANCY), device.memory.changed_at
        since = self.memory.care_since
        if (said is not None and said[0]) or since is None:
            return False
        if changed_at is None:
            return True
        left_in_hours = self.requirement.hours.cover(changed_at, self._moments.zone)
        return changed_at < since and not left_in_hours

    def _raised(self, now: datetime) -> Decision:
        memory, requirement = self.memory, self.requirement
        kind, resident = wording.kind_words(requirement.needs), requirement.resident
        tags = ", ".join(device.item.tag for device in self.devices)
        who = f"{memory.care_by}: " if memory.care else ""
        by = memory.care_by
        if memory.unmoved:
            what = phrase(
                f"{kind} {tags} shows nobody after care by {by}"
                if memory.care
                else f"{kind} {tags} shows nobody and its hours have begun"
            )
            action = phrase(
                f"Is {resident} back in bed? See that the {kind} is under them, plugged in."
            )
        else:
            what = phrase(
                f"{kind} {tags} not back after care by {by}"
                if memory.care
                else f"{kind} {tags} not back and its hours have begun"
            )
            action = phrase(
                f"Plug the {kind} in, switch it on and press it. Nothing watches here now."
            )
        since = memory.care_until if memory.care else now - self._after
        effect = Raise(
            cause=self._cause,
            priority=Priority.MEDIUM,
            resident=resident,
            text=wording.headline(self.place, resident, what),
            action=who + action,
            caused_at=min(since or now, now),
        )
        return Decision(Reason.MAT_NOT_BACK, KIND, self.place, (effect,))

    @property
    def _cause(self) -> Cause:
        return Cause(KIND, self.place, self.requirement.needs)
