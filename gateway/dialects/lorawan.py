"""What LoRaWAN sensors say, once the network server has decoded it: one table for all servers.

The decoder is the maker's, so each maker has words of its own for the same thing. The policy:

1. A name is looked up without regard to its case. What is not in the table is ignored.
2. A device has one thermometer. Those that it has besides, such as the probe on a cable, are
   channels by their own names. Which of them touches the radiator is the register's to know, and
   the two must not take turns.
3. ``null``, ``"NULL"`` and ``""`` are "not reported"; numbers may come as texts, with their unit.
4. ``battery`` is per cent with most makers and volts with some: a fraction below 5 is volts, and
   volts say nothing here, since what is empty depends on the cell.
5. A message that was understood, with nothing in it for us, tells that the device has spoken.

Names: https://github.com/TheThingsNetwork/lorawan-devices (decoders of all makers),
https://github.com/Milesight-IoT/SensorDecoders, https://wiki.dragino.com,
https://www.elsys.se/en/elsys-payload, https://docs.mclimate.eu.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from gateway.dialects import fields, loose
from gateway.dialects.base import Heard, Problem
from gateway.dialects.claimed_time import Stamp, instant, receipt, stamp_of
from gateway.dialects.doubt import Doubt, shown
from gateway.messages import RawMessage
from nightwarden.model.readings import DeviceId, Quantity, Reading


class Timing(NamedTuple):
    """The stamp of an uplink, and the problem of its time, if any."""

    stamp: Stamp
    problems: tuple[Problem, ...] = ()


MAX_SEQ = 2**32 - 1
"""A frame counter has 32 bits."""

_NOT_REPORTED = ("", "NULL", "null", "N/A")
_DRAGINO_LOW = (0, 1, "ultra low", "low")
_DRAGINO_WELL = (2, 3, "ok", "good")


def _battery_status(value: object) -> float | None:
    """Dragino's own judgement of its cell: 0 "ultra low" (up to 2.50 V), 1 "low" (up to 2.55 V).

    2 "OK" and 3 "good" are no per cent: these cells keep their voltage until shortly before the
    end. https://wiki.dragino.com, LHT65N, BAT.
    """
    word = value.strip().lower() if isinstance(value, str) else value
    word = int(word) if isinstance(word, str) and word in {"0", "1", "2", "3"} else word
    if type(word) in (int, str) and word in _DRAGINO_LOW:
        return fields.LOW_BATTERY_PERCENT
    if type(word) in (int, str) and word in _DRAGINO_WELL:
        return None
    raise Doubt(f"is {shown(value)}; 0 to 3 is due.")


_T, _C, _O = Quantity.TEMPERATURE, Quantity.CONTACT, Quantity.OCCUPANCY
_B, _A = Quantity.BATTERY, Quantity.ACTION

FIELDS: fields.Fields = {
    "temperature": (_T, loose.temperature),  # Milesight, Elsys, Decentlab, Browan, SenseCAP
    "temp": (_T, loose.temperature),
    "tempc_sht": (_T, loose.temperature),  # Dragino LHT65, LHT52: inside the case
    "tempc1": (_T, loose.temperature),  # Dragino LSN50 and D20: the first probe
    "temperature_c": (_T, loose.temperature),
    "sensortemperature": (_T, loose.temperature),  # MClimate
    "temperature_f": (_T, loose.fahrenheit),
    "temp_f": (_T, loose.fahrenheit),
    "contact": (_C, loose.closed),
    "magnet_status": (_C, loose.opened),  # Milesight EM300-MCS, WS301: 0 close, 1 open
    "door_open_status": (_C, loose.opened),  # Dragino LDS02, LDS03A
    "door_open": (_C, loose.opened),
    "dooropen": (_C, loose.opened),  # MerryIoT DW10
    "door": (_C, loose.open_or_closed),
    "state": (_C, loose.open_or_closed),  # Milesight WS301 before 2023
    "occupancy": (_O, loose.occupancy),  # Milesight VS340, VS341; Elsys
    "occupied": (_O, loose.occupancy),
    "presence": (_O, loose.occupancy),
    "press": (_A, loose.press),  # Milesight WS101
    "pressevent": (_A, loose.press),  # MClimate button
    "button_event": (_A, loose.press),
    "sos": (_A, loose.help_wanted),
    "battery": (_B, loose.percent_or_volts),  # per cent: Milesight
    "battery_level": (_B, loose.percent),
    "batterylevel": (_B, loose.percent),
    "battery_percent": (_B, loose.percent),
    "battery_percentage": (_B, loose.percent),
    "bat_status": (_B, _battery_status),  # Dragino LHT65, LHT52
}

FURTHER_PROBES = frozenset(
    {
        "tempc_ds",  # Dragino LHT65, LHT52: the probe on the cable
        "tempc_ds18b20",
        "temp_ds18b20",
        "tempc2",
        "tempc3",
        "externaltemperature",  # Elsys
        "externaltemperature2",
        "external_temperature",
        "ext_temperature",
    }
)
_NUMBER = re.compile(r"\d{1,3}", re.ASCII)
_CAYENNE = re.compile(
    r"temperature_\d{1,3}", re.ASCII
)  # Cayenne LPP as The Things Stack decodes it
_CAYENNE_PRESENCE = re.compile(r"presence_\d{1,3}", re.ASCII)


def read_object(device: DeviceId, decoded: dict[str, object], stamp: Stamp) -> Heard:
    """The readings in a decoded object; a LINK that is on where it has none for us."""
    readings: list[Reading] = []
    problems: list[Problem] = []
    for source, name, value, (quantity, judge) in _known(device, decoded):
        try:
            believed = judge(value)
        except Doubt as doubt:
            problems.append(Problem(source, f"{name} {doubt}"))
            continue
        if believed is not None:
            readings.append(Reading(source, quantity, believed, *stamp))
    if not readings and not problems:
        readings.append(spoke(device, stamp))
    return Heard(tuple(readings), tuple(problems))


def spoke(device: DeviceId, stamp: Stamp) -> Reading:
    """The device is there; no more is known from this message."""
    return Reading(device, Quantity.LINK, True, *stamp)


def timing(device: DeviceId, claim: object, counter: object, message: RawMessage) -> Timing:
    """Times, freshness and number of all readings in an uplink, and what is wrong with its time.

    Args:
        device: whose uplink it is.
        claim: when the server says that it was received; None where it does not.
        counter: the frame counter, if it is one.
        message: the uplink.
    """
    seq = counter if type(counter) is int and 0 <= counter <= MAX_SEQ else None
    if claim is None:
        return Timing(receipt(message)._replace(seq=seq))
    try:
        return Timing(stamp_of(instant(claim), message)._replace(seq=seq))
    except Doubt as doubt:
        problem = Problem(device, f"The time of the uplink {doubt}")
        return Timing(receipt(message)._replace(seq=seq), (problem,))


Entry = tuple[Quantity, fields.Judge]


def _known(
    device: DeviceId, decoded: dict[str, object]
) -> Iterator[tuple[DeviceId, str, object, Entry]]:
    """Whose, name, value and meaning of all that is known in a decoded object."""
    for name, given in decoded.items():
        if name == "temperatureSensor" and isinstance(given, dict):  # Cayenne LPP in ChirpStack
            for number, value in given.items():
                if _NUMBER.fullmatch(number):
                    channel = device.at_channel(f"temperature_{number}")
                    yield channel, name, value, (_T, loose.temperature)
            continue
        value, judged_as = _unwrapped(name.lower(), given)
        if value is None or value in _NOT_REPORTED:
            continue
        if judged_as in FIELDS:
            yield device, name, value, FIELDS[judged_as]
        elif judged_as in FURTHER_PROBES or _CAYENNE.fullmatch(judged_as):
            yield device.at_channel(name), name, value, (_T, loose.temperature)
        elif _CAYENNE_PRESENCE.fullmatch(judged_as):
            yield device.at_channel(name), name, value, (_O, loose.occupancy)


def _unwrapped(name: str, given: object) -> tuple[object, str]:
    """Some makers wrap each value: ``{"value": 21.5, "unit": "°C"}``. The unit is believed."""
    if not isinstance(given, dict) or "value" not in given:
        return given, name
    unit = given.get("unit")
    if name == "temperature" and isinstance(unit, str) and unit.strip() in ("°F", "F"):
        return given["value"], "temperature_f"
    return given["value"], name
