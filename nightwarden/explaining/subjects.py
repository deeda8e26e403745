"""Whose word an alert was raised on: the requirement, and the items whose devices fed its rule."""

from dataclasses import dataclass

from nightwarden.model.alerts import AlertKind, Cause
from nightwarden.model.places import MATS, EquipmentKind
from nightwarden.model.plan import PlacedItem, Plan, PlannedRequirement
from nightwarden.model.readings import DeviceId

_WATCHES = {
    AlertKind.BED_EXIT: EquipmentKind.BED_MAT,
    AlertKind.NOT_BACK_IN_BED: EquipmentKind.BED_MAT,
    AlertKind.OUT_OF_BED_OFTEN: EquipmentKind.BED_MAT,
    AlertKind.CHAIR_EXIT: EquipmentKind.CHAIR_MAT,
    AlertKind.FLOOR_MAT: EquipmentKind.FLOOR_MAT,
}
_COVERS = frozenset({EquipmentKind.RADIATOR_COVER, EquipmentKind.COVER_SWITCH})


@dataclass(frozen=True, slots=True)
class Subject:
    """What an alert is about. ``devices`` are those of the items, with the tag of each."""

    requirement: PlannedRequirement | None
    items: list[PlacedItem]
    devices: dict[DeviceId, str | None]


def subject_of(cause: Cause, plan: Plan) -> Subject:
    """What a cause is about, by the plan of its time."""
    items = _items(cause, plan)
    needs = {item.kind.value for item in items} | {cause.subject}
    if cause.kind in _WATCHES:
        needs = {_WATCHES[cause.kind].value}
    here = [r for r in plan.requirements if r.place == cause.place]
    asked = next((r for r in here if r.needs.value in needs), None)
    devices: dict[DeviceId, str | None] = {item.device: item.tag for item in items if item.device}
    if cause.kind is AlertKind.HUB_DOWN:
        dialect, _, address = cause.subject.partition(":")
        devices.setdefault(DeviceId(dialect, address), None)
    return Subject(asked, items, devices)


def _items(cause: Cause, plan: Plan) -> list[PlacedItem]:
    here = [item for item in plan.items if item.place == cause.place]
    if cause.kind in _WATCHES:
        return [item for item in here if item.kind is _WATCHES[cause.kind]]
    if cause.kind is AlertKind.MISSED_FLOOR_MAT:
        room = cause.place.room
        return [item for item in plan.items if item.place.room == room and item.kind in MATS]
    subject = f"{cause.subject} "  # "MAT-12", or "MAT-12 nearly empty"
    named = [item for item in plan.items if subject.startswith(f"{item.tag} ")]
    if cause.kind is AlertKind.HOT_SURFACE:
        return [*named, *(item for item in here if item.kind in _COVERS)]
    if cause.kind is AlertKind.CIRCUIT_HOT:
        return []
    return named or [item for item in here if item.kind.value == cause.subject]
