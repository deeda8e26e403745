"""What many ask for at once, worked out once for all of them.

1. An answer stands while nothing has been committed to the store since before it was begun, for a
   second at the most: what time alone changes, such as a proof that grows old, has to be seen too.
2. Whoever asked before it was begun may have it in any case: it knows all that was committed when
   they asked. So thirty boards that are told of a change cost one answer, or two if another change
   comes between, however many commits the store takes meanwhile.
3. Nobody gets an answer that is older than their question, and what stood before a change is never
   shown after it.
"""

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Generic, TypeVar

from fastapi.concurrency import run_in_threadpool

from nightwarden.store.engine import Store

HOLDS = timedelta(seconds=1)

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class _Kept(Generic[Answer]):
    answer: Answer
    now: datetime
    began: float
    mark: int

    def stands(self, now: datetime, asked: float, mark: int) -> bool:
        return self.began >= asked or (self.mark == mark and abs(now - self.now) < HOLDS)


class Shared(Generic[Answer]):
    """Answers by key. All methods belong to the event loop; the work is done off it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[Hashable, _Kept[Answer]] = {}
        self._locks: dict[Hashable, asyncio.Lock] = {}

    async def of(self, key: Hashable, now: datetime, make: Callable[[], Answer]) -> Answer:
        """The answer for ``key`` at ``now``; ``make`` reads the store, and is called off the loop.

        There are few keys, and none is ever forgotten.
        """
        asked = monotonic()
        async with self._locks.setdefault(key, asyncio.Lock()):
            began, mark = monotonic(), self._store.mark()
            kept = self._kept.get(key)
            if kept is None or not kept.stands(now, asked, mark):
                answer = await run_in_threadpool(make)
                kept = self._kept[key] = _Kept(answer, now, began, mark)
            return kept.answer
