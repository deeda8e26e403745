"""Values as makers write them where nobody told them how: one judge for each way of meaning it.

``fields.py`` is strict, for languages that fix their types. These are for languages whose values
are named and typed by whoever wrote the decoder, the node or the firmware: true, 1, "1", "open".
"""

import re

from gateway.dialects import fields
from gateway.dialects.doubt import Doubt, shown
from nightwarden.model.readings import Quantity

_WITH_UNIT = re.compile(r"([+-]?\d{1,9}(?:\.\d{1,9})?)\s*(°?[CF]|%)?", re.ASCII)
_HIGHEST_CELL_V = 5.0
_OPEN_OR_CLOSED = {"open": False, "opened": False, "close": True, "closed": True}
_OCCUPIED_OR_NOT = {"occupied": True, "vacant": False, "unoccupied": False}
_NOT_PRESSED = frozenset({"0", "false", "no", "none", "idle", "normal", "released", "unknown"})
_YES_OR_NO = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def temperature(value: object) -> float:
    """°C from -10 to 110; a text may have its unit with it."""
    if isinstance(value, str) and (parts := _WITH_UNIT.fullmatch(value)):
        return fields.celsius(float(parts[1]), "F" if "F" in (parts[2] or "") else "C")
    return fields.temperature(value)


def fahrenheit(value: object) -> float:
    """A number of °F, as °C."""
    return fields.celsius(value, "F")


def percent(value: object) -> float:
    """Per cent from 0 to 100; a text may have its sign with it."""
    if isinstance(value, str) and (parts := _WITH_UNIT.fullmatch(value)):
        value = float(parts[1])
    return fields.battery(value)


def percent_or_volts(value: object) -> float | None:
    """Per cent; volts, ``3.6`` or ``"3.36 V"``, are nothing for us."""
    if isinstance(value, str) and value.rstrip().endswith(("V", "v")):
        return None
    level = percent(value)
    return None if level < _HIGHEST_CELL_V and level % 1 else level


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


def occupancy(value: object) -> bool:
    """Elsys counts 0 empty, 1 pending, 2 occupied: who is just entering or leaving is not gone."""
    occupied = True if value == 2 else _flag(value, _OCCUPIED_OR_NOT)
    if occupied is None:
        raise Doubt(f"is {shown(value)}; occupied or vacant is due.")
    return occupied


def opened(value: object) -> bool:
    """Names that say "open": true and 1 are open, which is no contact."""
    is_closed = _OPEN_OR_CLOSED.get(value.strip().lower()) if isinstance(value, str) else None
    if is_closed is not None:
        return is_closed
    is_open = _flag(value, {})
    if is_open is None:
        raise Doubt(f"is {shown(value)}; open or closed is due.")
    return not is_open


def closed(value: object) -> bool:
    """Names that say "closed" or "contact": true and 1 are closed."""
    is_closed = _flag(value, _OPEN_OR_CLOSED)
    if is_closed is None:
        raise Doubt(f"is {shown(value)}; closed or open is due.")
    return is_closed


def open_or_closed(value: object) -> bool | None:
    """The name may be anything's, such as ``state``: only the word tells that it is a door's."""
    return _OPEN_OR_CLOSED.get(value.strip().lower()) if isinstance(value, str) else None


def press(value: object) -> str | None:
    """How it was pressed does not matter: whoever presses wants somebody to come."""
    if isinstance(value, str):
        return None if value.strip().lower() in _NOT_PRESSED else "press"
    return "press" if isinstance(value, int | float) and value > 0 else None  # MClimate counts


def help_wanted(value: object) -> str | None:
    """A call for help, as long as it is on."""
    return "help" if _flag(value, {}) else None


PLAIN_WORDS: fields.Fields = {
    "occupancy": (Quantity.OCCUPANCY, occupancy),
    "occupied": (Quantity.OCCUPANCY, occupancy),
    "presence": (Quantity.OCCUPANCY, occupancy),
    "contact": (Quantity.CONTACT, closed),
    "closed": (Quantity.CONTACT, closed),
    "open": (Quantity.CONTACT, opened),
    "door": (Quantity.CONTACT, open_or_closed),
    "temperature": (Quantity.TEMPERATURE, temperature),
    "battery": (Quantity.BATTERY, percent),
    "button": (Quantity.ACTION, press),
    "press": (Quantity.ACTION, press),
    "help": (Quantity.ACTION, help_wanted),
}
"""What a name means where whoever wrote the node could choose it: Sparkplug, Homie."""
