"""Personal data: what is kept and how long, all of a resident's out, and a name erased."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.deps import Actor, Now, ReadTx, WriteTx, get_parts
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.drawing import back_to, draw
from api.pages.surroundings import ViewerPage, surroundings
from api.routes.personal import erase_now, resident_file
from nightwarden.errors import Invalid, NotPermitted
from nightwarden.model.roles import Right
from nightwarden.personal import erasing
from nightwarden.store import register, retention

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
    """Who is here, who has left, and how long everything is kept."""
    keep = retention.kept(tx)["former_residents"]
    former = erasing.former(tx)
    due = {row.id for row in former if row.removed_at and row.removed_at + keep <= tx.now}
    return draw(
        "personal.html",
        page,
        living=register.residents(tx),
        former=former,
        due=due,
        rules=retention.RULES.values(),
        given=retention.rows(tx),
        for_ever=retention.FOR_EVER,
    )


@router.post("/personal/retention/{name}")
def set_retention(name: str, form: Filled, actor: Manager, tx: WriteTx) -> Response:
    """Say for how many days a class of data is kept."""
    days = field(form, "days", "a number of days")
    if not days.isascii() or not days.isdigit() or len(days) > 6:
        raise Invalid("days: write a whole number, such as 400.")
    retention.set_days(tx, name, int(days), field(form, "because", "a reason"), actor.name)
    return back_to("/personal#kept")


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
    resident: str, form: Filled, actor: Manager, request: Request, now: Now
) -> Response:
    """Erase it. No view of the store is open meanwhile: it could not be written anew under one."""
    also, because = form.get("also", ""), field(form, "because", "a reason, without the name")
    told = (because, names_in(also), actor.name)
    found, scrubbed = await erase_now(request, now, resident, told)
    content = {"resident": resident, "found": found, "also": also}
    content["done"] = "scrubbed" if scrubbed else "remains"
    return await run_in_threadpool(_drawn, request, now, actor, content)


def _drawn(request: Request, now: datetime, actor: Actor, content: dict[str, Any]) -> Response:
    with get_parts(request).store.reading(now) as tx:
        page = surroundings(request, tx, actor)
    return draw("erasure.html", page, **content)


def names_in(text: str) -> tuple[str, ...]:
    """``Joan Miller, Mrs Miller`` as two names."""
    return tuple(name.strip() for name in text.split(",") if name.strip())[:MOST_NAMES]
