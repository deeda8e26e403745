"""Tasmota: relay and sensor boards with open firmware, https://tasmota.github.io/docs/MQTT/.

TOPIC is the board's ``Topic``, one level or more; the owner chose the order (``FullTopic``)::

    tele/TOPIC/WORD   stat/TOPIC/WORD      %prefix%/%topic%/, as delivered
    TOPIC/tele/WORD   TOPIC/stat/WORD      %topic%/%prefix%/
    TOPIC/SENSOR      TOPIC/LWT  …/STATE   %topic%/ alone

WORD is in capitals: ``LWT``, ``SENSOR``, ``STATE``, ``RESULT``, ``STATUS8`` and so on. What others
send to a board (``cmnd/…``) is not for us. ``docs/wire.md`` lists what is understood. The policy:

1. A board is TOPIC; what hangs on it is a channel: ``DS18B20/ID``, ``DHT11``, ``Switch1``. A probe
   with an ``Id`` goes by it: with one probe left, ``DS18B20-1`` becomes ``DS18B20``. A probe that
   is gone is left out of the message while its board is well: it is silent all the same.
2. ``TempUnit`` stands beside the sensors and is theirs. 78.8 read as °C would be a burn alarm.
3. ``Time`` is the board's local time, told twice on the night the clocks go back: without an offset
   it is no claim. ``Epoch`` (``Time 2``) and a time with an offset are one.
4. ``null`` is a sensor that failed, and a problem; older firmware prints a bare ``nan`` for it.
5. A switch input says ON or OFF, and that is a contact, ON closed: whether a mat or a cover hangs
   on it the register knows. An action other than ON and OFF is a press of a button.
6. A board that sleeps (``DeepSleep``) is well, and ``STATE`` is its sign of life.
"""

import re
from datetime import datetime
from functools import partial

from gateway.dialects import fields
from gateway.dialects.base import NOTHING, Heard
from gateway.dialects.claimed_time import epoch, instant, receipt, stamp_of
from gateway.dialects.doubt import Doubt, shown
from gateway.dialects.findings import Findings, input_of
from gateway.dialects.json_payload import bare_value, json_object_with_nan
from gateway.dialects.orders import Order
from gateway.dialects.roots import is_free
from gateway.dialects.speaking import Speech
from gateway.messages import RawMessage
from nightwarden.errors import Invalid, Unreadable
from nightwarden.model.places import EquipmentKind
from nightwarden.model.readings import DeviceId, Quantity

NAME = "tasmota"

_PREFIXES = ("tele", "stat")
_WORD = re.compile(r"[A-Z][A-Z0-9_]*")
_SAID = ("LWT", "SENSOR", "STATE", "RESULT", "STATUS8", "STATUS10", "INFO1", "INFO2", "INFO3")
"""What a board must be able to say, for the broker's access list."""
_WITHOUT_PREFIX = ("SENSOR", "LWT", "STATE")
_LINK = {"Online": True, "DeepSleep": True, "Offline": False}
_SWITCH = re.compile(r"Switch\d{1,2}")
_INPUT = re.compile(r"(Switch|Button)\d{1,2}")
_TEMPERATURE = re.compile(r"Temperature(\d{0,2})")
_NUMBERED = re.compile(r"-\d{1,2}$")
_HAS_OFFSET = re.compile(r"(Z|[+-]\d\d:?\d\d)$")
_PRESSES = frozenset({"SINGLE", "DOUBLE", "TRIPLE", "QUAD", "PENTA", "HOLD", "TOGGLE"})
_OF_THE_CHIP = frozenset({"ESP32", "ESP8266"})
"""Sensors whose temperature is the board's own."""


