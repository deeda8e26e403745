"""Which watch wants to be asked when, the earliest first."""

import heapq
from collections.abc import Container
from datetime import UTC, datetime

NEVER = datetime.max.replace(tzinfo=UTC)


class Deadlines:
    """One instant a watch, by its key. What is set anew replaces what was set before.

    ``next`` is the earliest of all, or an earlier one that was since replaced; ``NEVER`` when
    there is none. A plain attribute, since every reading looks at it.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, str]] = []
        self._standing: dict[str, datetime] = {}
        self.next = NEVER

    def set(self, key: str, due: datetime | None) -> None:
        """A watch wants to be asked at ``due``; None: not at all."""
        if due is None:
            self._standing.pop(key, None)
        elif self._standing.get(key) != due:
            self._standing[key] = due
            heapq.heappush(self._heap, (due, key))
            self.next = self._heap[0][0]

    def of(self, key: str) -> datetime | None:
        """When this watch wants to be asked."""
        return self._standing.get(key)

    def pop(self, now: datetime) -> tuple[datetime, str] | None:
        """The earliest that has passed by ``now``, which then stands no longer."""
        heap, standing = self._heap, self._standing
        found = None
        while found is None and heap and heap[0][0] <= now:
            due, key = heapq.heappop(heap)
            if standing.get(key) == due:
                del standing[key]
                found = due, key
        self.next = heap[0][0] if heap else NEVER
        return found

    def keep_only(self, keys: Container[str]) -> None:
        """Forget the deadlines of every other watch."""
        for key in [key for key in self._standing if key not in keys]:
            del self._standing[key]
