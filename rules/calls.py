"""Rule ``call_button``, pressed by hand: a carer calls for help on the page of a room.

1. It is the alert of a call button, of high priority, at every hour, and no pause holds it back. It
   says who called, since they are who needs help.
2. Each call is raised once. While the alert is open that is one alert still; once somebody had
   come the next call opens it again, and once it was closed the next is another one.
3. Nothing clears it: whoever called is in the room, and a person closes it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.calls import HelpCall
from nightwarden.model.phrases import phrase
from nightwarden.model.places import PlaceId
from rules import wording
from rules.decisions import Decision, Raise, Reason
from rules.moments import Moments, remembered, unpacked_fields

KIND = AlertKind.CALL_BUTTON
SUBJECT = "by hand"
"""What the cause is about, where a button's has its tag."""


@dataclass(slots=True)
class HelpCallMemory:
    """``raised`` is the number of the newest call that was raised."""

    raised: int = 0


class HelpCallWatch:
    """The rule applied to one room from which somebody called; ``call`` is the newest."""

    due_at: datetime | None = None
    """A call waits for nothing."""

    def __init__(self, call: HelpCall, resident: str | None, moments: Moments) -> None:
        self.call = call
        self._resident = resident
        self._moments = moments
        self.memory = HelpCallMemory()

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return f"help_call|{self.call.room}"

    @property
    def place(self) -> PlaceId:
        """Where help is needed."""
        return self.call.place

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        return (self._cause,)

    def hear(self, _reading: object, _now: datetime) -> tuple[Decision, ...]:
        """No reading feeds it."""
        return ()

    def tick(self, _now: datetime) -> tuple[Decision, ...]:
        """Nothing is ever due."""
        return ()

    def renew(self, fresh: "HelpCallWatch", _now: datetime) -> tuple[Decision, ...]:
        """Somebody has called, for the first time or again."""
        self.call, self._resident = fresh.call, fresh._resident
        if self.call.id <= self.memory.raised:
            return ()
        self.memory.raised = self.call.id
        return (self._raised(),)

    def answered(self, _now: datetime) -> None:
        """A person has closed its alert; the next call is a new one."""

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        return remembered(self.memory)

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        self.memory = HelpCallMemory(**unpacked_fields(memory))

    def _raised(self) -> Decision:
        call = self.call
        unwatched = self._moments.unwatched(call.at)
        at = wording.wall_time(call.at, self._moments.zone) if unwatched else ""
        what = phrase(f"{call.by} calls for help")
        effect = Raise(
            cause=self._cause,
            priority=Priority.HIGH,
            resident=self._resident,
            text=wording.headline(call.place, self._resident, what, at),
            action=phrase(f"Go now and help {call.by}."),
            caused_at=call.at,
            unwatched=unwatched,
        )
        return Decision(Reason.CALLED, KIND, call.place, (effect,))

    @property
    def _cause(self) -> Cause:
        return Cause(KIND, self.call.place, SUBJECT)
