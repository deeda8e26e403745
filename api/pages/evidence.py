"""Asking for the evidence of a period; the file itself comes from the API."""

from datetime import timedelta

from fastapi import APIRouter, Response

from api.deps import ReadTx
from api.pages.asking import PageRoute
from api.pages.drawing import draw
from api.pages.surroundings import ViewerPage
from nightwarden.store import register

router = APIRouter(route_class=PageRoute, include_in_schema=False)

USUAL = timedelta(days=30)


@router.get("/evidence")
def ask_for_evidence(page: ViewerPage, tx: ReadTx) -> Response:
    """Which days, of whom or what, and in which form."""
    return draw(
        "evidence.html",
        page,
        since=page.today - USUAL,
        residents=register.residents(tx),
        tags=[item.tag for item in register.items_now(tx)],
    )
