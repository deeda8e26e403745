"""The register: what is required where, what is there, and whether it works."""

from fastapi import APIRouter, Response

from api.deps import ReadTx
from api.pages.asking import PageRoute
from api.pages.drawing import draw
from api.pages.register_view import STATES, register_at
from api.pages.surroundings import ViewerPage

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/register")
def show_register(page: ViewerPage, tx: ReadTx, q: str = "", state: str = "") -> Response:
    """The lines that match; the gaps among them first, worst on top."""
    known = state if state in (*STATES, "gap") else ""
    found = register_at(tx, q, known)
    return draw("register.html", page, register=found, query=q, state=known, states=STATES)
