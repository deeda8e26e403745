"""Rule ``required_not_in_place``: what a plan asks for and the room does not have (M1, M22)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.phrases import phrase
from nightwarden.model.places import GapState, PlaceId
from nightwarden.model.plan import Gap, PlacedItem, PlannedRequirement
from rules import wording
from rules.coverage import requirement_gap
from rules.decisions import Clear, Decision, Raise, Reason
from rules.moments import Moments, packed, unpacked


class CoverageWatch:
    """Rule ``required_not_in_place`` applied to one requirement.

    Raised at any hour: whoever must put the item in place needs the day for it. What has a device
    and stands in its place is ``device_silent``'s to raise.
    """

    def __init__(self, requirement: PlannedRequirement, moments: Moments) -> None:
        self.requirement = requirement
        self._moments = moments
        self.raised = False
        self.due_at: datetime | None = None
        self._gap: Gap | None = None

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return f"coverage|{self.place}|{self.requirement.needs}"

    @property
    def place(self) -> PlaceId:
        """Where something is required."""
        return self.requirement.place

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        return (self._cause,)

    def replan(
        self, requirement: PlannedRequirement, items: Sequence[PlacedItem], now: datetime
    ) -> tuple[Decision, ...]:
        """The register has changed."""
        self.requirement = requirement
        moments = self._moments
        gap = requirement_gap(requirement, items, {}, now, moments.zone, moments.book)
        standing_alone = not any(item.device for item in items)
        lacking = gap is not None and (
            gap.state is GapState.MISSING or (standing_alone and gap.state is GapState.FAULTY)
        )
        self._gap = gap if lacking else None
        if lacking and not self.raised and self.due_at is None:
            return (self._raise(now),)
        if lacking or not self.raised:
            self.due_at = self.due_at if lacking else None
            return ()
        self.raised, self.due_at = False, None
        clear = Clear(self._cause, now, wording.at_time(phrase("put in place"), now, moments.zone))
        return (Decision(Reason.PUT_IN_PLACE, self._cause.kind, self.place, (clear,)),)

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """Ask again."""
        if self.due_at is None or self.due_at > now:
            return ()
        self.due_at = None
        return () if self._gap is None else (self._raise(now),)

    def answered(self, now: datetime) -> None:
        """A person has closed its alert."""
        self.raised = False
        ask_again = self._moments.book.required_not_in_place.ask_again
        self.due_at = now + ask_again if self._gap else None

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        return {"raised": self.raised, "due_at": packed(self.due_at)}

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        self.raised = bool(memory["raised"])
        due = unpacked(memory["due_at"])
        self.due_at = due if isinstance(due, datetime) else None

    def _raise(self, now: datetime) -> Decision:
        requirement, gap = self.requirement, self._gap
        assert gap is not None, "only a gap is raised"
        self.raised = True
        kind = wording.kind_words(requirement.needs)
        effect = Raise(
            cause=self._cause,
            priority=Priority.TECHNICAL,
            resident=requirement.resident,
            text=wording.headline(
                self.place, requirement.resident, phrase(f"{kind} required, not in place")
            ),
            action=wording.todo(
                requirement.action, f"{gap.next_step}. {gap.because[:1].upper()}{gap.because[1:]}."
            ),
            caused_at=min(gap.since, now),
            tell=requirement.tell,
        )
        return Decision(Reason.REQUIRED_NOT_IN_PLACE, self._cause.kind, self.place, (effect,))

    @property
    def _cause(self) -> Cause:
        return Cause(AlertKind.REQUIRED_NOT_IN_PLACE, self.place, self.requirement.needs)
