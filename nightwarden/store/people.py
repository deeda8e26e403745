"""Who may act: people with a PIN or password, programs with a token, and screens without either.

1. What is kept is never what is shown: tokens, cookies and codes are 32 random bytes of which the
   SHA-256 is stored; PINs and passwords are Argon2id. None of them is ever in the audit or a log.
2. Guesses are few: see ``pins.py``.
3. Removing is a date, not a deletion: the record goes on naming the person.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, NotFound, Unauthenticated
from nightwarden.model.roles import Role
from nightwarden.store import audit, passkeys
from nightwarden.store.engine import Transaction
from nightwarden.store.locks import note_failure
from nightwarden.store.pins import charge, check_strength, digest, hashed, matches
from nightwarden.store.sessions import end_all, is_present, present
from nightwarden.store.tables import EnrolCode, Screen, Token, User

ENROL_CODE_LASTS = timedelta(minutes=30)
"""From the office to the corridor where the screen hangs."""

NOTE_USE_EVERY = timedelta(minutes=10)
"""How exact "last used" is; finer would make a write of every read."""


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person whom the "who are you" picker offers."""

    name: str
    role: Role


# --- tokens --------------------------------------------------------------------------------------


def create_token(tx: Transaction, name: str, role: Role, actor: str) -> str:
    """A new API token, returned once and kept as its digest only.

    Raises:
        Invalid: the name is empty, too long, or a person's: the record must tell them apart.
    """
    name = clean_name(name)
    if present(tx, name) is not None:
        raise Invalid(f"{name} is a person's name; give the token another, such as {name}'s phone.")
    token = secrets.token_urlsafe(32)
    tx.add(Token(digest=digest(token), name=name, role=role, created_at=tx.now))
    audit.record(tx, actor, "created token", f"token {name}", {"role": role})
    return token


def token_actor(tx: Transaction, token: str) -> Token:
    """The token's row.

    Raises:
        Unauthenticated: it was never issued, or is revoked.
    """
    row = tx.get(Token, digest(token))
    if row is None or row.removed_at is not None:
        raise Unauthenticated("The token is not valid; ask a manager for a new one.")
    return row


def revoke_token(tx: Transaction, name: str, actor: str) -> None:
    """End every token of this name at once.

    Raises:
        NotFound: there is none in use.
    """
    rows = [row for row in tokens(tx) if row.name == name]
    if not rows:
        raise NotFound(f'There is no token named "{name}".')
    for row in rows:
        row.removed_at = tx.now
    audit.record(tx, actor, "revoked token", f"token {name}")


def tokens(tx: Transaction) -> list[Token]:
    """The tokens in use, by name."""
    return list(tx.exec(select(Token).where(col(Token.removed_at).is_(None)).order_by(Token.name)))


# --- people --------------------------------------------------------------------------------------


def add_user(tx: Transaction, name: str, role: Role, secret: str, actor: str) -> User:
    """Add a person, or bring back one who had left, with a new PIN or password.

    Raises:
        Invalid: the name or the secret will not do; the sentence says what would.
        Conflict: there is such a person already.
    """
    name = clean_name(name)
    if present(tx, name) is not None:
        raise Conflict(f"There is a {name} already; reset the PIN or choose another name.")
    if any(token.name == name for token in tokens(tx)):
        raise Conflict(f"A token is named {name}; the record must tell the two apart.")
    check_strength(role, name, secret)
    user = tx.get(User, name) or User(name=name, role=role, secret="", created_at=tx.now)
    user.role, user.removed_at, user.guest_until = role, None, None
    # Whoever comes back proves themselves anew: it may be another person of that name.
    user.totp_secret = user.totp_pending = user.totp_step = user.openid = None
    passkeys.clear(tx, name)
    set_secret(tx, user, secret)
    audit.record(tx, actor, "added person", f"person {name}", {"role": role})
    return user


def remove_user(tx: Transaction, name: str, actor: str) -> None:
    """This person may no longer act; every session of theirs ends now."""
    expected(tx, name).removed_at = tx.now
    passkeys.clear(tx, name)
    end_all(tx, name, actor)
    audit.record(tx, actor, "removed person", f"person {name}")


def reset_secret(tx: Transaction, name: str, secret: str, actor: str) -> None:
    """Give a person a new PIN or password, which also ends a lock and every session."""
    user = expected(tx, name)
    check_strength(Role(user.role), name, secret)
    set_secret(tx, user, secret)
    end_all(tx, name, actor)
    audit.record(tx, actor, "reset secret", f"person {name}")


def change_own_secret(tx: Transaction, name: str, secret: str, session: str) -> None:
    """A new PIN or password, chosen by the person; every session but this one (digest) ends."""
    user = expected(tx, name)
    check_strength(Role(user.role), name, secret)
    set_secret(tx, user, secret)
    end_all(tx, name, name, session)
    audit.record(tx, name, "changed own secret", f"person {name}")


def choose_language(tx: Transaction, name: str, language: str) -> None:
    """The language in which this person reads from now on, wherever they sign in."""
    expected(tx, name).language = language
    audit.record(tx, name, "chose language", f"person {name}", {"language": language})


