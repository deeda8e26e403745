"""Hubs: one that goes down is one alert with its beds listed, and not forty.

1. A hub is what other devices of its dialect are heard through. When it says goodbye, or its last
   will does, it is down after a short grace in which it may be restarting.
2. It is raised at any hour, since whoever mends it needs the day for it, and no pause holds it.
3. The devices behind it are blind from the first moment. They raise no silence of their own for it;
   once it is back each has one supervision interval to speak in (``rules/liveness.py``).
4. The alert is the hub's: where an item is bound to it, at that item's place, else at a room of
   its own called "Hub".
5. A person who closes the alert while the hub is down is asked again after a quarter of an hour.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.phrases import AND, by_number, phrase
from nightwarden.model.places import EquipmentKind, PlaceId
from nightwarden.model.plan import PlacedItem
from nightwarden.model.readings import DeviceId, Reading
from rules import wording
from rules.decisions import Clear, Decision, Raise, Reason
from rules.moments import Moments, remembered, unpacked_fields

KIND = AlertKind.HUB_DOWN
NOWHERE = "Hub"
"""The room of a hub that the register does not know."""
BEDS_IN_A_LINE = 6
"""More than this are counted in the headline; the line below it names them all."""


@dataclass(slots=True)
class HubMemory:
    """What must survive a restart."""

    down_since: datetime | None = None
    due: datetime | None = None
    raised: bool = False


class HubWatch:
    """Rule ``hub_down`` applied to one hub.

    Args:
        hub: the device that speaks for the hub.
        item: what the register has bound to it, if anything.
        behind: the items whose devices are heard through it.
        moments: what all watches share.
    """

    def __init__(
        self, hub: DeviceId, item: PlacedItem | None, behind: Sequence[PlacedItem], moments: Moments
    ) -> None:
        self.hub = hub
        self.item = item
        self.behind = behind
        self._moments = moments
        self.memory = HubMemory()

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return f"hub|{self.hub.dialect}|{self.hub.address}"

    @property
    def place(self) -> PlaceId:
        """Where its item stands, or a place of its own (rule 4)."""
        return self.item.place if self.item else PlaceId(NOWHERE, self.hub.dialect)

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        return (self._cause,)

    @property
    def due_at(self) -> datetime | None:
        """When it wants to be asked again, without a reading."""
        return self.memory.due

    def hear(self, reading: Reading, now: datetime) -> tuple[Decision, ...]:
        """Its link has come or gone. A retained state counts: it is what the broker knows of it."""
        memory = self.memory
        if reading.value:
            return self._back(reading.received_at)
        if memory.down_since is None:
            memory.down_since = reading.received_at
            memory.due = reading.received_at + self._moments.book.hub_down.offline_grace
        return self.tick(now)

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """It has been down for longer than a restart takes."""
        memory = self.memory
        if memory.due is None or memory.due > now:
            return ()
        memory.due, memory.raised = None, True
        return (self._raised(),)

    def renew(self, fresh: "HubWatch", _now: datetime) -> tuple[Decision, ...]:
        """What is heard through it, or its place, has changed."""
        self.item, self.behind = fresh.item, fresh.behind
        return ()

    def answered(self, now: datetime) -> None:
        """A person has closed its alert (rule 5)."""
        if self.memory.raised:
            self.memory.raised = False
            self.memory.due = now + self._moments.book.hub_down.ask_again

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        return remembered(self.memory)

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        self.memory = HubMemory(**unpacked_fields(memory))

    def _back(self, at: datetime) -> tuple[Decision, ...]:
        raised, self.memory = self.memory.raised, HubMemory()
        if not raised:
            return ()
        words = wording.at_time(phrase("back"), at, self._moments.zone)
        return (Decision(Reason.HUB_CAME_BACK, KIND, self.place, (Clear(self._cause, at, words),)),)

    def _raised(self) -> Decision:
        down_since = self.memory.down_since
        assert down_since is not None, "a hub is down since some time"
        name = self.item.tag if self.item else self.hub.dialect
        listed = _in_words(self.behind, BEDS_IN_A_LINE)
        what = phrase(f"hub {name} is off: {listed} not watched")
        effect = Raise(
            cause=self._cause,
            priority=Priority.TECHNICAL,
            resident=None,
            text=wording.headline(self.place, None, what),
            action=_action(_in_words(self.behind)),
            caused_at=down_since,
        )
        return Decision(Reason.HUB_WENT_OFFLINE, KIND, self.place, (effect,))

    @property
    def _cause(self) -> Cause:
        return Cause(KIND, self.place, str(self.hub))


def _action(listed: str) -> str:
    return phrase(f"Look in on {listed}. Then check the hub's plug and its cable.")


def _in_words(behind: Sequence[PlacedItem], most: int | None = None) -> str:
    """``beds 12, 14 and rooms 3, 9``: each room once, as a bed where its bed mat is concerned."""
    beds = {item.place.room for item in behind if item.kind is EquipmentKind.BED_MAT}
    rooms = {item.place.room for item in behind} - beds
    return f" {AND} ".join(filter(None, (_beds(beds, most), _rooms(rooms, most))))


def _beds(rooms: Set[str], most: int | None) -> str:
    n = len(rooms)
    room = listed = _in_order(rooms)
    if most is not None and n > most:
        return by_number(n, f"{n} bed", f"{n} beds")
    return phrase(f"bed {room}" if n == 1 else f"beds {listed}") if rooms else ""


def _rooms(rooms: Set[str], most: int | None) -> str:
    n = len(rooms)
    room = listed = _in_order(rooms)
    if most is not None and n > most:
        return by_number(n, f"{n} room", f"{n} rooms")
    return phrase(f"room {room}" if n == 1 else f"rooms {listed}") if rooms else ""


def _in_order(rooms: Set[str]) -> str:
    return ", ".join(sorted(rooms, key=lambda room: (len(room), room)))  # 2 before 12
