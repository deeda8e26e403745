"""What the engine needs of a watch, whatever it watches."""

from datetime import datetime
from typing import Any, Protocol

from nightwarden.model.alerts import Cause
from nightwarden.model.places import PlaceId
from nightwarden.model.readings import Reading
from rules.decisions import Decision


class Watch(Protocol):
    """One rule, or a few that share a memory, applied to one subject."""

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        ...

    @property
    def place(self) -> PlaceId:
        """Where it watches."""
        ...

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        ...

    @property
    def due_at(self) -> datetime | None:
        """When it wants to be asked again, without a reading."""
        ...

    def tick(self, now: datetime, /) -> tuple[Decision, ...]:
        """Its deadline has passed."""
        ...

    def answered(self, now: datetime, /) -> None:
        """A person has closed one of its alerts."""
        ...

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        ...

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        ...


class Listener(Watch, Protocol):
    """A watch that says itself how it follows a reading and a change of plan."""

    def hear(self, reading: Reading, now: datetime, /) -> tuple[Decision, ...]:
        """A believed reading of a device that feeds it."""
        ...

    def renew(self, fresh: Any, now: datetime, /) -> tuple[Decision, ...]:
        """Take the settings of ``fresh``, the same watch made from the new plan; keep the memory.

        Also asked when only a pause has changed.
        """
        ...
