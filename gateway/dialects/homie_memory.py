"""How Homie devices describe themselves: units and labels of properties, and who is whose.

A lesson's key is ``DEVICE/NODE/PROPERTY/$unit`` (or ``$format``) in Homie 4, with the attribute's
text, and ``5/DEVICE`` in Homie 5, with what concerns us of its description.
"""

from typing import NamedTuple

import orjson

from gateway.dialects.allowance import Allowance
from gateway.dialects.base import Lesson
from gateway.dialects.json_payload import json_object

MOST_KNOWN = 5_000
"""Attributes and devices that are remembered; a large home has a few hundred."""

MOST_BYTES = 8 * 1024 * 1024


class Described(NamedTuple):
    """What is known of a property. ``labels``: what false and what true is called."""

    unit: str = ""
    labels: tuple[str, str] | None = None

    def worded(self, text: str) -> str:
        """``true`` and ``false`` in the property's own words, where it has some."""
        if self.labels is None or text not in ("true", "false"):
            return text
        return self.labels[text == "true"]


_NOTHING_KNOWN = Described()


class Descriptions:
    """The memory of one gateway."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}
        self._allowance = Allowance(MOST_KNOWN, MOST_BYTES)
        self._properties: dict[str, dict[str, list[str]]] = {}
        self._roots: dict[str, str] = {}

    def of(self, device: str, node: str, name: str) -> Described:
        """What is known of a property, in whichever version its device speaks."""
        if (said := self._properties.get(device)) is not None:
            unit, labels = said.get(f"{node}/{name}", ("", ""))
            return Described(unit, _two(labels))
        key = f"{device}/{node}/{name}"
        unit = self._kept.get(f"{key}/$unit", b"").decode(errors="replace")
        labels = self._kept.get(f"{key}/$format", b"").decode(errors="replace")
        if not unit and not labels:
            return _NOTHING_KNOWN
        return Described(unit, _two(labels))

    def children_of(self, root: str) -> list[str]:
        """The devices that are heard through this one."""
        return sorted(child for child, parent in self._roots.items() if parent == root)

    def news(self, key: str, content: bytes) -> tuple[Lesson, ...]:
        """The lesson, unless it is known already: the broker repeats all of them."""
        return () if self._kept.get(key, b"") == content else (Lesson(key, content),)

    def learn(self, lesson: Lesson) -> bool:
        """Take up one lesson, or forget it; False when too much is known already."""
        key, content = lesson
        if not self._allowance.take(key, len(content)):
            return False
        if content:
            self._kept[key] = content
        else:
            self._kept.pop(key, None)
        if key.startswith("5/"):
            self._take_description(key.removeprefix("5/"), content)
        return True

    def _take_description(self, device: str, content: bytes) -> None:
        self._properties.pop(device, None)
        self._roots.pop(device, None)
        try:
            root, properties = orjson.loads(content)
            self._properties[device] = {
                str(path): [str(unit), str(labels)] for path, (unit, labels) in properties.items()
            }
        except (ValueError, TypeError, AttributeError):  # empty, or of an older version
            return
        if root:
            self._roots[device] = str(root)


def read_description(text: str) -> bytes:
    """What concerns us of a Homie 5 description: its root, and units and formats by property.

    Raises:
        Unreadable: not a JSON object.
    """
    if not text:
        return b""
    body = json_object(text.encode())
    properties: dict[str, list[str]] = {}
    for node, said in _objects(body.get("nodes")):
        for name, described in _objects(said.get("properties")):
            unit, labels = described.get("unit"), described.get("format")
            words = labels if described.get("datatype") == "boolean" else ""
            if unit or words:
                properties[f"{node}/{name}"] = [str(unit or ""), str(words or "")]
    root = body.get("root")
    return orjson.dumps([root if isinstance(root, str) else "", properties])


def _objects(value: object) -> list[tuple[str, dict[str, object]]]:
    """The members of an object that are objects themselves."""
    if not isinstance(value, dict):
        return []
    return [(name, said) for name, said in value.items() if isinstance(said, dict)]


def _two(labels: str) -> tuple[str, str] | None:
    """``closed,open``: what false is called, and what true is."""
    false, comma, true = labels.partition(",")
    return (false, true) if comma and false and true and "," not in true else None
