"""The devices' own times in a recording, moved to the time of its being played.

A gateway believes a claimed time that is near, and takes an old one for a repeat: Zigbee2MQTT's
``last_seen`` of last week raises nothing. So the claims may be moved with the receipt. A claim that
lay two seconds before its receipt lies, at twofold speed, one second before it again: the order of
a device's readings stays what it was. Only the signs of the time change; all other bytes stay.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

Mapping = Callable[[datetime], datetime]
"""From an instant of the recording to one of the play, both aware."""


class _Claim(NamedTuple):
    """A field in which a dialect's devices say when they measured."""

    topics: re.Pattern[str]
    field: re.Pattern[bytes]


def _field(*names: str) -> re.Pattern[bytes]:
    value = r'(?P<value>"[^"\\]*"|-?\d+(?:\.\d+)?)'
    return re.compile(rf'(?P<name>"(?:{"|".join(names)})"\s*:\s*){value}'.encode())


_CLAIMS = (
    _Claim(re.compile(r"nightwarden/v1/[^/]+/device/.+"), _field("at")),
    _Claim(re.compile(r"zigbee2mqtt/.+"), _field("last_seen")),
    _Claim(re.compile(r"application/[^/]+/device/[^/]+/event/.+"), _field("time")),  # ChirpStack
    _Claim(re.compile(r"v3/.+"), _field("received_at")),  # The Things Stack
    _Claim(re.compile(r".+/(events/rpc|status/.+)"), _field("ts", "last_updated_ts")),  # Shelly
    _Claim(re.compile(r"(.+/)?(tele|stat)/.+"), _field("Time", "Epoch")),  # Tasmota
)

_MILLISECONDS_FROM = 1e11
"""A count since 1970 above this is one of milliseconds; as seconds it would be the year 5138."""


def moved(topic: str, payload: bytes, mapping: Mapping) -> bytes:
    """The payload with its claimed time mapped; as it was where there is none."""
    for claim in _CLAIMS:
        if claim.topics.fullmatch(topic):
            return claim.field.sub(
                lambda found: found["name"] + _mapped(found["value"], mapping), payload
            )
    return payload


def _mapped(value: bytes, mapping: Mapping) -> bytes:
    """One time in the form in which it was written; what is no time stays."""
    try:
        if value.startswith(b'"'):
            return b'"%s"' % _text(value[1:-1].decode(), mapping).encode()
        number = float(value)
        unit = 1000.0 if number > _MILLISECONDS_FROM else 1.0
        instant = mapping(datetime.fromtimestamp(number / unit, UTC)).timestamp() * unit
    except (ValueError, OverflowError, OSError):
        return value
    return repr(instant).encode() if b"." in value else str(round(instant)).encode()


def _text(text: str, mapping: Mapping) -> str:
    claimed = datetime.fromisoformat(text.upper())
    if claimed.tzinfo is None:
        return text  # a wall's time: which one, only its dialect knows
    told = mapping(claimed).astimezone(claimed.tzinfo)
    written = told.isoformat(timespec="microseconds" if "." in text else "milliseconds")
    return written.replace("+00:00", "Z") if text[-1] in "zZ" else written
