"""Sparkplug B's payload: protobuf bytes to typed values, and the one command that we send.

The schema is that of Eclipse Tahu's ``sparkplug_b.proto``, as far as it concerns us: data sets,
templates, files and metadata are skipped. It is built here rather than generated, so that there is
nothing to keep in step. Texts are ``bytes`` in it, which is the same on the wire: what is not UTF-8
is then refused here and not somewhere inside protobuf.

https://github.com/eclipse-tahu/tahu/blob/master/sparkplug_b/sparkplug_b.proto
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from gateway.dialects.json_payload import check_size
from nightwarden.errors import Unreadable

BOOLEAN = 11
_SIGNED_BITS = {1: 8, 2: 16, 3: 32, 4: 64}
"""Int8 to Int64: what is negative is sent as an unsigned number, of 32 or 64 bits."""

_COMPRESSED = b"SPBV1.0_COMPRESSED"
_GOOD = 192
_OPTIONAL, _REPEATED = 1, 3
_DOUBLE_T, _FLOAT_T, _UINT64, _BOOL, _MESSAGE, _BYTES, _UINT32 = 1, 2, 4, 8, 11, 12, 13

_VALUES = (("int", _UINT32), ("long", _UINT64), ("float", _FLOAT_T), ("double", _DOUBLE_T))
_VALUE_TYPES = (*_VALUES, ("boolean", _BOOL), ("string", _BYTES))


class Metric(NamedTuple):
    """One metric. ``value`` None: it has none, says that it is null, or one that is not for us."""

    name: str
    alias: int | None
    at_ms: int | None
    datatype: int
    historical: bool
    value: bool | int | float | str | None
    unit: str
    good: bool


class Said(NamedTuple):
    """A payload; times are milliseconds since 1970, UTC."""

    at_ms: int | None
    seq: int | None
    metrics: tuple[Metric, ...]

    def metric(self, name: str) -> Metric | None:
        """The metric of this name, if it is there."""
        return next((metric for metric in self.metrics if metric.name == name), None)


def decode(payload: bytes) -> Said:
    """What a payload says.

    Raises:
        Unreadable: not Sparkplug B, compressed, or with a name that is not UTF-8.
    """
    check_size(payload)
    said = _Payload()
    try:
        said.ParseFromString(payload)
    except (DecodeError, RecursionError):
        raise Unreadable("The payload is not protobuf as Sparkplug B has it.") from None
    if said.uuid == _COMPRESSED:
        raise Unreadable("The payload is compressed; switch that off in the edge node.")
    return Said(
        said.timestamp if said.HasField("timestamp") else None,
        said.seq if said.HasField("seq") else None,
        tuple(_metrics(said)),
    )


def rebirth(now: datetime) -> bytes:
    """The payload that asks an edge node to say anew who it is and what it measures."""
    said = _Payload(timestamp=int(now.timestamp() * 1000))
    said.metrics.add(name=b"Node Control/Rebirth", datatype=BOOLEAN, boolean_value=True)
    encoded: bytes = said.SerializeToString()
    return encoded


def _metrics(said: Any) -> Iterator[Metric]:
    for metric in said.metrics:
        properties = dict(zip(metric.properties.keys, metric.properties.values, strict=False))
        quality = properties.get(b"Quality")
        unit = properties.get(b"engUnit") or properties.get(b"Engineering Units")
        yield Metric(
            _text(metric.name),
            metric.alias if metric.HasField("alias") else None,
            metric.timestamp if metric.HasField("timestamp") else None,
            metric.datatype,
            metric.is_historical,
            None if metric.is_null else _value(metric, metric.datatype),
            _text(unit.string_value) if unit else "",
            quality is None or quality.int_value == _GOOD,
        )


def _value(metric: Any, datatype: int) -> bool | int | float | str | None:
    kind = metric.WhichOneof("value")
    if kind is None:
        return None
    value = getattr(metric, kind)
    if isinstance(value, bytes):
        return _text(value)
    if kind == "float_value":
        return round(float(value), 4)  # 21.1 as a float of 32 bits is 21.100000381469727
    if kind in ("int_value", "long_value"):
        return signed(int(value), datatype)
    return bool(value) if kind == "boolean_value" else float(value)


def signed(value: int, datatype: int) -> int:
    """A whole number as its datatype means it; some nodes fill up to 32 or 64 bits, some do not."""
    if (bits := _SIGNED_BITS.get(datatype)) is None:
        return value
    if value >= 2**bits:
        bits = 32 if value < 2**32 else 64
    return value - 2**bits if value >= 2 ** (bits - 1) else value


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Unreadable("A text in the payload is not UTF-8.") from None


def _field(name: str, number: int, kind: int, label: int = _OPTIONAL) -> dict[str, Any]:
    return {"name": name, "number": number, "type": kind, "label": label}


def _payload_class() -> Any:
    """``Payload``, made of the schema's parts that concern us."""
    file = descriptor_pb2.FileDescriptorProto(name="nightwarden/sparkplug_b.proto")
    file.package, file.syntax = "org.eclipse.tahu.protobuf", "proto2"
    payload = file.message_type.add(name="Payload")
    value = payload.nested_type.add(name="PropertyValue")
    properties = payload.nested_type.add(name="PropertySet")
    metric = payload.nested_type.add(name="Metric")
    inside = ".org.eclipse.tahu.protobuf.Payload"

    value.field.add(**_field("type", 1, _UINT32))
    value.field.add(**_field("is_null", 2, _BOOL))
    properties.field.add(**_field("keys", 1, _BYTES, _REPEATED))
    properties.field.add(
        **_field("values", 2, _MESSAGE, _REPEATED), type_name=f"{inside}.PropertyValue"
    )
    for name, number, kind in (
        ("name", 1, _BYTES),
        ("alias", 2, _UINT64),
        ("timestamp", 3, _UINT64),
        ("datatype", 4, _UINT32),
        ("is_historical", 5, _BOOL),
        ("is_transient", 6, _BOOL),
        ("is_null", 7, _BOOL),
    ):
        metric.field.add(**_field(name, number, kind))
    metric.field.add(**_field("properties", 9, _MESSAGE), type_name=f"{inside}.PropertySet")
    for owner, first in ((value, 3), (metric, 10)):
        owner.oneof_decl.add(name="value")
        for number, (name, kind) in enumerate(_VALUE_TYPES, first):
            owner.field.add(**_field(f"{name}_value", number, kind), oneof_index=0)
    payload.field.add(**_field("timestamp", 1, _UINT64))
    payload.field.add(**_field("metrics", 2, _MESSAGE, _REPEATED), type_name=f"{inside}.Metric")
    payload.field.add(**_field("seq", 3, _UINT64))
    payload.field.add(**_field("uuid", 4, _BYTES))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = pool.FindMessageTypeByName("org.eclipse.tahu.protobuf.Payload")
    return message_factory.GetMessageClass(found)


_Payload = _payload_class()
