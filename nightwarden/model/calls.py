"""A call for help that a person made by hand, on a room's page."""

from dataclasses import dataclass
from datetime import datetime

from nightwarden.model.places import PlaceId

CALLED_AT = "room"
"""The place of an alert that is about a whole room: no place of the register is meant."""


@dataclass(frozen=True, slots=True)
class HelpCall:
    """Somebody needs others in a room. ``at`` is aware, UTC."""

    id: int
    room: str
    at: datetime
    by: str

    @property
    def place(self) -> PlaceId:
        """Where the alert stands."""
        return PlaceId(self.room, CALLED_AT)
