"""Rooms, places and what stands at them."""

from enum import StrEnum
from typing import NamedTuple

from nightwarden.model.phrases import phrase, vocabulary
from nightwarden.model.readings import Quantity


class PlaceId(NamedTuple):
    """A place in a room: ``12/bed``."""

    room: str
    place: str

    def __str__(self) -> str:
        return f"{self.room}/{self.place}"


@vocabulary
class EmitterKind(StrEnum):
    """A heat emitter that a person can touch."""

    RADIATOR = "radiator"
    PIPE = "pipe"
    VALVE = "valve"
    PORTABLE_HEATER = "portable_heater"
    TOWEL_RAIL = "towel_rail"


@vocabulary
class RoomKind(StrEnum):
    """What a room is for; heat and falls happen outside bedrooms too (H1, H6, A24)."""

    BEDROOM = "bedroom"
    EN_SUITE = "en_suite"
    BATHROOM = "bathroom"
    LOUNGE = "lounge"
    DINING_ROOM = "dining_room"
    CORRIDOR = "corridor"
    KITCHEN = "kitchen"
    OFFICE = "office"
    OTHER = "other"


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


KIND_WORDS = {
    EquipmentKind.BED_MAT: phrase("bed mat"),
    EquipmentKind.FLOOR_MAT: phrase("floor mat"),
    EquipmentKind.CHAIR_MAT: phrase("chair mat"),
    EquipmentKind.RADIATOR_COVER: phrase("radiator cover"),
    EquipmentKind.TEMPERATURE_SENSOR: phrase("temperature sensor"),
    EquipmentKind.COVER_SWITCH: phrase("cover switch"),
    EquipmentKind.CALL_BUTTON: phrase("call button"),
    EquipmentKind.HUB: phrase("hub"),
    EquipmentKind.PORTABLE_HEATER: phrase("portable heater"),
    EquipmentKind.MAINS_MONITOR: phrase("mains monitor"),
    EquipmentKind.SOUNDER: phrase("sounder"),
    EquipmentKind.LIGHT: phrase("light"),
}
"""Each as a person says it."""

PLACE_WORDS = (
    phrase("bed"), phrase("chair"), phrase("bedside"), phrase("door"), phrase("window"),
    phrase("radiator window"), phrase("radiator door"), phrase("ensuite radiator"),
    phrase("ensuite pipe"),
)  # fmt: skip
"""What homes call their places; others are names."""

OF_THE_HOUSE = (phrase("Home"), phrase("Staff"), phrase("Heating"), phrase("Hub"))
"""Rooms of what is in none: the whole home, whoever answers, a heating circuit, a hub."""

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


@vocabulary
class Mount(StrEnum):
    """Where a temperature sensor sits; the same 60 °C is normal at one and a burn at another."""

    ACCESSIBLE_FACE = "accessible_face"
    UNDER_COVER = "under_cover"
    PIPE = "pipe"
    VALVE = "valve"
    ROOM_AIR = "room_air"


@vocabulary
class ItemState(StrEnum):
    """What a person found at the item, in a confirmation."""

    IN_PLACE = "in_place"
    LOOSE = "loose"
    OFF = "off"
    DAMAGED = "damaged"


@vocabulary
class ItemStatus(StrEnum):
    """Where an item is in its life. An item that is quarantined or in repair stands nowhere."""

    IN_PLACE = "in_place"
    IN_STORE = "in_store"
    QUARANTINED = "quarantined"
    IN_REPAIR = "in_repair"
    RETIRED = "retired"


UNFIT = frozenset({ItemStatus.QUARANTINED, ItemStatus.IN_REPAIR})
"""What may not be put at a place."""


@vocabulary
class GapState(StrEnum):
    """Why a requirement is not met, worst first."""

    MISSING = "missing"  # nothing of the kind stands there
    FAULTY = "faulty"  # it is there and does not work
    NO_NIGHT_PLAN = "no_night_plan"  # somebody lives here, and nobody has said what they need
    NO_ESCALATION = "no_escalation"  # nobody is named whom its alerts would call
    UNASSESSED = "unassessed"  # a heat emitter that nobody has judged
    PAST_END_DATE = "past_end_date"  # there for a time that is over, such as a portable heater
    WRONG_ROOM = "wrong_room"  # it is a resident's who does not live there
    UNVERIFIED = "unverified"  # nobody has seen it work or confirmed it lately
    CONSENT_MISSING = "consent_missing"  # a person is watched, and nothing says that they agree
    PAST_SERVICE_LIFE = "past_service_life"  # older than its maker says it works
    REVIEW_OVERDUE = "review_overdue"  # the day has passed by which somebody was to look again
    UNDOCUMENTED = "undocumented"  # in use, and no plan asks for it
