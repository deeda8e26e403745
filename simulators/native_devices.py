"""Devices that speak the native dialect.

A native device has its own MQTT connection: ``online`` retained when it starts, ``offline`` left
with the broker as its will. It speaks every 30 s or so, and at once when something changes.
``seq`` goes on counting over a power cut, as of a device that keeps it in flash.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from nightwarden.model.readings import DeviceId, Quantity
from simulators.beats import Moment, Occasion, moments
from simulators.senses import Battery, PowerCut, Sense
from simulators.wire import WireMessage

DIALECT = "nightwarden"
HEARTBEAT = (timedelta(seconds=28), timedelta(seconds=32))


def native_device(
    home: str,
    device: DeviceId,
    sense: Sense,
    cuts: Iterator[PowerCut],
    start: datetime,
    rng: Random,
) -> Iterator[WireMessage]:
    """What the device says from ``start`` (aware) on, in order of time, for ever."""
    voice = _Voice(home, device, Battery(start, rng))
    state: dict[str, Any] = {}
    for moment in moments(start, HEARTBEAT, sense.changes, cuts, rng):
        if moment.occasion is Occasion.LOST_POWER:
            yield availability(home, device, moment.at, online=False)
            continue
        said = _fields(moment)
        if moment.occasion is Occasion.CHANGED:
            yield voice.says(moment.at, next(iter(said)), said)
        if "action" not in said:
            state |= said
        if moment.occasion is Occasion.STARTED:
            yield availability(home, device, moment.at, online=True)
        if moment.occasion is not Occasion.CHANGED:
            if sense.level is not None:
                noisy = sense.level(moment.at) + rng.gauss(0, 0.05)
                state["temperature"] = round(noisy, 1)
            yield voice.heartbeat(moment.at, state)


def availability(home: str, device: DeviceId, at: datetime, *, online: bool) -> WireMessage:
    """``online`` as the device says it, ``offline`` as its will does."""
    topic = f"{_topic(home, device)}/availability"
    word = "online" if online else "offline"
    return WireMessage(at, device, topic, word, "availability", retain=True, by_will=not online)


def _topic(home: str, device: DeviceId) -> str:
    return f"nightwarden/v1/{home}/device/{device.address}"


def _fields(moment: Moment) -> dict[str, Any]:
    if moment.change is None:
        return {}
    return {moment.change.quantity.value: moment.change.value}


class _Voice:
    """One device's topic, its count of messages and its battery."""

    def __init__(self, home: str, device: DeviceId, battery: Battery) -> None:
        self._device = device
        self._topic = _topic(home, device)
        self._battery = battery
        self._seq = 0

    def heartbeat(self, at: datetime, state: dict[str, Any]) -> WireMessage:
        kind = Quantity.TEMPERATURE.value if "temperature" in state else "heartbeat"
        return self.says(at, kind, {**state, "battery": self._battery.per_cent(at)})

    def says(self, at: datetime, kind: str, fields: dict[str, Any]) -> WireMessage:
        self._seq += 1
        body = {**fields, "seq": self._seq}
        return WireMessage(at, self._device, self._topic, body, kind, time_field="at")
