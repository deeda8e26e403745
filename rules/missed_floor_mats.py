"""Exits that the floor mat missed (M17): people walk past a floor mat, or it does not work.

1. Where a room has a floor mat beside a bed or chair that is watched, an exit is expected to press
   the floor mat soon: from a few seconds before it (a foot comes down before the mat is free) until
   some seconds after.
2. Each exit that it missed leaves a trace and can be counted. Several in a row are raised once, of
   low priority: the mat lies wrong, does not work, or a bed mat is what is needed.
3. A hit ends the row and clears the alert. Exits in a pause say nothing: a carer stands on that
   side. Nor does an exit while the floor mat is not heard; that is ``device_silent``'s to raise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.phrases import phrase
from nightwarden.model.places import PlaceId
from nightwarden.model.plan import PlacedItem
from nightwarden.model.readings import DeviceId, Reading
from rules import wording
from rules.decisions import Clear, Decision, Raise, Reason
from rules.liveness import DeviceWatch
from rules.moments import Moments, remembered, unpacked_fields

KIND = AlertKind.MISSED_FLOOR_MAT
BEFORE = timedelta(seconds=5)
"""A foot on the floor mat this long before the bed is empty belongs to the exit."""


@dataclass(slots=True)
class MissedMemory:
    """What must survive a restart. ``due`` is set while an exit waits for its step."""

    stepped_at: datetime | None = None
    left_at: datetime | None = None
    due: datetime | None = None
    missed: int = 0
    raised: bool = False
    empty: list[str] | None = None
    """Addresses of the beds' and chairs' devices that show nobody now."""


class MissedFloorMatWatch:
    """Rule ``missed_floor_mat`` applied to one floor mat.

    Args:
        mat: the floor mat's device watch.
        seats: the bed and chair mats of its room, with their devices.
        moments: what all watches share.
    """

    def __init__(self, mat: DeviceWatch, seats: Sequence[PlacedItem], moments: Moments) -> None:
        self.mat = mat
        self.seats = {item.device: item for item in seats if item.device}
        self._moments = moments
        self.memory = MissedMemory()

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return f"missed|{self.mat.item.tag}"

    @property
    def place(self) -> PlaceId:
        """Where the floor mat lies."""
        return self.mat.place

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        return (self._cause,)

    @property
    def due_at(self) -> datetime | None:
        """When an exit will have been missed."""
        return self.memory.due

    def hear(self, reading: Reading, now: datetime) -> tuple[Decision, ...]:
        """Somebody steps on the floor mat, or leaves or takes a bed or chair."""
        if reading.device not in self.seats:
            return self._stepped(reading.measured_at) if reading.value else ()
        memory, address = self.memory, str(reading.device)
        empty = memory.empty or []
        known = address in empty
        if reading.value:
            memory.empty = [one for one in empty if one != address]
            return ()
        memory.empty = empty if known else [*empty, address]
        return () if known else self._left(reading, now)

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """The step did not come."""
        memory = self.memory
        if memory.due is None or memory.due > now:
            return ()
        memory.due = None
        memory.missed += 1
        rule = self._moments.book.missed_floor_mat
        if memory.missed < rule.in_a_row or memory.raised:
            return (Decision(Reason.FLOOR_MAT_MISSED, KIND, self.place),)
        memory.raised = True
        return (self._raised(),)

    def renew(self, fresh: "MissedFloorMatWatch", _now: datetime) -> tuple[Decision, ...]:
        """The mats of the room, their residents or a pause have changed."""
        self.mat, self.seats = fresh.mat, fresh.seats
        return ()

    def answered(self, _now: datetime) -> None:
        """A person has closed its alert; a new row is raised anew."""
        self.memory.raised, self.memory.missed = False, 0

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        return remembered(self.memory)

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        self.memory = MissedMemory(**unpacked_fields(memory))

    def _left(self, reading: Reading, now: datetime) -> tuple[Decision, ...]:
        memory, moments, at = self.memory, self._moments, reading.measured_at
        seat = self.seats[reading.device]
        paused = any(moments.pause_at(place, at) for place in (seat.place, self.place))
        if paused or moments.missed(reading) or not self.mat.speaks(now):
            return ()
        if memory.stepped_at and memory.stepped_at >= at - BEFORE:
            return self._hit(at)
        memory.left_at, memory.due = at, at + moments.book.missed_floor_mat.within
        return self.tick(now)

    def _stepped(self, at: datetime) -> tuple[Decision, ...]:
        memory = self.memory
        memory.stepped_at = at
        if memory.due is None:
            return ()
        memory.due = None
        return self._hit(at)

    def _hit(self, at: datetime) -> tuple[Decision, ...]:
        memory = self.memory
        raised, memory.raised, memory.missed = memory.raised, False, 0
        if not raised:
            return ()
        words = wording.at_time(phrase("noticed an exit"), at, self._moments.zone)
        clear = Clear(self._cause, at, words)
        return (Decision(Reason.FLOOR_MAT_HIT, KIND, self.place, (clear,)),)

    def _raised(self) -> Decision:
        item, count = self.mat.item, self.memory.missed
        what = phrase(f"floor mat {item.tag} missed {count} exits in a row")
        effect = Raise(
            cause=self._cause,
            priority=Priority.LOW,
            resident=self.mat.resident,
            text=wording.headline(self.place, self.mat.resident, what),
            action=phrase(
                "See where the feet come down, move the mat there and press it. If she walks "
                "past it, ask for a bed mat."
            ),
            caused_at=self.memory.left_at or item.placed_at,
        )
        return Decision(Reason.FLOOR_MAT_MISSED, KIND, self.place, (effect,))

    @property
    def _cause(self) -> Cause:
        return Cause(KIND, self.place, self.mat.item.tag)


def feeds(watch: MissedFloorMatWatch) -> tuple[DeviceId, ...]:
    """Whose occupancy the watch follows: the floor mat's, the beds' and the chairs'."""
    return (watch.mat.device, *sorted(watch.seats))
