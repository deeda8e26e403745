"""PINs, passwords and random keys: how they are kept, and how few guesses there are.

A four-digit PIN is only as good as the number of guesses it allows. An attempt is therefore charged
before the secret is looked at, and given back when it was right, so that neither a crash nor many
guesses at once buys a free one. Five wrong ones lock for five minutes, each further one for twice
as long.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from nightwarden.errors import Invalid, Unauthenticated
from nightwarden.model.roles import Role
from nightwarden.store.tables import User

FREE_FAILURES = 5
FIRST_LOCK = timedelta(minutes=5)
LONGEST_LOCK = timedelta(hours=4)
"""The doubling ends here: a shift must not be lost to somebody else's guessing."""

PIN_ROLES = frozenset({Role.CARER, Role.SENIOR, Role.MAINTENANCE, Role.TESTER})
"""Who may have a PIN; the others need a password."""
_RUNS = ({0}, {1}, {-1})


class LockedOut(Unauthenticated):
    """Too many wrong attempts; ``until`` (aware, UTC) is when the next one counts."""

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message)
        self.until = until


def digest(key: str) -> str:
    """What is kept of a token, cookie or code; 32 random bytes need no slower hash than this."""
    return hashlib.sha256(key.encode()).hexdigest()


def hashed(secret: str) -> str:
    """What is kept of a PIN or password: Argon2id."""
    return _hasher().hash(secret)


def matches(kept: str | None, secret: str) -> bool:
    """Whether ``secret`` is the one of which ``kept`` was made; as slow for None, and False."""
    try:
        return _hasher().verify(kept or _nobodys(), secret) and kept is not None
    except VerifyMismatchError:
        return False


def check_strength(role: Role, name: str, secret: str) -> None:
    """Refuse what is guessed first.

    Raises:
        Invalid: a PIN of fewer than four digits, of one digit or of neighbours; a password of
            fewer than ten characters or with the name in it.
    """
    pin = role in PIN_ROLES
    if pin and secret.isascii() and secret.isdigit():
        if len(secret) < 4:
            raise Invalid("The PIN is too short; it needs at least four digits.")
        if {int(b) - int(a) for a, b in pairwise(secret)} in _RUNS:
            raise Invalid("The PIN is too easy to guess; avoid runs such as 1111 or 1234.")
        return
    if len(secret) < 10:
        wanted = "at least four digits, or a password of ten" if pin else "a password of ten"
        raise Invalid(f"That is too short for a {role}; use {wanted} characters or more.")
    if name.casefold() in secret.casefold():
        raise Invalid("The password must not contain the name.")


def charge(user: User, now: datetime) -> None:
    """Count an attempt as failed until it has proved right.

    Raises:
        LockedOut: it is too early for another.
    """
    refuse_locked(user, now)
    user.failures += 1
    if user.failures >= FREE_FAILURES:
        doublings = min(user.failures - FREE_FAILURES, 10)
        user.locked_until = now + min(FIRST_LOCK * 2**doublings, LONGEST_LOCK)


def refuse_locked(user: User, now: datetime) -> None:
    """Let nobody in who is locked after wrong attempts.

    Raises:
        LockedOut: so is this person.
    """
    if user.locked_until is not None and now < user.locked_until:
        minutes = -(-(user.locked_until - now) // timedelta(minutes=1))
        raise LockedOut(
            f"Too many wrong attempts for {user.name}; try again in {minutes} min, "
            "or ask a manager to unlock it.",
            user.locked_until,
        )


@cache
def _hasher() -> PasswordHasher:
    # OWASP's smallest recommended Argon2id: about 25 ms on a small PC. More would not save a PIN
    # of four digits (the lock does) and would slow a carer down at three in the morning.
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@cache
def _nobodys() -> str:
    return hashed(secrets.token_urlsafe(16))
