"""Signing in and out: a name, and a PIN or password.

An enrolled screen offers the names as tiles. Elsewhere a person types their own, so that the list
of who works here is not on show to whoever reaches the address.
"""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from api.deps import (
    SESSION_COOKIE,
    Now,
    get_parts,
    require_same_origin,
    set_session_cookie,
)
from api.pages.asking import PERSON, SECRET, Filled, PageRoute
from api.pages.drawing import back_to, draw, local_path
from api.pages.surroundings import OpenPage
from nightwarden.errors import Unauthenticated
from nightwarden.store import people

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/signin")
def show_form(page: OpenPage, goes_to: str = "/") -> Response:
    """The form; ``goes_to`` is the page to show afterwards."""
    return draw("signin.html", page, refusal="", named="", goes_to=local_path(goes_to))


@router.post("/signin")
def sign_in(request: Request, form: Filled, page: OpenPage, now: Now) -> Response:
    """Check the secret and open a session; a refusal comes back on the form, in words."""
    require_same_origin(request)
    store = get_parts(request).store
    name, goes_to = form.get(PERSON, "").strip(), form.get("goes_to", "/")
    try:
        with store.transaction(now) as tx:
            user = people.check_secret(tx, name, form.get(SECRET, ""))
    except Unauthenticated as refusal:
        return draw(
            "signin.html",
            page,
            HTTPStatus.UNAUTHORIZED,
            refusal=str(refusal),
            named=name,
            goes_to=local_path(goes_to),
        )
    with store.transaction(now) as tx:
        cookie = people.open_session(tx, user)
    answer = back_to(goes_to)
    set_session_cookie(request, answer, cookie)
    return answer


@router.post("/signout")
def sign_out(request: Request, now: Now) -> Response:
    """End the session here and in the store."""
    require_same_origin(request)
    if cookie := request.cookies.get(SESSION_COOKIE):
        with get_parts(request).store.transaction(now) as tx:
            people.end_session(tx, cookie)
    answer = back_to("/")
    answer.delete_cookie(SESSION_COOKIE)
    return answer
