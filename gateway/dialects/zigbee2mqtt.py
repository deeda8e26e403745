"""Zigbee2MQTT, ``BASE/NAME``: mats, sensors and switches behind a Zigbee bridge.

``docs/wire.md`` lists what is understood. The policy:

1. The dialect says what the device said. A motion sensor's ``occupancy`` looks like a bed strap's;
   which of them watches a bed is the register's to know, so both are read and only a device that
   is bound to a mat becomes the state of one.
2. The bridge repeats itself: it sends all of a device's last known values with every message, and
   after a restart all of its memory. ``last_seen`` older than a minute marks such a repeat; without
   ``last_seen`` a repeat cannot be told from news, so homes are asked to set it.
3. ``null`` is "never reported", an empty payload is "topic cleared", and what others send to the
   bridge (``/set``, ``/get``) is not state. None of them is for us.
4. With ``output: attribute`` each property has a topic of its own under the device's. Such a topic
   looks like a friendly name with a slash in it; the payload, bare or an object, tells them apart.
5. What an endpoint says (``contact_l2``) is of the device's channel ``l2``.
"""

import re
from datetime import UTC, datetime, timedelta

import orjson

from gateway.dialects import fields
from gateway.dialects.base import NOTHING, Heard, Problem
from gateway.dialects.claimed_time import AHEAD, Stamp, instant, span
from gateway.dialects.doubt import Doubt, shown
from gateway.dialects.json_payload import bare_value, json_object
from gateway.dialects.orders import HOLDS_S, Order
from gateway.dialects.zigbee_endpoints import by_endpoint, split_name
from gateway.messages import RawMessage
from nightwarden.errors import Unreadable
from nightwarden.model.places import EquipmentKind
from nightwarden.model.readings import DeviceId, Quantity, Reading

NAME = "zigbee2mqtt"

BRIDGE = DeviceId(NAME, "bridge")
"""The bridge itself. While it is offline nothing is known of any device behind it."""

LIVE = timedelta(seconds=60)
"""A ``last_seen`` older than this is the bridge's memory, not news (judgement)."""

_SECONDS_OR_MILLISECONDS = 100_000_000_000
"""A ``last_seen`` number from here on is milliseconds (from 1973), below it seconds (to 5138)."""

_COMMANDS = ("/set", "/get")
_BARE_WORD = re.compile(rb"[\w.,:+-]{1,64}")
_ON_THE_STRAP = {"sit": True, "sedentary": True, "none": False}
_ON_THE_BED = {
    "on_the_bed": True,
    "unoccupied": False,
    "occupied": False,
    "sitting": False,
    "low_posture": False,
    "falling": False,
}


def _pressure(value: object) -> bool | None:
    """A mat says true or false; a number under the same name is a barometer's."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return None
    return fields.occupancy(value)


def _pressure_state(value: object) -> bool:
    """A seat strap's word; ``none`` is nobody, and ``sedentary`` somebody for long."""
    if isinstance(value, str) and value in _ON_THE_STRAP:
        return _ON_THE_STRAP[value]
    raise Doubt(f'is {shown(value)}; "none", "sit" or "sedentary" is due.')


def _status(value: object) -> bool | None:
    """The word of a radar that knows where the bed is (OWON FDS315).

    Only ``on_the_bed`` is somebody in bed; being in the room is not. Each of its other words says
    that the person is not seen lying there, ``occupied`` too, which is what walking looks like: to
    leave it out would be to miss every exit. A false exit costs a walk, a missed one a night on
    the floor. Words that are not this radar's belong to other devices and are nothing for us.
    """
    if not isinstance(value, str):
        return None
    if value.startswith("Unknown ("):
        raise Doubt(f"is {shown(value)}, which the radar does not explain.")
    return _ON_THE_BED.get(value)


_SOS_WORDS = {"emergency": "help", "sos": "help"}
"""What SOS buttons say (TS0215A and the like) when somebody calls for help."""


