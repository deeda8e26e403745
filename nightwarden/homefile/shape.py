"""What a home file is made of, part by part: each field with its rule, its default and its help.

The JSON Schema that editors complete from is made from these classes too, so a description here
is what a person sees while typing. What the parts must agree on is in ``agreement``.

Over 300 lines, because a format is read as a whole.
"""

import re
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    field_validator,
)

from nightwarden.homefile.agreement import did_you_mean
from nightwarden.homefile.yaml_tree import Unquoted
from nightwarden.model import claims
from nightwarden.model.channels import ChannelMap
from nightwarden.model.hours import ALWAYS, Hours
from nightwarden.model.papers import AssessmentKind, ConsentBasis
from nightwarden.model.phrases import phrase
from nightwarden.model.places import (
    EmitterKind,
    EquipmentKind,
    ItemState,
    ItemStatus,
    Mount,
    PlaceId,
    RoomKind,
    SoundsFor,
)
from nightwarden.model.readings import DeviceId, Quantity
from nightwarden.store.register import PROOF_S

_NUMBER_OR_DATE = re.compile(
    r"[-+]\d+|[-+]?(\.\d+|\d+\.\d*)([eE][-+]?\d+)?|[-+]?\d+[eE][-+]?\d+|0[xo][0-9a-fA-F]+"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)|\d{4}-\d\d?-\d\d?.*"
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DIALECT = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_KNOWN_DIALECTS = (
    "nightwarden",
    "zigbee2mqtt",
    "chirpstack",
    "thethings",
    "rtl_433",
    "sparkplug",
    "homie",
    "tasmota",
    "shelly",
    "esphome",
    "homeassistant",
)
_PLACE_PATTERN = r"^[^/+#]+/[^/+#]+$"


def _words(value: Any) -> Any:
    """``id: 12`` is the text "12"; what another reader would change to 1.5 or a date is not."""
    if isinstance(value, Unquoted) and _NUMBER_OR_DATE.fullmatch(value):
        raise ValueError(f'{value} reads as a number or date in YAML; write "{value}" in quotes')
    return value


def _whole(value: Any, what: str = phrase("seconds, such as 120")) -> Any:
    if not (isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value)):
        raise ValueError(f"{_shown(value)} is not a whole number of {what}")
    return int(value)


def _whole_days(value: Any) -> Any:
    return _whole(value, phrase("days, such as 90"))


def _whole_number(value: Any) -> Any:
    return _whole(value, phrase("pieces, such as 4"))


def _day(value: Any) -> Any:
    wrong = _no_date(value)
    if not (isinstance(value, str) and _DAY.fullmatch(value)):
        raise ValueError(wrong)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(wrong) from None


def _no_date(value: Any) -> str:
    shown = _shown(value)
    return phrase(f"{shown} is not a date, such as 2027-01-31")


def _zone(value: str) -> str:
    zones = available_timezones()
    if value in zones:
        return value
    near = get_close_matches(value, zones, n=1)
    hint = did_you_mean(near[0]) if near else phrase('use one such as "Europe/London"')
    raise ValueError(f'"{value}" is not an IANA time zone; {hint}')


def _dialect(value: str) -> str:
    if not _DIALECT.fullmatch(value):
        text = ", ".join(_KNOWN_DIALECTS)
        raise ValueError(f'"{value}" is not a dialect; use one of {text}')
    # A typing error here would be a device that nobody ever hears.
    if value not in _KNOWN_DIALECTS and (near := get_close_matches(value, _KNOWN_DIALECTS, n=1)):
        hint = did_you_mean(near[0])
        raise ValueError(f'"{value}" is not a dialect; {hint}')
    return value


def _at(value: str) -> str:
    if value.count("/") != 1:
        raise ValueError(f'"{value}" is not a place; write ROOM/PLACE, such as 12/bed')
    for part in value.split("/"):
        claims.name(part)
    return value


def _none_is_empty(value: Any) -> Any:
    """``residents:`` with nothing after it is a list of none."""
    return [] if value is None else value


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else phrase("this")


