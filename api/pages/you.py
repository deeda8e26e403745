"""What a person sees of their own signing in: where they are signed in, their PIN, their phone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from anyio import from_thread
from fastapi import APIRouter, Depends, Request, Response

from api.deps import Actor, CurrentActor, Now, ReadTx, WriteTx, get_parts
from api.guesses import guess
from api.pages.asking import SECRET, Filled, PageRoute, field
from api.pages.drawing import back_to, draw
from api.pages.qr import qr
from api.pages.surroundings import Surroundings, ViewerPage
from nightwarden.errors import Invalid, NotPermitted, Unauthenticated
from nightwarden.store import passkeys, people, second_steps, sessions
from nightwarden.store.engine import Transaction
from nightwarden.store.pins import LockedOut
from nightwarden.store.sessions import handle_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)


def person_here(actor: CurrentActor) -> Actor:
    """The person who is signed in; a program has no page of its own."""
    if actor.via != "session":
        raise NotPermitted("This page is for people who have signed in.")
    return actor


Person = Annotated[Actor, Depends(person_here)]


@router.get("/you")
def show(page: ViewerPage, me: Person, tx: ReadTx) -> Response:
    """Sessions, PIN or password, second step, passkeys."""
    return _you(page, me, tx)


@router.post("/you/sessions/end")
def end_session(request: Request, form: Filled, me: Person, tx: WriteTx) -> Response:
    """End one of one's own sessions."""
    sessions.end_one(tx, field(form, "session", "the session"), me.name, me.name)
    from_thread.run_sync(get_parts(request).hub.ask_again)
    return back_to("/you")


@router.post("/you/secret")
def change_secret(request: Request, form: Filled, me: Person, now: Now) -> Response:
    """A new PIN or password; who is signed in through a provider may have none yet."""
    store, new = get_parts(request).store, form.get("new", "")
    if new != form.get("again", ""):
        raise Invalid("The two do not match; type the new one twice.")
    prove(request, form, me, now)
    with store.transaction(now) as tx:
        people.change_own_secret(tx, me.name, new, me.session)
    return back_to("/you")


@router.post("/you/second-step")
def begin(request: Request, form: Filled, page: ViewerPage, me: Person, now: Now) -> Response:
    """Show the picture that the phone reads."""
    prove(request, form, me, now)
    with get_parts(request).store.transaction(now) as tx:
        return _picture(page, me, second_steps.begin(tx, me.name))


@router.post("/you/second-step/confirm")
def confirm(request: Request, form: Filled, page: ViewerPage, me: Person, now: Now) -> Response:
    """The first code: from now on one is asked. The recovery codes are shown this once."""
    store = get_parts(request).store
    try:
        with store.transaction(now) as tx:
            codes = second_steps.confirm(tx, me.name, form.get("code", ""), me.session)
    except Invalid as refusal:
        with store.transaction(now) as tx:
            secret = second_steps.begin(tx, me.name)
        return _picture(page, me, secret, str(refusal))
    return draw("recovery_codes.html", page, codes=codes)


@router.post("/you/second-step/off")
def turn_off(request: Request, form: Filled, me: Person, now: Now) -> Response:
    """A password is enough again; it takes a code to say so."""
    store = get_parts(request).store
    with _proving(), guess(request, now), store.transaction(now) as tx:
        second_steps.check_code(tx, people.expected(tx, me.name), form.get("code", ""))
    with store.transaction(now) as tx:
        second_steps.turn_off(tx, me.name, me.name)
    return back_to("/you")


def prove(request: Request, form: Filled, me: Actor, now: Now) -> None:
    """Ask for the PIN or password again: whoever found an open page may not take it over.

    Raises:
        Invalid: it is not right, or was wrong too often; the session goes on.
    """
    store = get_parts(request).store
    with store.reading(now) as tx:
        has_secret = bool(people.expected(tx, me.name).secret)
    if has_secret:
        with _proving(), guess(request, now), store.transaction(now) as tx:
            people.check_secret(tx, me.name, form.get(SECRET, ""))


@contextmanager
def _proving() -> Iterator[None]:
    """A wrong PIN of somebody who is signed in is a field to mend, not a question who they are."""
    try:
        yield
    except LockedOut as locked:
        raise Invalid(str(locked)) from None
    except Unauthenticated:
        raise Invalid("That is not right; nothing was changed.") from None


def _you(page: Surroundings, me: Actor, tx: Transaction) -> Response:
    user = people.expected(tx, me.name)
    return draw(
        "you.html",
        page,
        me=user,
        running=sessions.running(tx, me.name),
        here=me.session[: sessions.HANDLE_SIGNS],
        handle_of=handle_of,
        passkeys=passkeys.of(tx, me.name),
        codes_left=second_steps.recovery_codes_left(tx, me.name),
    )


def _picture(page: Surroundings, me: Actor, secret: str, refusal: str = "") -> Response:
    picture = qr(second_steps.address(secret, me.name, page.title))
    return draw("second_step.html", page, picture=picture, secret=secret, refusal=refusal)
