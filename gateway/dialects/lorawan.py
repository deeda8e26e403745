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

from gateway.dialects import fields
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
_WITH_UNIT = re.compile(r"([+-]?\d{1,9}(?:\.\d{1,9})?)\s*(°?[CF]|%)?", re.ASCII)
_HIGHEST_CELL_V = 5.0
_OPEN_OR_CLOSED = {"open": False, "opened": False, "close": True, "closed": True}
_OCCUPIED_OR_NOT = {"occupied": True, "vacant": False, "unoccupied": False}
_NOT_PRESSED = frozenset({"0", "false", "no", "none", "idle", "normal", "released", "unknown"})
_YES_OR_NO = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def _temperature(value: object) -> float:
    if isinstance(value, str) and (parts := _WITH_UNIT.fullmatch(value)):
        return fields.celsius(float(parts[1]), "F" if "F" in (parts[2] or "") else "C")
    return fields.temperature(value)


def _fahrenheit(value: object) -> float:
    return fields.celsius(value, "F")


def _percent(value: object) -> float:
    if isinstance(value, str) and (parts := _WITH_UNIT.fullmatch(value)):
        value = float(parts[1])
    return fields.battery(value)


def _battery(value: object) -> float | None:
    """Per cent; volts, ``3.6`` or ``"3.36 V"``, are nothing for us."""
    if isinstance(value, str) and value.rstrip().endswith(("V", "v")):
        return None
    percent = _percent(value)
    return None if percent < _HIGHEST_CELL_V and percent % 1 else percent


def _flag(value: object, words: dict[str, bool]) -> bool | None:
    """True and false in their many spellings; None when it is none of them."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    if isinstance(value, str):
        word = value.strip().lower()
        return words.get(word, _YES_OR_NO.get(word))
    return None


def _occupancy(value: object) -> bool:
    """Elsys counts 0 empty, 1 pending, 2 occupied: who is just entering or leaving is not gone."""
    occupied = True if value == 2 else _flag(value, _OCCUPIED_OR_NOT)
    if occupied is None:
        raise Doubt(f"is {shown(value)}; occupied or vacant is due.")
    return occupied


def _is_open(value: object) -> bool:
    """Names that say "open" count up when opened; closed is what contact means by true."""
    is_closed = _OPEN_OR_CLOSED.get(value.strip().lower()) if isinstance(value, str) else None
    if is_closed is not None:
        return is_closed
    is_open = _flag(value, {})
    if is_open is None:
        raise Doubt(f"is {shown(value)}; open or closed is due.")
    return not is_open


def _is_closed(value: object) -> bool:
    is_closed = _flag(value, _OPEN_OR_CLOSED)
    if is_closed is None:
        raise Doubt(f"is {shown(value)}; closed or open is due.")
    return is_closed


def _open_or_closed(value: object) -> bool | None:
    """The name may be anything's, such as ``state``: only the word tells that it is a door's."""
    return _OPEN_OR_CLOSED.get(value.strip().lower()) if isinstance(value, str) else None


def _press(value: object) -> str | None:
    """How it was pressed does not matter: whoever presses wants somebody to come."""
    if isinstance(value, str):
        return None if value.strip().lower() in _NOT_PRESSED else "press"
    return "press" if isinstance(value, int | float) and value > 0 else None  # MClimate counts


def _help(value: object) -> str | None:
    return "help" if _flag(value, {}) else None


_T, _C, _O = Quantity.TEMPERATURE, Quantity.CONTACT, Quantity.OCCUPANCY
_B, _A = Quantity.BATTERY, Quantity.ACTION

FIELDS: fields.Fields = {
    "temperature": (_T, _temperature),  # Milesight, Elsys, Decentlab, Browan, SenseCAP
    "temp": (_T, _temperature),
    "tempc_sht": (_T, _temperature),  # Dragino LHT65, LHT52: inside the case
    "tempc1": (_T, _temperature),  # Dragino LSN50 and D20: the first probe
    "temperature_c": (_T, _temperature),
    "sensortemperature": (_T, _temperature),  # MClimate
    "temperature_f": (_T, _fahrenheit),
    "temp_f": (_T, _fahrenheit),
    "contact": (_C, _is_closed),
    "magnet_status": (_C, _is_open),  # Milesight EM300-MCS, WS301: 0 close, 1 open
    "door_open_status": (_C, _is_open),  # Dragino LDS02, LDS03A
    "door_open": (_C, _is_open),
    "dooropen": (_C, _is_open),  # MerryIoT DW10
    "door": (_C, _open_or_closed),
    "state": (_C, _open_or_closed),  # Milesight WS301 before 2023
    "occupancy": (_O, _occupancy),  # Milesight VS340, VS341; Elsys
    "occupied": (_O, _occupancy),
    "presence": (_O, _occupancy),
    "press": (_A, _press),  # Milesight WS101
    "pressevent": (_A, _press),  # MClimate button
    "button_event": (_A, _press),
    "sos": (_A, _help),
    "battery": (_B, _battery),  # per cent: Milesight
    "battery_level": (_B, _percent),
    "batterylevel": (_B, _percent),
    "battery_percent": (_B, _percent),
    "battery_percentage": (_B, _percent),
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
                    yield channel, name, value, (_T, _temperature)
            continue
        value, judged_as = _unwrapped(name.lower(), given)
        if value is None or value in _NOT_REPORTED:
            continue
        if judged_as in FIELDS:
            yield device, name, value, FIELDS[judged_as]
        elif judged_as in FURTHER_PROBES or _CAYENNE.fullmatch(judged_as):
            yield device.at_channel(name), name, value, (_T, _temperature)
        elif _CAYENNE_PRESENCE.fullmatch(judged_as):
            yield device.at_channel(name), name, value, (_O, _occupancy)


def _unwrapped(name: str, given: object) -> tuple[object, str]:
    """Some makers wrap each value: ``{"value": 21.5, "unit": "°C"}``. The unit is believed."""
    if not isinstance(given, dict) or "value" not in given:
        return given, name
    unit = given.get("unit")
    if name == "temperature" and isinstance(unit, str) and unit.strip() in ("°F", "F"):
        return given["value"], "temperature_f"
    return given["value"], name