class TasmotaDialect:
    """Every Tasmota board on the broker, whatever its ``FullTopic``."""

    name = NAME

    def filters(self) -> tuple[str, ...]:
        """The three orders of prefix and topic; a topic may be two levels deep before a prefix."""
        return (
            *(f"{prefix}/#" for prefix in _PREFIXES),
            *(f"+/{prefix}/#" for prefix in _PREFIXES),
            *(f"+/+/{prefix}/+" for prefix in _PREFIXES),
            *(f"+/{word}" for word in _WITHOUT_PREFIX),
        )

    def owns(self, topic: str) -> bool:
        """Whether the last level is one of Tasmota's words, where Tasmota would say it."""
        return _parted(topic) is not None

    def order(self, device: DeviceId, kind: EquipmentKind, *, on: bool) -> Order:  # noqa: ARG002
        """``cmnd/TOPIC/POWER``; the channel ``POWER2`` is the second relay."""
        word = device.channel or "POWER"
        return Order(f"cmnd/{device.whole.address}/{word}", b"ON" if on else b"OFF")

    def topics_of(self, address: str) -> Speech:
        """Its telemetry and its answers in both orders, and the commands that it hears.

        Raises:
            Invalid: the address begins as another dialect's topics do.
        """
        if not is_free(address.partition("/")[0]):
            raise Invalid(
                f'{NAME} "{address}" gets no password: its topics would be another dialect\'s; '
                "give the device another address."
            )
        said = [f"{prefix}/{address}" for prefix in _PREFIXES]
        said += [f"{address}/{prefix}" for prefix in _PREFIXES]
        return Speech(
            tuple(f"{topic}/{word}" for topic in said for word in _SAID),
            (f"cmnd/{address}/+", f"{address}/cmnd/+"),
        )

    def read(self, message: RawMessage) -> Heard:
        """The readings of the board's sensors and inputs, and its link.

        Raises:
            Unreadable: not what Tasmota sends on such a topic.
        """
        parted = _parted(message.topic)
        if parted is None:
            raise Unreadable("The topic is none of Tasmota's; tele/TOPIC/SENSOR or so is due.")
        if not message.payload:  # cleared
            return NOTHING
        board, word = parted
        if word == "LWT":
            return _read_link(board, message)
        if word in ("SENSOR", "STATE", "RESULT") or word.startswith("STATUS"):
            return _read_body(board, word, message)
        return NOTHING


def _parted(topic: str) -> tuple[str, str] | None:
    """The board's topic and the word that ends the topic; None where it is not Tasmota's."""
    before, _, word = topic.rpartition("/")
    if not before or not is_free(topic.partition("/")[0]) or not _WORD.fullmatch(word):
        return None
    levels = before.split("/")
    at = next((at for at, level in enumerate(levels[:3]) if level in _PREFIXES), None)
    if at is None:
        return (before, word) if len(levels) == 1 and word in _WITHOUT_PREFIX else None
    if at == 2 and len(levels) > 3:
        return None
    board = "/".join(levels[:at] + levels[at + 1 :])
    return (board, word) if board else None


def _read_link(board: str, message: RawMessage) -> Heard:
    said = bare_value(message.payload)
    online = _LINK.get(said) if isinstance(said, str) else None
    if online is None:
        raise Unreadable(f"The last will says {shown(said)}; Online, Offline or DeepSleep is due.")
    found = Findings(receipt(message))
    found.add(DeviceId(NAME, board), Quantity.LINK, online)
    return found.heard()


def _read_body(board: str, word: str, message: RawMessage) -> Heard:
    body = json_object_with_nan(message.payload)
    if word.startswith("STATUS"):
        inner = body.get("StatusSNS")
        if not isinstance(inner, dict):
            return NOTHING
        body = inner
    found, device = Findings(receipt(message)), DeviceId(NAME, board)
    _claim(device, body, message, found)
    if word == "STATE":
        found.add(device, Quantity.LINK, True)
        return found.heard()
    unit = body.get("TempUnit", "C")
    for name, value in body.items():
        if _INPUT.fullmatch(name):
            _read_input(device.at_channel(name), name, value, found)
        elif name == "ZbReceived" and isinstance(value, dict):
            _read_zigbee(device, value, found)
        elif name == "RfReceived" and isinstance(value, dict):
            _read_radio(device, value, found)
        elif isinstance(value, dict):
            _read_sensor(device, name, value, unit, found)
    return found.heard()


