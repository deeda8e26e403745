"""The native dialect, ``nightwarden/v1/HOME/…``: for makers and for what a home builds itself.

``docs/wire.md`` is its full description. The policy:

1. A field is believed or it is a problem; the other fields of the message still count.
2. The device's clock is a claim. One that is plainly wrong costs the claim, never the reading.
3. A retained message tells the present state and proves nobody alive.
4. A device with several inputs names them under ``channels``, each with its own fields.
5. A message with ``at`` or ``seq`` alone is a heartbeat: the device has spoken, so it is online.
"""

from datetime import datetime, timedelta
from functools import lru_cache

import orjson

from gateway.dialects import fields
from gateway.dialects.base import NOTHING, Heard, Problem
from gateway.dialects.claimed_time import AHEAD, Stamp, instant, span
from gateway.dialects.doubt import Doubt, shown
from gateway.dialects.json_payload import json_object
from gateway.dialects.orders import HOLDS_S, Order
from gateway.dialects.speaking import Speech
from gateway.messages import RawMessage
from nightwarden.errors import Invalid, Unreadable
from nightwarden.model import claims
from nightwarden.model.places import EquipmentKind
from nightwarden.model.readings import DeviceId, Quantity, Reading

NAME = "nightwarden"

PROOF_DEVICE = DeviceId(NAME, "~proof")
"""Speaks for the loop test. Addresses that begin with ``~`` are the system's own."""

BEHIND = timedelta(hours=24)
"""How late a buffered reading may come before its clock is held to be wrong (judgement)."""

MAX_SEQ = 2**63 - 1
MAX_TOKEN = 128
MAX_CHANNELS = 64
_CHANNELS_DUE = 'is not readable; {"left": {"occupancy": true}} is due, up to 64 of them.'

FIELDS: fields.Fields = {
    "occupancy": (Quantity.OCCUPANCY, fields.occupancy),
    "temperature": (Quantity.TEMPERATURE, fields.temperature),
    "contact": (Quantity.CONTACT, fields.contact),
    "action": (Quantity.ACTION, fields.action),
    "battery": (Quantity.BATTERY, fields.battery),
}

_AVAILABILITY = "/availability"
_SET = "/set"


class NativeDialect:
    """The native dialect of one home; a message for another home's topics is not its own."""

    name = NAME

    def __init__(self, home_id: str) -> None:
        self._devices = f"nightwarden/v1/{home_id}/device"
        self._prefix = f"{self._devices}/"
        self._proof = f"nightwarden/v1/{home_id}/proof"

    def filters(self) -> tuple[str, ...]:
        """What devices and the loop test say; never what the monitor itself publishes."""
        return (f"{self._devices}/#", self._proof)

    def owns(self, topic: str) -> bool:
        """Whether the topic is one that :meth:`filters` bring in.

        ``device/#`` also brings in ``device`` itself, on which nothing can rightly be said.
        """
        return topic.startswith(self._prefix) or topic in (self._proof, self._devices)

    def topics_of(self, address: str) -> Speech:
        """Its own topic and its availability; it hears the orders to itself.

        Raises:
            Invalid: the address has a slash in it, so its topic could be another device's.
        """
        if "/" in address:
            raise Invalid(
                f'{NAME} "{address}" gets no password: a native address is one level of a topic; '
                "give the device another address."
            )
        topic = f"{self._prefix}{address}"
        return Speech((topic, f"{topic}{_AVAILABILITY}"), (f"{topic}{_SET}",))

    def order(self, device: DeviceId, kind: EquipmentKind, *, on: bool) -> Order:  # noqa: ARG002
        """``{"on": true, "for_s": 180}``, retained: whoever starts late knows how it stands."""
        body: dict[str, object] = {"on": True, "for_s": HOLDS_S} if on else {"on": False}
        topic = f"{self._prefix}{device.whole.address}{_SET}"
        return Order(topic, orjson.dumps(body), retain=True)

    def read(self, message: RawMessage) -> Heard:
        """The readings in a message of a device, its availability or the loop test.

        Raises:
            Unreadable: not a JSON object, no known field in it, or no usable address.
        """
        if message.topic == self._proof:
            return _read_proof(message)
        address = message.topic[len(self._prefix) :]
        if address.endswith((_SET, _AVAILABILITY)):
            if address.endswith(_SET):  # our own order, which the filter brings back
                return NOTHING
            return _read_availability(_device(address[: -len(_AVAILABILITY)]), message)
        return _read_state(_device(address), message)


