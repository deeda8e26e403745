"""Batteries: change them before they end a watch (M9).

1. 20 % or less is low: a task for this week, of low priority. 5 % or less is nearly empty and of
   medium priority, since the watch is about to end. Each is an alert of its own.
2. Each is raised once. Cold and load let a battery's report wander, so that it counts as changed
   only from 30 % on; that is shown and closes nothing.
3. A person who closes the alert without a change is asked again after a day.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.places import PlaceId
from nightwarden.model.plan import PlacedItem
from nightwarden.model.readings import Reading
from rules import wording
from rules.decisions import Clear, Decision, Raise, Reason
from rules.moments import Moments, remembered, unpacked_fields

KIND = AlertKind.BATTERY_LOW


@dataclass(slots=True)
class BatteryMemory:
    """What must survive a restart. What was said is said until the battery is changed."""

    percent: float | None = None
    low_said: bool = False
    empty_said: bool = False
    ask_at: datetime | None = None


class BatteryWatch:
    """Rule ``battery_low`` applied to one device."""

    def __init__(self, item: PlacedItem, resident: str | None, moments: Moments) -> None:
        self.item = item
        self.resident = resident
        self._moments = moments
        self.memory = BatteryMemory()

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return f"battery|{self.item.tag}"

    @property
    def place(self) -> PlaceId:
        """Where the item stands."""
        return self.item.place

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise: low, and nearly empty."""
        tag = self.item.tag
        return Cause(KIND, self.place, tag), Cause(KIND, self.place, f"{tag} nearly empty")

    @property
    def due_at(self) -> datetime | None:
        """When it wants to be asked again, without a reading."""
        return self.memory.ask_at

    def hear(self, reading: Reading, _now: datetime) -> tuple[Decision, ...]:
        """How full it is, in per cent."""
        memory = self.memory
        memory.percent = float(reading.value)
        if memory.percent >= self._moments.book.battery_low.changed_percent:
            return self._changed(reading.measured_at)
        return self._judge(reading.measured_at)

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """Ask again about a battery that was not changed."""
        memory = self.memory
        if memory.ask_at is None or memory.ask_at > now:
            return ()
        memory.ask_at = None
        return self._said_now(now)

    def renew(self, fresh: "BatteryWatch", _now: datetime) -> tuple[Decision, ...]:
        """The item's place or its resident has changed."""
        self.item, self.resident = fresh.item, fresh.resident
        return ()

    def answered(self, now: datetime) -> None:
        """A person has closed one of its alerts (rule 3)."""
        if self.memory.low_said or self.memory.empty_said:
            self.memory.ask_at = now + self._moments.book.battery_low.ask_again

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        return remembered(self.memory)

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        self.memory = BatteryMemory(**unpacked_fields(memory))

    def _judge(self, at: datetime) -> tuple[Decision, ...]:
        """Say what was not said of this battery yet; nearly empty says low as well."""
        memory, urgent = self.memory, self._moments.book.battery_low.urgent_percent
        nearly_empty = memory.percent is not None and memory.percent <= urgent
        if memory.empty_said or (memory.low_said and not nearly_empty):
            return ()
        return self._said_now(at)

    def _said_now(self, at: datetime) -> tuple[Decision, ...]:
        memory, rule = self.memory, self._moments.book.battery_low
        if memory.percent is None or memory.percent > rule.warn_percent:
            return ()
        memory.ask_at = None  # this alert asks by itself
        if memory.percent <= rule.urgent_percent:
            memory.empty_said = True
            return (self._nearly_empty(at),)
        memory.low_said = True
        return (self._low(at),)

    def _changed(self, at: datetime) -> tuple[Decision, ...]:
        memory = self.memory
        said = (memory.low_said, memory.empty_said)
        self.memory = BatteryMemory(memory.percent)
        time = wording.wall_time(at, self._moments.zone)
        words = f"changed, {memory.percent:.0f} % at {time}"
        return tuple(
            Decision(Reason.BATTERY_CHANGED, KIND, self.place, (Clear(cause, at, words),))
            for cause, was_said in zip(self.causes, said, strict=True)
            if was_said
        )

    def _low(self, at: datetime) -> Decision:
        action = "Change its battery this week."
        effect = self._raise(self.causes[0], Priority.LOW, "battery low", action, at)
        return Decision(Reason.BATTERY_LOW, KIND, self.place, (effect,))

    def _nearly_empty(self, at: datetime) -> Decision:
        action = "Change its battery now; nothing watches here when it is empty."
        effect = self._raise(self.causes[1], Priority.MEDIUM, "battery nearly empty", action, at)
        return Decision(Reason.BATTERY_NEARLY_EMPTY, KIND, self.place, (effect,))

    def _raise(
        self, cause: Cause, priority: Priority, what: str, action: str, at: datetime
    ) -> Raise:
        kind, percent = wording.kind_words(self.item.kind), self.memory.percent
        what = f"{kind} {self.item.tag} {what}, {percent:.0f} %"
        return Raise(
            cause=cause,
            priority=priority,
            resident=self.resident,
            text=wording.headline(self.place, self.resident, what),
            action=action,
            caused_at=at,
        )
