"""``?format=csv`` on every list of the API: all of it, as lines for a spreadsheet.

1. A list asked for as CSV is the same list, by the same route, with the same rights: this asks the
   app inside for page after page of JSON and writes the lines. No list can be forgotten.
2. A page that is refused is answered as it came. A list that grows meanwhile is at worst longer.
3. It ends at :data:`MOST` lines and then says so in the last one: nothing is cut off in silence.
4. Routes with a CSV of their own (``OWN``) keep it.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import problem
from nightwarden import spreadsheet

PREFIX = "/api/v1/"
OWN = frozenset({"/api/v1/coverage"})
PAGE = "500"
MOST = 200_000


class CsvLists:
    """ASGI middleware, see above."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a list that is asked for as CSV; pass anything else on (ASGI)."""
        if not _is_asked(scope):
            await self._app(scope, receive, send)
            return
        first = await self._page(scope, None)
        if first.status != HTTPStatus.OK:
            await first.say(send)
            return
        if not isinstance(first.body, dict) or "items" not in first.body:
            detail = "format=csv is for lists, and this is none; leave it out."
            answer: Response = problem(Request(scope), HTTPStatus.BAD_REQUEST, detail)
        else:
            items = [item async for item in self._all(scope, first.body)]
            name = scope["path"].removeprefix(PREFIX).replace("/", "-")
            answer = StreamingResponse(
                _utf8(items),
                media_type="text/csv; charset=utf-8",
                headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
            )
        await answer(scope, receive, send)

    async def _all(self, scope: Scope, body: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        count = 0
        while True:
            for item in body["items"]:
                yield item
            count += len(body["items"])
            cursor = body.get("next_cursor")
            if cursor is None:
                return
            if count >= MOST:
                yield {"more": f"There are more than {MOST} lines; ask with from and to."}
                return
            page = await self._page(scope, cursor)
            if page.status != HTTPStatus.OK:
                yield {"more": f"The list broke off here (status {page.status}); ask again."}
                return
            body = page.body

    async def _page(self, scope: Scope, cursor: str | None) -> "_Answer":
        """One page as the app inside answers it."""
        answer = _Answer()

        async def nothing() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def keep(message: Message) -> None:
            answer.messages.append(message)

        await self._app(_without_format(scope, cursor), nothing, keep)
        return answer


@dataclass(slots=True)
class _Answer:
    """What the app inside has said."""

    messages: list[Message] = field(default_factory=list)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def body(self) -> Any:
        try:
            return orjson.loads(b"".join(one.get("body", b"") for one in self.messages))
        except orjson.JSONDecodeError:
            return None

    async def say(self, send: Send) -> None:
        for message in self.messages:
            await send(message)


def _is_asked(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and scope["path"].startswith(PREFIX)
        and scope["path"] not in OWN
        and ("format", "csv") in _query(scope)
    )


def _query(scope: Scope) -> list[tuple[str, str]]:
    return parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)


def _without_format(scope: Scope, cursor: str | None) -> Scope:
    kept = [pair for pair in _query(scope) if pair[0] not in ("format", "limit", "cursor")]
    asked = [*kept, ("limit", PAGE), *([("cursor", cursor)] if cursor else [])]
    return {**scope, "query_string": urlencode(asked).encode()}


async def _utf8(items: list[dict[str, Any]]) -> AsyncIterator[bytes]:
    columns = spreadsheet.columns_of(items)
    rows = ([item.get(column) for column in columns] for item in items)
    for line in spreadsheet.lines(columns, rows):
        yield line.encode()
