"""Tells the boards when a device that was bound just now is heard, and when it has proved itself.

Somebody stands in the room and presses the mat: the page that they hold says "seen" with the commit
of that press. Only devices that have not proved themselves where they stand are looked at, so the
usual reading costs one look into a set that is mostly empty.
"""

from datetime import datetime
from typing import Any

from nightwarden.model.plan import PlacedItem
from nightwarden.model.readings import DeviceId
from nightwarden.store import outgoing
from nightwarden.store.engine import Transaction
from nightwarden.wire import rfc3339
from rules.engine import Engine
from rules.liveness import DeviceWatch

EVENT = "device"


class FirstProofs:
    """Which devices have yet to show that they work where they stand."""

    def __init__(self) -> None:
        self._awaited: dict[DeviceId, tuple[PlacedItem, DeviceWatch]] = {}
        self._heard: set[DeviceId] = set()

    def replan(self, engine: Engine) -> None:
        """The plan has changed: look which are unproved now."""
        self._awaited, self._heard = {}, set()
        for item in engine.plan.items:
            watch = engine.device(item.device) if item.device else None
            if watch is None:
                continue
            live = watch.liveness
            if not _since(live.changed_at, item):
                self._awaited[watch.device] = item, watch
                if _since(live.heard_at, item):
                    self._heard.add(watch.device)

    def look(self, tx: Transaction, device: DeviceId) -> bool:
        """After a believed reading; True when a line for the boards was written."""
        awaited = self._awaited.get(device)
        if awaited is None:
            return False
        item, watch = awaited
        proved = _since(watch.memory.changed_at, item)
        if not proved and device in self._heard:
            return False
        live = watch.liveness
        if proved:
            del self._awaited[device]
        elif not _since(live.heard_at, item):
            return False
        self._heard.add(device)
        outgoing.stream(tx, EVENT, _line(item, live.heard_at, live.changed_at if proved else None))
        return True


def _since(at: datetime | None, item: PlacedItem) -> bool:
    return at is not None and at >= item.stands_since


def _line(
    item: PlacedItem, heard_at: datetime | None, proved_at: datetime | None
) -> dict[str, Any]:
    return {
        "equipment": item.tag,
        "device": str(item.device),
        "room": item.place.room,
        "place": item.place.place,
        "heard_at": rfc3339(heard_at),
        "proved_at": rfc3339(proved_at),
    }
