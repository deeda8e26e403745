"""Several heat emitters of one circuit hot together (H10): the plant, not a cover.

1. A thermostat or mixing valve that fails makes every emitter of its circuit hotter than it should
   ever be. What is too hot depends on where a sensor sits: a face that can be touched from
   ``hot_surface.limit_c`` on; a panel, pipe or valve from ``circuit_hot.limit_c`` on, since 60 to
   80 °C are normal there.
2. When so many of one circuit are too hot for the hold time, one alert of medium priority says so
   and names the rooms. Each surface within reach has its own alert besides: this one hides none.
3. It clears when fewer are too hot. A sensor that falls silent keeps what it last said: a device
   that cannot be heard never resolves what it raised.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.phrases import phrase
from nightwarden.model.places import Mount, PlaceId
from nightwarden.model.plan import PlacedItem
from nightwarden.model.readings import DeviceId, Reading
from rules import wording
from rules.decisions import Clear, Decision, Raise, Reason
from rules.moments import Moments, remembered, unpacked_fields

KIND = AlertKind.CIRCUIT_HOT
CIRCUITS = "Heating"
"""The room of what is about a heating circuit, and about no room."""


@dataclass(slots=True)
class CircuitMemory:
    """What must survive a restart. ``hot``: the tags of the sensors that are too hot now."""

    hot: list[str] = field(default_factory=list)
    since: datetime | None = None
    due: datetime | None = None
    raised: bool = False


class CircuitWatch:
    """Rule ``circuit_hot`` applied to one heating circuit and its temperature sensors."""

    def __init__(self, circuit: str, sensors: Sequence[PlacedItem], moments: Moments) -> None:
        self.circuit = circuit
        self.sensors: dict[DeviceId, PlacedItem] = {s.device: s for s in sensors if s.device}
        self._moments = moments
        self.memory = CircuitMemory()

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return f"circuit|{self.circuit}"

    @property
    def place(self) -> PlaceId:
        """The circuit, in a room of its own."""
        return PlaceId(CIRCUITS, self.circuit)

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        return (Cause(KIND, self.place),)

    @property
    def due_at(self) -> datetime | None:
        """When enough of them will have been too hot for the hold time."""
        return self.memory.due

    def hear(self, reading: Reading, now: datetime) -> tuple[Decision, ...]:
        """A temperature of one of its sensors, in degrees Celsius."""
        sensor = self.sensors[reading.device]
        hot = [tag for tag in self.memory.hot if tag != sensor.tag]
        if float(reading.value) >= self._limit(sensor):
            hot.append(sensor.tag)
        if len(hot) == len(self.memory.hot):
            return ()
        self.memory.hot = sorted(hot)
        return self._judge(reading.measured_at, now)

    def indifferent(self, low: float, high: float, *, steady: bool) -> bool:  # noqa: ARG002
        """Whether it would do nothing at any of these temperatures (``rules/passing.py``)."""
        lowest = min(map(self._limit, self.sensors.values()), default=high)
        return not self.memory.hot and high < lowest

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """They have been too hot together for the hold time."""
        memory = self.memory
        if memory.due is None or memory.due > now:
            return ()
        memory.due, memory.raised = None, True
        return (self._raised(),)

    def renew(self, fresh: "CircuitWatch", now: datetime) -> tuple[Decision, ...]:
        """The emitters of the circuit, or their sensors, have changed."""
        self.sensors = fresh.sensors
        there = {sensor.tag for sensor in self.sensors.values()}
        hot = [tag for tag in self.memory.hot if tag in there]
        if hot == self.memory.hot:
            return ()
        self.memory.hot = hot
        return self._judge(now, now)

    def answered(self, now: datetime) -> None:
        """A person has closed its alert; if it holds on for the hold time it is raised anew."""
        if self.memory.raised:
            self.memory.raised = False
            self.memory.due = now + self._moments.book.circuit_hot.hold

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        return remembered(self.memory)

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        self.memory = CircuitMemory(**unpacked_fields(memory))

    def _limit(self, sensor: PlacedItem) -> float:
        book = self._moments.book
        touched = sensor.mount is Mount.ACCESSIBLE_FACE
        return book.hot_surface.limit_c if touched else book.circuit_hot.limit_c

    def _judge(self, at: datetime, now: datetime) -> tuple[Decision, ...]:
        memory, rule = self.memory, self._moments.book.circuit_hot
        if len(memory.hot) >= rule.emitters:
            if memory.since is None:
                memory.since, memory.due = at, at + rule.hold
            return self.tick(now)
        if memory.since is None:
            return ()
        raised, self.memory = memory.raised, CircuitMemory(memory.hot)
        if not raised:
            return (Decision(Reason.HELD_TOO_SHORT, KIND, self.place),)
        words = phrase(f"fewer are too hot since {wording.wall_time(at, self._moments.zone)}")
        clear = Clear(self.causes[0], at, words)
        return (Decision(Reason.CIRCUIT_COOLED, KIND, self.place, (clear,)),)

    def _raised(self) -> Decision:
        hot = [s for s in self.sensors.values() if s.tag in self.memory.hot]
        rooms = ", ".join(sorted({s.place.room for s in hot}))
        n, of, circuit = len(hot), len(self.sensors), self.circuit
        what = phrase(f"circuit {circuit}, {n} of {of} emitters too hot together: rooms {rooms}")
        since = self.memory.since
        assert since is not None, "a circuit is too hot since some time"
        effect = Raise(
            cause=self.causes[0],
            priority=Priority.MEDIUM,
            resident=None,
            text=wording.headline(self.place, None, what),
            action=phrase(
                "This is the boiler or its mixing valve, not a cover. Turn the circuit down, "
                "keep people away from pipes and radiators, call the plumber."
            ),
            caused_at=since,
        )
        return Decision(Reason.CIRCUIT_TOO_HOT, KIND, self.place, (effect,))
