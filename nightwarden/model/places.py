"""Rooms, places and what stands at them."""

from enum import StrEnum
from typing import NamedTuple

from nightwarden.model.readings import Quantity


class PlaceId(NamedTuple):
    """A place in a room: ``12/bed``."""

    room: str
    place: str

    def __str__(self) -> str:
        return f"{self.room}/{self.place}"


class EmitterKind(StrEnum):
    """A heat emitter that a person can touch."""

    RADIATOR = "radiator"
    PIPE = "pipe"
    VALVE = "valve"
    PORTABLE_HEATER = "portable_heater"
    TOWEL_RAIL = "towel_rail"


class EquipmentKind(StrEnum):
    """A physical item with an asset tag."""

    BED_MAT = "bed_mat"
    FLOOR_MAT = "floor_mat"
    CHAIR_MAT = "chair_mat"
    RADIATOR_COVER = "radiator_cover"
    TEMPERATURE_SENSOR = "temperature_sensor"
    COVER_SWITCH = "cover_switch"
    CALL_BUTTON = "call_button"
    HUB = "hub"
    PORTABLE_HEATER = "portable_heater"
    MAINS_MONITOR = "mains_monitor"
    SOUNDER = "sounder"
    LIGHT = "light"


CALLS_PEOPLE = frozenset({EquipmentKind.SOUNDER, EquipmentKind.LIGHT})
"""Kinds that are switched on while an alert waits for somebody to answer."""


class SoundsFor(StrEnum):
    """Whose alerts switch a sounder or light on: those of the room it stands in, or all."""

    ROOM = "room"
    HOME = "home"


MATS = frozenset({EquipmentKind.BED_MAT, EquipmentKind.FLOOR_MAT, EquipmentKind.CHAIR_MAT})
WATCHES_A_PERSON = MATS | {EquipmentKind.CALL_BUTTON}
"""Kinds that a plan must ask for: in use without a requirement they are undocumented (M23)."""


HEARS: dict[EquipmentKind, frozenset[Quantity]] = {
    EquipmentKind.BED_MAT: frozenset({Quantity.OCCUPANCY}),
    EquipmentKind.FLOOR_MAT: frozenset({Quantity.OCCUPANCY}),
    EquipmentKind.CHAIR_MAT: frozenset({Quantity.OCCUPANCY}),
    EquipmentKind.COVER_SWITCH: frozenset({Quantity.CONTACT}),
    EquipmentKind.TEMPERATURE_SENSOR: frozenset({Quantity.TEMPERATURE}),
    EquipmentKind.CALL_BUTTON: frozenset({Quantity.ACTION}),
    EquipmentKind.MAINS_MONITOR: frozenset({Quantity.CONTACT}),
}
"""What the rules listen to at an item; a mat is not proved by its thermometer."""


class Mount(StrEnum):
    """Where a temperature sensor sits; the same 60 °C is normal at one and a burn at another."""

    ACCESSIBLE_FACE = "accessible_face"
    UNDER_COVER = "under_cover"
    PIPE = "pipe"
    VALVE = "valve"
    ROOM_AIR = "room_air"


class ItemState(StrEnum):
    """What a person found at the item, in a confirmation."""

    IN_PLACE = "in_place"
    LOOSE = "loose"
    OFF = "off"
    DAMAGED = "damaged"


class GapState(StrEnum):
    """Why a requirement is not met, worst first."""

    MISSING = "missing"  # nothing of the kind stands there
    FAULTY = "faulty"  # it is there and does not work
    NO_ESCALATION = "no_escalation"  # nobody is named whom its alerts would call
    UNASSESSED = "unassessed"  # a heat emitter that nobody has judged
    WRONG_ROOM = "wrong_room"  # it is a resident's who does not live there
    UNVERIFIED = "unverified"  # nobody has seen it work or confirmed it lately
    PAST_SERVICE_LIFE = "past_service_life"  # older than its maker says it works
    UNDOCUMENTED = "undocumented"  # in use, and no plan asks for it
