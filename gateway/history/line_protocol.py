"""One reading as one line of InfluxDB's line protocol.

Written here and not with the client's ``Point`` because that one turns a time into microseconds
through a float and so can be one off, and writes a tag that ends in a backslash as another tag.

- The measurement is the quantity; its ``value`` has one type for ever, since InfluxDB refuses a
  second: numbers and booleans (0 and 1) are floats, words are strings.
- Tags say which series it is: home, dialect, device, and equipment, room and place where known.
- Fields say the rest: ``value``, ``fresh``, ``late``, ``received_at`` (microseconds since 1970).
- The time is ``measured_at`` in microseconds; the nanoseconds below it are the reading's id
  modulo 1000. InfluxDB keeps one point a series and time, and a device may well send two readings
  within a microsecond or claim the same time for both: they stay two, the later one later, and a
  reading that is sent again still lands on itself.
"""

import math
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from nightwarden.store.history import Waiting

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\\%]")
_SYNTAX = re.compile(r"[,= ]")


def line(home: str, reading: Waiting) -> str:
    """``reading`` as a line without its line end; times in nanoseconds since 1970, UTC.

    A reading without a value that InfluxDB could hold (an infinity) goes without ``value``.
    """
    series = _series(
        reading.quantity,
        ("address", reading.address),
        ("dialect", reading.dialect),
        ("equipment", reading.equipment),
        ("home", home),
        ("place", reading.place),
        ("room", reading.room),
    )
    received_at = f"received_at={_microseconds(reading.received_at)}i"
    kind = f"fresh={_flag(reading.fresh)},late={_flag(reading.late)}"
    nanoseconds = _microseconds(reading.measured_at) * 1000 + reading.id % 1000
    return f"{series} {_value(reading)}{kind},{received_at} {nanoseconds}"


@lru_cache(maxsize=4096)
def _series(measurement: str, *tags: tuple[str, str | None]) -> str:
    """Measurement and tags, the part that repeats; tags sorted, as InfluxDB asks, none empty."""
    known = [f"{key}={_escaped(value)}" for key, value in tags if value]
    return ",".join([_escaped(measurement), *known])


def _escaped(text: str) -> str:
    """``text`` for a name or a tag.

    Line protocol cannot hold a line end or a closing backslash there: those, other control
    characters and the percent sign itself are percent-encoded, so that two devices stay two.
    """
    writable = _UNWRITABLE.sub(lambda found: f"%{ord(found[0]):02X}", text)
    return _SYNTAX.sub(lambda found: f"\\{found[0]}", writable)


def _value(reading: Waiting) -> str:
    if reading.word is not None:
        word = reading.word.replace("\\", "\\\\").replace('"', '\\"')
        return f'value="{word}",'
    if reading.number is None or not math.isfinite(reading.number):
        return ""
    return f"value={float(reading.number)!r},"


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND
