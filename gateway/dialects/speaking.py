"""What a device of a dialect says to the broker: the topics that its own password opens.

1. A dialect whose devices connect by themselves has ``topics_of``: what one device publishes and
   hears. It stands beside the grammar that it belongs to.
2. A dialect without it is heard through a bridge: one password for all of it, under the topics that
   it subscribes to.
3. What would open more than the dialect's own topics is not given. A device named ``+`` would
   otherwise speak for all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from gateway.dialects.base import Dialect
from nightwarden.errors import Invalid


@dataclass(frozen=True, slots=True)
class Speech:
    """MQTT topic filters (``+`` and ``#`` as always) that one client may use, and no more."""

    publishes: tuple[str, ...] = ()
    hears: tuple[str, ...] = ()


@runtime_checkable
class SpeaksForItself(Protocol):
    """A dialect whose devices connect to the broker themselves, each with its own password."""

    def topics_of(self, address: str) -> Speech:
        """What the device at this address publishes, and what it must hear. Pure.

        The address is any text; one that does not fit a topic is refused for the dialect.
        """
        ...


@runtime_checkable
class AsksBack(Protocol):
    """A dialect whose bridges the gateway asks for something (``Heard.requests``)."""

    def requests_on(self) -> tuple[str, ...]:
        """The topic filters of what its bridges must hear."""
        ...


def device_speech(dialect: Dialect, address: str) -> Speech | None:
    """What one device may say and hear; None when the dialect is heard through a bridge.

    Raises:
        Invalid: the address would open topics of other devices, or is none of the dialect.
    """
    if not isinstance(dialect, SpeaksForItself):
        return None
    if wrong := sorted({sign for sign in address if sign in "+#" or not sign.isprintable()}):
        raise Invalid(
            f'{dialect.name} "{address}" gets no password: {wrong[0]!r} is not part of any topic; '
            "give the device another address."
        )
    if not address or address != address.strip() or "" in address.split("/"):
        raise Invalid(
            f'{dialect.name} "{address}" gets no password: the address has an empty part, or a '
            "space at its end; give the device another address."
        )
    return dialect.topics_of(address)


def bridge_speech(dialect: Dialect) -> Speech:
    """What the bridge of a dialect may say and hear: all that the dialect subscribes to.

    It also hears what it may be asked for.

    Raises:
        Invalid: that reaches beyond the dialect's own topics.
    """
    filters = dialect.filters()
    if broad := [one for one in filters if _reaches_beyond(one)]:
        raise Invalid(
            f"{dialect.name} has no password for a bridge: {broad[0]} is not of its own alone; "
            "give its bridge a user and topics by hand."
        )
    asked = dialect.requests_on() if isinstance(dialect, AsksBack) else ()
    return Speech(filters, (*filters, *asked))


def _reaches_beyond(topic_filter: str) -> bool:
    first = topic_filter.split("/", maxsplit=1)[0]
    return first in ("+", "#", "nightwarden", "") or first.startswith("$")


def spoken_by(dialects: Iterable[Dialect], name: str) -> Dialect | None:
    """The dialect of this name; None when the gateway does not speak it."""
    return next((dialect for dialect in dialects if dialect.name == name), None)
