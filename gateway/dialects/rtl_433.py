"""rtl_433, ``rtl_433/HOST/…``: what cheap radio sensors say on 433, 868 and 345 MHz.

The address is ``MODEL/CHANNEL/ID`` with the parts that the sensor has, as in rtl_433's own topics:
``[/type][/model][/subtype][/channel][/id]``, signs other than letters, digits, ``-`` and ``.``
written ``_``. HOST is left out, so that two receivers that hear one sensor are one device. Policy:

1. ``HOST/events`` is a message as one JSON object, ``HOST/devices/ADDRESS/FIELD`` the same field by
   field. rtl_433 writes both unless told otherwise; either will do, and the same twice moves
   nothing. Only ``events`` tells of buttons: field by field one press would be many.
2. Temperatures come in °C or °F, and the field's name says which (``temperature_F``).
3. ``battery_ok`` is a level from 0 to 1. Most sensors know only 1 (fine) and 0 (low, taken as 5 %).
4. ``time`` is no claim. It is the receiver's local time, without an offset unless somebody asked
   for one, and the receiver publishes what it hears at once: receipt is as good.
5. A sensor's further thermometers (``temperature_2_C``) and contacts (``reed_open``) are channels:
   ``temperature_2``, ``reed``.
6. These radios are heard and never asked, anybody's next door too; and many choose a new id when
   their battery is changed. A device that then is silent is raised as any other.

https://triq.net/rtl_433/DATA_FORMAT.html and
https://github.com/merbanan/rtl_433/blob/master/src/output_mqtt.c
"""

import re
from collections.abc import Iterable

from gateway.dialects import fields
from gateway.dialects.base import NOTHING, Heard, Problem
from gateway.dialects.claimed_time import Stamp, receipt
from gateway.dialects.doubt import Doubt, shown
from gateway.dialects.json_payload import bare_value, json_object
from gateway.messages import RawMessage
from nightwarden.errors import Unreadable
from nightwarden.model.readings import DeviceId, Quantity, Reading

NAME = "rtl_433"

_NAMING = ("type", "model", "subtype", "channel", "id")
_NOT_IN_A_TOPIC = re.compile(r"[^-.A-Za-z0-9]")
_THERMOMETER = re.compile(r"temperature_(\d)_([CF])", re.ASCII)
_CLOSED = {"closed": True, "close": True, "open": False}
_RELEASED = (0, "0", "none", "NONE", "None", "")


def _level(value: object) -> float:
    """A battery's level as per cent; 0 is what a sensor says that knows only fine and low."""
    level = fields.number(value)
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 <= level <= 1:
        raise Doubt(f"is {shown(value)}; a level from 0 (low) to 1 (fine) is due.")
    return max(fields.LOW_BATTERY_PERCENT if level == 0 else 0.0, round(level * 100.0, 1))


def _state(value: object) -> bool | None:
    """Open or closed; the state of what is no door is nothing for us."""
    return _CLOSED.get(value.lower()) if isinstance(value, str) else None


def _bit(value: object) -> bool:
    if fields.number(value) in (0, 1) and not isinstance(value, bool):
        return bool(fields.number(value))
    raise Doubt(f"is {shown(value)}; 0 or 1 is due.")


def _not_bit(value: object) -> bool:
    return not _bit(value)


def _button(value: object) -> str | None:
    """Whichever button of a remote it is; 0 is none of them."""
    pressed = isinstance(value, int | str) and not isinstance(value, bool)
    return "press" if pressed and value not in _RELEASED else None


def _panic(value: object) -> str | None:
    return "help" if isinstance(value, str) and "panic" in value.lower() else None


FIELDS: fields.Fields = {
    "temperature_C": (Quantity.TEMPERATURE, lambda value: fields.celsius(value, "C")),
    "temperature_F": (Quantity.TEMPERATURE, lambda value: fields.celsius(value, "F")),
    "battery_ok": (Quantity.BATTERY, _level),
    "state": (Quantity.CONTACT, _state),  # Honeywell, Visonic, Kerui, SimpliSafe
    "closed": (Quantity.CONTACT, _bit),  # DSC
}

