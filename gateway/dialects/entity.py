"""An announced entity: what its values are of, and how they are read.

``device_class`` and the unit say what a value is. A class that is not ours makes an entity that is
known and nothing for us, so that nobody guesses at it by its name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from gateway.dialects import fields
from gateway.dialects.doubt import Doubt, shown
from gateway.dialects.value_template import ValueTemplate
from nightwarden.model.readings import Quantity

_DEGREES = re.compile(r"[°º]\s?[CF]|K", re.IGNORECASE)
_CLASSES: Mapping[str | None, Quantity] = {
    None: Quantity.OCCUPANCY,
    "occupancy": Quantity.OCCUPANCY,
    "presence": Quantity.OCCUPANCY,
    "door": Quantity.CONTACT,
    "garage_door": Quantity.CONTACT,
    "opening": Quantity.CONTACT,
    "window": Quantity.CONTACT,
    "battery": Quantity.BATTERY,
    "connectivity": Quantity.LINK,
}
"""Of a binary sensor. One without a class is an input that is on or off, as a mat's is."""

_CALLING = (None, "button", "doorbell")
"""Of an event; the others are somebody moving, and nobody calling."""

_RELEASES = ("release", "up", "idle", "none", "motion")
_HELP = ("help", "sos", "emergency", "panic")


LONGEST_TOPIC = 512


@dataclass(frozen=True, slots=True)
class Entity:
    """One value of a device; ``quantity`` None is known and nothing for us."""

    device: str
    name: str
    topic: str
    quantity: Quantity | None
    unit: str | None = None
    """Of a number; None: its values are words."""
    on: str = "ON"
    off: str = "OFF"
    trigger: str | None = None
    """The payload that a button's trigger waits for; None: any."""
    template: ValueTemplate | None = None

    def judge(self, payload: bytes) -> bool | float | str | None:
        """The value in a payload of its topic; None where there is nothing for us in it.

        Raises:
            Doubt: it cannot be believed.
        """
        if self.quantity is None:
            return None
        said = self.template.render(payload) if self.template else as_text(payload)
        if said is None or (said in ("", "None") and self.template):
            return None  # not known yet
        if self.quantity is Quantity.ACTION:
            return self._pressed(said)
        if self.unit is None:
            return self._state(said)
        if self.quantity is Quantity.TEMPERATURE:
            return fields.celsius(said, self.unit)
        return fields.battery(fields.number(said))

    def _state(self, said: str) -> bool | float | None:
        """On or off: of a door on is *open*, of a battery on is *low*."""
        if said not in (self.on, self.off):
            raise Doubt(f"is {shown(said)}; {shown(self.on)} or {shown(self.off)} is due.")
        is_on = said == self.on
        if self.quantity is Quantity.CONTACT:
            return not is_on
        if self.quantity is Quantity.BATTERY:
            return fields.LOW_BATTERY_PERCENT if is_on else None
        return is_on

    def _pressed(self, said: str) -> str | None:
        if self.trigger is not None:
            return "press" if said == self.trigger else None
        try:
            event = orjson.loads(said)
        except orjson.JSONDecodeError:
            return pressed(said)
        word = event.get("event_type") if isinstance(event, dict) else None
        return pressed(word) if isinstance(word, str) else None


def as_text(payload: bytes) -> str:
    """A payload's text.

    Raises:
        Doubt: it is not UTF-8.
    """
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise Doubt("is not UTF-8; a text is due.") from None


def pressed(word: str) -> str | None:
    """What an event's word means for a call button; None where nobody calls."""
    low = word.lower().replace("-", "_")
    if not low or any(part in _RELEASES for part in low.split("_")):
        return None
    if low == "cancel":
        return "cancel"
    return "help" if any(each in low for each in _HELP) else "press"


def usable_topic(topic: object) -> str:
    """A topic that may be subscribed to: no wildcard in it, and none of a broker's own.

    Raises:
        Doubt: it is not one.
    """
    fine = (
        isinstance(topic, str)
        and 0 < len(topic) <= LONGEST_TOPIC
        and topic.isprintable()
        and not topic.startswith("$")
        and not any(sign in topic for sign in "+#")
    )
    if not fine:
        raise Doubt(f"topic is {shown(topic)}; a topic without wildcards is due.")
    return str(topic)


def entity_of(component: str, device: str, name: str, body: dict[str, Any]) -> Entity | None:
    """The entity that a discovery message describes; None where it has no topic.

    Raises:
        Doubt: its topic or its template cannot be used.
    """
    topic = body.get("topic" if component == "device_automation" else "state_topic")
    if topic is None:
        return None
    template = body.get("value_template")
    entity = Entity(
        device,
        name,
        usable_topic(topic),
        None,
        template=ValueTemplate(template) if isinstance(template, str) else None,
    )
    match component:
        case "sensor":
            return _sensor(entity, body)
        case "binary_sensor":
            return _binary_sensor(entity, body)
        case "event":
            calls = body.get("device_class") in _CALLING
            return replace(entity, quantity=Quantity.ACTION if calls else None)
        case _:
            return _trigger(entity, body)


def _sensor(entity: Entity, body: dict[str, Any]) -> Entity:
    said, unit = body.get("device_class"), body.get("unit_of_measurement")
    unit = unit if isinstance(unit, str) else None
    if said == "battery":
        return replace(entity, quantity=Quantity.BATTERY, unit="%")
    degrees = unit is not None and _DEGREES.fullmatch(unit)
    if body.get("entity_category") == "diagnostic":  # of the board's own chip
        return entity
    if said == "temperature" or (said is None and degrees):
        return replace(entity, quantity=Quantity.TEMPERATURE, unit=unit or "°C")
    return entity


def _binary_sensor(entity: Entity, body: dict[str, Any]) -> Entity:
    said = body.get("device_class")
    known = _CLASSES.get(said) if said is None or isinstance(said, str) else None
    if body.get("entity_category") == "diagnostic" and said is None:
        known = None
    on, off = (str(body.get(f"payload_{word}", word.upper())) for word in ("on", "off"))
    return replace(entity, quantity=known, on=on, off=off)


def _trigger(entity: Entity, body: dict[str, Any]) -> Entity:
    """``device_automation``: of a remote's triggers only those of a button's being pressed."""
    kind, awaited = body.get("type"), body.get("payload")
    calls = isinstance(kind, str) and kind.startswith("button_") and pressed(kind) is not None
    return replace(
        entity,
        quantity=Quantity.ACTION if calls else None,
        trigger=None if awaited is None else str(awaited),
    )
