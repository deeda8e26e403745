"""A manual round: somebody looks in on a place every so often, where nothing else protects it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from nightwarden.model.phrases import vocabulary
from nightwarden.model.places import PlaceId


@vocabulary
class Seen(StrEnum):
    """How a resident was found."""

    ASLEEP = "asleep"
    AWAKE = "awake"
    OUT = "out"  # up, and well
    BATHROOM = "bathroom"
    WITH_CARER = "with_carer"
    AWAY = "away"  # not in the house


@dataclass(frozen=True, slots=True)
class Round:
    """One place's round. ``once``: it is done when it was ticked once (after an upset).

    ``until`` is when it ends, or ended. Instants are aware, UTC.
    """

    id: int
    place: PlaceId
    since: datetime
    until: datetime
    every: timedelta
    by: str
    last_tick_at: datetime | None = None
    once: bool = False

    @property
    def due_at(self) -> datetime:
        """By when somebody has to look in next."""
        return (self.last_tick_at or self.since) + self.every
