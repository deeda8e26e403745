"""Signing in and out: a name, a PIN or password, and for some the code of their phone.

An enrolled screen offers the names as tiles. Elsewhere a person types their own, so that the list
of who works here is not on show to whoever reaches the address.
"""

from http import HTTPStatus
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from api.deps import (
    CODE_COOKIE,
    SESSION_COOKIE,
    Now,
    get_parts,
    on_screen,
    require_same_origin,
    set_code_cookie,
    set_session_cookie,
)
from api.errors import status_of
from api.guesses import browser_words, guess
from api.pages.asking import PERSON, SECRET, Filled, PageRoute
from api.pages.drawing import back_to, draw, local_path
from api.pages.surroundings import OpenPage, Surroundings
from api.pages.tongue import forget_reader, speak_as_chosen
from nightwarden.errors import NightwardenError, TooOften, Unauthenticated
from nightwarden.store import people, second_steps, sessions
from nightwarden.store.engine import Transaction
from nightwarden.store.sessions import Opening, Place
from nightwarden.store.tables import User

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/signin")
def showsignin_page(page: OpenPage, goes_to: str = "/") -> Response:
    """The form; ``goes_to`` is the page to show afterwards."""
    return signin_page(page, goes_to)


@router.post("/signin")
def sign_in(request: Request, form: Filled, page: OpenPage, now: Now) -> Response:
    """Check the secret and open a session; a refusal comes back on the form, in words."""
    require_same_origin(request)
    store = get_parts(request).store
    name, goes_to = form.get(PERSON, "").strip(), form.get("goes_to", "/")
    try:
        with guess(request, now), store.transaction(now) as tx:
            user = people.check_secret(tx, name, form.get(SECRET, ""))
    except (Unauthenticated, TooOften) as refusal:
        return signin_page(page, goes_to, refusal, name)
    place = place_of(request, form.get("shared"), now)
    if user.totp_secret is not None:
        opening = Opening(place, "code", browser_words(request), awaits_code=True)
        with store.transaction(now) as tx:
            cookie = sessions.open_session(tx, user, opening)
        answer = back_to(f"/signin/code?goes_to={quote(local_path(goes_to))}")
        set_code_cookie(request, answer, cookie)
        return answer
    with store.transaction(now) as tx:
        return signed_in_answer(request, tx, user, Opening(place, "secret"), goes_to)


@router.get("/signin/code")
def ask_code(page: OpenPage, goes_to: str = "/") -> Response:
    """The second step."""
    return draw("signin_code.html", page, refusal="", goes_to=local_path(goes_to))


@router.post("/signin/code")
def take_code(request: Request, form: Filled, page: OpenPage, now: Now) -> Response:
    """Check the code of the phone, or a recovery code."""
    require_same_origin(request)
    store, waiting = get_parts(request).store, request.cookies.get(CODE_COOKIE, "")
    goes_to = local_path(form.get("goes_to", "/"))
    try:
        with guess(request, now), store.transaction(now) as tx:
            owed = sessions.awaiting_code(tx, waiting)
            by = second_steps.check_code(tx, owed.user, form.get("code", ""))
            owed.session.ended_at = tx.now  # spent, whatever becomes of the answer
            tx.add(owed.session)
    except (Unauthenticated, TooOften) as refusal:
        return draw(
            "signin_code.html", page, status_of(refusal), refusal=str(refusal), goes_to=goes_to
        )
    with store.transaction(now) as tx:
        opening = Opening(Place(owed.session.place), by)
        answer = signed_in_answer(request, tx, owed.user, opening, goes_to)
    answer.delete_cookie(CODE_COOKIE)
    return answer


@router.post("/signout")
def sign_out(request: Request, now: Now) -> Response:
    """End the session here and in the store."""
    require_same_origin(request)
    if cookie := request.cookies.get(SESSION_COOKIE):
        with get_parts(request).store.transaction(now) as tx:
            sessions.end_session(tx, cookie)
    answer = back_to("/")
    answer.delete_cookie(SESSION_COOKIE)
    forget_reader(answer)
    return answer


def place_of(request: Request, ticked: str | None, now: Now) -> Place:
    """Whose device this is: an enrolled screen is everybody's, and so is one that says so."""
    return Place.SHARED if ticked or on_screen(request, now) else Place.OWN


def signed_in_answer(
    request: Request, tx: Transaction, user: User, opening: Opening, goes_to: str
) -> Response:
    """Open the session, end the one that this browser had, and lead on."""
    if before := request.cookies.get(SESSION_COOKIE):
        sessions.end_session(tx, before)
    whole = Opening(opening.place, opening.via, browser_words(request))
    answer = back_to(goes_to)
    set_session_cookie(request, answer, sessions.open_session(tx, user, whole))
    speak_as_chosen(request, answer, user)
    return answer


def signin_page(
    page: Surroundings, goes_to: str, refusal: NightwardenError | None = None, named: str = ""
) -> Response:
    """The form, with why somebody is not in, if they tried."""
    return draw(
        "signin.html",
        page,
        HTTPStatus.OK if refusal is None else status_of(refusal),
        refusal="" if refusal is None else str(refusal),
        named=named,
        goes_to=local_path(goes_to),
    )
