"""Devices with several endpoints behind Zigbee2MQTT: ``contact_l2`` is the contact of ``l2``.

An endpoint is a channel of its device. Its name follows the property's, after an underscore; only
the names that Zigbee2MQTT gives to endpoints count, since other properties look alike
(``temperature_calibration``, ``occupancy_timeout``).
"""

import re
from collections.abc import Iterable, Iterator

from gateway.dialects.fields import Fields
from nightwarden.model.readings import DeviceId

_OF_AN_ENDPOINT = re.compile(
    r"(occupancy|pressure|contact|temperature)_"
    r"(l\d{1,2}|ep\d{1,2}|s\d|[1-9]|left|right|center|top|bottom|main)"
)


def split_name(name: str) -> tuple[str, str] | None:
    """Property and endpoint in ``contact_l2``; None where there is no endpoint in it."""
    found = _OF_AN_ENDPOINT.fullmatch(name)
    return None if found is None else (found[1], found[2])


def by_endpoint(
    device: DeviceId, said: Iterable[tuple[str, object]], fields: Fields
) -> Iterator[tuple[DeviceId, tuple[str, object]]]:
    """Each property that an endpoint of ``device`` said, and whose it is."""
    for name, value in said:
        if name not in fields and (found := split_name(name)) is not None:
            yield device.at_channel(found[1]), (found[0], value)
