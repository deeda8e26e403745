"""The Things Stack v3, ``v3/APPLICATION[@TENANT]/devices/DEVICE_ID/up``: LoRaWAN by The Things.

The address of a device is its device id. The Things Network is the same server with tenant ``ttn``.
It lets others subscribe only, so a bridge in the home's broker has to fetch the topics. The policy:

1. ``up`` carries ``decoded_payload`` (``lorawan.py`` has its words). One that brings a payload and
   no decoded one is a problem: the device has no payload formatter, or it failed.
2. ``join`` says that the device is there. Downlinks, ``up/normalized`` (the same uplink once more)
   and the rest are not heard.
3. An uplink that somebody simulated in the console is a problem and never a reading.
4. Fields that are 0, false or empty are left out, except inside the decoded payload. ``f_cnt``
   counts the device's messages; absent says nothing.
5. ``last_battery_percentage`` comes again with every uplink: with its own time, proving nobody
   alive, and only where the payload has no battery of its own.

https://www.thethingsindustries.com/docs/integrations/other-integrations/mqtt/ and
https://www.thethingsindustries.com/docs/integrations/data-formats/
"""

import re

from gateway.dialects import fields
from gateway.dialects.base import NOTHING, Heard, Problem
from gateway.dialects.claimed_time import Stamp, instant
from gateway.dialects.doubt import Doubt
from gateway.dialects.json_payload import json_object
from gateway.dialects.lorawan import read_object, spoke, timing
from gateway.messages import RawMessage
from nightwarden.errors import Unreadable
from nightwarden.model.readings import DeviceId, Quantity, Reading

NAME = "thethings"

_TOPIC = re.compile(r"v3/[^/]*/devices/([^/]*)/(up|join)")


class TheThingsDialect:
    """All applications whose topics reach the home's broker."""

    name = NAME

    def filters(self) -> tuple[str, ...]:
        """Uplinks and joins of every device."""
        return ("v3/+/devices/+/up", "v3/+/devices/+/join")

    def owns(self, topic: str) -> bool:
        """Whether the topic is a device's uplink or join."""
        return topic.startswith("v3/") and _TOPIC.fullmatch(topic) is not None

    def read(self, message: RawMessage) -> Heard:
        """The readings in an uplink or a join.

        Raises:
            Unreadable: not JSON, or not what The Things Stack sends on such a topic.
        """
        parts = _TOPIC.fullmatch(message.topic)
        device_id, kind = parts.groups() if parts else ("", "")
        if not device_id:
            raise Unreadable("The topic names no device; v3/APPLICATION/devices/DEVICE_ID is due.")
        if message.retain and not message.payload:
            return NOTHING
        body = json_object(message.payload)
        device = DeviceId(NAME, device_id)
        content = body.get("uplink_message" if kind == "up" else "join_accept")
        if not isinstance(content, dict):
            raise Unreadable("The message has neither uplink_message nor join_accept.")
        stamp, problems = timing(device, body.get("received_at"), content.get("f_cnt"), message)
        if kind == "join":
            return Heard((spoke(device, stamp),), problems)
        if body.get("simulated") is True:
            reason = "The uplink was simulated in the console; the device has not spoken."
            return Heard(problems=(Problem(device, reason),))
        heard = _read_uplink(device, content, stamp, message)
        return Heard(heard.readings, (*problems, *heard.problems))


def _read_uplink(
    device: DeviceId, uplink: dict[str, object], stamp: Stamp, message: RawMessage
) -> Heard:
    decoded = uplink.get("decoded_payload")
    if not isinstance(decoded, dict):
        if uplink.get("frm_payload"):
            reason = "The uplink has no decoded payload; give the device a payload formatter."
            return Heard(problems=(Problem(device, reason),))
        return Heard((spoke(device, stamp),))
    heard = read_object(device, decoded, stamp)
    if any(reading.quantity is Quantity.BATTERY for reading in heard.readings):
        return heard
    battery = _last_battery(device, uplink.get("last_battery_percentage"), message)
    return Heard((*heard.readings, *battery), heard.problems)


def _last_battery(device: DeviceId, last: object, message: RawMessage) -> tuple[Reading, ...]:
    """What the server last asked the device for; of no use without a believable value and time."""
    if not isinstance(last, dict):
        return ()
    try:
        percent = fields.battery(last.get("value", 0))
        at = min(instant(last.get("received_at")), message.received_at)
    except Doubt:
        return ()
    stamp = Stamp(at, message.received_at, fresh=False, timed=True)
    return (Reading(device, Quantity.BATTERY, percent, *stamp),)
