"""When the rules were looking, and when a place is paused: the two facts that every watch asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from nightwarden.model.places import PlaceId
from nightwarden.model.readings import Reading
from nightwarden.model.watches import Pause
from rules.rulebook import Rulebook

SETTLING = timedelta(seconds=5)
"""After an outage the broker hands over what it kept. A message without a time of its own that
arrives this soon may have waited; it is treated as one that did."""


@dataclass(slots=True)
class Moments:
    """What all watches of a home share. The engine keeps it up to date."""

    zone: ZoneInfo
    book: Rulebook
    pauses: Mapping[PlaceId, tuple[Pause, ...]] = field(default_factory=dict)
    outage_since: datetime | None = None
    outage_until: datetime | None = None

    def pause_at(self, place: PlaceId, instant: datetime) -> Pause | None:
        """The pause that covers ``place`` at ``instant``, the longest if there are several."""
        pauses = self.pauses.get(place)
        if not pauses:
            return None
        covering = [p for p in pauses if p.since <= instant < p.until]
        return max(covering, key=lambda pause: pause.until, default=None)

    def paused_until(self, place: PlaceId, now: datetime) -> datetime:
        """When the pause of ``place`` at ``now`` ends; ``now`` itself when it is not paused."""
        pause = self.pause_at(place, now)
        return now if pause is None else pause.until

    def unwatched(self, instant: datetime) -> bool:
        """Whether ``instant`` lies in the last outage."""
        if self.outage_since is None or self.outage_until is None:
            return False
        return self.outage_since <= instant < self.outage_until

    def may_have_waited(self, received_at: datetime) -> bool:
        """Whether a message received then may have waited through the last outage."""
        if self.outage_until is None:
            return False
        return self.outage_until <= received_at < self.outage_until + SETTLING

    def missed(self, reading: Reading) -> bool:
        """Whether what a reading tells may have happened while nobody watched."""
        return (
            not reading.fresh
            or self.unwatched(reading.measured_at)
            or (not reading.timed and self.may_have_waited(reading.received_at))
        )


def packed(value: object) -> object:
    """A field of a watch's memory as JSON: an instant as ``"@ISO"``, the rest as it is."""
    if isinstance(value, list):
        return [packed(each) for each in value]
    return f"@{value.isoformat()}" if isinstance(value, datetime) else value


def remembered(memory: Any, leaving_out: str = "") -> dict[str, Any]:
    """A memory (a dataclass with slots) as JSON; written out because it is on the hot path."""
    return {name: packed(getattr(memory, name)) for name in memory.__slots__ if name != leaving_out}


def unpacked(value: object) -> object:
    """The reverse of :func:`packed`."""
    if isinstance(value, list):
        return [unpacked(each) for each in value]
    if isinstance(value, str) and value.startswith("@"):
        return datetime.fromisoformat(value[1:])
    return value


def unpacked_fields(memory: Mapping[str, object]) -> dict[str, Any]:
    """The reverse of :func:`remembered`: the fields to make the memory of."""
    return {name: unpacked(value) for name, value in memory.items()}
