"""What the parts of a scenario's reader share: the home's own names, and how a value is taken."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from nightwarden.homefile.shape import HomeFile
from nightwarden.homefile.yaml_tree import Path
from nightwarden.model.readings import HUBS, DeviceId
from nightwarden.rulesfile.document import Document
from nightwarden.rulesfile.story_parts import places_of
from nightwarden.rulesfile.story_values import duration, near_word

SPOKEN = ("nightwarden", "zigbee2mqtt")
"""The dialects that a scenario's devices speak."""


MOST = 5_000


def whole_number(given: Any) -> int:
    """A number of messages, of screens or of chance, up to :data:`MOST`."""
    text = str(given)
    if not (text.isascii() and text.isdecimal() and int(text) <= MOST):
        raise ValueError(f'"{given}" is not a whole number up to {MOST}')
    return int(text)


class Reader:
    """A document, and the home whose devices, places and items it may name."""

    def __init__(self, document: Document, home: HomeFile, start: datetime) -> None:
        self.document = document
        self.start = start
        self.places = places_of(home)
        self.items = [item.tag for item in home.equipment]
        bound = [item.device.device.whole for item in home.equipment if item.device]
        self.devices = {one.address: one for one in (*sorted(HUBS), *bound)}

    def read(self, path: Path, given: Any, read: Callable[[Any], Any]) -> Any:
        """``given`` as ``read`` takes it; None, and a note in the document, where it is wrong."""
        try:
            return read(given)
        except ValueError as problem:
            self.document.wrong(path, str(problem))
            return None

    def taken(
        self, path: Path, content: dict[str, Any], key: str, read: Callable[[Any], Any]
    ) -> Any:
        """The value under ``key`` in ``content``, which stands at ``path``; None without one."""
        return self.read((*path, key), content[key], read) if key in content else None

    def time(
        self, path: Path, content: dict[str, Any], key: str, lasts: timedelta
    ) -> timedelta | None:
        """A time after the start, within the scenario."""
        at: timedelta | None = self.taken(path, content, key, duration)
        if at is not None and at > lasts:
            self.document.wrong((*path, key), f"is after the end; the scenario lasts {lasts}")
        return at

    def device(self, path: Path, content: dict[str, Any], key: str) -> DeviceId | None:
        """The device that ``key`` names."""
        address = str(content[key])
        device = self.devices.get(address)
        if device is None:
            hint = near_word(address, self.devices)
            self.document.wrong((*path, key), f'no item has a device "{address}"{hint}')
        elif device.dialect not in SPOKEN:
            known = " and ".join(SPOKEN)
            self.document.wrong(
                (*path, key),
                f"speaks {device.dialect}; a scenario speaks {known} so far, else publish: TOPIC",
            )
        return device

    def among(
        self, path: Path, content: dict[str, Any], key: str, what: str, known: Iterable[str]
    ) -> str:
        """A name of the home's own, such as a place."""
        name, words = str(content[key]), dict.fromkeys(known)
        if name not in words:
            hint = near_word(name, words)
            self.document.wrong((*path, key), f'there is no {what} "{name}"{hint}')
        return name

    def only(self, path: Path, content: dict[str, Any], known: Iterable[str]) -> None:
        """Note every key that is not among those known."""
        known = list(known)
        for key in content:
            if key not in known:
                self.document.unknown((*path, key), known)
