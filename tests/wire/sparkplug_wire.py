"""Sparkplug B payloads as a node writes them, from the JSON that its specification prints.

Written by hand from ``sparkplug_b.proto``, since what is written with the gateway's own schema
would agree with any mistake in it.
"""

import struct
from collections.abc import Iterable, Mapping
from typing import Any

DATATYPES = {
    "Int8": 1,
    "Int16": 2,
    "Int32": 3,
    "Int64": 4,
    "UInt8": 5,
    "UInt16": 6,
    "UInt32": 7,
    "UInt64": 8,
    "Float": 9,
    "Double": 10,
    "Boolean": 11,
    "String": 12,
}
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def encode(said: Mapping[str, Any]) -> bytes:
    """A payload: ``timestamp``, ``metrics``, ``seq``, ``uuid``, as far as they are there."""
    parts = [_number(1, said.get("timestamp"))]
    parts += [_bytes(2, _metric(metric)) for metric in said.get("metrics", [])]
    parts += [_number(3, said.get("seq")), _text(4, said.get("uuid"))]
    return b"".join(parts)


def _metric(metric: Mapping[str, Any]) -> bytes:
    datatype = DATATYPES[metric["dataType"]] if "dataType" in metric else None
    parts = [
        _text(1, metric.get("name")),
        _number(2, metric.get("alias")),
        _number(3, metric.get("timestamp")),
        _number(4, datatype if not metric.get("untyped") else None),
        _number(5, metric.get("isHistorical")),
        _number(7, metric.get("isNull")),
    ]
    if properties := metric.get("properties"):
        parts.append(_bytes(9, _properties(properties)))
    if "value" in metric:
        parts.append(_value(10, datatype, metric["value"]))
    return b"".join(parts)


def _properties(properties: Mapping[str, Any]) -> bytes:
    """Keys and values of a property set; numbers are Int32, the rest are texts."""
    keys = [_text(1, key) for key in properties]
    values = []
    for value in properties.values():
        kind = 3 if isinstance(value, int) else 12
        values.append(_bytes(2, _number(1, kind) + _value(3, kind, value)))
    return b"".join([*keys, *values])


def _value(first: int, datatype: int | None, value: Any) -> bytes:
    """The value in the field that its datatype has; ``first`` is the field of whole numbers."""
    match datatype:
        case 4 | 8:
            return _number(first + 1, value % 2**64)
        case 9:
            return _tag(first + 2, _FIXED32) + struct.pack("<f", value)
        case 10:
            return _tag(first + 3, _FIXED64) + struct.pack("<d", value)
        case 11:
            return _number(first + 4, value)
        case 12:
            return _text(first + 5, value)
        case _:
            return _number(first, value % 2**32)


def _tag(field: int, kind: int) -> bytes:
    return _varint(field << 3 | kind)


def _number(field: int, value: int | None) -> bytes:
    return b"" if value is None else _tag(field, _VARINT) + _varint(int(value))


def _text(field: int, value: str | None) -> bytes:
    return b"" if value is None else _bytes(field, value.encode())


def _bytes(field: int, content: bytes) -> bytes:
    return _tag(field, _BYTES) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    return bytes(_sevens(value))


def _sevens(value: int) -> Iterable[int]:
    while value > 0x7F:
        yield value & 0x7F | 0x80
        value >>= 7
    yield value
