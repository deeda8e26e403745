"""Shelly's first generation: a topic for each value, most of them bare.

1. ``sensor/temperature`` of a battery sensor is in °C or °F as its owner has set it, with no unit
   beside it. ``info``, in the same wake, says both: what it says of the unit is remembered.
2. ``ext_temperature/N`` is in °C, and ``ext_temperature_f/N`` the same in °F: one is enough.
3. 999 is a probe unplugged, -1 a battery that is not known, ``is_valid`` false no reading.
4. Inputs and their events are said anew every half minute; ``event_cnt`` tells a push from an echo.
5. A door sensor may say ``open`` for a moment as it wakes. It is taken at its word: a false "open"
   costs a look, a missed one a burn.
"""

from collections.abc import Callable
from functools import partial

from gateway.dialects import fields
from gateway.dialects.base import Heard, Lesson
from gateway.dialects.claimed_time import Stamp, receipt
from gateway.dialects.doubt import Doubt, shown
from gateway.dialects.findings import Findings, input_of
from gateway.dialects.json_payload import bare_value, json_object
from gateway.messages import RawMessage
from nightwarden.errors import Unreadable
from nightwarden.model.readings import DeviceId, Quantity

NAME = "shelly"

_PUSHES = frozenset({"S", "SS", "SSS", "L", "SL", "LS"})
_UNPLUGGED = 999
_Units = Callable[[str], str]


def read(identity: str, path: str, message: RawMessage, unit_of: _Units) -> Heard:
    """What ``shellies/IDENTITY/PATH`` says; ``unit_of`` knows the unit a device is set to.

    Raises:
        Unreadable: not what the first generation sends on such a topic.
    """
    found = Findings(receipt(message))
    device = DeviceId(NAME, identity)
    kind, _, number = path.partition("/")
    part = input_of(device, path)
    match kind:
        case "online":
            _read_link(device, message, found)
        case "info":
            return _read_info(device, message, found, unit_of)
        case "sensor":
            _read_sensor(device, number, message, found, unit_of)
        case "ext_temperature" if number.isdecimal():
            said = partial(_temperature, bare_value(message.payload), "C")
            found.judge(part, Quantity.TEMPERATURE, path, said)
        case "input" | "ext_switch" if number.isdecimal():
            said_bit = partial(_closed, bare_value(message.payload))
            found.judge(part, Quantity.CONTACT, path, said_bit)
        case "input_event" if number.isdecimal():
            _read_push(input_of(device, f"input/{number}"), message, found)
        case _:  # relays, meters, humidity, lux, the relay's own chip: nothing for us
            pass
    return found.heard()


def _read_link(device: DeviceId, message: RawMessage, found: Findings) -> None:
    said = bare_value(message.payload)
    if not isinstance(said, bool):
        raise Unreadable(f"The state is {shown(said)}; true or false is due.")
    found.add(device, Quantity.LINK, said)


def _read_sensor(
    device: DeviceId, name: str, message: RawMessage, found: Findings, unit_of: _Units
) -> None:
    """``sensor/NAME``, a battery sensor's own value."""
    value = bare_value(message.payload) if name in ("temperature", "battery", "state") else None
    match name:
        case "temperature":
            said = partial(_temperature, value, unit_of(device.address))
            found.judge(device, Quantity.TEMPERATURE, name, said)
        case "battery":
            judged = partial(fields.battery, fields.number(value))
            found.judge(device, Quantity.BATTERY, name, judged)
        case "state":
            found.judge(device, Quantity.CONTACT, name, partial(_door, value))
        case _:
            pass


def _read_info(device: DeviceId, message: RawMessage, found: Findings, unit_of: _Units) -> Heard:
    """A battery sensor's whole status; a relay's has other members and nothing for us.

    ``tmp`` without ``units`` is the temperature of a relay's own chip.
    """
    body = json_object(message.payload)
    lessons: tuple[Lesson, ...] = ()
    own, battery = body.get("tmp"), body.get("bat")
    if isinstance(own, dict) and own.get("units") in ("C", "F"):
        unit = str(own["units"])
        if unit != unit_of(device.address):
            lessons = (Lesson(f"unit/{device.address}", unit.encode()),)
        if own.get("is_valid") is not False:
            said = partial(_temperature, own.get("tC"), "C")
            found.judge(device, Quantity.TEMPERATURE, "tmp.tC", said)
        else:
            found.doubt(device, "tmp.is_valid is false: look at the sensor.")
    if isinstance(battery, dict) and "value" in battery:
        judged = partial(fields.battery, fields.number(battery["value"]))
        found.judge(device, Quantity.BATTERY, "bat.value", judged)
    heard = found.heard()
    return Heard(heard.readings, heard.problems, lessons)


def _read_push(device: DeviceId, message: RawMessage, found: Findings) -> None:
    """``{"event": "S", "event_cnt": 2}``; one that the broker remembers is nobody calling."""
    body = json_object(message.payload)
    event, count = body.get("event"), body.get("event_cnt")
    if event == "" or message.retain:
        return
    if not isinstance(event, str) or event not in _PUSHES:
        found.doubt(device, f"event is {shown(event)}; {', '.join(sorted(_PUSHES))} is due.")
        return
    counted = isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 2**63
    stamp = Stamp(*found.stamp[:4], seq=count if counted else None)  # type: ignore[arg-type]
    found.judge(device, Quantity.ACTION, "event", lambda: "press", stamp)


def _temperature(value: object, unit: str) -> float:
    if value == _UNPLUGGED:
        raise Doubt("is 999, a probe unplugged: look at the sensor's lead.")
    return fields.celsius(value, unit)


def _closed(value: object) -> bool:
    if value in (0, 1) and not isinstance(value, bool):
        return value == 1
    raise Doubt(f"is {shown(value)}; 1 (closed) or 0 (open) is due.")


def _door(value: object) -> bool:
    if value in ("open", "close"):
        return value == "close"
    raise Doubt(f'is {shown(value)}; "open" or "close" is due.')
