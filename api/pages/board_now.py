"""The part of the board that changes, drawn once for all who see the same.

1. Many screens and people ask after each change. What is on the board is read once, and drawn once
   for each kind of viewer: a screen, or the people of a role; and each look.
2. Nobody's name is given to a drawing that others get too: the viewer in it has a role and no name.
   Only who has pressed something that they can take back has a drawing of their own.
3. The instant of the server is beside each answer, so that what ticks in a browser is right.
4. It is packed once as well.
"""

import asyncio
import gzip
from dataclasses import dataclass, replace

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from api.deps import Actor, EnrolledScreen, Now, Viewer, get_parts
from api.packing import PACKED_BY
from api.pages.asking import PageRoute
from api.pages.board import SHOWN, Board, board_at
from api.pages.drawing import drawn
from api.pages.surroundings import Surroundings, surroundings, theme_of
from nightwarden.languages import language

Kind = tuple[Actor | EnrolledScreen, str]
"""For whom a drawing is, and in which theme."""

NOW = "Nightwarden-Now"
"""The header with the instant of the server, in milliseconds since 1970."""


router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/board/fragment")
async def show_part(request: Request, viewer: Viewer, now: Now) -> Response:
    """The part of the board that changes."""
    parts = get_parts(request)

    def read() -> BoardNow:
        with parts.store.reading(now) as tx:
            return BoardNow(surroundings(request, tx, None), board_at(tx))

    board: BoardNow = await parts.board.of(language(), now, read)
    drawing = await board.drawn_for(viewer, theme_of(request))
    headers = {NOW: str(round(now.timestamp() * 1000)), "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return HTMLResponse(drawing.packed, headers=headers | {"Content-Encoding": "gzip"})
    return HTMLResponse(drawing.plain, headers=headers)


@dataclass(frozen=True, slots=True)
class Drawing:
    """``board_live.html`` for a kind of viewer, plain and as gzip."""

    plain: bytes
    packed: bytes


class BoardNow:
    """The board at one instant, and what has been drawn of it. Belongs to the event loop."""

    def __init__(self, page: Surroundings, board: Board) -> None:
        self._page = page
        self._board = board
        self._by_name = board.with_something_of_their_own
        self._drawn: dict[Kind, asyncio.Task[Drawing]] = {}

    async def drawn_for(self, viewer: Actor | EnrolledScreen, theme: str) -> Drawing:
        """What this viewer sees."""
        kind = (self._shared(viewer), theme)
        if kind not in self._drawn:
            self._drawn[kind] = asyncio.create_task(run_in_threadpool(self._draw, kind))
        return await asyncio.shield(self._drawn[kind])  # others wait for it too

    def _shared(self, viewer: Actor | EnrolledScreen) -> Actor | EnrolledScreen:
        if isinstance(viewer, EnrolledScreen):
            return EnrolledScreen("")
        name = viewer.name if viewer.name in self._by_name else ""
        return Actor(name, viewer.role, "session")

    def _draw(self, kind: Kind) -> Drawing:
        page = replace(self._page, viewer=kind[0], theme=kind[1])
        plain = drawn("board_live.html", page, board=self._board, **SHOWN).encode()
        return Drawing(plain, gzip.compress(plain, PACKED_BY, mtime=0))
