"""Boards without a browser: each asks the server for exactly what ``static/board.js`` asks it for.

The live stream, the part that changes after each event (one request at a time, what comes meanwhile
is one more) and whenever 30 s are full, the word of a receiver every 7 s, and "delivered" for what
is shown for the first time. Nothing is painted: what is reported is the instant, on the machine's
wall clock, at which the part with the alert had been read whole. All of them in one process.
"""

import asyncio
import contextlib
import gzip
import json
import re
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.reporting import reporting
from benchmarks.viewers import Cookie
from nightwarden.clock import utc_now
from nightwarden.errors import Invalid

LISTEN_EVERY_S, RENEW_EVERY_S = 7.0, 30.0
CHANGES = frozenset({"alert", "gap", "watch", "review", "round", "shift", "channel", "reset"})
STARTS_WITHIN_S = 60.0
_CARD = re.compile(rb'data-alert="(\d+)"([^>]*)>')
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)

Seen = tuple[int, int, float]
"""Which board, which alert, and when (seconds since 1970)."""

READY: Seen = (0, 0, 0.0)


class BoardClients:
    """The parent's end: what the boards have reported."""

    def __init__(self, reports: "Connection[None, Seen]") -> None:
        self._reports = reports

    def seen(self, count: int, since: float, within_s: float) -> list[Seen]:
        """The first ``count`` reports of what was shown after ``since``.

        Raises:
            Invalid: fewer came in time; an alert that does not come to a board is no figure.
        """
        found: list[Seen] = []
        deadline = time.monotonic() + within_s
        while len(found) < count:
            if not self._reports.poll(max(0.0, deadline - time.monotonic())):
                raise Invalid(f"Only {len(found)} of {count} alerts came to boards in time.")
            report = self._reports.recv()
            if report[2] >= since:
                found.append(report)
        return found


@contextmanager
def board_clients(port: int, cookies: Sequence[Cookie]) -> Iterator[BoardClients]:
    """A board for each cookie; every one has its page and its stream when this begins."""
    count = len(cookies)
    with reporting(
        _run, port, cookies, ready=READY, count=count, within_s=STARTS_WITHIN_S
    ) as reports:
        yield BoardClients(reports)


def _run(reports: "Connection[Seen, None]", port: int, cookies: Sequence[Cookie]) -> None:
    async def everyone() -> None:
        async with asyncio.TaskGroup() as group:
            for number, cookie in enumerate(cookies):
                group.create_task(_Board(reports, port, number, cookie).run())

    with contextlib.suppress(BrokenPipeError):
        asyncio.run(everyone())


def _merely_painted(event: str, told: dict[str, Any]) -> bool:
    return event == "alert" and bool(told["events"][-1]["event"] == "delivered")


class _Board:
    def __init__(
        self, reports: "Connection[Seen, None]", port: int, number: int, cookie: Cookie
    ) -> None:
        self._reports = reports
        self._port = port
        self._number = number
        self._cookie = f"{cookie[0]}={cookie[1]}"
        self._newest = 0
        self._state = ("", 0)
        self._changed = asyncio.Event()
        self._shown: set[int] = set()
        self._reported: set[int] = set()
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def run(self) -> None:
        page = await self._ask("GET", "/")
        newest = re.search(rb'data-newest="(\d+)"', page)
        self._newest = int(newest[1]) if newest else 0
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            group.create_task(self._listen())
            while True:
                await self._changed.wait()
                self._changed.clear()
                if painted := await self._fetch():
                    body = json.dumps({"alerts": painted}).encode()
                    group.create_task(self._ask("POST", "/api/v1/alerts/delivered", body))

    async def _fetch(self) -> list[int]:
        """The part that changes; gives the alerts that have to be reported as painted."""
        body = gzip.decompress(await self._ask("GET", "/board/fragment"))
        instant = utc_now().timestamp()
        painted = []
        for found in _CARD.finditer(body):
            alert = int(found[1])
            if alert not in self._shown:
                self._shown.add(alert)
                self._reports.send((self._number, alert, instant))
            if b"data-paint" in found[2] and alert not in self._reported:
                self._reported.add(alert)
                painted.append(alert)
        return painted

    async def _follow(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        stream = f"/api/v1/stream?last_event_id={self._newest}"
        writer.write(self._request("GET", stream, b""))
        while line := await reader.readline():
            if not line.startswith(b"event: "):
                continue
            event = line[7:].strip().decode()
            told = json.loads((await reader.readline()).partition(b": ")[2])
            if event == "proof":
                self._proved(told["status"])
            elif event == "hello":
                self._reports.send(READY)
            elif event in CHANGES and not _merely_painted(event, told):
                self._changed.set()
        raise Invalid("A board's stream ended.")

    def _proved(self, status: str) -> None:
        due = int(utc_now().timestamp() / RENEW_EVERY_S)
        if (status, due) != self._state:
            self._state = status, due
            self._changed.set()

    async def _listen(self) -> None:
        word = json.dumps({"kind": "screen", "sound": True}).encode()
        while True:
            await self._ask("POST", f"/api/v1/receivers/benchmark-{self._number:03d}", word)
            await asyncio.sleep(LISTEN_EVERY_S)

    async def _ask(self, method: str, path: str, body: bytes = b"") -> bytes:
        """One request, on a connection that an earlier one has left open where there is one."""
        while True:
            async with self._connection() as (fresh, reader, writer):
                try:
                    writer.write(self._request(method, path, body))
                    head = await reader.readuntil(b"\r\n\r\n")
                    found = _LENGTH.search(head)
                    answer = await reader.readexactly(int(found[1]) if found else 0)
                except (ConnectionError, asyncio.IncompleteReadError):
                    writer.close()
                    if fresh:
                        raise
                    continue  # the server closes what was idle for 5 s
                if head.split(b" ", 2)[1] >= b"4":
                    raise Invalid(f"{method} {path} was answered with {head[:40]!r}: {answer!r}")
                self._idle.append((reader, writer))
                return answer

    @asynccontextmanager
    async def _connection(
        self,
    ) -> AsyncIterator[tuple[bool, asyncio.StreamReader, asyncio.StreamWriter]]:
        if self._idle:
            yield False, *self._idle.pop()
        else:
            yield True, *await asyncio.open_connection("127.0.0.1", self._port)

    def _request(self, method: str, path: str, body: bytes) -> bytes:
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: bench\r\nCookie: {self._cookie}\r\n"
            "Accept: text/html\r\nAccept-Encoding: gzip\r\n"
            "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\n"
        )
        if method == "POST":
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return f"{head}\r\n".encode() + body
