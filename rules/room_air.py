"""Room air: too cold for a frail person, or too hot.

1. Air below 18 °C for half an hour is too cold: small drops bring hypothermia in frail people
   (H17). Air above 26 °C for an hour is too hot (UKHSA). Each clears half a degree beyond its
   limit, so that a room at the limit does not come and go.
2. Cold is of medium priority and heat of low: both take hours to harm, and neither may stand above
   somebody on the floor.
3. An open window for ten minutes is nobody's alert; it leaves a trace.
4. A person who closes the alert is trusted for the hold time; if it still holds it is raised anew.
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
from rules.rulebook import RoomTooColdRule, RoomTooHotRule


@dataclass(frozen=True, slots=True)
class Side:
    """One end of what is agreeable. ``sign`` is +1 where more is worse, -1 where less is."""

    kind: AlertKind
    sign: int
    priority: Priority
    reason: Reason
    word: str
    action: str


TOO_COLD = Side(
    AlertKind.ROOM_TOO_COLD,
    -1,
    Priority.MEDIUM,
    Reason.AIR_TOO_COLD,
    phrase("too cold"),
    phrase("Close the window, bring blankets and a warm drink, then look at the heating."),
)
TOO_HOT = Side(
    AlertKind.ROOM_TOO_HOT,
    1,
    Priority.LOW,
    Reason.AIR_TOO_HOT,
    phrase("too hot"),
    phrase(
        "Close the curtains, turn the heating down, bring a cool drink, then let cooler air in."
    ),
)
SIDES = (TOO_COLD, TOO_HOT)


@dataclass(slots=True)
class AirMemory:
    """What must survive a restart. ``since`` is set while the air is beyond the limit."""

    celsius: float | None = None
    since: datetime | None = None
    due: datetime | None = None
    paused_until: datetime | None = None
    raised: bool = False


class RoomAirWatch:
    """Rule ``room_too_cold`` or ``room_too_hot`` applied to one temperature sensor."""

    def __init__(
        self, side: Side, sensor: PlacedItem, resident: str | None, moments: Moments
    ) -> None:
        self.side = side
        self.sensor = sensor
        self.resident = resident
        self._moments = moments
        self.memory = AirMemory()

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return f"{self.side.kind}|{self.sensor.tag}"

    @property
    def place(self) -> PlaceId:
        """Where the sensor is."""
        return self.sensor.place

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        return (self._cause,)

    @property
    def due_at(self) -> datetime | None:
        """When it wants to be asked again, without a reading."""
        memory = self.memory
        return max((memory.due, *filter(None, [memory.paused_until]))) if memory.due else None

    def hear(self, reading: Reading, now: datetime) -> tuple[Decision, ...]:
        """A temperature in degrees Celsius, plausible and confirmed."""
        memory, rule, sign = self.memory, self._rule, self.side.sign
        memory.celsius = float(reading.value)
        if sign * (memory.celsius - rule.clear_c) < 0:
            return self._agreeable(reading.measured_at)
        if memory.since is None and sign * (memory.celsius - rule.limit_c) > 0:
            memory.since = reading.measured_at
            memory.due = reading.measured_at + rule.hold
        return self.tick(now)

    def indifferent(self, low: float, high: float, *, steady: bool) -> bool:  # noqa: ARG002
        """Whether it would do nothing at any of these temperatures (``rules/passing.py``)."""
        worst = self.side.sign * (high if self.side.sign > 0 else low)
        return self.memory.since is None and worst <= self.side.sign * self._rule.limit_c

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """Raise what has held for the hold time."""
        due = self.due_at
        if due is None or due > now:
            return ()
        if pause := self._moments.pause_at(self.place, due):
            self.memory.paused_until = pause.until
            return (Decision(Reason.PAUSED, self.side.kind, self.place), *self.tick(now))
        self.memory.due, self.memory.paused_until, self.memory.raised = None, None, True
        return (self._raised(due),)

    def renew(self, fresh: "RoomAirWatch", now: datetime) -> tuple[Decision, ...]:
        """The sensor's place, its resident or a pause has changed."""
        self.sensor, self.resident = fresh.sensor, fresh.resident
        if until := self.memory.paused_until:  # the pause may have been cut short
            self.memory.paused_until = min(until, self._moments.paused_until(self.place, now))
        return self.tick(now)

    def answered(self, now: datetime) -> None:
        """A person has closed its alert (rule 4)."""
        if self.memory.raised:
            self.memory.raised = False
            self.memory.due = now + self._rule.hold

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        return remembered(self.memory)

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        self.memory = AirMemory(**unpacked_fields(memory))

    def _agreeable(self, at: datetime) -> tuple[Decision, ...]:
        memory, kind = self.memory, self.side.kind
        if memory.since is None:
            return ()
        self.memory = AirMemory(memory.celsius)
        if not memory.raised:
            return (Decision(Reason.HELD_TOO_SHORT, kind, self.place),)
        words = wording.at_time(f"{memory.celsius:.1f} °C", at, self._moments.zone)
        clear = Clear(self._cause, at, words)
        return (Decision(Reason.AIR_AGREEABLE, kind, self.place, (clear,)),)

    def _raised(self, became_due: datetime) -> Decision:
        side, since = self.side, self.memory.since
        assert since is not None, "air is too cold or too hot since some time"
        unwatched = any(map(self._moments.unwatched, (since, became_due)))
        at = wording.wall_time(since, self._moments.zone) if unwatched else ""
        celsius, word = f"{self.memory.celsius:.1f} °C", side.word
        what = phrase(f"the room is {celsius}, {word}")
        effect = Raise(
            cause=self._cause,
            priority=side.priority,
            resident=self.resident,
            text=wording.headline(self.place, self.resident, what, at),
            action=side.action,
            caused_at=since,
            unwatched=unwatched,
        )
        return Decision(side.reason, side.kind, self.place, (effect,))

    @property
    def _rule(self) -> RoomTooColdRule | RoomTooHotRule:
        book = self._moments.book
        return book.room_too_cold if self.side is TOO_COLD else book.room_too_hot

    @property
    def _cause(self) -> Cause:
        return Cause(self.side.kind, self.place, self.sensor.tag)
