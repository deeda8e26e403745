"""Rule ``mains_lost``: the power of the house is out (A13).

1. A mains monitor is a contact that is closed while there is power: a relay on a socket, or what a
   battery supply tells. Open for the grace, it is raised, at every hour and above all kit: call
   bells, mats on the mains and lifts may be dead, and people must go round.
2. What a broker retained counts too: it is what the broker knows of it.
3. It is cleared when the power is back; that is shown and closes nothing.
4. A person who closes it while the power is out is asked again: the battery runs down.
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

KIND = AlertKind.MAINS_LOST


@dataclass(slots=True)
class MainsMemory:
    """What must survive a restart."""

    lost_since: datetime | None = None
    due: datetime | None = None
    raised: bool = False


class MainsWatch:
    """The rule applied to one mains monitor; ``beds`` is how many places ask for a mat."""

    def __init__(self, item: PlacedItem, beds: int, moments: Moments) -> None:
        self.item = item
        self._beds = beds
        self._moments = moments
        self.memory = MainsMemory()

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return f"mains|{self.item.tag}"

    @property
    def place(self) -> PlaceId:
        """Where the monitor stands."""
        return self.item.place

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        return (self._cause,)

    @property
    def due_at(self) -> datetime | None:
        """When it wants to be asked again, without a reading."""
        return self.memory.due

    def hear(self, reading: Reading, now: datetime) -> tuple[Decision, ...]:
        """There is power, or there is none."""
        memory = self.memory
        if reading.value:
            return self._back(reading.measured_at)
        if memory.lost_since is None:
            memory.lost_since = reading.measured_at
            memory.due = reading.measured_at + self._moments.book.mains_lost.after
        return self.tick(now)

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """It has been out for longer than a switch-over takes."""
        memory = self.memory
        if memory.due is None or memory.due > now:
            return ()
        due, memory.due, memory.raised = memory.due, None, True
        return (self._raised(due),)

    def renew(self, fresh: "MainsWatch", _now: datetime) -> tuple[Decision, ...]:
        """Its place, or what the plan asks for, has changed."""
        self.item, self._beds = fresh.item, fresh._beds
        return ()

    def answered(self, now: datetime) -> None:
        """A person has closed its alert (rule 4)."""
        if self.memory.raised:
            self.memory.raised = False
            self.memory.due = now + self._moments.book.mains_lost.ask_again

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        return remembered(self.memory)

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        self.memory = MainsMemory(**unpacked_fields(memory))

    def _back(self, at: datetime) -> tuple[Decision, ...]:
        raised, self.memory = self.memory.raised, MainsMemory()
        if not raised:
            return ()
        words = wording.at_time(phrase("power back"), at, self._moments.zone)
        clear = Clear(self._cause, at, words)
        return (Decision(Reason.POWER_CAME_BACK, KIND, self.place, (clear,)),)

    def _raised(self, due: datetime) -> Decision:
        lost_since = self.memory.lost_since
        assert lost_since is not None, "the power is out since some time"
        unwatched = self._moments.unwatched(due)
        since = wording.wall_time(lost_since, self._moments.zone)
        effect = Raise(
            cause=self._cause,
            priority=Priority.HIGH,
            resident=None,
            text=wording.headline(
                self.place, None, phrase(f"mains power lost at {since}"), since if unwatched else ""
            ),
            action=_action(self._beds),
            caused_at=lost_since,
            unwatched=unwatched,
        )
        return Decision(Reason.POWER_WENT, KIND, self.place, (effect,))

    @property
    def _cause(self) -> Cause:
        return Cause(KIND, self.place, self.item.tag)


def _action(beds: int) -> str:
    if beds:
        return phrase(
            "Call bells may be dead. Print the round sheet, or write it by hand, and look in on "
            f"everybody every 15 minutes. Everybody with a mat ({beds}) first. Then see to the "
            "power."
        )
    return phrase(
        "Call bells may be dead. Print the round sheet, or write it by hand, and look in on "
        "everybody every 15 minutes. Then see to the power."
    )
