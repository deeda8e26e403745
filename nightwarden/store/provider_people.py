"""People who sign in through the organisation's own provider (OpenID Connect).

1. A person is the provider's issuer and subject, never a name: names change hands.
2. What they may do is what their groups there say, at each sign-in anew.
3. Nobody becomes somebody who is here already by having the same name: whoever has a PIN here links
   the two on their own page, signed in.
4. A PIN that was good enough for one role does not come along into one that needs a password, nor
   does a passkey that was added with it.
"""

from typing import NamedTuple

from sqlmodel import select

from nightwarden.errors import Conflict, Unauthenticated
from nightwarden.model.roles import Role
from nightwarden.store import audit, locks, passkeys, people
from nightwarden.store.engine import Transaction
from nightwarden.store.pins import PIN_ROLES
from nightwarden.store.sessions import end_all, is_present
from nightwarden.store.tables import User


class Identity(NamedTuple):
    """Whom the provider has vouched for."""

    issuer: str
    subject: str
    name: str

    @property
    def key(self) -> str:
        """What is kept of it."""
        return f"{self.issuer} {self.subject}"


def person_of(tx: Transaction, identity: Identity, role: Role) -> User:
    """The person, made when they come for the first time, with ``role`` from now on.

    Raises:
        Unauthenticated: a manager has removed them here.
        Conflict: somebody else has that name.
    """
    user = tx.exec(select(User).where(User.openid == identity.key)).first()
    if user is None:
        return _new(tx, identity, role)
    if not is_present(user, tx.now):
        raise Unauthenticated(f"{user.name} may no longer sign in here; ask a manager.")
    if user.role != role:
        detail = {"from": user.role, "to": role, "by": "the provider's groups"}
        if user.role in PIN_ROLES and role not in PIN_ROLES:
            user.secret = ""
            passkeys.clear(tx, user.name)  # a PIN was enough to add them
        user.role = role
        end_all(tx, user.name, user.name)
        audit.record(tx, user.name, "changed role", f"person {user.name}", detail)
    return user


def link(tx: Transaction, name: str, identity: Identity) -> User:
    """From now on this person may also sign in through the provider.

    Raises:
        Conflict: that account is somebody else's here.
    """
    user = people.expected(tx, name)
    other = tx.exec(select(User).where(User.openid == identity.key)).first()
    if other is not None and other.name != name:
        raise Conflict(f"That account belongs to {other.name} here.")
    user.openid = identity.key
    audit.record(tx, name, "linked provider", f"person {name}", {"issuer": identity.issuer})
    return user


def refuse(tx: Transaction, identity: Identity) -> None:
    """The provider gives them no role any more: what they have open here ends. Commits.

    Raises:
        Unauthenticated: always.
    """
    user = tx.exec(select(User).where(User.openid == identity.key)).first()
    if user is not None:
        end_all(tx, user.name, user.name)
    whom = "a stranger of the provider's" if user is None else f"person {user.name}"
    locks.note_failure(tx, None, "no role", whom)
    raise Unauthenticated(
        "The provider knows you, and none of your groups has a role here; ask a manager."
    )


def _new(tx: Transaction, identity: Identity, role: Role) -> User:
    name = people.clean_name(identity.name)
    if tx.get(User, name) is not None or any(token.name == name for token in people.tokens(tx)):
        raise Conflict(
            f"There is a {name} here already; if that is you, sign in with your PIN or password "
            "and link the two on your own page."
        )
    user = User(name=name, role=role, secret="", created_at=tx.now, openid=identity.key)
    tx.add(user)
    tx.flush()
    detail = {"role": role, "issuer": identity.issuer}
    audit.record(tx, name, "came by provider", f"person {name}", detail)
    return user
