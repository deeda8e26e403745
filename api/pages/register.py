"""The register: what is required where, what is there, and whether it works."""

from typing import Any

from fastapi import APIRouter, Response

from api.deps import ReadTx
from api.pages.asking import PageRoute
from api.pages.drawing import draw
from api.pages.register_view import STATES, register_at
from api.pages.surroundings import ViewerPage

router = APIRouter(route_class=PageRoute, include_in_schema=False)

ROOMS_AT_ONCE = 30


@router.get("/register")
def show_register(
    page: ViewerPage, tx: ReadTx, q: str = "", state: str = "", after: str = ""
) -> Response:
    """The lines that match; the gaps among them first, worst on top. Of many rooms some at once,
    those that follow ``after``."""
    known = state if state in (*STATES, "gap") else ""
    found = register_at(tx, q, known)
    names = [room for room, _, _ in found.rooms]
    begin = names.index(after) + 1 if after in names else 0
    rooms = found.rooms[begin : begin + ROOMS_AT_ONCE]
    more = rooms[-1][0] if len(found.rooms) > begin + ROOMS_AT_ONCE else ""
    shown: dict[str, Any] = {"register": found, "rooms": rooms, "more": more, "later": begin > 0}
    return draw("register.html", page, query=q, state=known, states=STATES, **shown)
