"""What makes the board an app on a tablet or phone: its manifest, its worker, its shell.

The shell opens without the network and says one thing: that it is blind. No board is kept, since an
old board that looks like a present one is worse than none.
"""

from dataclasses import replace

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse, JSONResponse

from api.pages.drawing import HERE, draw
from api.pages.surroundings import OpenPage

router = APIRouter(include_in_schema=False)

_GROUND = "#0a101b"


@router.get("/worker.js")
def worker() -> Response:
    """The one worker of the house: labels where there is no signal, and the blind shell."""
    return FileResponse(
        HERE / "static" / "worker.js",
        media_type="text/javascript",
        headers={"Cache-Control": "no-cache"},
    )


@router.get("/blind")
def shell(page: OpenPage) -> Response:
    """What is shown where the server cannot be reached. It is kept, so nobody's name is in it."""
    return draw("blind.html", replace(page, viewer=None, staff=(), unread_notices=0))


@router.get("/manifest.webmanifest")
def manifest() -> Response:
    """What a browser needs to install the board; anybody may read it, so no home is named."""
    icons = [
        {"src": f"/static/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png"}
        for size in (192, 512)
    ]
    masked = {**icons[1], "purpose": "maskable"}
    return JSONResponse(
        {
            "id": "/",
            "name": "Nightwarden",
            "short_name": "Nightwarden",
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": _GROUND,
            "theme_color": _GROUND,
            "icons": [*icons, masked, {"src": "/static/icon.svg", "sizes": "any"}],
        },
        media_type="application/manifest+json",
    )
