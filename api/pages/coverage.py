"""How much of the required time was really protected: the last nights, the worst place first."""

from fastapi import APIRouter, Response

from api.coverage import coverage_between
from api.deps import ReadTx
from api.pages.asking import PageRoute
from api.pages.drawing import draw
from api.pages.surroundings import ViewerPage
from api.routes.coverage import shown_percent
from nightwarden.model.phrases import phrase
from nightwarden.model.protection import Loss
from rules.protected_share import Share

router = APIRouter(route_class=PageRoute, include_in_schema=False)

LOSS_WORDS = {
    Loss.NOT_WATCHING: phrase("monitor not watching"),
    Loss.BLIND: phrase("nothing live there"),
    Loss.FAULTY: phrase("found faulty"),
    Loss.PAUSED: phrase("paused longer than care takes"),
    Loss.UNPROVED: phrase("not proved"),
    Loss.NOBODY_LISTENING: phrase("nobody listening"),
}


@router.get("/coverage")
def show_coverage(page: ViewerPage, tx: ReadTx) -> Response:
    """The last seven nights."""
    return draw(
        "coverage.html", page, coverage=coverage_between(tx), losses=losses, percent=shown_percent
    )


def losses(share: Share) -> list[tuple[str, int, str]]:
    """What time was lost to, the most first: in words, minutes, why."""
    ordered = sorted(share.lost.items(), key=lambda item: -item[1])
    return [
        (LOSS_WORDS[loss], max(1, round(time.total_seconds() / 60)), share.whys.get(loss, ""))
        for loss, time in ordered
    ]
