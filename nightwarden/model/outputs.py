"""A sounder or light that calls people."""

from dataclasses import dataclass

from nightwarden.model.alerts import Priority
from nightwarden.model.places import EquipmentKind, PlaceId, SoundsFor
from nightwarden.model.readings import DeviceId

TAKE_ORDERS = frozenset({"nightwarden", "zigbee2mqtt", "tasmota", "shelly", "esphome"})
"""Dialects that can switch something; those of ``gateway/dialects`` with an ``order``."""


@dataclass(frozen=True, slots=True)
class Output:
    """Where it stands, whose alerts switch it on, and from which priority."""

    device: DeviceId
    kind: EquipmentKind
    place: PlaceId
    sounds_for: SoundsFor
    sounds_from: Priority