@lru_cache(maxsize=4096)  # nearly all that comes is of a device that has spoken before
def _device(address: str) -> DeviceId:
    if not address:
        raise Unreadable("The topic names no device; nightwarden/v1/HOME/device/ADDRESS is due.")
    if address.startswith("~"):
        raise Unreadable(f"The address {shown(address)} begins with ~, which is the system's own.")
    return DeviceId(NAME, address)


def _read_state(device: DeviceId, message: RawMessage) -> Heard:
    if message.retain and not message.payload:  # how MQTT clears a retained topic
        return NOTHING
    body = json_object(message.payload)
    doubts: list[Problem] = []
    stamp = _stamp(device, body, message, doubts)
    readings, problems = fields.judge_fields(device, body.items(), FIELDS, stamp)
    if "channels" in body:
        _read_channels(device, body["channels"], stamp, readings, problems)
    if not readings and not problems:
        if "at" not in body and "seq" not in body:
            raise Unreadable(f"The message has none of the fields at, seq, {', '.join(FIELDS)}.")
        readings.append(Reading(device, Quantity.LINK, True, *stamp))
    return Heard(tuple(readings), (*doubts, *problems))


def _read_channels(
    device: DeviceId,
    channels: object,
    stamp: Stamp,
    readings: list[Reading],
    problems: list[Problem],
) -> None:
    """The inputs of a device that has several, each with fields of its own; adds to the lists."""
    if not isinstance(channels, dict) or len(channels) > MAX_CHANNELS:
        problems.append(Problem(device, f"channels {_CHANNELS_DUE}"))
        return
    for name, said in channels.items():
        try:
            channel = device.at_channel(claims.channel(name))
        except ValueError as doubt:
            problems.append(Problem(device, f"a channel's name {doubt}."))
            continue
        if isinstance(said, dict):
            more, doubts = fields.judge_fields(channel, said.items(), FIELDS, stamp)
            readings += more
            problems += doubts
        else:
            problems.append(Problem(channel, f"the channel {_CHANNELS_DUE}"))


def _stamp(
    device: DeviceId, body: dict[str, object], message: RawMessage, doubts: list[Problem]
) -> Stamp:
    """Times, freshness and number of all readings in a message; adds to ``doubts``."""
    measured_at, timed, seq = message.received_at, False, None
    if "at" in body:
        try:
            measured_at, timed = _measured_at(body["at"], message), True
        except Doubt as doubt:
            doubts.append(Problem(device, f"at {doubt}"))
    if "seq" in body:
        try:
            seq = _seq(body["seq"])
        except Doubt as doubt:
            doubts.append(Problem(device, f"seq {doubt}"))
    return Stamp(measured_at, message.received_at, not message.retain, timed, seq)


def _measured_at(claim: object, message: RawMessage) -> datetime:
    """The claimed instant, no later than the receipt."""
    claimed = instant(claim)
    age = message.received_at - claimed
    if -AHEAD <= age <= BEHIND:
        return min(claimed, message.received_at)
    if message.retain and age > BEHIND:  # then a right clock and a long silence look the same
        raise Doubt(
            f"says {shown(claim)}, {span(age)} before this retained message came: "
            "the device has been silent since, or its clock is wrong."
        )
    raise Doubt(f"says {shown(claim)}, {span(age)} away: set the device's clock.")


def _seq(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_SEQ:
        raise Doubt(f"is {shown(value)}; a whole number from 0 to {MAX_SEQ} is due.")
    return value


def _read_availability(device: DeviceId, message: RawMessage) -> Heard:
    if not message.payload:  # cleared; seen live, a clearing does not carry the retain flag
        return NOTHING
    if message.payload not in (b"online", b"offline"):
        raise Unreadable(
            "The availability is not readable; the bare word online or offline is due."
        )
    received_at = message.received_at
    online = message.payload == b"online"
    stamp = Stamp(received_at, received_at, not message.retain)
    return Heard((Reading(device, Quantity.LINK, online, *stamp),))


def _read_proof(message: RawMessage) -> Heard:
    if message.retain and not message.payload:
        return NOTHING
    token = json_object(message.payload).get("token")
    if not isinstance(token, str) or not 0 < len(token) <= MAX_TOKEN:
        raise Unreadable(f'The proof has no token; {{"token": up to {MAX_TOKEN} signs}} is due.')
    stamp = Stamp(message.received_at, message.received_at, not message.retain)
    return Heard((Reading(PROOF_DEVICE, Quantity.PROOF, token, *stamp),))
