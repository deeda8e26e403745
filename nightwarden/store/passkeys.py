"""Passkeys: the public halves of keys that people's own devices keep, and whose each is.

1. What is kept opens nothing: the private half never leaves the device or its owner's account.
2. Whoever adds one has just given their PIN or password. Guests have none.
3. A removed one stays as a row with a date and opens nothing; its person is signed out elsewhere.
4. A person's passkeys end with them: whoever comes back under that name adds their own.
5. A passkey is no way around a lock after wrong attempts, and a right one is no guess: neither
   counts for the person. Wrong ones count for the address they come from (``api.guesses``).
"""

import secrets
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import update
from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, NotFound, Unauthenticated
from nightwarden.store import audit
from nightwarden.store.engine import Transaction
from nightwarden.store.pins import refuse_locked
from nightwarden.store.sessions import end_all, present
from nightwarden.store.tables import Passkey, User

MOST = 10
"""For one person: phone, tablet, computer, a key on the ring, and as many again."""
LONGEST_NAME = 60
HANDLE_BYTES = 32


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What a device has made; ``credential`` is its name for it in base64url."""

    credential: str
    handle: bytes
    public_key: bytes
    sign_count: int
    host: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom a device is told that a new passkey is for, and which of theirs it may hold already."""

    name: str
    handle: bytes
    credentials: tuple[str, ...]


def owner(tx: Transaction, name: str) -> Owner:
    """What a device has to know before it makes one.

    The handle is random, the same for all of a person's, so that a device has one for each person.

    Raises:
        Conflict: a guest, somebody without a PIN or password, or there are enough.
    """
    user = _expected(tx, name)
    if user.guest_until is not None:
        raise Conflict("A guest has no passkey; the PIN ends with the shift.")
    if not user.secret:
        raise Conflict("Choose a password first; it proves that a passkey is yours.")
    own = of(tx, name)
    if len(own) >= MOST:
        raise Conflict(f"There are {MOST} passkeys already; remove one that you no longer use.")
    handle = own[0].handle if own else secrets.token_bytes(HANDLE_BYTES)
    return Owner(name, handle, tuple(key.credential for key in own))


def add(tx: Transaction, name: str, new: NewPasskey, called: str) -> None:
    """From now on this person may sign in with it.

    Raises:
        Conflict: as :func:`owner`, or it is known here already.
        Invalid: the name is too long or has signs that cannot be shown.
    """
    owner(tx, name)
    called = " ".join(called.split())
    if not 0 < len(called) <= LONGEST_NAME or not called.isprintable():
        raise Invalid("A passkey's name has 1 to 60 letters, digits or signs.")
    if tx.exec(select(Passkey).where(Passkey.credential == new.credential)).first() is not None:
        raise Conflict("That passkey is known here already.")
    tx.add(
        Passkey(
            credential=new.credential,
            user=name,
            handle=new.handle,
            public_key=new.public_key,
            sign_count=new.sign_count,
            host=new.host,
            name=called,
            created_at=tx.now,
        )
    )
    detail = {"passkey": called, "address": new.host}
    audit.record(tx, name, "added passkey", f"person {name}", detail)


def of(tx: Transaction, name: str) -> list[Passkey]:
    """A person's passkeys, the oldest first."""
    query = select(Passkey).where(Passkey.user == name, col(Passkey.removed_at).is_(None))
    return list(tx.exec(query.order_by(col(Passkey.id))))


def counted(tx: Transaction) -> Counter[str]:
    """How many each person has."""
    query = select(Passkey.user).where(col(Passkey.removed_at).is_(None))
    return Counter(tx.exec(query))


def known(tx: Transaction, credential: str) -> Passkey | None:
    """The passkey in use that its device calls so."""
    found = tx.exec(select(Passkey).where(Passkey.credential == credential)).first()
    return found if found is not None and found.removed_at is None else None


def used(tx: Transaction, key: Passkey, sign_count: int) -> User:
    """Whose it is, after it has proved right; ``sign_count`` is the device's count of its uses.

    Raises:
        Unauthenticated: they may no longer sign in.
        LockedOut: too many wrong PINs or passwords; the lock holds for every way in.
    """
    name = key.user
    if (user := present(tx, name)) is None or user.guest_until is not None:
        raise Unauthenticated(f"{name} may no longer sign in here; ask a manager.")
    refuse_locked(user, tx.now)
    key.sign_count, key.last_used_at = sign_count, tx.now
    return user


def remove(tx: Transaction, name: str, number: int, session: str) -> None:
    """Take one of one's own away; every session but this one (digest) ends.

    Raises:
        NotFound: this person has none of that number.
    """
    for key in of(tx, name):
        if key.id == number:
            key.removed_at = tx.now
            end_all(tx, name, name, session)
            detail = {"passkey": key.name}
            audit.record(tx, name, "removed passkey", f"person {name}", detail)
            return
    raise NotFound("That passkey has been removed already.")


def remove_all(tx: Transaction, name: str, actor: str) -> int:
    """Take all of a person's away, in the record, and end their sessions; how many there were."""
    if count := clear(tx, name):
        end_all(tx, name, actor)
        audit.record(tx, actor, "removed passkeys", f"person {name}", {"passkeys": count})
    return count


def clear(tx: Transaction, name: str) -> int:
    """The same where something larger is recorded: the person leaves, or comes back."""
    in_use = (col(Passkey.user) == name) & col(Passkey.removed_at).is_(None)
    cleared = tx.sql.execute(update(Passkey).where(in_use).values(removed_at=tx.now))
    return int(cleared.rowcount)


def _expected(tx: Transaction, name: str) -> User:
    if (user := present(tx, name)) is None:
        raise NotFound(f"There is nobody named {name}.")
    return user