def staff(tx: Transaction) -> list[StaffMember]:
    """Everybody who can sign in, by name."""
    return [StaffMember(user.name, Role(user.role)) for user in everybody(tx)]


def everybody(tx: Transaction) -> list[User]:
    """Everybody who may act now, guests among them, by name."""
    query = select(User).where(col(User.removed_at).is_(None)).order_by(User.name)
    return [user for user in tx.exec(query) if is_present(user, tx.now)]


def check_secret(tx: Transaction, name: str, secret: str) -> User:
    """The person, when the secret is theirs. Use it first in a transaction of its own.

    It commits half way: the charged attempt must outlive the refusal, and the slow hash must
    not be computed under the store's write lock. A refusal is in the audit, and so is a lock.
    Of somebody who owes a code as well, only the code gives earlier attempts back.

    Raises:
        Unauthenticated: they do not match, or nobody has that name (the same answer, as slowly).
        LockedOut: too many wrong attempts.
    """
    user, before = present(tx, name), None
    if user is not None:
        before = user.locked_until
        charge(user, tx.now)
        tx.flush()
    tx.commit()
    if not matches(None if user is None else user.secret, secret) or user is None:
        note_failure(tx, user, "secret")
        raise Unauthenticated("The name and the PIN or password do not match.")
    if user.totp_secret is None:
        user.failures, user.locked_until = 0, None
    else:
        tx.refresh(user)
        user.failures, user.locked_until = max(user.failures - 1, 0), before
    tx.flush()
    return user


# --- screens -------------------------------------------------------------------------------------


def enrol_code(tx: Transaction, name: str, actor: str) -> str:
    """A code that enrols one browser as the screen ``name``, once, within half an hour."""
    name = clean_name(name)
    code = secrets.token_urlsafe(16)
    ends = tx.now + ENROL_CODE_LASTS
    tx.add(EnrolCode(digest=digest(code), name=name, issued_by=actor, expires_at=ends))
    audit.record(tx, actor, "issued enrolment", f"screen {name}")
    return code


def use_enrol_code(tx: Transaction, code: str) -> str:
    """Spend the code; the value returned is for the screen's cookie.

    Raises:
        Unauthenticated: it was used, is too old, or was never issued.
    """
    row = tx.get(EnrolCode, digest(code))
    if row is None or row.used_at is not None or row.expires_at <= tx.now:
        raise Unauthenticated("This link was used or is too old; ask a manager for a new one.")
    row.used_at = tx.now
    cookie = secrets.token_urlsafe(32)
    tx.add(
        Screen(
            digest=digest(cookie),
            name=row.name,
            enrolled_by=row.issued_by,
            enrolled_at=tx.now,
            seen_at=tx.now,
        )
    )
    audit.record(tx, row.issued_by, "enrolled screen", f"screen {row.name}")
    return cookie


def screen_of(tx: Transaction, cookie: str) -> Screen:
    """The enrolled screen with this cookie.

    Raises:
        Unauthenticated: it is not enrolled, or no longer.
    """
    screen = tx.get(Screen, digest(cookie))
    if screen is None or screen.removed_at is not None:
        raise Unauthenticated("This screen is not enrolled; ask a manager for a link.")
    return screen


def screens(tx: Transaction) -> list[Screen]:
    """The enrolled screens, by name."""
    query = select(Screen).where(col(Screen.removed_at).is_(None)).order_by(Screen.name)
    return list(tx.exec(query))


def remove_screen(tx: Transaction, name: str, actor: str) -> None:
    """Every screen of this name goes dark.

    Raises:
        NotFound: none is enrolled under it.
    """
    rows = [row for row in screens(tx) if row.name == name]
    if not rows:
        raise NotFound(f'There is no enrolled screen named "{name}".')
    for row in rows:
        row.removed_at = tx.now
    audit.record(tx, actor, "removed screen", f"screen {name}")


def note_use(tx: Transaction, row: Token | Screen) -> None:
    """Keep when a token or a screen was last used; see :func:`use_is_noted`."""
    match tx.get(type(row), row.digest):
        case Token() as token:
            token.last_used_at = tx.now
        case Screen() as screen:
            screen.seen_at = tx.now


def use_is_noted(row: Token | Screen, now: datetime) -> bool:
    """Whether its last use is known to within :data:`NOTE_USE_EVERY`."""
    last = row.last_used_at if isinstance(row, Token) else row.seen_at
    return last is not None and now - last < NOTE_USE_EVERY


def set_secret(tx: Transaction, user: User, secret: str) -> None:
    """Keep what proves who ``user`` is; it ends a lock."""
    user.secret = hashed(secret)
    user.failures, user.locked_until = 0, None
    tx.add(user)
    tx.flush()


def expected(tx: Transaction, name: str) -> User:
    """The person of this name, or NotFound."""
    if (user := present(tx, name)) is None:
        raise NotFound(f"There is nobody named {name}.")
    return user


def clean_name(name: str) -> str:
    """A name as the record has it; Invalid when it will not do."""
    cleaned = " ".join(name.split())
    if not 0 < len(cleaned) <= 60 or not cleaned.isprintable():
        raise Invalid("A name has 1 to 60 letters, digits or signs.")
    return cleaned
