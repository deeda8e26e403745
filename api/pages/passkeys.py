"""Passkeys: adding and removing one's own, and signing in with one."""

from anyio import from_thread
from fastapi import APIRouter, Request, Response

from api.deps import (
    PASSKEY_COOKIE,
    Now,
    get_parts,
    require_same_origin,
    set_passkey_cookie,
)
from api.guesses import browser_words, guess, place
from api.pages.asking import Filled, PageRoute, as_kept, field
from api.pages.drawing import back_to, draw, local_path
from api.pages.signin import place_of, signed_in_answer, signin_page
from api.pages.surroundings import OpenPage, ViewerPage
from api.pages.you import Person, prove
from api.passkeys import Site, answer_of, made, proved, site_of
from nightwarden.errors import Invalid, TooOften, Unauthenticated
from nightwarden.store import locks, passkeys
from nightwarden.store.engine import Transaction
from nightwarden.store.pins import LockedOut
from nightwarden.store.sessions import Opening
from nightwarden.store.tables import Passkey, User

router = APIRouter(route_class=PageRoute, include_in_schema=False)

NOBODYS = "a passkey that nobody has"


@router.post("/you/passkey")
def begin(request: Request, form: Filled, page: ViewerPage, me: Person, now: Now) -> Response:
    """The page on which the browser has one made; the PIN or password is asked first."""
    parts, site = get_parts(request), _site(request)
    prove(request, form, me, now)
    with parts.store.reading(now) as tx:
        owner = passkeys.owner(tx, me.name)
    options, cookie = parts.passkeys.ask_for_new(now, site, place(request, now), owner, page.title)
    answer = draw("passkey.html", page, options=options, called=browser_words(request))
    set_passkey_cookie(request, answer, cookie)
    return answer


@router.post("/you/passkey/confirm")
def confirm(request: Request, form: Filled, me: Person, now: Now) -> Response:
    """Keep the public half of what the device has made."""
    parts, cookie = get_parts(request), request.cookies.get(PASSKEY_COOKIE, "")
    try:
        asked = parts.passkeys.answered(cookie, me.name, now)
    except Unauthenticated as late:
        raise Invalid(str(late)) from None  # who they are is not in question
    new = made(asked, form.get("credential", ""))
    called = as_kept(field(form, "name", "a name"), browser_words(request))
    with parts.store.transaction(now) as tx:
        passkeys.add(tx, me.name, new, called)
    return _back(request)


@router.post("/you/passkey/remove")
def remove(request: Request, form: Filled, me: Person, now: Now) -> Response:
    """Take one of one's own away; the PIN or password is asked first."""
    number = field(form, "passkey", "the passkey")
    prove(request, form, me, now)
    with get_parts(request).store.transaction(now) as tx:
        known = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
        passkeys.remove(tx, me.name, known, me.session)
    return _back(request)


@router.post("/signin/passkey/begin")
def ask(request: Request, now: Now) -> Response:
    """The question that a passkey is to answer, for the page's script."""
    require_same_origin(request)
    parts = get_parts(request)
    options, cookie = parts.passkeys.ask_who(now, _site(request), place(request, now))
    answer = Response(options, media_type="application/json")
    set_passkey_cookie(request, answer, cookie)
    return answer


@router.post("/signin/passkey")
def sign_in(request: Request, form: Filled, page: OpenPage, now: Now) -> Response:
    """Check the answer and open a session; neither a password nor a code is asked."""
    require_same_origin(request)
    goes_to, here = local_path(form.get("goes_to", "/")), place_of(request, form.get("shared"), now)
    try:
        with guess(request, now), get_parts(request).store.transaction(now) as tx:
            user = _whose(request, tx, form.get("credential", ""))
            answer = signed_in_answer(request, tx, user, Opening(here, "passkey"), goes_to)
    except (Unauthenticated, TooOften) as refusal:
        answer = signin_page(page, goes_to, refusal)
    answer.delete_cookie(PASSKEY_COOKIE)
    return answer


def _whose(request: Request, tx: Transaction, text: str) -> User:
    """Whose passkey it is that answers; a refusal is in the audit."""
    key: Passkey | None = None
    try:
        asked = get_parts(request).passkeys.answered(
            request.cookies.get(PASSKEY_COOKIE, ""), None, tx.now
        )
        answer = answer_of(text)
        key = passkeys.known(tx, answer.credential)
        key, count = proved(asked, answer, key)
        return passkeys.used(tx, key, count)
    except LockedOut:
        raise
    except Unauthenticated:
        locks.note_failure(tx, None, "passkey", NOBODYS if key is None else f"person {key.user}")
        raise


def _site(request: Request) -> Site:
    return site_of(request.headers.get("host", ""))


def _back(request: Request) -> Response:
    """The list again; the sessions that ended lose their live boards at once."""
    from_thread.run_sync(get_parts(request).hub.ask_again)
    answer = back_to("/you")
    answer.delete_cookie(PASSKEY_COOKIE)
    return answer
