"""Screens on walls: enrolled once by a manager's link, they show the board to whoever passes."""

from typing import Annotated
from urllib.parse import urljoin

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Actor, ReadTx, WriteTx, require_same_origin, requires, set_screen_cookie
from api.pages.asking import Filled, PageRoute, field
from api.pages.drawing import back_to, draw
from api.pages.surroundings import OpenPage, ViewerPage
from nightwarden.model.roles import Right
from nightwarden.store import people

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Manager = Annotated[Actor, Depends(requires(Right.MANAGE))]


@router.get("/enrol/{code}")
def ask_to_enrol(code: str, page: OpenPage) -> Response:
    """Ask first: a link that is only looked at, by a mail scanner say, is not spent."""
    return draw("enrol.html", page, code=code)


@router.post("/enrol/{code}")
def enrol(code: str, request: Request, tx: WriteTx) -> Response:
    """Make this browser a screen."""
    require_same_origin(request)
    answer = back_to("/")
    set_screen_cookie(request, answer, people.use_enrol_code(tx, code))
    return answer


@router.get("/screens")
def list_screens(page: ViewerPage, _manager: Manager, tx: ReadTx) -> Response:
    """The enrolled screens, and the form that makes a link."""
    return draw("screens.html", page, screens=people.screens(tx), link=None, named="")


@router.post("/screens")
def make_link(
    request: Request, form: Filled, page: ViewerPage, manager: Manager, tx: WriteTx
) -> Response:
    """A link for one screen. It is shown this once: the store keeps only its digest."""
    name = field(form, "name", "the screen a name, such as Corridor upstairs")
    code = people.enrol_code(tx, name, manager.name)
    link = urljoin(str(request.base_url), f"enrol/{code}")
    return draw("screens.html", page, screens=people.screens(tx), link=link, named=name)


@router.post("/screens/remove")
def remove(form: Filled, manager: Manager, tx: WriteTx) -> Response:
    """A screen goes dark."""
    people.remove_screen(tx, field(form, "name", "the name of a screen"), manager.name)
    return back_to("/screens")
