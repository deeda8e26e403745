"""The measured values in a message of any language, found without knowing the language.

What looks like a temperature is a number with a fraction; what is one of two is true or false, or
a word of a known pair. Names that makers use for other things are left alone. In Sparkplug's
protobuf a metric's alias stands for its name, and a level in per cent is a small whole number.
"""

import json
from collections.abc import Callable
from typing import Any

from simulators.tongues.sparkplug_bytes import turned

Turn = Callable[[tuple[str, ...], Any], Any]
"""Given the way to a value (topic first) and the value, what stands there instead."""

_PAIRS = (
    ("ON", "OFF"),
    ("open", "close"),
    ("open", "closed"),
    ("occupied", "vacant"),
    ("true", "false"),
)
OTHER_WORD = {a: b for pair in reversed(_PAIRS) for a, b in (pair, pair[::-1])}
_NOT_MEASURED = frozenset(
    [
        "adr",
        "aenergy",
        "at",
        "bat",
        "battery",
        "battery_low",
        "battery_ok",
        "connected",
        "encrypted",
        "frequency",
        "is_valid",
        "LoadAvg",
        "mqtt",
        "new_fw",
        "output",
        "percent",
        "POWER",
        "present",
        "relay",
        "rssi",
        "RSSI",
        "rx_metadata",
        "rxInfo",
        "settings",
        "snr",
        "supported",
        "switch:0",
        "tamper",
        "time",
        "total",
        "ts",
        "txInfo",
        "unixtime",
        "V",
        "voltage",
        "wifi",
        "Wifi",
    ]
)
_BATTERY = frozenset(["battery", "battery_level", "batteryLevel", "percent", "$stats/battery"])
_TELLS_VALUES = ("NBIRTH", "DBIRTH", "NDATA", "DDATA")
_NOT_SAID = ("/announce", "/availability", "/LWT", "/online", "/status", "/config")


def reworded(topic: str, payload: bytes, turn: Turn) -> bytes:
    """The message with its values turned; as it was where there are none to be found."""
    if topic.startswith("spBv1.0/"):
        return _sparkplug(topic, payload, turn)
    if topic.endswith(_NOT_SAID) or ("/$" in topic and "/$stats/battery" not in topic):
        return payload
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return payload
    try:
        said = json.loads(text)
    except ValueError:
        said = text
    new = _walked((topic,), said, turn)
    if new == said:
        return payload
    if isinstance(new, str):
        return new.encode()
    return json.dumps(new, separators=(",", ":"), ensure_ascii=False).encode()


def _sparkplug(topic: str, payload: bytes, turn: Turn) -> bytes:
    """A metric is told apart by alias or name, below its node or device, in births and data."""
    root, group, kind, *device = topic.split("/")
    if kind not in _TELLS_VALUES:
        return payload
    path = "/".join([root, group, *device])
    return turned(
        payload,
        lambda name, level, value: turn((path, name, *(["battery"] if level else [])), value),
    )


def is_temperature(path: tuple[str, ...], value: Any) -> bool:
    """Whether this may be one: a number with a fraction, not known as something else."""
    return isinstance(value, float) and not _is_other(path)


def is_two_way(path: tuple[str, ...], value: Any) -> bool:
    """Whether this is one of two."""
    two_way = isinstance(value, bool) or (isinstance(value, str) and value in OTHER_WORD)
    return two_way and not _is_other(path)


def is_battery(path: tuple[str, ...], value: Any) -> bool:
    """Whether this is a battery's level in per cent."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    named = path[-1] in _BATTERY or path[-1].endswith("/battery") or path[-2:] == ("bat", "value")
    return number and (named or "/battery/state" in path[-1])


def other(value: bool | str) -> bool | str:
    """The other of the two."""
    return not value if isinstance(value, bool) else OTHER_WORD[value]


def _is_other(path: tuple[str, ...]) -> bool:
    names = {*path[1:], *path[0].split("/")}
    return not names.isdisjoint(_NOT_MEASURED) or "uptime" in path[0]


def _walked(path: tuple[str, ...], said: Any, turn: Turn) -> Any:
    if isinstance(said, dict):
        return {name: _walked((*path, name), value, turn) for name, value in said.items()}
    if isinstance(said, list):
        return [_walked((*path, str(n)), value, turn) for n, value in enumerate(said)]
    return turn(path, said)