def _action(value: object) -> str | None:
    """Remotes have a hundred words of their own; only ours and an SOS button's mean a call."""
    if not isinstance(value, str):
        return None
    word = _SOS_WORDS.get(value, value)
    return word if word in fields.ACTIONS else None


def _temperature(value: object) -> float:
    return fields.temperature(fields.number(value))


def _battery(value: object) -> float:
    return fields.battery(fields.number(value))


def _battery_low(value: object) -> float | None:
    if isinstance(value, bool):
        return fields.LOW_BATTERY_PERCENT if value else None
    raise Doubt(f"is {shown(value)}; true or false is due.")


FIELDS: fields.Fields = {
    "occupancy": (Quantity.OCCUPANCY, fields.occupancy),
    "pressure": (Quantity.OCCUPANCY, _pressure),
    "pressure_state": (Quantity.OCCUPANCY, _pressure_state),
    "status": (Quantity.OCCUPANCY, _status),
    "contact": (Quantity.CONTACT, fields.contact),
    "temperature": (Quantity.TEMPERATURE, _temperature),
    "battery": (Quantity.BATTERY, _battery),
    "battery_low": (Quantity.BATTERY, _battery_low),
    "action": (Quantity.ACTION, _action),
}


_WARNING = {"mode": "emergency", "level": "high", "strobe": True, "duration": HOLDS_S}
"""What sirens by the Zigbee standard (IAS WD) take; it ends by itself."""


class Zigbee2MqttDialect:
    """One bridge; ``base`` is its ``mqtt.base_topic``, which may hold slashes."""

    name = NAME

    def __init__(self, base: str = "zigbee2mqtt") -> None:
        self._base = base
        self._prefix = f"{base}/"

    def filters(self) -> tuple[str, ...]:
        """All under the base: names hold slashes, so no narrower filter fits."""
        return (f"{self._base}/#",)

    def owns(self, topic: str) -> bool:
        """Whether the topic is the base, which ``BASE/#`` brings in too, or lies under it."""
        return topic.startswith(self._prefix) or topic == self._base

    def order(self, device: DeviceId, kind: EquipmentKind, *, on: bool) -> Order:
        """A siren's ``warning``, a light's ``state``; a channel is an endpoint, ``state_l2``."""
        body: dict[str, object]
        if kind is EquipmentKind.SOUNDER and device.channel is None:
            body = {"warning": _WARNING if on else {"mode": "stop"}}
        else:
            name = "state" if device.channel is None else f"state_{device.channel}"
            body = {name: "ON" if on else "OFF"}
        return Order(f"{self._prefix}{device.whole.address}/set", orjson.dumps(body))

    def read(self, message: RawMessage) -> Heard:
        """The readings in a message of a device or of the bridge.

        Raises:
            Unreadable: not what Zigbee2MQTT sends on such a topic.
        """
        if not message.payload:  # cleared, as after a renaming
            return NOTHING
        path = message.topic[len(self._prefix) :]
        if path == "bridge" or path.startswith("bridge/"):
            return _read_bridge(path, message)
        if not path or path.startswith("/"):  # no friendly name begins with a slash
            raise Unreadable(f"The topic names no device; {self._prefix}NAME is due.")
        name, _, last = path.rpartition("/")
        if name and last == "availability":
            return _link(DeviceId(NAME, name), message)
        if path.endswith(_COMMANDS) or name.endswith(_COMMANDS):
            return NOTHING
        if name and not message.payload.lstrip().startswith(b"{"):
            return _read_attribute(DeviceId(NAME, name), last, message)
        return _read_state(DeviceId(NAME, path), json_object(message.payload), message)


