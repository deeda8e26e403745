"""What a device said: one measured quantity of one device at one time."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Quantity(StrEnum):
    """What was measured. ``value`` of a reading has the type named here."""

    OCCUPANCY = "occupancy"  # bool: True is somebody on the mat
    TEMPERATURE = "temperature"  # float, degrees Celsius
    CONTACT = "contact"  # bool: True is closed
    ACTION = "action"  # str: press, cancel, help
    BATTERY = "battery"  # float, per cent, 0 to 100
    LINK = "link"  # bool: True is online
    PROOF = "proof"  # str: the loop test's own token, never a device's


class DeviceId(NamedTuple):
    """Who spoke: a dialect and an address in it. Compares and hashes by value."""

    dialect: str
    address: str

    def __str__(self) -> str:
        return f"{self.dialect}:{self.address}"

    @property
    def is_hub(self) -> bool:
        """Whether other devices of the dialect are heard only through this one."""
        return self in HUBS


HUBS = frozenset({DeviceId("zigbee2mqtt", "bridge")})
"""When a hub is off, what its devices last said about themselves is no longer true."""


class Reading(NamedTuple):
    """One value, with both its times (aware, UTC).

    ``measured_at`` is the device's claim where it makes a believable one, else ``received_at``;
    ``received_at`` is ours and rules every timer of liveness.

    ``fresh`` is False for what the broker or a bridge keeps and repeats (a retained message, a
    replayed cache): it tells the present state but proves nobody alive.
    ``timed`` is True when ``measured_at`` came from the device.
    """

    device: DeviceId
    quantity: Quantity
    value: bool | float | str
    measured_at: datetime
    received_at: datetime
    fresh: bool = True
    timed: bool = False
    seq: int | None = None
