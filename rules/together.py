"""Mats that fall silent together: a pattern for somebody outside the shift (M5).

1. Mats of three different rooms that fall silent, or say goodbye, within ten minutes of one another
   are raised at once, beside the alerts of each of them. By when each was last heard: whose silence
   is noticed later fell silent no later for it.
2. It is of high priority and calls the on-call manager with the first: it may be that nobody on the
   shift wants to hear of it.
3. What is not heard because its hub is down is the hub's (``rules/hubs.py``). What has spoken again
   by then does not count; a mat that never spoke did not fall silent.
4. It is cleared when all of them have spoken again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.phrases import phrase
from nightwarden.model.places import MATS, PlaceId
from rules import wording
from rules.decisions import Clear, Decision, Raise, Reason
from rules.findings import HOME
from rules.liveness import DeviceWatch
from rules.moments import Moments, remembered, unpacked_fields

KIND = AlertKind.MATS_SILENT_TOGETHER
TOGETHER = "together"


@dataclass(slots=True)
class TogetherMemory:
    """What must survive a restart. ``lately``: room, tag and since when, the newest of a room and
    no more rooms than the rule counts. ``silent``: the tags that the alert waits for."""

    lately: list[list[Any]] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)


class TogetherWatch:
    """Rule ``mats_silent_together`` applied to the whole home."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments
        self.memory = TogetherMemory()

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return TOGETHER

    @property
    def place(self) -> PlaceId:
        """It watches the whole home."""
        return PlaceId(HOME, "mats")

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        return (self._cause,)

    @property
    def due_at(self) -> datetime | None:
        """It waits for no time."""
        return None

    def notice(
        self, device: DeviceWatch, decisions: Iterable[Decision], now: datetime
    ) -> tuple[Decision, ...]:
        """What was just decided of a device's silence."""
        if device.item.kind not in MATS or device.memory.hub_down_since:
            return ()
        made: tuple[Decision, ...] = ()
        for effect in (effect for decision in decisions for effect in decision.effects):
            if effect.cause.kind is not AlertKind.DEVICE_SILENT:
                continue
            if isinstance(effect, Clear):
                made += self._spoke(device.item.tag, now)
            elif device.memory.heard_at is not None:
                made += self._fell_silent(device, effect.caused_at, now)
        return made

    def hear(self, _reading: object, _now: datetime) -> tuple[Decision, ...]:
        """No reading feeds it."""
        return ()

    def tick(self, _now: datetime) -> tuple[Decision, ...]:
        """It waits for no time."""
        return ()

    def renew(self, _fresh: "TogetherWatch", _now: datetime) -> tuple[Decision, ...]:
        """It has no settings of its own."""
        return ()

    def answered(self, _now: datetime) -> None:
        """A person has closed its alert: those mats are known, and others are news."""
        self.memory = TogetherMemory()

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        return remembered(self.memory)

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        self.memory = TogetherMemory(**unpacked_fields(memory))

    def _fell_silent(
        self, device: DeviceWatch, since: datetime, now: datetime
    ) -> tuple[Decision, ...]:
        memory, rule = self.memory, self._moments.book.mats_silent_together
        room, tag = device.place.room, device.item.tag
        if memory.silent:
            memory.silent = sorted({*memory.silent, tag})
            return ()
        others = [one for one in memory.lately if one[0] != room]
        near = [one for one in others if abs(one[2] - since) <= rule.within]
        memory.lately = [*near, [room, tag, since]][-rule.mats :]
        first, last = (pick(one[2] for one in memory.lately) for pick in (min, max))
        if len(memory.lately) < rule.mats or last - first > rule.within:
            return ()
        memory.silent = sorted(one[1] for one in memory.lately)
        return (self._raised(first, now),)

    def _spoke(self, tag: str, now: datetime) -> tuple[Decision, ...]:
        memory = self.memory
        memory.lately = [one for one in memory.lately if one[1] != tag]
        if tag not in memory.silent:
            return ()
        memory.silent = [one for one in memory.silent if one != tag]
        if memory.silent:
            return ()
        words = wording.at_time(phrase("all heard again"), now, self._moments.zone)
        return (
            Decision(Reason.ALL_SPOKE_AGAIN, KIND, self.place, (Clear(self._cause, now, words),)),
        )

    def _raised(self, since: datetime, now: datetime) -> Decision:
        rooms = sorted((one[0] for one in self.memory.lately), key=lambda room: (len(room), room))
        room, time = ", ".join(rooms), wording.wall_time(since, self._moments.zone)
        effect = Raise(
            cause=self._cause,
            priority=Priority.HIGH,
            resident=None,
            text=wording.headline(
                self.place,
                None,
                phrase(f"mats of rooms {room} fell silent together, {time}"),
            ),
            action=phrase(f"Look in on rooms {room} now. Manager: ask who was there, and why."),
            caused_at=min(since, now),
            manager_too=True,
        )
        return Decision(Reason.SILENT_TOGETHER, KIND, self.place, (effect,))

    @property
    def _cause(self) -> Cause:
        return Cause(KIND, self.place)