def _read_state(device: DeviceId, body: dict[str, object], message: RawMessage) -> Heard:
    said = {name: value for name, value in body.items() if value is not None}
    if said.get("battery_low") is True:
        said.pop("battery", None)
    if "pressure_state" in said:  # the strap's own temperature is that of who sits on it
        said.pop("temperature", None)
    doubts: list[Problem] = []
    stamp = _stamp(device, said.get("last_seen"), message, doubts)
    readings, problems = fields.judge_fields(device, said.items(), FIELDS, stamp)
    for endpoint, named in by_endpoint(device, said.items(), FIELDS):
        more, doubted = fields.judge_fields(endpoint, [named], FIELDS, stamp)
        readings += more
        problems += doubted
    return Heard(tuple(readings), (*doubts, *problems))


def _read_attribute(device: DeviceId, name: str, message: RawMessage) -> Heard:
    """One property on a topic of its own. Of those that are not ours any single word passes."""
    if name in FIELDS or split_name(name) is not None:
        return _read_state(device, {name: bare_value(message.payload)}, message)
    if _BARE_WORD.fullmatch(message.payload):
        return NOTHING
    raise Unreadable("The payload is neither a JSON object nor a property's bare value.")


def _stamp(device: DeviceId, claim: object, message: RawMessage, doubts: list[Problem]) -> Stamp:
    """Times and freshness of all readings in a message; adds to ``doubts``."""
    received_at, fresh = message.received_at, not message.retain
    if claim is None:
        return Stamp(received_at, received_at, fresh)
    try:
        seen = _last_seen(claim, received_at)
    except Doubt as doubt:
        doubts.append(Problem(device, f"last_seen {doubt}"))
        return Stamp(received_at, received_at, fresh)
    fresh = fresh and received_at - seen <= LIVE
    return Stamp(seen, received_at, fresh, timed=True)


def _last_seen(claim: object, received_at: datetime) -> datetime:
    """The claimed instant, no later than the receipt."""
    seen = _instant(claim)
    if seen - received_at > AHEAD:
        raise Doubt(
            f"says {shown(claim)}, {span(seen - received_at)} ahead: "
            "set the clock of the machine that runs Zigbee2MQTT."
        )
    return min(seen, received_at)


def _instant(claim: object) -> datetime:
    """Zigbee2MQTT's ``ISO_8601``, ``ISO_8601_local`` and ``epoch``, in UTC."""
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        return instant(claim)
    seconds = claim if claim < _SECONDS_OR_MILLISECONDS else claim / 1000
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise Doubt(f"is {shown(claim)}; milliseconds since 1970 are due.") from None


def _read_bridge(path: str, message: RawMessage) -> Heard:
    """The bridge's own state, and who left it; its registry, log and requests are not for us.

    The registry may be megabytes long: it is not even parsed.
    """
    if path == "bridge/state":
        return _link(BRIDGE, message)
    if path == "bridge/event":
        return _read_event(message)
    return NOTHING


def _read_event(message: RawMessage) -> Heard:
    """A device that leaves says nothing more, and no ``/availability`` follows for up to 25 h."""
    body = json_object(message.payload)
    if body.get("type") != "device_leave":
        return NOTHING
    left = body.get("data")
    names = (left.get("friendly_name"), left.get("ieee_address")) if isinstance(left, dict) else ()
    for name in names:
        if isinstance(name, str) and name:
            return _link_reading(DeviceId(NAME, name), False, message)
    raise Unreadable('The event names no device; {"data": {"friendly_name": …}} is due.')


def _link(device: DeviceId, message: RawMessage) -> Heard:
    """Availability in both its forms: the bare word, and since version 2 ``{"state": …}``."""
    payload = message.payload
    said: object = json_object(payload).get("state") if payload[:1] == b"{" else bare_value(payload)
    if said == "online" or said == "offline":
        return _link_reading(device, said == "online", message)
    raise Unreadable(f"The state is {shown(said)}; online or offline is due.")


def _link_reading(device: DeviceId, online: bool, message: RawMessage) -> Heard:
    received_at = message.received_at
    stamp = Stamp(received_at, received_at, not message.retain)
    return Heard((Reading(device, Quantity.LINK, online, *stamp),))