BUTTONS: fields.Fields = {
    "button": (Quantity.ACTION, _button),
    "state": (Quantity.ACTION, _panic),  # X10, SimpliSafe
    "event": (Quantity.ACTION, _panic),
}

REED = "reed_open"
"""A Honeywell transmitter's own magnet, beside the contact that may be wired to it."""


class Rtl433Dialect:
    """All receivers whose topics begin as usual, with ``rtl_433/HOST``."""

    name = NAME

    def filters(self) -> tuple[str, ...]:
        """Events and devices; a receiver's ``states`` are statistics of its radio."""
        return ("rtl_433/+/events", "rtl_433/+/devices/#")

    def owns(self, topic: str) -> bool:
        """Whether the topic is a receiver's events, or a field of a device."""
        root, _, rest = topic.partition("/")
        kind = rest.partition("/")[2]
        return root == NAME and (kind in ("events", "devices") or kind.startswith("devices/"))

    def read(self, message: RawMessage) -> Heard:
        """The readings in a sensor's message, or in one field of it.

        Raises:
            Unreadable: not what rtl_433 writes on such a topic.
        """
        kind, _, path = message.topic.split("/", maxsplit=2)[2].partition("/")
        if message.retain and not message.payload:
            return NOTHING
        if kind == "events":
            return _read_event(message)
        address, _, field = path.rpartition("/")
        if not address or not field:
            raise Unreadable(
                "The topic names no device; rtl_433/HOST/devices/MODEL/ID/FIELD is due."
            )
        return _read_field(DeviceId(NAME, address), field, message)


def _read_event(message: RawMessage) -> Heard:
    body = json_object(message.payload)
    device = DeviceId(NAME, _address(body))
    stamp = receipt(message)
    readings, problems = _judge_channels(device, body.items(), stamp)
    for known in (FIELDS, BUTTONS):
        found, doubtful = fields.judge_fields(device, body.items(), known, stamp)
        readings += found
        problems += doubtful
    if not readings and not problems:  # it speaks of what is nothing for us; it is there
        readings.append(Reading(device, Quantity.LINK, True, *stamp))
    return Heard(tuple(readings), tuple(problems))


def _read_field(device: DeviceId, field: str, message: RawMessage) -> Heard:
    """One field on a topic of its own. Every message has its ``time``: the device is there."""
    value = bare_value(message.payload)
    stamp = receipt(message)
    if field == "time":
        return Heard((Reading(device, Quantity.LINK, True, *stamp),))
    readings, problems = _judge_channels(device, [(field, value)], stamp)
    found, doubtful = fields.judge_fields(device, [(field, value)], FIELDS, stamp)
    return Heard((*readings, *found), (*problems, *doubtful))


def _judge_channels(
    device: DeviceId, body: Iterable[tuple[str, object]], stamp: Stamp
) -> tuple[list[Reading], list[Problem]]:
    """The channels: further thermometers, and the reed beside a contact."""
    readings: list[Reading] = []
    problems: list[Problem] = []
    for name, value in body:
        if parts := _THERMOMETER.fullmatch(name):
            part, quantity = f"temperature_{parts[1]}", Quantity.TEMPERATURE
            judge: fields.Judge = FIELDS[f"temperature_{parts[2]}"][1]
        elif name == REED:
            part, quantity, judge = "reed", Quantity.CONTACT, _not_bit
        else:
            continue
        source = device.at_channel(part)
        found, doubtful = fields.judge_fields(
            source, [(name, value)], {name: (quantity, judge)}, stamp
        )
        readings += found
        problems += doubtful
    return readings, problems


def _address(body: dict[str, object]) -> str:
    if not isinstance(body.get("model"), str):
        raise Unreadable("The event has no model; a sensor's message as rtl_433 writes it is due.")
    parts = [str(body[name]) for name in _NAMING if isinstance(body.get(name), int | str)]
    address = "/".join(_NOT_IN_A_TOPIC.sub("_", part) for part in parts if part)
    if not address:
        raise Unreadable("The event's model is empty; a sensor's message is due.")
    return address
