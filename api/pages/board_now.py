"""The part of the board that changes, drawn once for all who see the same.

1. Many screens and people ask after each change. What is on the board is read once, and drawn once
   for each kind of viewer: a screen, or the people of a role; and each look.
2. Nobody's name is given to a drawing that others get too: the viewer in it has a role and no name.
   Only who has pressed something that they can take back has a drawing of their own.
3. The instant of the server goes into each answer anew, so that what ticks in a browser is right.
"""

import asyncio
from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from api.deps import Actor, EnrolledScreen, Now, Viewer, get_parts
from api.pages.asking import PageRoute
from api.pages.board import SHOWN, Board, board_at
from api.pages.drawing import drawn
from api.pages.surroundings import Surroundings, surroundings, theme_of
from nightwarden.languages import language

Kind = tuple[Actor | EnrolledScreen, str]
"""For whom a drawing is, and in which theme."""


router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/board/fragment")
async def show_part(request: Request, viewer: Viewer, now: Now) -> Response:
    """The part of the board that changes."""
    return HTMLResponse(await part_that_changes(request, viewer, now))


async def part_that_changes(request: Request, viewer: Actor | EnrolledScreen, now: datetime) -> str:
    """``board_live.html`` as this viewer sees it now."""
    parts = get_parts(request)

    def read() -> BoardNow:
        with parts.store.reading(now) as tx:
            return BoardNow(surroundings(request, tx, None), board_at(tx))

    board: BoardNow = await parts.board.of(language(), now, read)
    return await board.drawn_for(viewer, theme_of(request), now)


class BoardNow:
    """The board at one instant, and what has been drawn of it. Belongs to the event loop."""

    def __init__(self, page: Surroundings, board: Board) -> None:
        self._page = page
        self._board = board
        self._by_name = board.with_something_of_their_own
        self._drawn: dict[Kind, asyncio.Task[str]] = {}

    async def drawn_for(self, viewer: Actor | EnrolledScreen, theme: str, now: datetime) -> str:
        """What this viewer sees, with ``now`` for what ticks."""
        kind = (self._shared(viewer), theme)
        if kind not in self._drawn:
            self._drawn[kind] = asyncio.create_task(run_in_threadpool(self._draw, kind))
        text = await asyncio.shield(self._drawn[kind])  # others wait for it too
        return text.replace(self._ticking(self._page.now), self._ticking(now), 1)

    def _shared(self, viewer: Actor | EnrolledScreen) -> Actor | EnrolledScreen:
        if isinstance(viewer, EnrolledScreen):
            return EnrolledScreen("")
        name = viewer.name if viewer.name in self._by_name else ""
        return Actor(name, viewer.role, "session")

    def _draw(self, kind: Kind) -> str:
        page = replace(self._page, viewer=kind[0], theme=kind[1])
        return drawn("board_live.html", page, board=self._board, **SHOWN)

    def _ticking(self, instant: datetime) -> str:
        return f'data-now="{self._page.ms(instant)}"'
