"""Who is signed in, on what, and until when.

1. A session is a row here; the browser has 32 random bytes that name it and nothing else. Ending it
   here ends it everywhere with the next request.
2. It has two ends: so long after signing in, and so long after the last use. A device that others
   take in hand is left sooner. A board that keeps itself fresh is used, on a device of one's own:
   a phone in a pocket must still ring. On a shared one only what a person does counts.
3. A guest's ends with the shift, whatever else.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import update
from sqlmodel import col, select

from nightwarden.errors import NotFound, Unauthenticated
from nightwarden.model.roles import Right, Role, may
from nightwarden.store import audit
from nightwarden.store.engine import Transaction
from nightwarden.store.pins import digest
from nightwarden.store.tables import Session, User

SESSION_LASTS = timedelta(hours=13)
"""A long night shift and its handover; nobody signs in twice in a night."""

SHARED_LASTS = timedelta(hours=2)
OWN_IDLE = timedelta(hours=6)
MANAGER_IDLE = timedelta(hours=1)
"""Who may let others in is asked again sooner. Judgement, as are the others."""
SHARED_IDLE = timedelta(minutes=10)

CODE_WITHIN = timedelta(minutes=5)
"""From the password to the code of the phone."""

_NOTE_EVERY = {"own": timedelta(minutes=10), "shared": timedelta(minutes=1)}
"""How exact "last used" is; finer would make a write of every read."""

HANDLE_SIGNS = 16
"""Signs of the digest that name a session on a page: enough to tell them apart, and no secret."""


class Place(StrEnum):
    """Whose device it is."""

    OWN = "own"
    SHARED = "shared"


class SignedIn(NamedTuple):
    """A session in force and whose it is."""

    session: Session
    user: User

    @property
    def idle_ends(self) -> datetime:
        """When it ends if nothing is done with it."""
        return (self.session.seen_at or self.session.created_at) + idle_time(
            self.session, self.user
        )


@dataclass(frozen=True, slots=True)
class Opening:
    """How somebody signs in. ``browser`` in few words.

    ``via`` is secret, code, recovery code, guest, openid or passkey.
    """

    place: Place = Place.OWN
    via: str = "secret"
    browser: str = ""
    awaits_code: bool = False


USUAL = Opening()


def present(tx: Transaction, name: str) -> User | None:
    """The person of this name, if they may act now: not removed, and no guest whose shift ended."""
    user = tx.get(User, name)
    return user if user is not None and is_present(user, tx.now) else None


def is_present(user: User, now: datetime) -> bool:
    """Whether this person may act at ``now``."""
    return user.removed_at is None and (user.guest_until is None or now < user.guest_until)


def open_session(tx: Transaction, user: User, opening: Opening = USUAL) -> str:
    """A new session; the value is for the browser's cookie.

    One that waits for a code lasts :data:`CODE_WITHIN` and is written into the audit when it came.
    """
    cookie = secrets.token_urlsafe(32)
    ends = tx.now + (CODE_WITHIN if opening.awaits_code else lasts(opening.place))
    tx.add(
        Session(
            digest=digest(cookie),
            user=user.name,
            created_at=tx.now,
            expires_at=ends if user.guest_until is None else min(ends, user.guest_until),
            seen_at=tx.now,
            place=opening.place,
            via=opening.via,
            browser=opening.browser[:60],
            awaits_code=opening.awaits_code,
        )
    )
    if not opening.awaits_code:
        detail = {"by": opening.via, "device": opening.place, "browser": opening.browser[:60]}
        audit.record(tx, user.name, "signed in", f"person {user.name}", detail)
    return cookie


def signed_in(tx: Transaction, cookie: str) -> SignedIn:
    """The session of this cookie, and whose it is.

    Raises:
        Unauthenticated: it has ended, or never began.
    """
    session = tx.get(Session, digest(cookie))
    user = None if session is None else present(tx, session.user)
    if session is None or user is None or session.awaits_code or not _runs(session, user, tx.now):
        raise Unauthenticated("Your session has ended; please sign in again.")
    return SignedIn(session, user)


def session_user(tx: Transaction, cookie: str) -> User:
    """Whose session this is; raises as :func:`signed_in`."""
    return signed_in(tx, cookie).user


def awaiting_code(tx: Transaction, cookie: str) -> SignedIn:
    """Who gave a password here and owes the code of their phone.

    Raises:
        Unauthenticated: nobody, or too long ago.
    """
    session = tx.get(Session, digest(cookie))
    user = None if session is None else present(tx, session.user)
    if session is None or user is None or not session.awaits_code or session.ended_at is not None:
        raise Unauthenticated("Please give your name and password first.")
    if session.expires_at <= tx.now:
        raise Unauthenticated("That took too long; please give your name and password again.")
    return SignedIn(session, user)


def end_session(tx: Transaction, cookie: str) -> None:
    """Sign out; ending what has ended is no mistake."""
    session = tx.get(Session, digest(cookie))
    if session is not None and session.ended_at is None:
        session.ended_at, session.ended_by = tx.now, session.user
        audit.record(tx, session.user, "signed out", f"person {session.user}")


def running(tx: Transaction, name: str | None = None) -> list[SignedIn]:
    """The sessions in force, of one person or of everybody; by name, the newest first."""
    query = (
        select(Session)
        .where(col(Session.ended_at).is_(None), col(Session.expires_at) > tx.now)
        .where(col(Session.awaits_code).is_(False))
        .order_by(Session.user, col(Session.created_at).desc())
    )
    if name is not None:
        query = query.where(Session.user == name)
    found = ((session, present(tx, session.user)) for session in tx.exec(query))
    return [
        SignedIn(session, user)
        for session, user in found
        if user is not None and _runs(session, user, tx.now)
    ]


def end_one(tx: Transaction, handle: str, actor: str, of: str | None = None) -> str:
    """End the session that a page calls ``handle``; ``of``: only if it is this person's.

    Returns:
        Whose it was.

    Raises:
        NotFound: there is no such session, or it is another's.
    """
    for each in running(tx, of):
        if handle_of(each.session) == handle:
            each.session.ended_at, each.session.ended_by = tx.now, actor
            audit.record(tx, actor, "ended session", f"person {each.user.name}")
            return each.user.name
    raise NotFound("That session has ended already.")


def end_all(tx: Transaction, name: str, by: str, but: str = "") -> int:
    """End every session of a person, but for the one with this digest; how many there were."""
    open_ones = (col(Session.user) == name) & col(Session.ended_at).is_(None)
    others = open_ones & (col(Session.digest) != but)
    ended = tx.sql.execute(update(Session).where(others).values(ended_at=tx.now, ended_by=by))
    return int(ended.rowcount)


def sign_out_everywhere(tx: Transaction, name: str, actor: str) -> int:
    """End every session of a person, in the record; how many there were."""
    ended = end_all(tx, name, actor)
    audit.record(tx, actor, "ended sessions", f"person {name}", {"sessions": ended})
    return ended


def note_use(tx: Transaction, session: Session) -> None:
    """Keep that it is used now; see :func:`use_is_noted`."""
    if (row := tx.get(Session, session.digest)) is not None:
        row.seen_at = tx.now


def use_is_noted(session: Session, now: datetime) -> bool:
    """Whether its last use is known exactly enough."""
    return session.seen_at is not None and now - session.seen_at < _NOTE_EVERY[session.place]


def lasts(place: Place) -> timedelta:
    """How long a session lasts at most, from signing in."""
    return SHARED_LASTS if place is Place.SHARED else SESSION_LASTS


def idle_time(session: Session, user: User) -> timedelta:
    """How long it lasts without being used."""
    if session.place == Place.SHARED:
        return SHARED_IDLE
    return MANAGER_IDLE if may(Role(user.role), Right.MANAGE) else OWN_IDLE


def handle_of(session: Session) -> str:
    """What a page calls it."""
    return session.digest[:HANDLE_SIGNS]


def _runs(session: Session, user: User, now: datetime) -> bool:
    return (
        session.ended_at is None
        and now < session.expires_at
        and now < SignedIn(session, user).idle_ends
    )