Name = Annotated[
    str,
    BeforeValidator(_words),
    AfterValidator(claims.name),
    Field(json_schema_extra={"pattern": claims.NAME_PATTERN, "maxLength": claims.NAME_MAX}),
]
Text = Annotated[
    str,
    BeforeValidator(_words),
    AfterValidator(claims.text),
    Field(json_schema_extra={"pattern": r"\S", "maxLength": claims.TEXT_MAX}),
]
Channel = Annotated[
    str,
    BeforeValidator(_words),
    AfterValidator(claims.channel),
    Field(json_schema_extra={"pattern": r"^[^+#]+$", "maxLength": claims.NAME_MAX}),
]
TwoWay = Literal[Quantity.OCCUPANCY, Quantity.CONTACT]
LeastPriority = Literal["high", "medium", "low"]
Day = Annotated[date, BeforeValidator(_day)]
Dwell = Annotated[int, Field(ge=0, le=600), BeforeValidator(_whole)]
ServiceLife = Annotated[int, Field(ge=1, le=7_300), BeforeValidator(_whole_days)]
Supervision = Annotated[int, Field(ge=30, le=172_800), BeforeValidator(_whole)]
Proof = Annotated[int, Field(ge=3_600, le=2_678_400), BeforeValidator(_whole)]


class Part(BaseModel):
    """A part of a home file: what is not known is refused, what was read does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class HomePart(Part):
    """The home itself."""

    id: Name = Field(description=phrase("Short and lasting: it is part of every MQTT topic."))
    name: Text = Field(description=phrase("The name that the board shows."))
    timezone: Annotated[str, BeforeValidator(_words), AfterValidator(_zone)] = Field(
        description=phrase("IANA time zone; hours are local to it."), examples=["Europe/London"]
    )
    practice: StrictBool = Field(
        default=False, description=phrase("True for a home on which simulators may act.")
    )


class Assessed(Part):
    """Somebody has judged a heat emitter."""

    by: Text = Field(description=phrase("Who judged it."))
    on: Day = Field(description=phrase("The day on which they did."))
    finding: Text = Field(
        description=phrase("What they found."), examples=["low surface temperature"]
    )


Reorder = Annotated[int, Field(ge=0, le=10_000), BeforeValidator(_whole_number)]
Uses = Annotated[int, Field(ge=1, le=1_000_000), BeforeValidator(_whole_number)]
Rearm = Annotated[int, Field(ge=0, le=3_600), BeforeValidator(_whole)]


class PlacePart(Part):
    """A place in a room; one for each heat emitter, assessed or not."""

    id: Name = Field(examples=["bed", "chair", "bedside", "door", "radiator-window"])
    emitter: EmitterKind | None = Field(
        default=None,
        title=phrase("emitter"),
        description=phrase("Set where the place gives off heat."),
    )
    assessed: Assessed | None = Field(
        default=None, description=phrase("Left out: unassessed, a gap.")
    )
    circuit: Name | None = Field(
        default=None,
        description=phrase(
            "The heating circuit that feeds the emitter: several hot together are the "
            "plant's fault."
        ),
        examples=["east"],
    )
    owner: Text | None = Field(
        default=None,
        description=phrase("Who answers for a portable heater, or what else is there a time."),
    )
    until: Day | None = Field(
        default=None,
        description=phrase("The last day of a portable heater; after it, it is a gap."),
    )


class RoomPart(Part):
    """A room, lounge, corridor or en-suite."""

    id: Name = Field(
        description=phrase("The number or name on the door."), examples=["12", "Lounge"]
    )
    zone: Name | None = Field(
        default=None,
        description=phrase(
            "The part of the home that it is in, as the rules file's who_is_told has it."
        ),
        examples=["ground floor"],
    )
    kind: RoomKind | None = Field(
        default=None,
        title=phrase("kind of room"),
        description=phrase("What it is for; left out: not said."),
    )
    places: Annotated[list[PlacePart], BeforeValidator(_none_is_empty)] = Field(
        default_factory=list
    )


class RequirementPart(Part):
    """This place needs this kind of equipment, watched in these hours."""

    place: Name = Field(description=phrase("A place in the resident's room."))
    needs: EquipmentKind = Field(title=phrase("kind of equipment"))
    hours: Annotated[str, AfterValidator(lambda text: str(Hours.parse(text)))] = Field(
        default=str(ALWAYS),
        description=phrase("Local to the home, may cross midnight; 00:00-24:00 is always."),
        examples=["21:00-07:00"],
        json_schema_extra={"pattern": r"^([01]\d|2[0-4]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d$"},
    )
    because: Text = Field(description=phrase("The assessment that asks for it, with its date."))
    review_by: Day = Field(description=phrase("The day by which somebody looks at it again."))
    dwell_s: Dwell | None = Field(
        default=None,
        description=phrase("Seconds off the mat before an alert; left out: as the rules have it."),
    )
    tell: Name | None = Field(
        default=None,
        description=phrase(
            "The policy in the rules file's who_is_told by which its alerts call; "
            "left out: the first that fits."
        ),
    )
    action: Text | None = Field(
        default=None,
        description=phrase("What to do when it is raised, in plain words, before the usual ones."),
        examples=["Two carers. She may be on the way to the bathroom."],
    )
    assessment: Name | None = Field(
        default=None,
        description=phrase("The id of the resident's assessment that it comes from."),
        examples=["falls"],
    )


class AssessmentPart(Part):
    """An assessment of a resident, with HSIS6's questions. What is left out is not taken back."""

    id: Name = Field(description=phrase("Its name, once a resident."), examples=["falls", "burns"])
    kind: AssessmentKind = Field(title=phrase("what was assessed"))
    by: Text = Field(description=phrase("Who assessed."))
    on: Day = Field(description=phrase("The day on which they did."))
    review_by: Day = Field(description=phrase("The day by which somebody looks at it again."))
    mobility: Text | None = Field(
        default=None, description=phrase("Can they move away by themselves, and how?")
    )
    heat_sensitivity: Text | None = Field(
        default=None, description=phrase("Would they feel the heat?")
    )
    capacity: Text | None = Field(
        default=None, description=phrase("Would they understand and call?")
    )
    furniture: Text | None = Field(
        default=None, description=phrase("Can furniture trap them at something hot?")
    )
    finding: Text | None = Field(default=None, description=phrase("What follows from it."))


