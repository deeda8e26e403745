"""A failure as a page: what was wrong, what would be right, and the way back."""

from http import HTTPStatus
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse

from api.pages.drawing import draw, local_path
from api.pages.surroundings import Surroundings, surroundings, theme_of
from nightwarden.languages import said
from nightwarden.model.phrases import phrase

_TITLES = {
    HTTPStatus.BAD_REQUEST: phrase("That address is not right"),
    HTTPStatus.UNAUTHORIZED: phrase("Please sign in"),
    HTTPStatus.FORBIDDEN: phrase("You may not do that"),
    HTTPStatus.NOT_FOUND: phrase("There is no such page"),
    HTTPStatus.CONFLICT: phrase("Something has changed meanwhile"),
    HTTPStatus.UNPROCESSABLE_ENTITY: phrase("Something is missing or not right"),
    HTTPStatus.TOO_MANY_REQUESTS: phrase("Too many attempts"),
}


def wants_page(request: Request) -> bool:
    """Whether whoever asks would rather read a page than problem details."""
    return "text/html" in request.headers.get("accept", "")


def problem_page(
    request: Request, status: HTTPStatus, title: str | None, detail: str
) -> HTMLResponse:
    """The page for one failure. With 401 it has the sign-in form on it.

    It asks little of the store, because the store may be what failed.
    """
    heading = said(title or _TITLES.get(status, phrase("Something went wrong here")))
    if status is HTTPStatus.UNAUTHORIZED:
        return _sign_in(request, detail)
    page = Surroundings(
        home=None,
        zone=ZoneInfo("UTC"),
        now=request.app.state.parts.clock(),
        viewer=None,
        theme=theme_of(request),
        path=request.url.path,
    )
    back = local_path(request.url.path) if request.method == "POST" else "/"
    return draw("problem.html", page, status, heading=heading, detail=detail, back=_seen(back))


def _sign_in(request: Request, detail: str) -> HTMLResponse:
    parts = request.app.state.parts
    shown = request.url.path if request.method == "GET" else "/"
    with parts.store.reading(parts.clock()) as tx:
        return draw(
            "signin.html",
            surroundings(request, tx, None),
            HTTPStatus.UNAUTHORIZED,
            refusal=detail,
            named="",
            goes_to=shown,
        )


def _seen(path: str) -> str:
    """The page from which a form was sent: the address without what it asked to be done."""
    parts = path.split("/")
    kept = {"equipment": 3, "rooms": 3, "residents": 3, "emitters": 4}.get(parts[1])
    return "/".join(parts[:kept]) if kept else "/"
