"""Leads that come and go: one alert about the lead, and not one for each time (M10).

1. A device that loses its link four times in a quarter of an hour has a suspect lead. A loss is a
   goodbye after it was there; a goodbye that is repeated is none. Losses in a pause do not count:
   somebody is moving the bed.
2. While the lead is suspect, a goodbye alone is not raised as silence too. A device that stays
   away for its whole supervision interval is: then nothing watches, whatever the cause.
3. The lead is no longer suspect when there was no loss for an hour and the device is there. A
   device that is gone loses nothing, and proves nothing of its lead.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.phrases import phrase
from nightwarden.model.places import PlaceId
from nightwarden.model.readings import Reading
from rules import wording
from rules.decisions import Clear, Decision, Raise, Reason
from rules.liveness import DeviceWatch
from rules.moments import Moments, remembered, unpacked_fields

KIND = AlertKind.FLAPPING_LEAD


@dataclass(slots=True)
class LeadMemory:
    """What must survive a restart. ``losses`` are the latest, no more than the rule counts."""

    losses: list[datetime] = field(default_factory=list)
    suspect: bool = False
    steady_at: datetime | None = None


class LeadWatch:
    """Rule ``flapping_lead`` applied to one device."""

    def __init__(self, device: DeviceWatch, moments: Moments) -> None:
        self.device = device
        self._moments = moments
        self.memory = LeadMemory()

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return f"lead|{self.device.item.tag}"

    @property
    def place(self) -> PlaceId:
        """Where the item stands."""
        return self.device.place

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        return (self._cause,)

    @property
    def due_at(self) -> datetime | None:
        """When the link will have held for long enough."""
        return self.memory.steady_at

    @property
    def suspect(self) -> bool:
        """Whether a goodbye of this device says more of its lead than of the device."""
        return self.memory.suspect

    def hear(self, reading: Reading, _now: datetime) -> tuple[Decision, ...]:
        """The link has come or gone, and its device has taken note."""
        gone_now = self.device.memory.offline_since == reading.received_at
        return self._lost(reading.received_at) if gone_now and not reading.value else ()

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """The link has held."""
        memory = self.memory
        if memory.steady_at is None or memory.steady_at > now:
            return ()
        steady_for = self._moments.book.flapping_lead.steady_for
        if not self.device.memory.online:
            memory.steady_at = now + steady_for
            return ()
        at, span, self.memory = memory.steady_at, wording.span(steady_for), LeadMemory()
        clear = Clear(self._cause, at, phrase(f"its link has held for {span}"))
        return (Decision(Reason.LEAD_HELD, KIND, self.place, (clear,)),)

    def renew(self, fresh: "LeadWatch", _now: datetime) -> tuple[Decision, ...]:
        """The plan has changed; the item and its resident are the device watch's to know."""
        self.device = fresh.device
        return ()

    def answered(self, _now: datetime) -> None:
        """A person has closed its alert: what was lost before is dealt with."""
        self.memory = LeadMemory()

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        return remembered(self.memory)

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        self.memory = LeadMemory(**unpacked_fields(memory))

    def _lost(self, at: datetime) -> tuple[Decision, ...]:
        memory, rule = self.memory, self._moments.book.flapping_lead
        if self._moments.pause_at(self.place, at):
            return (Decision(Reason.PAUSED, KIND, self.place),)
        memory.losses = [*memory.losses, at][-rule.losses :]
        often = len(memory.losses) >= rule.losses and at - memory.losses[0] <= rule.within
        if memory.suspect or often:
            memory.steady_at = at + rule.steady_for
        if memory.suspect or not often:
            return ()
        memory.suspect = True
        return (self._raised(),)

    def _raised(self) -> Decision:
        rule, item = self._moments.book.flapping_lead, self.device.item
        kind, losses, span = wording.kind_words(item.kind), rule.losses, wording.span(rule.within)
        what = phrase(f"{kind} {item.tag} lost its link {losses} times in {span}, suspect lead")
        effect = Raise(
            cause=self._cause,
            priority=Priority.TECHNICAL,
            resident=self.device.resident,
            text=wording.headline(self.place, self.device.resident, what),
            action=phrase(
                "Push the lead and plug home. Drops again: change the lead, look in until then."
            ),
            caused_at=self.memory.losses[0],
        )
        return Decision(Reason.LOST_TOO_OFTEN, KIND, self.place, (effect,))

    @property
    def _cause(self) -> Cause:
        return Cause(KIND, self.place, self.device.item.tag)