class ConsentPart(Part):
    """On what ground a resident is watched. What is left out is not taken back."""

    basis: ConsentBasis = Field(title=phrase("basis"))
    by: Text = Field(description=phrase("Who decided: the resident, or who decided for them."))
    on: Day = Field(description=phrase("The day on which they did."))
    review_by: Day | None = Field(
        default=None, description=phrase("The day by which it is asked again.")
    )
    note: Text | None = None


class ResidentPart(Part):
    """A resident: the room, the name that a board may show, nothing more."""

    id: Name = Field(examples=["res-12"])
    shown_as: Text = Field(description=phrase("Initials or first name, as the board may show it."))
    room: Name = Field(description=phrase("The id of a room."))
    admitted: Day | None = Field(
        default=None, description=phrase("The day on which they came to live.")
    )
    consent: ConsentPart | None = Field(
        default=None,
        description=phrase("Left out: none is recorded, which is a gap once they are watched."),
    )
    assessments: Annotated[list[AssessmentPart], BeforeValidator(_none_is_empty)] = Field(
        default_factory=list
    )
    requirements: Annotated[list[RequirementPart], BeforeValidator(_none_is_empty)] = Field(
        default_factory=list
    )


class DevicePart(Part):
    """What speaks MQTT for an item."""

    dialect: Annotated[str, AfterValidator(_dialect)] = Field(examples=list(_KNOWN_DIALECTS))
    address: Annotated[str, BeforeValidator(_words), AfterValidator(claims.address)] = Field(
        description=phrase("Its address in the dialect, such as Zigbee2MQTT's friendly name."),
        json_schema_extra={"pattern": r"^[^+#]+$", "maxLength": claims.ADDRESS_MAX},
    )
    channel: Channel | None = Field(
        default=None,
        description=phrase("One input of a device that has several; the devices page names them."),
        examples=["Switch1", "input:0"],
    )
    reads: dict[TwoWay, TwoWay] = Field(
        default_factory=dict,
        description=phrase(
            "What it says to what the item hears: a contact wired to a mat is occupancy."
        ),
        examples=[{"contact": "occupancy"}],
    )
    inverted: StrictBool = Field(
        default=False,
        description=phrase("True where closed means nobody, or occupied means empty."),
    )
    supervision_s: Supervision | None = Field(
        default=None,
        description=phrase(
            "It must speak within so many seconds; left out: as its dialect usually does."
        ),
    )
    proof_s: Proof = Field(
        default=PROOF_S,
        description=phrase(
            "It must prove itself by a real change or a press test within so many seconds."
        ),
    )

    @property
    def device(self) -> DeviceId:
        whole = DeviceId(self.dialect, self.address)
        return whole if self.channel is None else whole.at_channel(self.channel)

    @field_validator("reads")
    @classmethod
    def _reads(cls, reads: dict[TwoWay, TwoWay]) -> dict[TwoWay, TwoWay]:
        ChannelMap(dict(reads.items()))  # refuses what cannot be
        return reads

    @property
    def channels(self) -> ChannelMap:
        return ChannelMap(dict(self.reads.items()), self.inverted)


