"""What Nightwarden is for and not for, and the choice of day or night."""

from fastapi import APIRouter, Request, Response

from api.deps import set_choice_cookie
from api.pages.asking import Filled, PageRoute
from api.pages.drawing import back_to, draw
from api.pages.surroundings import THEME_COOKIE, THEMES, OpenPage

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/about")
def show_about(page: OpenPage) -> Response:
    """The intended use, word for word as everywhere else."""
    return draw("about.html", page)


@router.post("/theme")
def choose_theme(request: Request, form: Filled) -> Response:
    """Keep the choice in this browser; it says nothing about a person."""
    chosen = form.get("theme", "auto")
    answer = back_to(form.get("goes_to", "/"))
    theme = chosen if chosen in THEMES else "auto"
    set_choice_cookie(request, answer, THEME_COOKIE, theme)
    return answer
