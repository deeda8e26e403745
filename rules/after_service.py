"""Rule ``untested_after_service``: a mat or call button that was worked on, and not tried since.

1. Work is what the register knows of: a permit has ended, a fault is mended, the item was moved, or
   another device was bound to it. After it nobody knows whether a press still reaches a person, and
   whether it names the right room (A11); until a real change is heard the item is ``unverified``.
2. If there was none some minutes after the work it is raised, at every hour: whoever did the work
   is still near. What has only just been registered is set up, not worked on.
3. It is cleared by the press. That an item is off again, for other work, ends the question too.
4. A person who closes it without a press is asked again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.phrases import phrase
from nightwarden.model.places import EquipmentKind, PlaceId
from nightwarden.model.readings import Reading
from rules import wording
from rules.decisions import Clear, Decision, Raise, Reason
from rules.liveness import DeviceWatch
from rules.moments import Moments, remembered, unpacked_fields

KIND = AlertKind.UNTESTED_AFTER_SERVICE


@dataclass(slots=True)
class ServiceMemory:
    """``raised_for`` is the end of the work that was raised, and ``at`` the place that the item had
    then: it may move; ``again``: when to ask once more."""

    raised_for: datetime | None = None
    at: tuple[str, str] | None = None
    again: datetime | None = None


class AfterServiceWatch:
    """The rule applied to one mat or call button."""

    def __init__(self, device: DeviceWatch, moments: Moments) -> None:
        self.device = device
        self._moments = moments
        self.memory = ServiceMemory()

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return f"after_service|{self.device.item.tag}"

    @property
    def place(self) -> PlaceId:
        """Where it stands."""
        return self.device.place

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        return (self._cause,)

    @property
    def due_at(self) -> datetime | None:
        """When it is to have been tried."""
        worked_on = self._untested_since
        if worked_on is None or worked_on == self.memory.raised_for:
            return None
        due = worked_on + self._moments.book.untested_after_service.after
        return max(due, self.memory.again or due)

    def hear(self, _reading: Reading, now: datetime) -> tuple[Decision, ...]:
        """It has spoken, and may have changed."""
        return self._settled(now)

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """Nobody has tried it."""
        due = self.due_at
        if due is None or due > now:
            return ()
        place = self.device.place
        self.memory = ServiceMemory(self._untested_since, (place.room, place.place))
        return (self._raised(now),)

    def renew(self, fresh: "AfterServiceWatch", now: datetime) -> tuple[Decision, ...]:
        """Its place, its device, or the work on it has changed."""
        self.device = fresh.device
        return (*self._settled(now), *self.tick(now))

    def answered(self, now: datetime) -> None:
        """A person has closed its alert (rule 4)."""
        if self.memory.raised_for is not None:
            ask_again = self._moments.book.untested_after_service.ask_again
            self.memory = ServiceMemory(again=now + ask_again)

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        return remembered(self.memory)

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        self.memory = ServiceMemory(**unpacked_fields(memory))

    @property
    def _untested_since(self) -> datetime | None:
        """The end of the last work on it, if nothing has really changed since."""
        item, changed_at = self.device.item, self.device.memory.changed_at
        if item.worked_on_at is None or item.permit_until is not None or item.fault is not None:
            return None
        return None if changed_at and changed_at >= item.worked_on_at else item.worked_on_at

    def _settled(self, now: datetime) -> tuple[Decision, ...]:
        raised_for, cause = self.memory.raised_for, self._cause
        if raised_for is None or self._untested_since == raised_for:
            return ()
        self.memory = ServiceMemory()
        changed_at = self.device.memory.changed_at
        tried = changed_at is not None and changed_at >= raised_for
        at = wording.wall_time(changed_at if changed_at and tried else now, self._moments.zone)
        words = phrase(f"tried at {at}" if tried else f"worked on again at {at}")
        return (Decision(Reason.TRIED, KIND, cause.place, (Clear(cause, now, words),)),)

    def _raised(self, now: datetime) -> Decision:
        item, worked_on = self.device.item, self.memory.raised_for or now
        at = wording.moment(worked_on, self._moments.zone, now)
        button = item.kind is EquipmentKind.CALL_BUTTON
        kind, tag = wording.kind_words(item.kind), item.tag
        how = phrase("Press it" if button else "Press it, let it go")
        effect = Raise(
            cause=self._cause,
            priority=Priority.TECHNICAL,
            resident=self.device.resident,
            text=wording.headline(
                self.place,
                self.device.resident,
                phrase(f"{kind} {tag} not tried since the work on it, {at}"),
            ),
            action=phrase(
                f"{how}, and see the alert of this very room on a board. Until then nobody "
                "knows whether it works."
            ),
            caused_at=worked_on,
        )
        return Decision(Reason.NOT_TRIED, KIND, self.place, (effect,))

    @property
    def _cause(self) -> Cause:
        at = self.memory.at
        return Cause(KIND, PlaceId(*at) if at else self.place, self.device.item.tag)
