"""Devices behind a Zigbee2MQTT bridge, with ``advanced.last_seen: ISO_8601``.

1. One bridge, one MQTT connection: ``bridge/state`` with a will, ``bridge/devices``, and a retained
   ``NAME/availability`` in the JSON form for each device.
2. Each message repeats everything that the bridge knows of the device; QoS 0, not retained, as the
   bridge does unless told otherwise.
3. Battery devices speak on change and check in about hourly. A temperature is a change from 1 °C
   on, looked at every 10 s (usual reporting: minimum 10 s, reportable change 1 °C), or every 30 s
   where nothing is hurried: there it makes no difference that a message would show.
4. A device without power is silence: the bridge calls a battery device offline after 25 hours,
   longer than any power cut here.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from heapq import merge
from operator import attrgetter
from random import Random
from typing import Any

from nightwarden.model.places import EquipmentKind
from nightwarden.model.readings import DeviceId
from simulators import zigbee_models
from simulators.beats import Moment, Occasion, moments
from simulators.home_description import Fitting
from simulators.senses import Battery, PowerCut, Sense
from simulators.wire import WireMessage

DIALECT = "zigbee2mqtt"
BRIDGE = DeviceId(DIALECT, "bridge")
CHECK_IN = (timedelta(minutes=50), timedelta(minutes=60))
SAMPLE = timedelta(seconds=10)
SAMPLE_AT_EASE = timedelta(seconds=30)
REPORTABLE_C = 1.0


def bridge(fittings: Sequence[Fitting], start: datetime, seed: int) -> Iterator[WireMessage]:
    """What the bridge says of itself and its devices when it starts."""
    yield bridge_state(start, online=True)
    devices = zigbee_models.bridge_devices(fittings, seed)
    topic = f"{DIALECT}/bridge/devices"
    yield WireMessage(start, BRIDGE, topic, devices, "bridge", qos=0, retain=True)
    for device in dict.fromkeys(fitting.device.whole for fitting in fittings):
        online = {"state": "online"}
        topic = f"{DIALECT}/{device.address}/availability"
        yield WireMessage(start, device, topic, online, "availability", retain=True)


def bridge_state(at: datetime, *, online: bool) -> WireMessage:
    """``bridge/state``: said when the bridge starts, and when it stops on purpose."""
    body = {"state": "online" if online else "offline"}
    return WireMessage(at, BRIDGE, f"{DIALECT}/bridge/state", body, "bridge", retain=True)


def zigbee_device(
    fitting: Fitting,
    sense: Sense,
    cuts: Iterator[PowerCut],
    start: datetime,
    rng: Random,
    looks: timedelta = SAMPLE,
) -> Iterator[WireMessage]:
    """What the bridge says for the device from ``start`` (aware) on, in order, for ever."""
    voice = _Voice(fitting, Battery(start, rng), rng)
    powered = False
    reported: float | None = None
    happens = moments(start, CHECK_IN, sense.changes, cuts, rng)
    if sense.level is not None:
        first_look = start + looks * rng.random()
        happens = merge(happens, _looks(first_look, looks), key=attrgetter("at"))
    for moment in happens:
        if moment.occasion is Occasion.LOST_POWER:
            powered = False
            continue
        powered = powered or moment.occasion is Occasion.STARTED
        if sense.level is not None and powered:
            celsius = sense.level(moment.at) + rng.gauss(0, 0.05)
            small = reported is not None and abs(celsius - reported) < REPORTABLE_C
            if moment.occasion is Occasion.CHANGED and small:
                continue
            reported = celsius
            voice.knows("temperature", round(celsius, 2))
        if powered:
            yield voice.says(moment)


def _looks(first: datetime, every: timedelta) -> Iterator[Moment]:
    """The sensor looks at its probe."""
    at = first
    while True:
        yield Moment(at, Occasion.CHANGED)
        at += every


class _Voice:
    """What the bridge knows of one device, and the radio link to it."""

    def __init__(self, fitting: Fitting, battery: Battery, rng: Random) -> None:
        self._fitting = fitting
        self._model = zigbee_models.model_of(fitting)
        self._battery = battery
        self._rng = rng
        self._link = rng.uniform(60, 200)
        self._known: dict[str, Any] = dict(self._model.constant)

    def knows(self, field: str, value: bool | float) -> None:
        self._known[field] = value

    def says(self, moment: Moment) -> WireMessage:
        extra: dict[str, Any] = {}
        kind = "check-in" if moment.occasion is Occasion.CHECKS_IN else "state"
        if moment.change is not None:
            kind = moment.change.quantity.value
            word, value = self._model.word(moment.change)
            (extra if word == "action" else self._known)[word] = value
        elif "temperature" in self._known:
            kind = "temperature"
        name = self._fitting.device.address
        body = {**self._known, **extra, **self._condition(moment.at)}
        return WireMessage(
            moment.at,
            self._fitting.device,
            f"{DIALECT}/{name}",
            body,
            kind,
            qos=0,
            time_field="last_seen",
        )

    def _condition(self, at: datetime) -> dict[str, Any]:
        self._link = min(255.0, max(20.0, self._link + self._rng.gauss(0, 4)))
        battery = self._battery.per_cent(at)
        condition: dict[str, Any] = {"battery": battery, "linkquality": round(self._link)}
        if self._model.has_voltage:
            condition["voltage"] = round(25 + battery / 20) * 100
        if self._fitting.kind is not EquipmentKind.TEMPERATURE_SENSOR:
            condition["battery_low"] = battery < 10
        return condition
