"""The live stream: every board sees what was committed, once, in order, and at once.

1. One reader. The hub reads new lines from the store once, makes their bytes once, and hands the
   same bytes to every subscriber: thirty boards cost what one costs. The bell wakes it; it looks
   each second anyway.
2. Nobody waits for anybody. A subscriber that has fallen too far behind, or takes nothing for ten
   seconds, is cut off; it resumes where it was with ``Last-Event-ID``.
3. Catching up is reading the store, not the queue: a subscriber who names its last event gets what
   followed from the store, and joins the live feed in the same instant in which it is level with
   it, so that there is neither a hole nor a repeat.
4. An id that the stream cannot continue from (older than what is kept, or newer than the newest,
   after a restore) is answered with ``reset``: read everything again. Silence would be a lie.
5. ``proof`` carries no id, so it never moves ``Last-Event-ID``.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator
from time import monotonic

import anyio
import orjson
from fastapi import Response
from fastapi.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from api import health
from nightwarden.clock import Clock
from nightwarden.store import outgoing
from nightwarden.store.engine import Store
from nightwarden.wire import rfc3339

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
PROOF_EVERY_S = 2.0
KEEP_EVERY_S = 5.0
PATIENCE_S = 10.0
"""How long a client may take nothing at all; its network has gone, or its tab sleeps."""

STREAM_LASTS_S = 3600.0
"""A stream ends after an hour and is opened anew, and whoever may no longer see is asked then."""

QUEUE_LINES = 500
"""A busy minute of a big home is some 100 lines; who is 500 behind has gone."""

PAGE = 500
KEEP = b": keep\n\n"


def frame(event: str, data: bytes, event_id: int | None = None) -> bytes:
    """One event in the form of ``text/event-stream``; ``data`` is JSON without line ends."""
    number = b"" if event_id is None else b"id: %d\n" % event_id
    return b"%sevent: %s\ndata: %s\n\n" % (number, event.encode(), data)


class Subscriber:
    """One open stream that is level with the live feed."""

    def __init__(self) -> None:
        self.gone = False
        self._lines: deque[bytes] = deque()
        self._stirred = asyncio.Event()

    def offer(self, line: bytes) -> None:
        """Queue a line, or give the subscriber up."""
        self.gone = self.gone or len(self._lines) >= QUEUE_LINES
        if not self.gone:
            self._lines.append(line)
        self._stirred.set()

    def cut_off(self) -> None:
        """No more lines; what is queued is still sent."""
        self.gone = True
        self._stirred.set()

    async def waiting(self) -> bytes:
        """All that is queued, as soon as anything is."""
        await self._stirred.wait()
        self._stirred.clear()
        lines = b"".join(self._lines)
        self._lines.clear()
        return lines


class StreamHub:
    """The one reader of the stream in this process, and its subscribers.

    All methods belong to the event loop; from another thread use ``call_soon_threadsafe``.
    """

    def __init__(self, store: Store, clock: Clock, patience_s: float = PATIENCE_S) -> None:
        self.patience_s = patience_s
        self.look_every_s = LOOK_EVERY_S
        self._store = store
        self._clock = clock
        self._subscribers: set[Subscriber] = set()
        self._rung = asyncio.Event()
        self._started = asyncio.Event()
        self._closing = False
        self._newest = 0
        self._proof_due = self._keep_due = 0.0

    @property
    def subscribers(self) -> int:
        """How many streams are open."""
        return len(self._subscribers)

    def ring(self) -> None:
        """Look now: something was committed."""
        self._rung.set()

    def ask_again(self) -> None:
        """End every stream: each reader comes back within a second, if it may still see."""
        for subscriber in self._subscribers:
            subscriber.cut_off()

    def close(self) -> None:
        """End every stream and the reading; called when the server begins to stop."""
        self._closing = True
        self._rung.set()
        self._started.set()
        for subscriber in self._subscribers:
            subscriber.cut_off()

    async def run(self) -> None:
        """Read and fan out until :meth:`close`."""
        while not self._closing:
            self._rung.clear()
            try:
                await self._look()
            except Exception:
                # Whatever is wrong with the store, the boards must hear that nothing is proved.
                log.exception("the stream cannot read the store")
                self._send(frame("proof", _proof_json(health.Proof(None, None), "not_watching")))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._rung.wait(), self.look_every_s)

    async def follow(self, last_id: int | None) -> AsyncIterator[bytes]:
        """The bytes of one stream: what followed ``last_id`` (None: from now), then what comes.

        Ends when the subscriber has fallen behind, after an hour, or when the server stops.
        """
        ends_at = monotonic() + STREAM_LASTS_S
        await self._started.wait()
        resumes = last_id is not None and await run_in_threadpool(self._holds, last_id)
        reached = last_id if last_id is not None and resumes else self._newest
        yield b"retry: 1000\n" + self._greeting(last_id, reached, resumes=resumes)
        yield await run_in_threadpool(self._proof)
        while reached < (upto := self._newest):
            lines, reached = await run_in_threadpool(self._between, reached, upto)
            yield lines
        # No await between being level and joining: see the module's third rule.
        subscriber = Subscriber()
        self._subscribers.add(subscriber)
        try:
            while not (self._closing or subscriber.gone or monotonic() > ends_at):
                yield await subscriber.waiting()
        finally:
            self._subscribers.discard(subscriber)

    async def _look(self) -> None:
        if not self._started.is_set():
            self._newest = await run_in_threadpool(self._newest_kept)
            self._started.set()
        while lines := await run_in_threadpool(self._after, self._newest):
            for self._newest, line in lines:
                self._send(line)
        now = monotonic()
        if now >= self._proof_due:
            self._proof_due = now + PROOF_EVERY_S
            self._send(await run_in_threadpool(self._proof))
        if now >= self._keep_due:
            self._keep_due = now + KEEP_EVERY_S
            self._send(KEEP)

    def _send(self, line: bytes) -> None:
        for subscriber in self._subscribers:
            subscriber.offer(line)

    @staticmethod
    def _greeting(last_id: int | None, reached: int, *, resumes: bool) -> bytes:
        if last_id is None or resumes:
            return frame("hello", orjson.dumps({"newest": reached}), reached)
        reason = f"The stream cannot be continued from {last_id}; read everything again."
        return frame("reset", orjson.dumps({"newest": reached, "reason": reason}), reached)

    # What follows reads the store and runs off the loop.

    def _newest_kept(self) -> int:
        with self._store.reading(self._clock()) as tx:
            return outgoing.stream_span(tx)[1]

    def _holds(self, last_id: int) -> bool:
        """Whether everything after ``last_id`` is still there, and ``last_id`` ever was."""
        with self._store.reading(self._clock()) as tx:
            oldest, newest = outgoing.stream_span(tx)
        return oldest - 1 <= last_id <= newest

    def _after(self, reached: int) -> list[tuple[int, bytes]]:
        with self._store.reading(self._clock()) as tx:
            rows = outgoing.stream_after(tx, reached, PAGE)
        return [(row.id or 0, frame(row.event, row.data, row.id)) for row in rows]

    def _between(self, reached: int, upto: int) -> tuple[bytes, int]:
        """A page of the lines after ``reached``, none past ``upto``, and how far that is."""
        page = self._after(reached)
        full = len(page) == PAGE and page[-1][0] < upto
        return b"".join(line for number, line in page if number <= upto), (
            page[-1][0] if full else upto
        )

    def _proof(self) -> bytes:
        with self._store.reading(self._clock()) as tx:
            found = health.health(tx)
        return frame("proof", _proof_json(found.proof, found.status))


class EventStream(Response):
    """A response that lasts; it ends when the lines end, the client leaves, or takes nothing."""

    media_type = "text/event-stream"

    def __init__(self, lines: AsyncIterator[bytes], patience_s: float) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]  # there is no knowing it
        self._lines = lines
        self._patience_s = patience_s

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send until it ends (ASGI)."""
        headers = self.raw_headers
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async with anyio.create_task_group() as group:
            group.start_soon(_leave_with_the_client, receive, group.cancel_scope)
            await self._write(send)
            group.cancel_scope.cancel()

    async def _write(self, send: Send) -> None:
        try:
            async for lines in self._lines:
                async with asyncio.timeout(self._patience_s):
                    await send({"type": "http.response.body", "body": lines, "more_body": True})
            async with asyncio.timeout(self._patience_s):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            log.info("a reader of the stream took nothing for %s s; cut off", self._patience_s)


async def _leave_with_the_client(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


def _proof_json(proof: health.Proof, status: health.Status) -> bytes:
    return orjson.dumps({"at": rfc3339(proof.at), "age_s": proof.age_s, "status": status})
