"""The second step of signing in: a code of six digits from the person's phone (TOTP, RFC 6238).

1. It is on when a first code has been right, so that nobody locks themselves out with a picture
   that they never scanned.
2. A code counts once: of a step of 30 s whose code was taken, and of any before it, none is taken
   again.
3. Wrong codes are counted with wrong passwords (``pins.py``), and only a right code forgives them:
   whoever has the password must not have unlimited codes.
4. Ten recovery codes, each good once, for the day on which the phone is lost. A manager can also
   turn it off.
"""

import hmac
import secrets
from datetime import datetime

import pyotp
from sqlalchemy import delete
from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, Unauthenticated
from nightwarden.store import audit, passkeys, sessions
from nightwarden.store.engine import Transaction
from nightwarden.store.locks import note_failure
from nightwarden.store.people import expected
from nightwarden.store.pins import charge, digest
from nightwarden.store.tables import RecoveryCode, User

STEP_S = 30
CLOCKS_DIFFER = (0, -1, 1)
"""Steps by which phone and monitor may be apart."""

RECOVERY_CODES = 10
_SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Such as cannot be taken for each other on paper."""
_RECOVERY_SIGNS = 10


def begin(tx: Transaction, name: str) -> str:
    """A new secret for the phone, in force once :func:`confirm` has seen a code of it.

    Raises:
        Conflict: the second step is on already, or this is a guest.
    """
    user = expected(tx, name)
    if user.guest_until is not None:
        raise Conflict("A guest has no second step; the PIN ends with the shift.")
    if user.totp_secret is not None:
        raise Conflict("The second step is on already; turn it off first to use another phone.")
    if user.totp_pending is None:
        user.totp_pending = pyotp.random_base32()
    return user.totp_pending


def address(secret: str, name: str, home: str) -> str:
    """What the QR code says: ``otpauth://``, with the home's name for the list on the phone."""
    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=name, issuer_name=home)


def confirm(tx: Transaction, name: str, code: str, session: str = "") -> list[str]:
    """Turn the second step on; the recovery codes, shown this once.

    Every other session of the person ends; ``session`` is the digest of the one to keep.

    Raises:
        Invalid: the code is not right now, or nothing was begun.
    """
    user = expected(tx, name)
    step = None if user.totp_pending is None else _step_of(user.totp_pending, code, tx.now)
    if step is None:
        raise Invalid("That code is not right; take the newest one, and check the phone's clock.")
    user.totp_secret, user.totp_pending, user.totp_step = user.totp_pending, None, step
    sessions.end_all(tx, name, name, session)
    audit.record(tx, name, "turned on second step", f"person {name}")
    return _new_recovery_codes(tx, name)


def turn_off(tx: Transaction, name: str, actor: str) -> None:
    """A password is enough again; the recovery codes end.

    Raises:
        Conflict: it is not on.
    """
    user = expected(tx, name)
    if user.totp_secret is None:
        raise Conflict(f"{name} has no second step.")
    user.totp_secret = user.totp_pending = user.totp_step = None
    tx.sql.execute(delete(RecoveryCode).where(col(RecoveryCode.user) == name))
    audit.record(tx, actor, "turned off second step", f"person {name}")


def phone_lost(tx: Transaction, name: str, actor: str) -> None:
    """No code is asked any more, and no passkey opens: what was lost may hold either.

    Raises:
        Conflict: there is neither.
    """
    user = expected(tx, name)
    taken = passkeys.remove_all(tx, name, actor)
    if user.totp_secret is not None:
        turn_off(tx, name, actor)
    elif not taken:
        raise Conflict(f"{name} has no second step and no passkey.")


def check_code(tx: Transaction, user: User, code: str) -> str:
    """Take the code of a phone, or a recovery code; which it was. Commits half way, as a PIN's.

    Raises:
        Unauthenticated: it is not right, or was used.
        LockedOut: too many wrong attempts.
    """
    charge(user, tx.now)
    tx.flush()
    tx.commit()
    tx.refresh(user)  # somebody may have used the same code in the meantime
    by = _taken(tx, user, code)
    if by is None:
        note_failure(tx, user, "code")
        raise Unauthenticated("That code is not right or was used; take the next one.")
    user.failures, user.locked_until = 0, None
    tx.flush()
    return by


def recovery_codes_left(tx: Transaction, name: str) -> int:
    """How many were not used."""
    return len(_unused(tx, name))


def _taken(tx: Transaction, user: User, code: str) -> str | None:
    if user.totp_secret is None:
        return None
    step = _step_of(user.totp_secret, code, tx.now)
    if step is not None and (user.totp_step is None or step > user.totp_step):
        user.totp_step = step
        return "code"
    typed = digest("".join(code.split()).replace("-", "").lower())
    for row in _unused(tx, user.name):
        if hmac.compare_digest(row.digest, typed):
            row.used_at = tx.now
            left = recovery_codes_left(tx, user.name)
            audit.record(tx, user.name, "used recovery code", f"person {user.name}", {"left": left})
            return "recovery code"
    return None


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step of 30 s whose code this is; None: of none that counts now."""
    typed = "".join(code.split())
    if not (typed.isascii() and typed.isdigit()):
        return None
    here = int(now.timestamp()) // STEP_S
    phone = pyotp.TOTP(secret, interval=STEP_S)
    for apart in CLOCKS_DIFFER:
        if hmac.compare_digest(phone.generate_otp(here + apart), typed):
            return here + apart
    return None


def _unused(tx: Transaction, name: str) -> list[RecoveryCode]:
    query = select(RecoveryCode).where(
        RecoveryCode.user == name, col(RecoveryCode.used_at).is_(None)
    )
    return list(tx.exec(query))


def _new_recovery_codes(tx: Transaction, name: str) -> list[str]:
    tx.sql.execute(delete(RecoveryCode).where(col(RecoveryCode.user) == name))
    made = [
        "".join(secrets.choice(_SIGNS) for _ in range(_RECOVERY_SIGNS))
        for _ in range(RECOVERY_CODES)
    ]
    tx.add_all(RecoveryCode(digest=digest(code), user=name, created_at=tx.now) for code in made)
    tx.flush()
    return [f"{code[:5]}-{code[5:]}" for code in made]
