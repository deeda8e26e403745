"""The live stream; ``api/stream.py`` says how it keeps its promise."""

from typing import Annotated, Any

from fastapi import Header, Query, Request, Response

from api.deps import Viewer, get_parts
from api.errors import BadQuery
from api.nouns import noun_router
from api.paging import LARGEST_ID
from api.stream import EventStream

router = noun_router("stream")

_OPENAPI: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {}}, "description": "Lines until it ends."}
}


@router.get("/stream", response_class=Response, responses=_OPENAPI)
async def stream(
    request: Request,
    _viewer: Viewer,
    last_event_id: Annotated[str | None, Header()] = None,
    last_id: Annotated[
        str | None, Query(alias="last_event_id", description="For those who cannot set a header.")
    ] = None,
) -> Response:
    """Server-Sent Events: `hello`, then `alert`, `gap`, `watch` and `proof` as they happen.

    Send the last `id` that you saw as `Last-Event-ID` and nothing is lost. `reset` says that this
    was not possible: read everything again.
    """
    hub = get_parts(request).hub
    last = last_event_id if last_event_id is not None else last_id
    return EventStream(hub.follow(None if last is None else _number(last)), hub.patience_s)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text[:20]) > LARGEST_ID:
        raise BadQuery(f'Last-Event-ID is the id of an event, a number, not "{text[:40]}".')
    return int(text)