def _claim(board: DeviceId, body: dict[str, object], message: RawMessage, found: Findings) -> None:
    """When it was measured, where the board knows the time and says so without doubt."""
    try:
        claimed = _claimed(body)
        if claimed is not None:
            found.stamp = stamp_of(claimed, message)
    except Doubt as doubt:
        found.doubt(board, f"{'Epoch' if 'Epoch' in body else 'Time'} {doubt}")


def _claimed(body: dict[str, object]) -> datetime | None:
    if "Epoch" in body:
        return epoch(body["Epoch"])
    time = body.get("Time")
    return instant(time) if isinstance(time, str) and _HAS_OFFSET.search(time) else None


def _read_input(device: DeviceId, name: str, said: object, found: Findings) -> None:
    """``ON``, ``OFF``, or since ``SetOption114`` ``{"Action": …}``, which has presses too."""
    word = said.get("Action") if isinstance(said, dict) else said
    if word in ("ON", "OFF") and _SWITCH.fullmatch(name):
        found.add(device, Quantity.CONTACT, word == "ON")
    elif isinstance(word, str) and word in _PRESSES:
        found.press(device)
    elif not isinstance(word, str):
        found.doubt(device, f"{name} is {shown(said)}; ON, OFF or an action is due.")


def _read_sensor(
    board: DeviceId, name: str, said: dict[str, object], unit: object, found: Findings
) -> None:
    if name in _OF_THE_CHIP:
        return
    channel = name
    if isinstance(identity := said.get("Id"), str) and identity:
        channel = f"{_NUMBERED.sub('', name)}/{identity}"
    scale = unit if isinstance(unit, str) else shown(unit)
    for field, value in said.items():
        which = _TEMPERATURE.fullmatch(field)
        if field == "OBJTMP" or which:
            part = f"{channel}/{field}" if which and which[1] else channel
            probe = input_of(board, part)
            _judge_temperature(probe, f"{name}.{field}", value, scale, found)
        elif field in ("Battery", "BatteryPercentage"):
            _judge_battery(input_of(board, channel), f"{name}.{field}", value, found)


def _judge_temperature(
    device: DeviceId, name: str, value: object, unit: str, found: Findings
) -> None:
    if not isinstance(value, list):  # a picture of many points; which of them, the home must say
        found.judge(device, Quantity.TEMPERATURE, name, lambda: fields.celsius(value, unit))


def _judge_battery(device: DeviceId, name: str, value: object, found: Findings) -> None:
    found.judge(device, Quantity.BATTERY, name, lambda: fields.battery(fields.number(value)))


def _read_zigbee(board: DeviceId, devices: dict[str, object], found: Findings) -> None:
    """Devices behind a Tasmota Zigbee bridge, https://tasmota.github.io/docs/Zigbee/.

    Temperatures are in °C whatever ``SetOption8`` says. ``Contact`` is the alarm bit: 1 is open.
    """
    for short, said in devices.items():
        if not isinstance(said, dict):
            continue
        name = next((n for n in (said.get("Name"), said.get("Device"), short) if n), short)
        called = name if isinstance(name, str) else short
        _read_sensor(board, called, {k: v for k, v in said.items() if k != "Id"}, "C", found)
        device = input_of(board, called)
        if "Occupancy" in said:
            found.judge(device, Quantity.OCCUPANCY, "Occupancy", partial(_bit, said["Occupancy"]))
        if "Contact" in said:
            found.judge(device, Quantity.CONTACT, "Contact", partial(_closed, said["Contact"]))


def _bit(value: object) -> bool:
    if value in (0, 1):
        return bool(value)
    raise Doubt(f"is {shown(value)}; 1 or 0 is due.")


def _closed(alarm: object) -> bool:
    return not _bit(alarm)


def _read_radio(board: DeviceId, said: dict[str, object], found: Findings) -> None:
    """A 433 MHz code, as of a pager or a door contact that only ever calls: a press of its own.

    Nothing comes when it is let go, and there is no battery and no sign of life: it is no mat.
    """
    code = said.get("Data")
    if not isinstance(code, str | int) or isinstance(code, bool) or not code:
        found.doubt(board, f"RfReceived.Data is {shown(code)}; a code is due.")
    else:
        found.press(input_of(board, str(code)))
