"""What a device said: one measured quantity of one device at one time."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from nightwarden.model.phrases import vocabulary


@vocabulary
class Quantity(StrEnum):
    """What was measured. ``value`` of a reading has the type named here."""

    OCCUPANCY = "occupancy"  # bool: True is somebody on the mat
    TEMPERATURE = "temperature"  # float, degrees Celsius
    CONTACT = "contact"  # bool: True is closed
    ACTION = "action"  # str: press, cancel, help
    BATTERY = "battery"  # float, per cent, 0 to 100
    LINK = "link"  # bool: True is online
    PROOF = "proof"  # str: the loop test's own token, never a device's


CHANNEL_SIGN = "#"
"""Parts a device's address from its channel; no MQTT topic, and so no address, can carry it."""


class DeviceId(NamedTuple):
    """Who spoke: a dialect and an address in it. Compares and hashes by value.

    An input of a device that has several is a channel, written ``ADDRESS#CHANNEL``: it is bound,
    timed, recorded and proved as a device of its own.
    """

    dialect: str
    address: str

    def __str__(self) -> str:
        return f"{self.dialect}:{self.address}"

    def at_channel(self, channel: str) -> "DeviceId":
        """One input of this device: ``DeviceId("tasmota", "hall").at_channel("Switch2")``."""
        return DeviceId(self.dialect, f"{self.address}{CHANNEL_SIGN}{channel}")

    @property
    def channel(self) -> str | None:
        """Which input of the device this is; None is the device as a whole."""
        _, sign, channel = self.address.partition(CHANNEL_SIGN)
        return channel if sign else None

    @property
    def whole(self) -> "DeviceId":
        """The device that this is an input of; itself where it is none."""
        address, sign, _ = self.address.partition(CHANNEL_SIGN)
        return DeviceId(self.dialect, address) if sign else self

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


class Repeat(NamedTuple):
    """What is kept of the newest reading that said what its device had said before."""

    device: DeviceId
    quantity: str
    measured_at: datetime
    received_at: datetime
    seq: int | None
