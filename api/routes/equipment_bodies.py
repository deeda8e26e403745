"""What is sent to the routes of the register's equipment."""

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, Field, field_validator

from api.routes.bodies import Body, Number, Text
from nightwarden.binding import PROOF_S, SUPERVISION_S
from nightwarden.model.alerts import Priority
from nightwarden.model.places import EquipmentKind, ItemState, Mount, SoundsFor
from nightwarden.store.descriptions import LONGEST_LIFE
from nightwarden.store.fault_evidence import How
from nightwarden.store.removals import Why

__all__ = [
    "Body",
    "ConfirmationBody",
    "Description",
    "DeviceBody",
    "EquipmentChange",
    "FaultBody",
    "MendBody",
    "NewEquipment",
    "Number",
    "PermitBody",
    "Text",
]


class DeviceBody(Body):
    """What speaks for the item; its intervals in seconds are the dialect's unless given."""

    dialect: Text
    address: Text
    channel: Text | None = None
    reads: Annotated[dict[Text, Text], Field(max_length=2)] = Field(default_factory=dict)
    inverted: bool = False
    supervision_s: Annotated[int, Field(ge=SUPERVISION_S[0], le=SUPERVISION_S[1])] | None = None
    proof_s: Annotated[int, Field(ge=PROOF_S[0], le=PROOF_S[1])] | None = None


class Description(Body):
    """What may be said of an item."""

    kind: EquipmentKind | None = None
    mount: Mount | None = None
    make: Text | None = None
    model: Text | None = None
    serial: Text | None = None
    in_service_on: date | None = None
    service_life_days: Annotated[int, Field(ge=1, le=LONGEST_LIFE)] | None = None
    meant_for: Annotated[Text | None, Field(description="the id of the resident")] = None
    sounds_for: Annotated[SoundsFor | None, Field(description="of a sounder or light")] = None
    sounds_from: Annotated[Priority | None, Field(description="null is high")] = None
    owner: Annotated[Text | None, Field(description="who answers for what is here for a time")] = (
        None
    )
    use_until: Annotated[date | None, Field(description="the last day of that time")] = None
    at: Annotated[Text | None, Field(description="ROOM/PLACE; null is the store cupboard")] = None
    device: DeviceBody | None = None


class NewEquipment(Description):
    """An item to register."""

    tag: Text
    kind: EquipmentKind


class EquipmentChange(Description):
    """What is to change; a field that is not sent stays as it is, one sent as null is emptied."""

    version: Number | None = None

    @field_validator("kind")
    @classmethod
    def _has_a_kind(cls, kind: EquipmentKind | None) -> EquipmentKind:
        if kind is None:
            raise ValueError("an item always has a kind")
        return kind


class ConfirmationBody(Body):
    """What was found at the item. `by` is who stood there, `on` the day: you and today, if not."""

    state: ItemState
    by: Text | None = None
    on: date | None = None
    note: Text | None = None


class FaultBody(Body):
    """What is wrong, and what is done meanwhile."""

    what: Text
    interim: Text | None = None


class MendBody(Body):
    """What shows that it works: nothing named is the best there is since the report."""

    how: How | None = None
    note: Text | None = None


class PermitBody(Body):
    """The control is off until then, and this is who made the room safe."""

    reason: Text
    made_safe_by: Text
    until: AwareDatetime


class ExtensionBody(Body):
    """Until when it is off, and why for longer."""

    until: AwareDatetime
    reason: Text


class WhyBody(Body):
    """Why a control goes, what is there instead, and when that is looked at again."""

    reason: Text
    replacement: Text
    review_by: date

    @property
    def given(self) -> Why:
        """As the store takes it."""
        return Why(self.reason, self.replacement, self.review_by)
