"""Personal data: what is kept and how long, all of a resident's out, and a name erased."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Actor, Now, ReadTx
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.drawing import draw
from api.pages.surroundings import ViewerPage
from api.routes.personal import erase_now, resident_file
from nightwarden.errors import NotPermitted
from nightwarden.model.roles import Right
from nightwarden.personal import erasing
from nightwarden.store import register

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Manager = Annotated[Actor, Depends(person_with(Right.MANAGE))]
MOST_NAMES = 20


def _managing(page: ViewerPage) -> ViewerPage:
    if page.actor is None or not page.actor.may(Right.MANAGE):
        raise NotPermitted("Personal data is for a manager who is signed in.")
    return page


ManagersPage = Annotated[ViewerPage, Depends(_managing)]


@router.get("/personal")
def show_personal(page: ManagersPage, tx: ReadTx) -> Response:
    """Who is here and who has left."""
    return draw("personal.html", page, living=register.residents(tx), former=erasing.former(tx))


@router.get("/personal/{resident}/export")
def export_resident(resident: str, page: ManagersPage, tx: ReadTx, request: Request) -> Response:
    """Everything about one resident, to be saved."""
    assert page.actor is not None
    return resident_file(tx, request, resident)


@router.get("/personal/{resident}/erase")
def show_erasure(resident: str, page: ManagersPage, tx: ReadTx, also: str = "") -> Response:
    """What an erasure would replace, before anything is."""
    found = erasing.look(tx, resident, names_in(also))
    return draw("erasure.html", page, resident=resident, found=found, also=also, done=None)


@router.post("/personal/{resident}/erase")
async def erase(
    resident: str, form: Filled, actor: Manager, page: ViewerPage, request: Request, now: Now
) -> Response:
    """Erase it."""
    also, because = form.get("also", ""), field(form, "because", "a reason, without the name")
    told = (because, names_in(also), actor.name)
    found, scrubbed = await erase_now(request, now, resident, told)
    done = "scrubbed" if scrubbed else "remains"
    return draw("erasure.html", page, resident=resident, found=found, also=also, done=done)


def names_in(text: str) -> tuple[str, ...]:
    """``Joan Miller, Mrs Miller`` as two names."""
    return tuple(name.strip() for name in text.split(",") if name.strip())[:MOST_NAMES]