class ConfirmedPart(Part):
    """Somebody stood at the item and says what they found."""

    by: Text = Field(description=phrase("Who stood there."))
    on: Day = Field(description=phrase("The day on which they did."))
    state: ItemState = Field(title=phrase("state"))


class TransmitterPart(Part):
    """What a pad is used with. The two need a test together."""

    make: Text | None = None
    model: Text | None = None
    serial: Text | None = None


class ModelPart(Part):
    """What a maker says of every item of one model. What is left out is not taken back."""

    make: Text
    model: Text
    kind: EquipmentKind | None = Field(default=None, title=phrase("kind of equipment"))
    service_life_days: ServiceLife | None = Field(
        default=None, description=phrase("For items that do not say their own.")
    )
    life_uses: Uses | None = Field(default=None, description=phrase("How often it may be used."))
    battery_life_days: ServiceLife | None = None
    rearm_s: Rearm | None = Field(
        default=None, description=phrase("Seconds for which it stays silent after an alarm.")
    )
    reorder_level: Reorder | None = Field(
        default=None, description=phrase("Fewer spare ones than that, and somebody orders.")
    )
    note: Text | None = None


class EquipmentPart(Part):
    """A physical item with an asset tag."""

    tag: Name = Field(description=phrase("As it stands on the label."), examples=["MAT-0012"])
    kind: EquipmentKind = Field(title=phrase("kind of equipment"))
    mount: Mount | None = Field(
        default=None,
        title=phrase("mount"),
        description=phrase("Where a temperature sensor sits; only for those."),
    )
    at: Annotated[str, BeforeValidator(_words), AfterValidator(_at)] | None = Field(
        default=None,
        description=phrase("ROOM/PLACE; left out: in the store cupboard."),
        examples=["12/bed"],
        json_schema_extra={"pattern": _PLACE_PATTERN},
    )
    device: DevicePart | None = None
    confirmed: ConfirmedPart | None = None
    sounds_for: SoundsFor | None = Field(
        default=None,
        title=phrase("sounds for"),
        description=phrase(
            "Whose alerts switch a sounder or light on: its room's, or the whole home's."
        ),
    )
    sounds_from: LeastPriority | None = Field(
        default=None,
        title=phrase("sounds from"),
        description=phrase("The least priority that does; left out: high."),
    )
    make: Text | None = None
    model: Text | None = None
    serial: Text | None = None
    in_service: Day | None = Field(
        default=None, description=phrase("The day on which its use began.")
    )
    service_life_days: ServiceLife | None = Field(
        default=None,
        description=phrase(
            "For how many days its maker says that it may be used; left out: no limit."
        ),
        examples=[90, 365],
    )
    meant_for: Name | None = Field(
        default=None,
        alias="for",
        description=phrase(
            "The id of the resident whose it is; left out: whoever's room it is in."
        ),
        examples=["res-12"],
    )
    status: Literal[ItemStatus.QUARANTINED, ItemStatus.IN_REPAIR] | None = Field(
        default=None,
        title=phrase("status"),
        description=phrase(
            "Set while it may not be used; then it stands at no place. Left out: as it is."
        ),
    )
    transmitter: TransmitterPart | None = Field(
        default=None, description=phrase("The transmitter that a pad is used with.")
    )
    owner: Text | None = Field(
        default=None,
        description=phrase("Who answers for what is here for a time, such as a heater."),
    )
    until: Day | None = Field(default=None, description=phrase("The last day of that time."))

    @property
    def place(self) -> PlaceId | None:
        return None if self.at is None else PlaceId(*self.at.split("/"))


class HomeFile(Part):
    """The whole register of one home."""

    home: HomePart
    rooms: Annotated[list[RoomPart], BeforeValidator(_none_is_empty)] = Field(
        default_factory=list, description=phrase("In the order in which the board shows them.")
    )
    residents: Annotated[list[ResidentPart], BeforeValidator(_none_is_empty)] = Field(
        default_factory=list
    )
    models: Annotated[list[ModelPart], BeforeValidator(_none_is_empty)] = Field(
        default_factory=list
    )
    equipment: Annotated[list[EquipmentPart], BeforeValidator(_none_is_empty)] = Field(
        default_factory=list
    )
