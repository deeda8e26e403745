"""A watch: one rule applied to one place, and whether it watches at this moment."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nightwarden.model.phrases import vocabulary
from nightwarden.model.places import PlaceId


@vocabulary
class WatchState(StrEnum):
    """Whether a place is watched now."""

    ARMED = "armed"
    OFF_HOURS = "off_hours"
    PAUSED = "paused"
    BLIND = "blind"  # it should watch and cannot


@dataclass(frozen=True, slots=True)
class Pause:
    """A permission not to alert: always somebody's, always with an end."""

    place: PlaceId
    since: datetime
    until: datetime
    by: str
    reason: str
