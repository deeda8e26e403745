"""One of Home Assistant's discovery messages, and the entities and availabilities in it.

``PREFIX/COMPONENT/[NODE/]OBJECT/config`` announces one entity, and with ``device`` for a component
a device with several under ``components``. Keys may be abbreviated, and ``~`` stands for the base
topic. https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.dialects.doubt import Doubt
from gateway.dialects.entity import Entity, entity_of, usable_topic
from gateway.dialects.findings import named
from gateway.dialects.json_payload import json_object
from gateway.dialects.value_template import ValueTemplate
from nightwarden.errors import Unreadable
from nightwarden.model.claims import ADDRESS_MAX

PREFIX = "homeassistant"
COMPONENTS = ("sensor", "binary_sensor", "event", "device_automation")
"""Those that can say something for us; of lights, switches and the like nothing is."""

OUR_NODE = "nightwarden_"
"""What the node ids of our own announcements begin with (``outlets/home_assistant.py``)."""

_MOST_PARTS = 200

_SHORT: Mapping[str, str] = {
    "atype": "automation_type",
    "avty": "availability",
    "avty_mode": "availability_mode",
    "avty_t": "availability_topic",
    "avty_tpl": "availability_template",
    "cmps": "components",
    "cns": "connections",
    "dev": "device",
    "dev_cla": "device_class",
    "ent_cat": "entity_category",
    "evt_typ": "event_types",
    "ids": "identifiers",
    "p": "platform",
    "pl": "payload",
    "pl_avail": "payload_available",
    "pl_not_avail": "payload_not_available",
    "pl_off": "payload_off",
    "pl_on": "payload_on",
    "stat_t": "state_topic",
    "t": "topic",
    "uniq_id": "unique_id",
    "unit_of_meas": "unit_of_measurement",
    "val_tpl": "value_template",
}


@dataclass(frozen=True, slots=True)
class Availability:
    """A topic that says whether a device is there."""

    device: str
    topic: str
    template: ValueTemplate | None
    available: str | None
    """None: this topic alone does not say that the device is there (``availability_mode: all``)."""
    not_available: str | None
    """None: nor does it alone say that the device is off (``any``)."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What one discovery message announces."""

    entities: tuple[Entity, ...]
    availabilities: tuple[Availability, ...]


def is_discovery(topic: str) -> bool:
    """Whether something is announced on a topic."""
    return topic.startswith(f"{PREFIX}/") and topic.endswith("/config")


def announcement(topic: str, payload: bytes) -> Announcement | None:
    """What a discovery message announces; None where nothing of it can be for us.

    Raises:
        Unreadable: no JSON object, or a template, topic or device in it that cannot be used.
    """
    levels = topic.split("/")
    if len(levels) not in (4, 5) or levels[-1] != "config":
        return None
    component, object_id = levels[1], levels[-2]
    if component != "device" and component not in COMPONENTS:
        return None
    if len(levels) == 5 and levels[2].startswith(OUR_NODE):
        return None
    body = _expanded(json_object(payload))
    if body.get("migrate_discovery") is True:
        return None
    try:
        device = _device(body, "/".join(levels[2:-1]))
        whole = component == "device"
        parts = list(_parts(body)) if whole else [(component, object_id, body)]
        found = [
            entity_of(kind, device, name, part) for kind, name, part in parts if kind in COMPONENTS
        ]
        entities = tuple(each for each in found if each is not None)
        told = tuple(_availabilities(device, body, parts))
    except Doubt as doubt:
        raise Unreadable(f"The announcement's {doubt}") from None
    return Announcement(entities, told) if entities else None


def _expanded(body: dict[str, Any]) -> dict[str, Any]:
    """Full keys and whole topics, in the message itself and in what it holds of ours."""
    base = body.get("~")
    whole = _with_base({_SHORT.get(key, key): value for key, value in body.items()}, base)
    if isinstance(device := whole.get("device"), dict):
        whole["device"] = {_SHORT.get(key, key): value for key, value in device.items()}
    if isinstance(listed := whole.get("availability"), dict):
        whole["availability"] = [listed]
    if isinstance(listed := whole.get("availability"), list):
        whole["availability"] = [
            _with_base({_SHORT.get(key, key): value for key, value in each.items()}, base)
            for each in listed
            if isinstance(each, dict)
        ]
    if isinstance(parts := whole.get("components"), dict):
        whole["components"] = {
            name: _expanded({"~": base, **_without_parts(part)})
            for name, part in list(parts.items())[:_MOST_PARTS]
            if isinstance(part, dict)
        }
    return whole


def _without_parts(part: dict[str, Any]) -> dict[str, Any]:
    """A component has none of its own, and a stranger's could be nested without end."""
    return {key: value for key, value in part.items() if key not in ("components", "cmps")}


def _with_base(body: dict[str, Any], base: object) -> dict[str, Any]:
    if not isinstance(base, str):
        return body
    for key, value in body.items():
        if key.endswith("topic") and isinstance(value, str) and value:
            if value[0] == "~":
                body[key] = base + value[1:]
            elif value[-1] == "~":
                body[key] = value[:-1] + base
    return body


def _parts(body: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The components of a device, each with what all of them share; one without more is removed."""
    parts = body.get("components")
    if not isinstance(parts, dict):
        raise Doubt("components are missing; an object of entities is due.")
    shared = {key: body[key] for key in ("state_topic",) if key in body}
    for name, part in parts.items():
        kind = part.get("platform")
        if isinstance(kind, str) and len(part.keys() - {"~"}) > 1:
            yield kind, name, {**shared, **part}


def _device(body: dict[str, Any], path: str) -> str:
    """The device's address: its first identifier, else its connection's, else its topic's."""
    device = body.get("device")
    found: object = None
    if isinstance(device, dict):
        found = device.get("identifiers")
        found = found[0] if isinstance(found, list) and found else found
        if not found and isinstance(device.get("connections"), list) and device["connections"]:
            pair = device["connections"][0]
            found = pair[-1] if isinstance(pair, list) and pair else None
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    address = found if isinstance(found, str) and found.strip() else path
    return named(address, ADDRESS_MAX)


def _availabilities(
    device: str, body: dict[str, Any], parts: list[tuple[str, str, dict[str, Any]]]
) -> Iterator[Availability]:
    seen = set()
    for each in (body, *(part for _, _, part in parts)):
        for one in _availabilities_of(device, each):
            if one.topic not in seen:
                seen.add(one.topic)
                yield one


def _availabilities_of(device: str, body: dict[str, Any]) -> Iterator[Availability]:
    listed = list(body["availability"]) if isinstance(body.get("availability"), list) else []
    if "availability_topic" in body:
        one = {key: body[key] for key in body if key.startswith("payload_")}
        one |= {"topic": body["availability_topic"]}
        if "availability_template" in body:
            one["value_template"] = body["availability_template"]
        listed.append(one)
    mode = body.get("availability_mode") if len(listed) > 1 else None
    for each in listed:
        template = each.get("value_template")
        yield Availability(
            device,
            usable_topic(each.get("topic")),
            ValueTemplate(template) if isinstance(template, str) else None,
            None if mode == "all" else str(each.get("payload_available", "online")),
            None if mode == "any" else str(each.get("payload_not_available", "offline")),
        )
