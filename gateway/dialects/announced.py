"""All that has been announced on Home Assistant's discovery topics, by the topics of the values.

One memory for a home, which the Home Assistant dialect fills and the ESPHome dialect looks into: an
ESPHome board says nowhere else that a value of its is in °F.
"""

from typing import TypeVar

from gateway.dialects.discovery import Announcement, Availability
from gateway.dialects.entity import Entity

_Said = TypeVar("_Said", Entity, Availability)

MOST_ANNOUNCEMENTS = 5_000
MOST_BYTES = 16 * 1024 * 1024
"""Of all announcements together; a large home's are a few hundred KiB."""


class Announced:
    """What is known, by discovery topic; empty at first."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[bytes, Announcement]] = {}
        self._bytes = 0
        self._entities: dict[str, list[Entity]] = {}
        self._availabilities: dict[str, list[Availability]] = {}

    def content(self, key: str) -> bytes | None:
        """What was last announced on a discovery topic, as it came."""
        kept = self._kept.get(key)
        return None if kept is None else kept[0]

    def put(self, key: str, content: bytes, said: Announcement | None) -> bool:
        """Take up an announcement, or forget it where there is None; False when there is no room.

        Args:
            key: its discovery topic.
            content: as it came.
            said: what it says.
        """
        before = self._kept.get(key)
        gone = 0 if before is None else len(before[0])
        if said is not None:
            full = before is None and len(self._kept) >= MOST_ANNOUNCEMENTS
            if full or self._bytes - gone + len(content) > MOST_BYTES:
                return False
        self._bytes -= gone
        self._kept.pop(key, None)
        if said is not None:
            self._kept[key] = (content, said)
            self._bytes += len(content)
        if before is not None:
            self._forget(before[1])
        if said is not None:
            self._take_up(said)
        return True

    def on_topic(self, topic: str) -> list[Entity]:
        """The entities whose values come on a topic."""
        return self._entities.get(topic, [])

    def availabilities(self, topic: str) -> list[Availability]:
        """What a topic says of who is there."""
        return self._availabilities.get(topic, [])

    def of_device(self, device: str) -> tuple[list[str], set[str]]:
        """Where a device has announced something, and the topics that it announced."""
        keys: list[str] = []
        topics: set[str] = set()
        for key, (_, said) in self._kept.items():
            told = {each.topic for each in said.entities if each.device == device}
            told |= {each.topic for each in said.availabilities if each.device == device}
            if told:
                keys.append(key)
                topics |= told
        return keys, topics

    def topics(self) -> set[str]:
        """All topics that something was announced for."""
        return self._entities.keys() | self._availabilities.keys()

    def _take_up(self, said: Announcement) -> None:
        for entity in said.entities:
            self._entities.setdefault(entity.topic, []).append(entity)
        for availability in said.availabilities:
            self._availabilities.setdefault(availability.topic, []).append(availability)

    def _forget(self, said: Announcement) -> None:
        for entity in said.entities:
            _take_out(self._entities, entity.topic, entity)
        for availability in said.availabilities:
            _take_out(self._availabilities, availability.topic, availability)


def _take_out(listed: dict[str, list[_Said]], topic: str, said: _Said) -> None:
    listed[topic].remove(said)
    if not listed[topic]:
        del listed[topic]
