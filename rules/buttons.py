"""Call buttons: somebody asks for a person.

1. A press and a cry for help are the same alert, of high priority; only the words differ. Hours do
   not matter, and no pause holds a call back: the carer in the room may be the one who presses.
2. Every press is raised. While the alert is open that is one alert still; once it was cancelled or
   somebody had come, the press opens it again.
3. ``cancel`` at the button is shown and closes nothing: nobody knows who pressed it.
4. A press is an event and not a state. What a broker repeats counts only where the device's own
   time shows that this press has not been heard yet.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.phrases import phrase
from nightwarden.model.places import PlaceId
from nightwarden.model.plan import PlacedItem
from nightwarden.model.readings import Reading
from rules import wording
from rules.decisions import Clear, Decision, Raise, Reason
from rules.moments import Moments, remembered, unpacked_fields

KIND = AlertKind.CALL_BUTTON
_WHAT = {"press": phrase("call button pressed"), "help": phrase("calls for help")}


@dataclass(slots=True)
class ButtonMemory:
    """What must survive a restart."""

    pressed_at: datetime | None = None
    raised: bool = False


class CallButtonWatch:
    """Rule ``call_button`` applied to one button."""

    due_at: datetime | None = None
    """A button waits for nothing."""

    def __init__(self, button: PlacedItem, resident: str | None, moments: Moments) -> None:
        self.button = button
        self.resident = resident
        self._moments = moments
        self.memory = ButtonMemory()

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return f"button|{self.button.tag}"

    @property
    def place(self) -> PlaceId:
        """Where the button is."""
        return self.button.place

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        return (self._cause,)

    def hear(self, reading: Reading, _now: datetime) -> tuple[Decision, ...]:
        """``press``, ``help`` or ``cancel``."""
        known = self.memory.pressed_at
        if not reading.fresh and not (reading.timed and (not known or reading.measured_at > known)):
            return (Decision(Reason.NOTHING_NEW, KIND, self.place),)
        if reading.value == "cancel":
            return self._cancelled(reading.measured_at)
        self.memory.pressed_at = reading.measured_at
        self.memory.raised = True
        return (self._raised(reading),)

    def tick(self, _now: datetime) -> tuple[Decision, ...]:
        """Nothing is ever due."""
        return ()

    def renew(self, fresh: "CallButtonWatch", _now: datetime) -> tuple[Decision, ...]:
        """The button's place or its resident has changed."""
        self.button, self.resident = fresh.button, fresh.resident
        return ()

    def answered(self, _now: datetime) -> None:
        """A person has closed its alert; the next press is a new one."""
        self.memory.raised = False

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        return remembered(self.memory)

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        self.memory = ButtonMemory(**unpacked_fields(memory))

    def _cancelled(self, at: datetime) -> tuple[Decision, ...]:
        if not self.memory.raised:
            return (Decision(Reason.NOTHING_NEW, KIND, self.place),)
        self.memory.raised = False
        words = wording.at_time(phrase("cancelled at the button"), at, self._moments.zone)
        clear = Clear(self._cause, at, words)
        return (Decision(Reason.CALL_CANCELLED, KIND, self.place, (clear,)),)

    def _raised(self, reading: Reading) -> Decision:
        unwatched = self._moments.missed(reading)
        at = wording.wall_time(reading.measured_at, self._moments.zone) if unwatched else ""
        what = _WHAT[str(reading.value)]
        effect = Raise(
            cause=self._cause,
            priority=Priority.HIGH,
            resident=self.resident,
            text=wording.headline(self.place, self.resident, what, at),
            action=phrase("Go now and ask what is needed."),
            caused_at=reading.measured_at,
            unwatched=unwatched,
        )
        return Decision(Reason.CALLED, KIND, self.place, (effect,))

    @property
    def _cause(self) -> Cause:
        return Cause(KIND, self.place, self.button.tag)
