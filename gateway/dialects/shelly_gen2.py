"""Shelly's second generation and later: components with a number, ``temperature:100``, ``input:0``.

1. ``NotifyStatus`` is a difference: what is absent is unchanged, not missing. ``null`` with
   ``errors`` is a probe that failed.
2. ``params.ts`` is the device's clock, UTC. ``PREFIX/status/…`` has no time.
3. 0 % beside ``external.present`` is a device on its mains adapter, not an empty battery.
4. Any notification is the device's sign of life: its inputs report on change alone.
5. An input of type button has no state, only ``btn_down`` and ``btn_up``, which are one too.
6. A BLU device behind a gateway: ``bthomedevice:N`` has its battery and its pushes. A
   ``bthomesensor:N`` says a number and not what of; that is only in the gateway's configuration.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

from gateway.dialects import fields
from gateway.dialects.base import NOTHING, Heard
from gateway.dialects.claimed_time import Stamp, epoch, receipt, stamp_of
from gateway.dialects.doubt import Doubt, shown
from gateway.dialects.findings import Findings, input_of
from gateway.dialects.json_payload import bare_value, json_object
from gateway.messages import RawMessage
from nightwarden.errors import Unreadable
from nightwarden.model.readings import DeviceId, Quantity

NAME = "shelly"

LIVE = timedelta(seconds=60)
"""A ``last_updated_ts`` older than this is a gateway's memory of a BLU device (judgement)."""

_Reader = Callable[[DeviceId, dict[str, object], RawMessage, Findings], None]
_NOTIFIED = ("NotifyStatus", "NotifyFullStatus")
_PUSHES = frozenset({"single_push", "double_push", "triple_push", "long_push"})
_EDGES = {"btn_down": True, "btn_up": False}


def read(prefix: str, path: str, message: RawMessage) -> Heard:
    """What ``PREFIX/PATH`` says.

    Raises:
        Unreadable: not what the second generation sends on such a topic.
    """
    found = Findings(receipt(message))
    if path == "online":
        said = bare_value(message.payload)
        if not isinstance(said, bool):
            raise Unreadable(f"The state is {shown(said)}; true or false is due.")
        found.add(DeviceId(NAME, prefix), Quantity.LINK, said)
        return found.heard()
    component = path.removeprefix("status/")
    if component != path:
        if component.partition(":")[0] not in _READ_BY:  # another maker's may be no JSON at all
            return NOTHING
        _read_component(prefix, component, json_object(message.payload), message, found)
        return found.heard()
    return _read_notification(prefix, json_object(message.payload), message, found)


def _read_notification(
    prefix: str, body: dict[str, object], message: RawMessage, found: Findings
) -> Heard:
    method, params = body.get("method"), body.get("params")
    if not isinstance(method, str) or not isinstance(params, dict):
        raise Unreadable('The notification has no method and params; {"method": …} is due.')
    device = DeviceId(NAME, prefix)
    _claim(device, "ts", params.get("ts"), message, found)
    if method in _NOTIFIED:
        for component, status in params.items():
            if isinstance(status, dict):
                _read_component(prefix, component, status, message, found)
    elif method == "NotifyEvent":
        events = params.get("events")
        for event in events if isinstance(events, list) else ():
            if isinstance(event, dict):
                _read_event(prefix, event, found)
    found.add(device, Quantity.LINK, True)
    return found.heard()


def _claim(
    device: DeviceId, name: str, claim: object, message: RawMessage, found: Findings
) -> None:
    if claim is None:
        return
    try:
        found.stamp = stamp_of(epoch(claim), message)
    except Doubt as doubt:
        found.doubt(device, f"{name} {doubt}")


def _read_component(
    prefix: str, component: str, status: dict[str, object], message: RawMessage, found: Findings
) -> None:
    reader = _READ_BY.get(component.partition(":")[0])
    if reader is not None:
        reader(input_of(DeviceId(NAME, prefix), component), status, message, found)


def _read_event(prefix: str, event: dict[str, object], found: Findings) -> None:
    component, word = event.get("component"), event.get("event")
    if not isinstance(component, str) or not isinstance(word, str):
        return
    device = input_of(DeviceId(NAME, prefix), component)
    if component.startswith("input:") and word in _EDGES:
        found.add(device, Quantity.CONTACT, _EDGES[word])
    elif word in _PUSHES and component.startswith(("input:", "bthomedevice:")):
        found.press(device)


def _temperature(
    device: DeviceId, status: dict[str, object], _: RawMessage, found: Findings
) -> None:
    if "tC" in status:
        judged = partial(fields.celsius, status["tC"])
        found.judge(device, Quantity.TEMPERATURE, "tC", judged)


def _input(device: DeviceId, status: dict[str, object], _: RawMessage, found: Findings) -> None:
    if status.get("state") is not None:  # null: of type button, which has no state
        found.judge(device, Quantity.CONTACT, "state", partial(fields.contact, status["state"]))


def _power(device: DeviceId, status: dict[str, object], _: RawMessage, found: Findings) -> None:
    """The battery is the whole device's."""
    battery, external = status.get("battery"), status.get("external")
    if not isinstance(battery, dict) or battery.get("percent") is None:
        return
    if isinstance(external, dict) and external.get("present") is True:
        return
    judged = partial(fields.battery, battery["percent"])
    found.judge(device.whole, Quantity.BATTERY, "battery.percent", judged)


def _blu_device(
    device: DeviceId, status: dict[str, object], message: RawMessage, found: Findings
) -> None:
    if status.get("battery") is not None:
        stamp = _last_updated(device, status, message, found)
        judged = partial(fields.battery, status["battery"])
        found.judge(device, Quantity.BATTERY, "battery", judged, stamp)


def _blu_valve(
    device: DeviceId, status: dict[str, object], message: RawMessage, found: Findings
) -> None:
    """A radiator valve (BLU TRV); ``current_C`` is measured at the valve."""
    stamp = _last_updated(device, status, message, found)
    if status.get("current_C") is not None:
        judged = partial(fields.celsius, status["current_C"])
        found.judge(device, Quantity.TEMPERATURE, "current_C", judged, stamp)
    if status.get("battery") is not None:
        charge = partial(fields.battery, status["battery"])
        found.judge(device, Quantity.BATTERY, "battery", charge, stamp)


def _blu_sensor(
    device: DeviceId, status: dict[str, object], _: RawMessage, found: Findings
) -> None:
    if "value" in status:
        found.doubt(
            device,
            "A BLU sensor behind a gateway does not say what its value is; "
            "let the gateway announce it to Home Assistant's discovery topics.",
        )


def _last_updated(
    device: DeviceId, status: dict[str, object], message: RawMessage, found: Findings
) -> Stamp:
    """When the gateway heard the device; an old one is repeated and proves nobody alive."""
    claim = status.get("last_updated_ts")
    if claim is None:
        return found.stamp
    try:
        stamp = stamp_of(epoch(claim), message)
    except Doubt as doubt:
        found.doubt(device, f"last_updated_ts {doubt}")
        return found.stamp._replace(fresh=False)
    recent = message.received_at - stamp.measured_at <= LIVE
    return stamp._replace(fresh=stamp.fresh and recent)


_READ_BY: Mapping[str, _Reader] = {
    "temperature": _temperature,
    "input": _input,
    "devicepower": _power,
    "bthomedevice": _blu_device,
    "bthomesensor": _blu_sensor,
    "blutrv": _blu_valve,
}
