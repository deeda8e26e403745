"""ChirpStack v4, ``application/APPLICATION/device/DEV_EUI/event/EVENT``: LoRaWAN of one's own.

The address of a device is its DevEUI, in small letters as ChirpStack writes it. The policy:

1. ``up`` carries the decoded ``object`` (``lorawan.py`` has its words). One that brings data and no
   object is a problem: the device profile has no codec, and nobody can tell what was said.
2. ``join`` says that the device is there, ``status`` how full its battery is. An ``ERROR`` in
   ``log`` is a problem of that device; what else the server says is not for us.
3. The server has put the copies that several gateways heard into one message. ``fCnt`` counts the
   device's messages and is left out where it is 0, as every field is: absent says nothing.
4. ``time`` is when a gateway or the server received it, up to 24 h ago where a gateway was cut off.
5. The integration must write JSON (``json=true``, as it does unless told otherwise).

https://www.chirpstack.io/docs/chirpstack/integrations/mqtt.html and
https://www.chirpstack.io/docs/chirpstack/integrations/events.html
"""

import re

from gateway.dialects import fields
from gateway.dialects.base import NOTHING, Heard, Problem
from gateway.dialects.claimed_time import Stamp
from gateway.dialects.doubt import Doubt, shown
from gateway.dialects.json_payload import json_object
from gateway.dialects.lorawan import read_object, spoke, timing
from gateway.messages import RawMessage
from nightwarden.errors import Unreadable
from nightwarden.model.readings import DeviceId, Quantity, Reading

NAME = "chirpstack"

_TOPIC = re.compile(r"application/[^/]*/device/([^/]*)/event/([^/]*)")
_NOT_FOR_US = frozenset({"ack", "txack", "location", "integration"})


class ChirpStackDialect:
    """All applications of the server that publishes to the home's broker."""

    name = NAME

    def filters(self) -> tuple[str, ...]:
        """The events of every device; what is sent down to devices is not heard."""
        return ("application/+/device/+/event/+",)

    def owns(self, topic: str) -> bool:
        """Whether the topic is a device's event."""
        return topic.startswith("application/") and _TOPIC.fullmatch(topic) is not None

    def read(self, message: RawMessage) -> Heard:
        """The readings in an event.

        Raises:
            Unreadable: not JSON, not of version 4, or an event that ChirpStack does not have.
        """
        parts = _TOPIC.fullmatch(message.topic)
        eui, event = parts.groups() if parts else ("", "")
        if not eui:
            raise Unreadable("The topic names no device; …/device/DEV_EUI/event/EVENT is due.")
        if event in _NOT_FOR_US or (message.retain and not message.payload):
            return NOTHING
        body = _json(message.payload)
        if "deviceInfo" not in body:
            raise Unreadable("The event has no deviceInfo; an event of ChirpStack 4 is due.")
        device = DeviceId(NAME, eui.lower())
        stamp, problems = timing(device, body.get("time"), body.get("fCnt"), message)
        heard = _read_event(event, device, body, stamp)
        return Heard(heard.readings, (*problems, *heard.problems))


def _json(payload: bytes) -> dict[str, object]:
    try:
        return json_object(payload)
    except Unreadable as problem:
        if payload[:1] in (b"{", b"["):
            raise
        raise Unreadable(
            f"{problem} ChirpStack's MQTT integration writes JSON when json=true is set."
        ) from None


def _read_event(event: str, device: DeviceId, body: dict[str, object], stamp: Stamp) -> Heard:
    match event:
        case "up":
            return _read_uplink(device, body, stamp)
        case "join":
            return Heard((spoke(device, stamp),))
        case "status":
            return _read_status(device, body, stamp)
        case "log":
            return _read_log(device, body)
        case _:
            raise Unreadable(f"The event {shown(event)} is none of ChirpStack 4's.")


def _read_uplink(device: DeviceId, body: dict[str, object], stamp: Stamp) -> Heard:
    decoded = body.get("object")
    if isinstance(decoded, dict):
        return read_object(device, decoded, stamp)
    if body.get("data") and body.get("fPort") != 0:
        reason = "The uplink has no decoded object; give its device profile in ChirpStack a codec."
        return Heard(problems=(Problem(device, reason),))
    return Heard((spoke(device, stamp),))  # the network's own housekeeping: port 0, or empty


def _read_status(device: DeviceId, body: dict[str, object], stamp: Stamp) -> Heard:
    """Asked for by the server now and then. Mains, or "cannot tell", is no battery."""
    if body.get("externalPowerSource") is True or body.get("batteryLevelUnavailable") is True:
        return Heard((spoke(device, stamp),))
    try:
        percent = fields.battery(body.get("batteryLevel", 0))  # 0 is left out like any zero
    except Doubt as doubt:
        return Heard(problems=(Problem(device, f"batteryLevel {doubt}"),))
    return Heard((Reading(device, Quantity.BATTERY, percent, *stamp),))


def _read_log(device: DeviceId, body: dict[str, object]) -> Heard:
    if body.get("level") != "ERROR":
        return NOTHING
    words = f"ChirpStack says {shown(body.get('code'))}: {shown(body.get('description'))}."
    return Heard(problems=(Problem(device, words),))
