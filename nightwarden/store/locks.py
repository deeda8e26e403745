"""Wrong attempts in the record, and the end of a lock; ``pins.py`` says when one begins."""

from nightwarden.errors import Conflict, NotFound
from nightwarden.model.actors import SYSTEM
from nightwarden.store import audit
from nightwarden.store.engine import Transaction
from nightwarden.store.sessions import present
from nightwarden.store.tables import User


def note_failure(
    tx: Transaction, user: User | None, what: str, stranger: str = "a name that nobody has"
) -> None:
    """Write a refused attempt into the audit, and the lock if it brought one; commits.

    Whoever has no name here is not named: what they typed may be a password in the wrong place.
    It is the monitor's own entry: a guess is no deed of the person whose name was tried.
    """
    whom = stranger if user is None else f"person {user.name}"
    audit.record(tx, SYSTEM, "refused sign-in", whom, {"wrong": what})
    if user is not None and user.locked_until is not None and user.locked_until > tx.now:
        detail = {"until": user.locked_until.isoformat(), "wrong_attempts": user.failures}
        audit.record(tx, SYSTEM, "locked", whom, detail)
    tx.commit()


def unlock(tx: Transaction, name: str, actor: str) -> None:
    """End a lock after wrong attempts; the PIN or password stays.

    Raises:
        NotFound: there is nobody of that name.
        Conflict: they are not locked.
    """
    if (user := present(tx, name)) is None:
        raise NotFound(f"There is nobody named {name}.")
    if user.locked_until is None or user.locked_until <= tx.now:
        raise Conflict(f"{name} is not locked.")
    user.failures, user.locked_until = 0, None
    audit.record(tx, actor, "unlocked", f"person {name}")
