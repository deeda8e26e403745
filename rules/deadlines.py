"""Which watch wants to be asked when, the earliest first."""

import heapq
from collections.abc import Container
from datetime import datetime


class Deadlines:
    """One instant a watch, by its key. What is set anew replaces what was set before."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, str]] = []
        self._standing: dict[str, datetime] = {}

    def set(self, key: str, due: datetime | None) -> None:
        """A watch wants to be asked at ``due``; None: not at all."""
        if due is None:
            self._standing.pop(key, None)
        elif self._standing.get(key) != due:
            self._standing[key] = due
            heapq.heappush(self._heap, (due, key))

    def of(self, key: str) -> datetime | None:
        """When this watch wants to be asked."""
        return self._standing.get(key)

    @property
    def next(self) -> datetime | None:
        """The earliest of all, or an earlier one that was since replaced."""
        return self._heap[0][0] if self._heap else None

    def pop(self, now: datetime) -> tuple[datetime, str] | None:
        """The earliest that has passed by ``now``, which then stands no longer."""
        while self._heap and self._heap[0][0] <= now:
            due, key = heapq.heappop(self._heap)
            if self._standing.get(key) == due:
                del self._standing[key]
                return due, key
        return None

    def keep_only(self, keys: Container[str]) -> None:
        """Forget the deadlines of every other watch."""
        for key in [key for key in self._standing if key not in keys]:
            del self._standing[key]
