"""Signing in through the organisation's provider, there and back."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.deps import OPENID_COOKIE, Now, get_parts, set_openid_cookie
from api.openid import OpenId, ProviderDown, Vouched
from api.pages.asking import Filled, PageRoute
from api.pages.drawing import back_to, draw, local_path
from api.pages.signin import place_of, signed_in_answer, signin_page
from api.pages.surroundings import OpenPage
from api.pages.you import Person, prove
from nightwarden.errors import Conflict, Invalid, NotFound, Unauthenticated
from nightwarden.store import locks, provider_people
from nightwarden.store.engine import Transaction
from nightwarden.store.sessions import Opening, Place
from nightwarden.store.tables import User

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/signin/openid")
def begin(request: Request, page: OpenPage, now: Now, goes_to: str = "/") -> Response:
    """Lead to the provider. It is a link: a form may lead to our own pages alone."""
    try:
        url, cookie = _provider(request).begin(
            now, str(request.base_url), local_path(goes_to), place_of(request, None, now), None
        )
    except ProviderDown as down:
        return signin_page(page, goes_to, down)
    answer = RedirectResponse(url, HTTPStatus.SEE_OTHER)
    set_openid_cookie(request, answer, cookie)
    return answer


@router.post("/you/provider")
def begin_link(request: Request, form: Filled, page: OpenPage, me: Person, now: Now) -> Response:
    """Link one's own account at the provider; the PIN or password is asked first."""
    prove(request, form, me, now)
    url, cookie = _provider(request).begin(now, str(request.base_url), "/you", Place.OWN, me.name)
    answer = draw("provider_link.html", page, url=url)
    set_openid_cookie(request, answer, cookie)
    return answer


@router.get("/signin/openid/back")
def back(request: Request, page: OpenPage, now: Now) -> Response:
    """What the provider says of whoever comes back."""
    openid, store = _provider(request), get_parts(request).store
    cookie = request.cookies.get(OPENID_COOKIE, "")
    try:
        begun, vouched = openid.answered(cookie, dict(request.query_params), now)
        with store.transaction(now) as tx:
            user = _person(tx, vouched, begun.link_for)
    except Unauthenticated as refusal:
        with store.transaction(now) as tx:
            locks.note_failure(tx, None, "provider", "a stranger of the provider's")
        return signin_page(page, "/", refusal)
    except (ProviderDown, Conflict, Invalid) as refusal:
        return signin_page(page, "/", refusal)
    if begun.link_for is not None:
        answer: Response = back_to("/you")
    else:
        with store.transaction(now) as tx:
            opening = Opening(begun.place, "openid")
            answer = signed_in_answer(request, tx, user, opening, begun.goes_to)
    answer.delete_cookie(OPENID_COOKIE)
    return answer


def _person(tx: Transaction, vouched: Vouched, link_for: str | None) -> User:
    if link_for is not None:
        return provider_people.link(tx, link_for, vouched.identity)
    if vouched.role is None:
        provider_people.refuse(tx, vouched.identity)
        raise AssertionError
    return provider_people.person_of(tx, vouched.identity, vouched.role)


def _provider(request: Request) -> OpenId:
    if (openid := get_parts(request).openid) is None:
        raise NotFound("This home has no provider to sign in through.")
    return openid
