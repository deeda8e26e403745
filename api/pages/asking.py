"""Forms: what was sent, who sends it, and how a refusal comes back.

A person who is signed in acts with one tap. On an enrolled screen nobody is: the form is answered
with "Who are you?", which sends the same form again with a name and a PIN. The page asks the same
in a dialog where there is JavaScript.
"""

from collections.abc import Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from api.deps import Actor, Now, Viewer, get_parts
from api.errors import status_of
from api.guesses import guess
from api.pages.drawing import draw
from api.pages.problem import problem_page, wants_page
from api.pages.surroundings import anybody, surroundings
from nightwarden.errors import Invalid, NightwardenError, NotPermitted, Unauthenticated
from nightwarden.languages import gettext
from nightwarden.model.roles import Right, Role, may
from nightwarden.store import people

SECRET = "pin"  # noqa: S105
PERSON = "person"


class WhoAreYou(Unauthenticated):
    """The form is fine and nobody has put a name to it yet."""


class PageRoute(APIRoute):
    """A route that answers with a page also when it refuses.

    A script asks for problem details instead and shows the sentence beside the button.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with its refusals made into pages."""
        answer = super().get_route_handler()

        async def with_pages(request: Request) -> Response:
            try:
                return await answer(request)
            except NightwardenError as error:
                status = status_of(error)
                if status is HTTPStatus.INTERNAL_SERVER_ERROR or not wants_page(request):
                    raise
                if isinstance(error, Unauthenticated) and request.method == "POST":
                    form = await filled(request)
                    return await run_in_threadpool(_ask_who, request, form, status, str(error))
                return await run_in_threadpool(problem_page, request, status, None, str(error))
            finally:
                await request.close()  # a file that came with a form

        return with_pages


async def filled(request: Request) -> Mapping[str, str]:
    """The fields of the form, as text."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


Filled = Annotated[Mapping[str, str], Depends(filled)]


def as_kept(given: str, offered: str) -> str:
    """What somebody gave; in English where they left what the form ``offered`` in their language.

    What is kept is English, so that a record reads the same whoever looks.
    """
    return offered if given == gettext(offered) else given


def field(form: Mapping[str, str], name: str, asked: str) -> str:
    """A field that must be filled in.

    Raises:
        Invalid: it is not; ``asked`` is what the page asks for, such as "a reason".
    """
    value = form.get(name, "").strip()
    if not value:
        raise Invalid(f"Please give {asked}.")
    return value


def whoever(request: Request, viewer: Viewer, form: Filled, now: Now) -> Actor:
    """The person who acts: whoever is signed in, or whoever gives their name and PIN here.

    It comes before any other transaction of a handler: see ``people.check_secret``.

    Raises:
        WhoAreYou: an enrolled screen, and no name yet.
        Unauthenticated: the name and the PIN do not match.
    """
    if isinstance(viewer, Actor):
        return viewer
    if not form.get(PERSON):
        raise WhoAreYou("Say who you are: choose your name and enter your PIN.")
    with guess(request, now), get_parts(request).store.transaction(now) as tx:
        user = people.check_secret(tx, form[PERSON], form.get(SECRET, ""))
    if user.totp_secret is not None:
        raise Unauthenticated(f"{user.name} has a second step: sign in first, with the code.")
    return Actor(user.name, Role(user.role), "session")


def person_with(right: Right) -> Callable[[Actor], Actor]:
    """A dependency that gives the person who acts, if their role allows ``right``."""

    def permitted(actor: Annotated[Actor, Depends(whoever)]) -> Actor:
        if not may(actor.role, right):
            raise NotPermitted(f"A {actor.role} may not {right}; ask somebody who may.")
        return actor

    return permitted


def _ask_who(
    request: Request, form: Mapping[str, str], status: HTTPStatus, sentence: str
) -> Response:
    """Ask an enrolled screen for a name and a PIN; ask anybody else to sign in."""
    parts = get_parts(request)
    now = parts.clock()
    viewer = anybody(request, now)
    if viewer is None:
        return problem_page(request, status, None, sentence)
    refusal = sentence if form.get(PERSON) else ""
    with parts.store.reading(now) as tx:
        page = surroundings(request, tx, viewer)
    return draw("who.html", page, status, sent=form, refusal=refusal)
