"""What a handler may ask for: the time, a transaction, and who is asking.

1. ``now`` is read once in a request. Everything in it happens at that instant.
2. A writing transaction is committed when the handler has returned, before the response is sent:
   whoever reads "200" can rely on it. Writers of this process take turns, so that they wait for
   each other in order and only for the gateway in SQLite.
3. After each commit both bells ring, whatever was written. The listeners look and find little or
   nothing; the other way round, a forgotten ring, would cost a carer a second.
4. Who acts is an :class:`Actor`. A screen on a wall is a viewer and never an actor.
5. A cookie is sent by the browser whoever wrote the page, so a change made under a cookie has to
   come from one of our own pages.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Request, Response
from fastapi.concurrency import contextmanager_in_threadpool
from sqlalchemy.exc import OperationalError

from api.bell import Bell
from api.bench import Bench
from api.openid import WITHIN as OPENID_WITHIN
from api.openid import OpenId
from api.passkeys import WITHIN as PASSKEY_WITHIN
from api.passkeys import Passkeys
from api.receivers import Receivers
from api.scenario_runs import ScenarioRuns
from api.shared import Shared
from api.stream import StreamHub
from api.trials import Trials
from api.turnstile import Turnstile
from nightwarden.clock import Clock
from nightwarden.errors import NotPermitted, Unauthenticated
from nightwarden.model.roles import Right, Role, may
from nightwarden.store import people, sessions
from nightwarden.store.engine import Store, Transaction
from nightwarden.store.sessions import CODE_WITHIN, SESSION_LASTS, Place
from nightwarden.store.tables import Screen, Session, SoundTest, Token

log = logging.getLogger(__name__)

SESSION_COOKIE = "nightwarden_session"
CODE_COOKIE = "nightwarden_code"
OPENID_COOKIE = "nightwarden_openid"
PASSKEY_COOKIE = "nightwarden_passkey"
CHOICE_LASTS_S = 365 * 86_400
SCREEN_COOKIE = "nightwarden_screen"
SCREEN_COOKIE_LASTS_S = 400 * 86_400
"""The longest that browsers allow; a screen's cookie is ended in the store, not by its age."""

READERS = 16
"""How many requests may hold a reading transaction at once: half of the store's connections."""


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """What the requests of one app share; ``app.state.parts``."""

    store: Store
    clock: Clock
    hub: StreamHub
    bell: Bell | None
    writing: asyncio.Lock
    readers: asyncio.Semaphore
    looking_back: asyncio.Lock
    drawing: asyncio.Lock
    painting: asyncio.Lock
    """Held by whoever says that a board has painted an alert."""
    receivers: Receivers
    trials: Trials
    strangers: Turnstile
    guesses: Turnstile
    openid: OpenId | None
    passkeys: Passkeys
    bench: Bench
    scenarios: ScenarioRuns
    board: Shared[Any]
    """The board as it is now, by language (``api.pages.board_now``)."""
    raised: Shared[frozenset[int]]
    """The alerts that no board has shown yet."""
    sound_tests: Shared[dict[str, SoundTest]]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or program that may act. ``name`` is what the record says."""

    name: str
    role: Role
    via: Literal["token", "session"]
    session: str = ""
    """The digest of the session, where it is one."""

    def may(self, right: Right) -> bool:
        """Whether the role allows it."""
        return may(self.role, right)


@dataclass(frozen=True, slots=True)
class EnrolledScreen:
    """A screen on which nobody is signed in; it sees the board and does nothing."""

    name: str


def get_parts(request: Request) -> Parts:
    """The parts of the app that this request came to."""
    parts: Parts = request.app.state.parts
    return parts


async def get_now(request: Request) -> datetime:
    """The instant of this request, aware, in UTC."""
    return get_parts(request).clock()


Now = Annotated[datetime, Depends(get_now)]


async def read_tx(request: Request, now: Now) -> AsyncIterator[Transaction]:
    """A consistent view of the store for the length of the handler."""
    parts = get_parts(request)
    async with (
        parts.readers,
        contextmanager_in_threadpool(parts.store.reading(now)) as tx,
    ):
        yield tx


async def write_tx(request: Request, now: Now) -> AsyncIterator[Transaction]:
    """A writing transaction; an error in the handler rolls it back."""
    parts = get_parts(request)
    async with (
        parts.writing,
        contextmanager_in_threadpool(parts.store.transaction(now)) as tx,
    ):
        yield tx
    parts.hub.ring()
    if parts.bell is not None:
        parts.bell.ring_gateway()


writing = asynccontextmanager(write_tx)
"""The same for whoever looks first whether there is anything to write."""

ReadTx = Annotated[Transaction, Depends(read_tx, scope="function")]
WriteTx = Annotated[Transaction, Depends(write_tx, scope="function")]


def current_actor(request: Request, now: Now) -> Actor:
    """Who acts, by bearer token or else by session cookie.

    Raises:
        Unauthenticated: neither is there, or it is not valid.
        NotPermitted: a change under a cookie that did not come from one of our pages.
    """
    parts = get_parts(request)
    if (token := bearer_token(request)) is not None:
        with parts.store.reading(now) as tx:
            row = people.token_actor(tx, token)
        _note_use(parts, row, now)
        return Actor(row.name, Role(row.role), "token")
    if (cookie := request.cookies.get(SESSION_COOKIE)) is not None:
        with parts.store.reading(now) as tx:
            here = sessions.signed_in(tx, cookie)
        require_same_origin(request)
        _note_session(request, here.session, now)
        return Actor(here.user.name, Role(here.user.role), "session", here.session.digest)
    raise Unauthenticated("Sign in, or send a token as Authorization: Bearer TOKEN.")


CurrentActor = Annotated[Actor, Depends(current_actor)]


def current_viewer(request: Request, now: Now) -> Actor | EnrolledScreen:
    """Who looks: an actor, or a screen that a manager has enrolled.

    Raises:
        Unauthenticated: neither.
    """
    cookie = request.cookies.get(SCREEN_COOKIE)
    try:
        return current_actor(request, now)
    except Unauthenticated:
        if cookie is None:
            raise
    # A session that ended in the night must not turn the board off: it is a screen still.
    parts = get_parts(request)
    with parts.store.reading(now) as tx:
        screen = people.screen_of(tx, cookie)
    _note_use(parts, screen, now)
    require_same_origin(request)
    return EnrolledScreen(screen.name)


Viewer = Annotated[Actor | EnrolledScreen, Depends(current_viewer)]


def requires(right: Right) -> Callable[[Actor], Awaitable[Actor]]:
    """A dependency that gives the actor, if the role allows ``right``.

    Use it as ``actor: Annotated[Actor, Depends(requires(Right.PAUSE))]``.
    """

    async def permitted(actor: CurrentActor) -> Actor:
        if not actor.may(right):
            raise NotPermitted(f"A {actor.role} may not {right}; ask somebody who may.")
        return actor

    return permitted


def bearer_token(request: Request) -> str | None:
    """The token of the Authorization header; None when the header is not there.

    Raises:
        Unauthenticated: the header is there and is not ``Bearer TOKEN``.
    """
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("The Authorization header has to be: Bearer TOKEN.")
    return token.strip()


def require_same_origin(request: Request) -> None:
    """Let a change through only if the browser says that one of our own pages sent it.

    Raises:
        NotPermitted: it says otherwise, or nothing.
    """
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        ours = site == "same-origin"
    else:
        ours = origin is not None and origin.partition("://")[2] == request.headers.get("host")
    if not ours:
        raise NotPermitted("This change did not come from one of our pages; open the board anew.")


def set_session_cookie(request: Request, response: Response, value: str) -> None:
    """Sign this browser in; the session ends in the store, whatever the cookie's age."""
    _set_cookie(request, response, SESSION_COOKIE, value, int(SESSION_LASTS.total_seconds()))


