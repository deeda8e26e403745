"""What a field must say to be believed, the same in every dialect.

A judge takes a value as the JSON had it and gives it in its quantity's type
(``nightwarden.model.readings``), or None where the value is fine and nothing for us. What it
cannot believe it raises as a :class:`Doubt`. One doubtful field never costs the others: a mat
whose thermometer is broken still tells that somebody got up.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from gateway.dialects.base import Problem
from gateway.dialects.claimed_time import Stamp
from gateway.dialects.doubt import Doubt, shown
from nightwarden.model.readings import DeviceId, Quantity, Reading

Judge = Callable[[object], bool | float | str | None]
Fields = Mapping[str, tuple[Quantity, Judge]]

COLDEST_C, HOTTEST_C = -10.0, 110.0
"""Plausible °C, both included: failure-modes.md, "Numbers a rules engine starts from"."""

UNPLUGGED_C = -127
"""What the DS18B20's usual driver gives when no sensor answers."""

ACTIONS = frozenset({"press", "cancel", "help"})

LOW_BATTERY_PERCENT = 5.0
"""What a bare "battery low" counts as. The flag wins: a device may say 100 % and low at once."""

_NUMERIC_TEXT = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?", re.ASCII)


def judge_fields(
    device: DeviceId, body: Iterable[tuple[str, object]], fields: Fields, stamp: Stamp
) -> tuple[list[Reading], list[Problem]]:
    """A reading for each known field that is believed, a problem for each that is not."""
    readings: list[Reading] = []
    problems: list[Problem] = []
    measured_at, received_at, fresh, timed, seq = stamp
    for name, value in body:
        known = fields.get(name)
        if known is None:
            continue
        quantity, judge = known
        try:
            believed = judge(value)
        except Doubt as doubt:
            problems.append(Problem(device, f"{name} {doubt}"))
            continue
        if believed is not None:
            readings.append(
                Reading(device, quantity, believed, measured_at, received_at, fresh, timed, seq)
            )
    return readings, problems


def occupancy(value: object) -> bool:
    """True is somebody on the mat."""
    if isinstance(value, bool):
        return value
    raise Doubt(f"is {shown(value)}; true (somebody is on the mat) or false is due.")


def contact(value: object) -> bool:
    """True is closed."""
    if isinstance(value, bool):
        return value
    raise Doubt(f"is {shown(value)}; true (closed) or false (open) is due.")


def temperature(value: object) -> float:
    """°C from -10 to 110.

    A DS18B20's power-on value, 85.0, passes: a radiator may be as hot, and only the jump to it,
    which the rules see, gives it away.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Doubt(f"is {shown(value)}; a number of °C from -10 to 110 is due.")
    if COLDEST_C <= value <= HOTTEST_C:
        return float(value)
    if value == UNPLUGGED_C:
        raise Doubt("is -127 °C, a DS18B20 unplugged: look at the sensor's lead.")
    raise Doubt(f"is {shown(value)} °C; -10 to 110 °C is due: the sensor is faulty or misread.")


def celsius(value: object, unit: str = "C") -> float:
    """°C from a number or its text in °C, °F or K, whose unit is said beside it (C, °C, F, °F, K).

    Only "C" and its kin are believed without a conversion: 109.8 of an unknown unit may be a warm
    radiator in °F, and would be a scald in °C.
    """
    said = number(value)
    scale = unit.strip().lstrip("°º").strip().upper()
    if scale not in ("C", "F", "K"):
        raise Doubt(f"is in {shown(unit)}; °C, °F or K is due.")
    if scale == "C" or isinstance(said, bool) or not isinstance(said, int | float):
        return temperature(said)
    converted = (said - 32) / 1.8 if scale == "F" else said - 273.15
    return temperature(round(converted, 2))


def number(value: object) -> object:
    """Some firmware sends numbers as texts; anything else is given back as it is."""
    if isinstance(value, str) and _NUMERIC_TEXT.fullmatch(value):
        return float(value)
    return value


def battery(value: object) -> float:
    """Per cent from 0 to 100."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise Doubt(f"is {shown(value)}; a number of per cent from 0 to 100 is due.")
    return float(value)


def action(value: object) -> str:
    """What was done to a button."""
    if isinstance(value, str) and value in ACTIONS:
        return value
    raise Doubt(f'is {shown(value)}; "press", "cancel" or "help" is due.')
