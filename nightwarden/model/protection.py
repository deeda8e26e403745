"""Whether a person was really protected, minute by minute of the hours that a plan asks for."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from nightwarden.model.phrases import vocabulary
from nightwarden.model.places import EquipmentKind, PlaceId

PlaceKey = tuple[PlaceId, EquipmentKind]
"""A place and what must watch there."""


@vocabulary
class Loss(StrEnum):
    """Why a required minute was not protected. Of several the first counts."""

    NOT_WATCHING = "not_watching"  # the monitor was off, or had no fresh proof
    BLIND = "blind"  # nothing there, or what is there cannot be heard
    FAULTY = "faulty"  # found off, loose or damaged, a fault, a permit
    PAUSED = "paused"  # for longer than a round of care
    UNPROVED = "unproved"  # it speaks, and nobody has seen it work
    NOBODY_LISTENING = "nobody_listening"  # it would alert, and nobody would hear


@dataclass(frozen=True, slots=True)
class Span:
    """A time within one night's required hours in which nothing changed.

    ``lost_to`` None is protected. ``until`` None: it lasts; ``ends_at`` is when the required hours
    end that it lies in. Instants are aware, UTC; ``night`` is the home's date.
    """

    place: PlaceId
    needs: EquipmentKind
    night: date
    since: datetime
    until: datetime | None
    ends_at: datetime
    lost_to: Loss | None
    why: str = ""
