"""Where the link's thread leaves messages and the deciding thread takes them, in batches."""

import threading
import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from queue import Full

from gateway.floods import RATE, Floods
from gateway.messages import RawMessage

MOST_WAITING = 5_000
"""Beyond this the link waits, and with it the broker, which keeps what it cannot deliver."""

LARGEST_BATCH = 500
"""Unless the reader asks for more, because those before were quick (``pace.py``)."""

MOST_OF_A_TOPIC = 50
"""In a batch: each may change an alert, which costs milliseconds, and a transaction must be short,
since people's answers wait for it."""

SOON_S = 1 / RATE
"""When the turn of a message that is held comes."""


class Inbox:
    """A bounded queue whose reader takes all there is at once, up to a batch.

    A topic that floods waits by itself, and nobody else for it (``gateway/floods.py``): neither
    what is beyond its measure nor, in a batch, what is beyond its share. The messages of one topic
    keep their order.
    """

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._messages: deque[RawMessage] = deque()
        self._most = most
        self._changed = threading.Condition()
        self._woken = False
        self._floods = Floods()

    def put(self, message: RawMessage, timeout: float = 0.5) -> None:
        """Leave a message.

        Raises:
            Full: there was no room within ``timeout`` seconds.
        """
        self.put_all((message,), timeout)

    def put_all(self, messages: Sequence[RawMessage], timeout: float = 0.5) -> int:
        """Leave as many of these as there is room for, in their order; gives how many that was.

        Raises:
            Full: there was no room for the first within ``timeout`` seconds.
        """
        with self._changed:
            if len(self._messages) >= self._most and not self._has_room(timeout):
                raise Full
            taken = messages[: self._most - len(self._messages)]
            now, admit = time.monotonic(), self._floods.admit
            self._messages.extend(message for message in taken if admit(message, now))
            self._changed.notify_all()
            return len(taken)

    def _has_room(self, timeout: float) -> bool:
        return self._changed.wait_for(lambda: len(self._messages) < self._most, timeout)

    def take(self, timeout: float, most: int = LARGEST_BATCH) -> list[RawMessage]:
        """The next ``most``; empty when nothing came within ``timeout`` seconds or on a wake-up.

        Also empty when messages were passed over: until those are acknowledged, a broker that has
        its few in flight brings nobody else's.
        """
        end = time.monotonic() + timeout
        with self._changed:
            while not self._ready():
                left = end - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(min(left, SOON_S) if self._floods.holds else left)
            self._woken = False
            batch = self._next_batch(most)
            self._changed.notify_all()
            return batch

    def _next_batch(self, most: int) -> list[RawMessage]:
        """Of each topic its oldest; what a topic has beyond its share waits, and only that."""
        batch: list[RawMessage] = []
        later: list[RawMessage] = []
        of_topic: dict[str, int] = {}
        messages = self._messages
        while messages and len(batch) < most:
            message = messages.popleft()
            count = of_topic[message.topic] = of_topic.get(message.topic, 0) + 1
            (batch if count <= MOST_OF_A_TOPIC else later).append(message)
        messages.extendleft(reversed(later))
        return batch

    def _ready(self) -> bool:
        self._messages.extend(self._floods.release(time.monotonic()))
        return bool(self._messages or self._floods.passed or self._woken)

    def passed(self) -> list[RawMessage]:
        """What topics that flood have brought beyond their measure since the last call, unread."""
        with self._changed:
            passed, self._floods.passed = self._floods.passed, []
            return passed

    def put_back(self, messages: Sequence[RawMessage]) -> None:
        """Return a batch that could not be handled, to the front and in its order."""
        with self._changed:
            self._messages.extendleft(reversed(messages))

    def wake(self) -> None:
        """Let the reader look at once, though no message came."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def waited(self, now: datetime) -> timedelta:
        """How long the oldest message has been here; one of a topic beyond its share too."""
        with self._changed:
            if not self._messages:
                return timedelta()
            return max(now - self._messages[0].received_at, timedelta())

    def __len__(self) -> int:
        return len(self._messages)
