"""How a sounder or light is told, in the language of its device.

A dialect whose devices can be switched has ``order`` beside ``read``. It says what one order looks
like, no more: what is to be on, and when it is said again, is decided elsewhere (``outputs.py``).

Where a language has a duration, "on" holds for :data:`HOLDS_S` and is said again long before: if
the monitor dies, its sounders fall silent by themselves. Where it has none (Tasmota, ESPHome,
Shelly's first generation, a Zigbee plug) what is on stays on until somebody switches it off.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from gateway.dialects.base import Dialect
from nightwarden.model.places import EquipmentKind
from nightwarden.model.readings import DeviceId

HOLDS_S = 180
"""Seconds. Six times the repeat: a restart of broker or gateway cuts no alarm short."""


@dataclass(frozen=True, slots=True)
class Order:
    """One message that switches a device."""

    topic: str
    payload: bytes
    retain: bool = False


@runtime_checkable
class TakesOrders(Protocol):
    """A dialect whose devices can be switched."""

    def order(self, device: DeviceId, kind: EquipmentKind, *, on: bool) -> Order:
        """The message that switches this device; its channel says which output. Pure."""
        ...


def order_to(
    dialects: Iterable[Dialect], device: DeviceId, kind: EquipmentKind, *, on: bool
) -> Order | None:
    """The order in the language of the device; None where its dialect takes none."""
    for dialect in dialects:
        if dialect.name == device.dialect and isinstance(dialect, TakesOrders):
            return dialect.order(device, kind, on=on)
    return None
