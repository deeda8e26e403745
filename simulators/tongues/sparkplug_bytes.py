"""Sparkplug B payloads, from the few parts of the public schema that an edge node here needs.

https://github.com/eclipse-tahu/tahu/blob/master/sparkplug_b/sparkplug_b.proto
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

UINT8, UINT64, DOUBLE, BOOLEAN, STRING = 5, 8, 10, 11, 12
"""Sparkplug's own numbers of the datatypes that are used here."""

_FIELDS = {UINT8: "int_value", UINT64: "long_value", DOUBLE: "double_value"}
_FIELDS |= {BOOLEAN: "boolean_value", STRING: "string_value"}
_VALUES = (("int", 13), ("long", 4), ("float", 2), ("double", 1), ("boolean", 8), ("string", 9))
_REPEATED, _OPTIONAL, _MESSAGE = 3, 1, 11


class Metric(NamedTuple):
    """One metric. In a birth it has name, alias and unit; in data the alias alone."""

    name: str | None
    alias: int | None
    datatype: int
    value: bool | float | int | str
    unit: str = ""


def payload(at_ms: int, metrics: Iterable[Metric], seq: int | None) -> bytes:
    """The bytes; ``at_ms`` is milliseconds since 1970. A death has no ``seq``."""
    said = _PAYLOAD(timestamp=at_ms)
    if seq is not None:
        said.seq = seq
    for metric in metrics:
        one = said.metrics.add(timestamp=at_ms, datatype=metric.datatype)
        if metric.name is not None:
            one.name = metric.name
        if metric.alias is not None:
            one.alias = metric.alias
        if metric.unit:
            one.properties.keys.append("engUnit")
            one.properties.values.add(type=STRING, string_value=metric.unit)
        setattr(one, _FIELDS[metric.datatype], metric.value)
    encoded: bytes = said.SerializeToString()
    return encoded


def asks_for_rebirth(command: bytes) -> bool:
    """Whether an NCMD has ``Node Control/Rebirth`` set; what cannot be read asks for nothing."""
    said = _PAYLOAD()
    try:
        said.ParseFromString(command)
    except DecodeError:
        return False
    return any(one.name == "Node Control/Rebirth" and one.boolean_value for one in said.metrics)


def turned(payload: bytes, turn: Callable[[str, bool, Any], Any]) -> bytes:
    """The payload with its values turned; as it was where it cannot be read or nothing changes.

    ``turn`` is given what a metric is told apart by in a birth and in data (its alias, else its
    name), whether it may be a battery's level, and the value.
    """
    said = _PAYLOAD()
    try:
        said.ParseFromString(payload)
    except DecodeError:
        return payload
    before = said.SerializeToString()
    for metric in said.metrics:
        field = metric.WhichOneof("value")
        if field is None:
            continue
        named = str(metric.alias) if metric.HasField("alias") else metric.name
        unnamed_or_battery = not metric.name or "batter" in metric.name.lower()
        level = metric.datatype == UINT8 and unnamed_or_battery
        setattr(metric, field, turn(named, level, getattr(metric, field)))
    after: bytes = said.SerializeToString()
    return payload if after == before else after


def _payload_class() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="simulated/sparkplug_b.proto")
    file.package, file.syntax = "org.eclipse.tahu.protobuf", "proto2"
    root = file.message_type.add(name="Payload")
    inside = ".org.eclipse.tahu.protobuf.Payload"
    value, properties = root.nested_type.add(name="PropertyValue"), None
    _add(value, "type", 1, 13)
    _add_values(value, 3)
    properties = root.nested_type.add(name="PropertySet")
    _add(properties, "keys", 1, 9, _REPEATED)
    _add(properties, "values", 2, _MESSAGE, _REPEATED, f"{inside}.PropertyValue")
    metric = root.nested_type.add(name="Metric")
    for name, number, kind in (("name", 1, 9), ("alias", 2, 4), ("timestamp", 3, 4)):
        _add(metric, name, number, kind)
    _add(metric, "datatype", 4, 13)
    _add(metric, "properties", 9, _MESSAGE, _OPTIONAL, f"{inside}.PropertySet")
    _add_values(metric, 10)
    _add(root, "timestamp", 1, 4)
    _add(root, "metrics", 2, _MESSAGE, _REPEATED, f"{inside}.Metric")
    _add(root, "seq", 3, 4)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = pool.FindMessageTypeByName("org.eclipse.tahu.protobuf.Payload")
    return message_factory.GetMessageClass(found)


def _add_values(owner: Any, first: int) -> None:
    owner.oneof_decl.add(name="value")
    for number, (name, kind) in enumerate(_VALUES, first):
        _add(owner, f"{name}_value", number, kind).oneof_index = 0


def _add(
    owner: Any, name: str, number: int, kind: int, label: int = _OPTIONAL, of: str | None = None
) -> Any:
    field = owner.field.add(name=name, number=number, type=kind, label=label)
    if of is not None:
        field.type_name = of
    return field


_PAYLOAD = _payload_class()
