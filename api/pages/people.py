"""Who may sign in, for the manager: people, locks, second steps, and where each is signed in."""

from typing import Annotated

from anyio import from_thread
from fastapi import APIRouter, Depends, Request, Response

from api.deps import Actor, ReadTx, WriteTx, get_parts, requires
from api.pages.asking import Filled, PageRoute, field
from api.pages.drawing import back_to, draw
from api.pages.surroundings import ViewerPage
from nightwarden.errors import Conflict, Invalid
from nightwarden.model.roles import Right, Role
from nightwarden.store import locks, passkeys, people, second_steps, sessions
from nightwarden.store.sessions import handle_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Manager = Annotated[Actor, Depends(requires(Right.MANAGE))]

OF_PEOPLE = tuple(role for role in Role if role is not Role.INTEGRATOR)


@router.get("/people")
def show(page: ViewerPage, manager: Manager, tx: ReadTx) -> Response:
    """Everybody, and every session."""
    return draw(
        "people.html",
        page,
        everybody=people.everybody(tx),
        passkeys=passkeys.counted(tx),
        running=sessions.running(tx),
        here=manager.session[: sessions.HANDLE_SIGNS],
        handle_of=handle_of,
        roles=OF_PEOPLE,
    )


@router.post("/people/add")
def add(form: Filled, manager: Manager, tx: WriteTx) -> Response:
    """A new person with a first PIN or password, which they change on their own page."""
    name, role = field(form, "name", "a name"), field(form, "role", "a role")
    if role not in OF_PEOPLE:
        raise Invalid("Please choose a role from the list.")
    people.add_user(tx, name, Role(role), form.get("secret", ""), manager.name)
    return back_to("/people")


@router.post("/people/unlock")
def unlock(form: Filled, manager: Manager, tx: WriteTx) -> Response:
    """End a lock; the PIN stays."""
    locks.unlock(tx, _name(form), manager.name)
    return back_to("/people")


@router.post("/people/reset")
def reset(request: Request, form: Filled, manager: Manager, tx: WriteTx) -> Response:
    """A new PIN or password; every session of the person ends."""
    people.reset_secret(tx, _name(form), form.get("secret", ""), manager.name)
    _streams_end(request)
    return back_to("/people")


@router.post("/people/second-step-off")
def second_step_off(request: Request, form: Filled, manager: Manager, tx: WriteTx) -> Response:
    """For somebody whose phone is gone: no code, and none of their passkeys opens any more."""
    second_steps.phone_lost(tx, _name(form), manager.name)
    _streams_end(request)
    return back_to("/people")


@router.post("/people/remove")
def remove(request: Request, form: Filled, manager: Manager, tx: WriteTx) -> Response:
    """The person may no longer act; the record goes on naming them."""
    name = _name(form)
    if name == manager.name:
        raise Conflict("Nobody removes themselves; another manager does.")
    people.remove_user(tx, name, manager.name)
    _streams_end(request)
    return back_to("/people")


@router.post("/people/sessions/end")
def end_session(request: Request, form: Filled, manager: Manager, tx: WriteTx) -> Response:
    """End anybody's session."""
    sessions.end_one(tx, field(form, "session", "the session"), manager.name)
    _streams_end(request)
    return back_to("/people")


def _name(form: Filled) -> str:
    return field(form, "person", "a name")


def _streams_end(request: Request) -> None:
    from_thread.run_sync(get_parts(request).hub.ask_again)