def set_code_cookie(request: Request, response: Response, value: str) -> None:
    """Remember in this browser who owes the code of their phone."""
    _set_cookie(request, response, CODE_COOKIE, value, int(CODE_WITHIN.total_seconds()))


def set_openid_cookie(request: Request, response: Response, value: str) -> None:
    """Remember in this browser which sign-in through the provider it began."""
    _set_cookie(request, response, OPENID_COOKIE, value, int(OPENID_WITHIN.total_seconds()))


def set_passkey_cookie(request: Request, response: Response, value: str) -> None:
    """Remember in this browser which question its passkey is to answer."""
    _set_cookie(request, response, PASSKEY_COOKIE, value, int(PASSKEY_WITHIN.total_seconds()))


def on_screen(request: Request, now: datetime) -> bool:
    """Whether this browser is an enrolled screen, whoever is signed in on it."""
    if (cookie := request.cookies.get(SCREEN_COOKIE)) is None:
        return False
    with get_parts(request).store.reading(now) as tx:
        try:
            people.screen_of(tx, cookie)
        except Unauthenticated:
            return False
    return True


def set_screen_cookie(request: Request, response: Response, value: str) -> None:
    """Make this browser an enrolled screen."""
    _set_cookie(request, response, SCREEN_COOKIE, value, SCREEN_COOKIE_LASTS_S)


def set_choice_cookie(request: Request, response: Response, name: str, value: str) -> None:
    """Keep a choice, such as the theme, in this browser."""
    _set_cookie(request, response, name, value, CHOICE_LASTS_S)


def _set_cookie(request: Request, response: Response, name: str, value: str, age_s: int) -> None:
    secure = request.url.scheme == "https"
    response.set_cookie(name, value, age_s, httponly=True, samesite="lax", secure=secure)


def _note_use(parts: Parts, row: Token | Screen, now: datetime) -> None:
    if not people.use_is_noted(row, now):
        with _if_it_can_be_written(), parts.store.transaction(now) as tx:
            people.note_use(tx, row)


def _note_session(request: Request, session: Session, now: datetime) -> None:
    if session.place == Place.SHARED and not _by_hand(request):
        return
    if not sessions.use_is_noted(session, now):
        with _if_it_can_be_written(), get_parts(request).store.transaction(now) as tx:
            sessions.note_use(tx, session)


@contextmanager
def _if_it_can_be_written() -> Iterator[None]:
    """A board must show that nobody watches above all when the disk is full: what cannot be noted
    of its use keeps nobody from reading."""
    try:
        yield
    except OperationalError as problem:
        log.warning("a use was not noted: %s", problem.orig)


def _by_hand(request: Request) -> bool:
    """Whether a person did this, as far as the browser says, or the page by itself."""
    if request.method in ("GET", "HEAD"):
        return request.headers.get("sec-fetch-mode", "navigate") == "navigate"
    return not request.url.path.endswith("/delivered") and "/receivers/" not in request.url.path
