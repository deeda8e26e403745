"""Who has been silent the longest: a queue for each supervision interval.

A deadline that every heartbeat puts off would be set and asked for half as often as readings come.
So devices that only repeat themselves stand in a queue instead: whoever speaks goes to its end, and
the first in it is the one whose silence will be due first. Nothing else is looked at.
"""

from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rules.deadlines import NEVER

if TYPE_CHECKING:
    from rules.liveness import DeviceWatch


class Silences:
    """Devices by when they last spoke. Time runs forward.

    ``next`` is when the first of them may have been silent for too long, or an earlier instant; a
    plain attribute, since every reading looks at it.
    """

    def __init__(self) -> None:
        self._queues: dict[timedelta, OrderedDict[DeviceWatch, None]] = {}
        self.next = NEVER

    def spoke(self, device: "DeviceWatch") -> bool:
        """It has said the same again just now; True when it was not in a queue before."""
        queue = device.queue
        if queue is not None:
            queue.move_to_end(device)
            return False
        supervision = device.item.supervision
        queue = device.queue = self._queues.setdefault(supervision, OrderedDict())
        queue[device] = None
        heard_at = device.memory.heard_at
        assert heard_at is not None, "what has spoken was heard"
        self.next = min(self.next, heard_at + supervision)
        return True

    def leave(self, device: "DeviceWatch") -> None:
        """Something else has happened to it: its silence is a deadline like any other."""
        if device.queue is not None:
            del device.queue[device]
            device.queue = None

    def pop(self, now: datetime) -> Iterator[tuple["DeviceWatch", datetime]]:
        """Whoever may have been silent for too long by ``now``, and since when; they leave."""
        self.next = NEVER
        for supervision, queue in self._queues.items():
            while queue:
                device = next(iter(queue))
                heard_at = device.memory.heard_at
                assert heard_at is not None, "what has spoken was heard"
                due = heard_at + supervision
                if due > now:
                    self.next = min(self.next, due)
                    break
                self.leave(device)
                yield device, due
