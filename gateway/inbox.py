"""Where the link's thread leaves messages and the deciding thread takes them, in batches."""

import threading
import time
from collections import deque
from collections.abc import Sequence
from queue import Full

from gateway.floods import Floods
from gateway.messages import RawMessage

MOST_WAITING = 5_000
"""Beyond this the link waits, and with it the broker, which keeps what it cannot deliver."""

LARGEST_BATCH = 500


class Inbox:
    """A bounded queue whose reader takes all there is at once, up to a batch.

    A topic that floods waits by itself, and nobody else for it (``gateway/floods.py``).
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
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._messages) < self._most, timeout):
                raise Full
            if self._floods.admit(message, time.monotonic()):
                self._messages.append(message)
            self._changed.notify_all()

    def take(self, timeout: float) -> list[RawMessage]:
        """The next batch; empty when nothing came within ``timeout`` seconds or on a wake-up."""
        end = time.monotonic() + timeout
        with self._changed:
            self._messages.extend(self._floods.release(time.monotonic()))
            while not self._messages and not self._woken:
                left = end - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    break
            self._woken = False
            batch = [
                self._messages.popleft() for _ in range(min(len(self._messages), LARGEST_BATCH))
            ]
            self._changed.notify_all()
            return batch

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

    def __len__(self) -> int:
        return len(self._messages)
