"""Mats that speak and never change: a green light is no proof (M11).

1. A required mat whose device has spoken for longer than its proof interval without a real change
   is raised in its required hours: press it, and see the board take it back.
2. A device that does not speak is ``device_silent``'s or ``hub_down``'s to raise; here it waits.
3. What nobody could hear proves nothing either way: the interval is longer by an outage in it.
4. A mat moved to another place proves itself anew there.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.phrases import phrase
from nightwarden.model.places import PlaceId
from nightwarden.model.readings import Reading
from rules import wording
from rules.decisions import Clear, Decision, Raise, Reason
from rules.liveness import DeviceWatch
from rules.moments import Moments, remembered, unpacked_fields

KIND = AlertKind.NEVER_CHANGES
_AT_LEAST = timedelta(minutes=1)
"""A device that does not speak is looked at again after its supervision interval, or this."""


@dataclass(slots=True)
class UnprovedMemory:
    """What must survive a restart. ``due`` is when to look; a change since then is seen there."""

    heard_from: datetime | None = None
    due: datetime | None = None
    paused_until: datetime | None = None
    raised: bool = False


class UnprovedWatch:
    """Rule ``never_changes`` applied to one required mat."""

    def __init__(self, device: DeviceWatch, moments: Moments) -> None:
        self.device = device
        self._moments = moments
        self.memory = UnprovedMemory()

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return f"unproved|{self.device.item.tag}"

    @property
    def place(self) -> PlaceId:
        """Where the mat lies."""
        return self.device.place

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        return (self._cause,)

    @property
    def due_at(self) -> datetime | None:
        """When it wants to be asked again, without a reading."""
        return self.memory.due

    def hear(self, reading: Reading, _now: datetime) -> tuple[Decision, ...]:
        """The mat has spoken; only what ends an alert matters here, the rest is seen when due."""
        memory, changed_at = self.memory, self.device.memory.changed_at
        if memory.heard_from is None:
            memory.heard_from = reading.received_at
            memory.due = self._due()
        if not memory.raised or changed_at != reading.received_at:
            return ()
        memory.raised, memory.due = False, self._due()
        words = wording.at_time(phrase("changed"), changed_at, self._moments.zone)
        clear = Clear(self._cause, changed_at, words)
        return (Decision(Reason.CHANGED_AT_LAST, KIND, self.place, (clear,)),)

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """Look whether the mat has changed meanwhile."""
        memory = self.memory
        if memory.due is None or memory.due > now:
            return ()
        memory.due, memory.paused_until = max(memory.due, self._due()), None
        if memory.due > now:
            return ()
        hours, zone = self.device.hours, self._moments.zone
        if not hours.cover(now, zone):
            memory.due = hours.next_start(now, zone)
            return (Decision(Reason.OFF_HOURS, KIND, self.place),)
        if pause := self._moments.pause_at(self.place, now):
            memory.due = memory.paused_until = pause.until
            return (Decision(Reason.PAUSED, KIND, self.place),)
        if not self.device.speaks(now):
            memory.due = now + max(self.device.item.supervision, _AT_LEAST)
            return (Decision(Reason.NOT_HEARD, KIND, self.place),)
        memory.due, memory.raised = None, True
        return (self._raised(now),)

    def renew(self, fresh: "UnprovedWatch", now: datetime) -> tuple[Decision, ...]:
        """The mat's place, its hours, its resident or a pause has changed."""
        self.device = fresh.device
        memory = self.memory
        if memory.due and memory.paused_until:  # the pause may have been cut short
            memory.due = min(memory.due, self._moments.paused_until(self.place, now))
        return ()

    def answered(self, now: datetime) -> None:
        """A person has closed its alert; a mat that still does not change is raised anew."""
        if self.memory.raised:
            self.memory.raised = False
            self.memory.due = now + self._moments.book.never_changes.ask_again

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        return remembered(self.memory)

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        self.memory = UnprovedMemory(**unpacked_fields(memory))

    @property
    def _since(self) -> datetime:
        """The last change here, or since when the mat lies here and speaks."""
        known = (self.memory.heard_from, self.device.memory.changed_at)
        return max((self.device.item.placed_at, *filter(None, known)))

    def _due(self) -> datetime:
        moments, since = self._moments, self._since
        due = since + self.device.item.proof
        if moments.outage_since and moments.outage_until and moments.outage_until > since:
            due += moments.outage_until - max(moments.outage_since, since)
        return due

    def _raised(self, now: datetime) -> Decision:
        item, resident = self.device.item, self.device.resident
        kind, span = wording.kind_words(item.kind), wording.span(now - self._since)
        what = phrase(f"{kind} {item.tag} speaks but has not changed for {span}")
        effect = Raise(
            cause=self._cause,
            priority=Priority.TECHNICAL,
            resident=resident,
            text=wording.headline(self.place, resident, what),
            action=phrase(
                "Press it once. If this alert stays as it is, the mat does not work: change it."
            ),
            caused_at=self._since,
        )
        return Decision(Reason.SPEAKS_BUT_NEVER_CHANGES, KIND, self.place, (effect,))

    @property
    def _cause(self) -> Cause:
        return Cause(KIND, self.place, self.device.item.tag)
