"""Guests: people from an agency, let in by a senior for one shift.

1. A senior gets a code that works once, for ten minutes. Whoever types it gives their own name and
   chooses a PIN; from then on they are a carer like any other, on the board and in the record.
2. It ends with the shift that the senior chose, without anybody doing anything: their sessions end
   and their PIN opens nothing. A senior can end it sooner.
3. A guest never becomes somebody who works here: a name that is or was a colleague's is refused.
   A guest who comes again takes a new code and may have the same name.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, NotFound, Unauthenticated
from nightwarden.model.actors import SYSTEM
from nightwarden.model.hours import Hours
from nightwarden.model.roles import Role
from nightwarden.store import audit, people
from nightwarden.store.engine import Transaction
from nightwarden.store.pins import check_strength, digest
from nightwarden.store.sessions import end_all, present
from nightwarden.store.tables import GuestCode, User
from nightwarden.wire import rfc3339

CODE_LASTS = timedelta(minutes=10)
"""The senior stands beside them; a code that lies about is soon worth nothing."""

CODE_DIGITS = 8
LONGEST_STAY = timedelta(hours=13)
"""A shift that never ends, by the rules, still lets nobody stay for ever."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A shift for which a guest may be let in; ``ends_at`` is aware, UTC."""

    shift: str
    ends_at: datetime


def stays(shifts: Sequence[tuple[str, Hours]], now: datetime, zone: ZoneInfo) -> list[Stay]:
    """The shift that runs now and the one after it, the sooner to end first.

    A guest for the night often comes before the day has ended.
    """
    found: dict[datetime, str] = {}
    for name, hours in shifts:
        end = hours.next_end(now, zone)
        ends_at = now + LONGEST_STAY if end is None else end
        if ends_at - now <= timedelta(days=1):
            found.setdefault(ends_at, name)
    return [Stay(found[end], end) for end in sorted(found)][:2]


def give_code(tx: Transaction, ends_at: datetime, actor: str) -> str:
    """A code that lets one guest in until ``ends_at``; the digits are returned once.

    Raises:
        Invalid: that is past, or longer than a day away.
    """
    if not tx.now < ends_at <= tx.now + timedelta(days=1):
        raise Invalid("That shift has ended; choose one that has not.")
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    if (row := tx.get(GuestCode, digest(code))) is not None:
        tx.delete(row)  # one in a hundred million: the old one is used or too old by now
        tx.flush()
    ends = tx.now + CODE_LASTS
    tx.add(GuestCode(digest=digest(code), issued_by=actor, expires_at=ends, ends_at=ends_at))
    audit.record(tx, actor, "gave guest code", "guest", {"until": ends_at.isoformat()})
    return code


def check_code(tx: Transaction, code: str) -> GuestCode:
    """The code, if it lets somebody in now.

    Raises:
        Unauthenticated: it was used, is too old, or was never given.
    """
    row = tx.get(GuestCode, digest("".join(code.split()).replace("-", "")))
    if row is None or row.used_at is not None or row.expires_at <= tx.now:
        raise Unauthenticated("This code was used or is too old; ask the senior for a new one.")
    return row


def let_in(tx: Transaction, code: str, name: str, pin: str) -> User:
    """Spend the code: ``name`` is a carer until the shift ends.

    Raises:
        Unauthenticated: see :func:`check_code`.
        Invalid: the name or the PIN will not do.
        Conflict: the name is taken.
    """
    row = check_code(tx, code)
    name = people.clean_name(name)
    known = tx.get(User, name)
    if present(tx, name) is not None or any(t.name == name for t in people.tokens(tx)):
        raise Conflict(f"There is a {name} here already; add your surname or your agency.")
    if known is not None and known.guest_until is None:
        raise Conflict(f"A {name} has worked here; add your surname or your agency.")
    check_strength(Role.CARER, name, pin)
    say_ended(tx)  # also of their own stay before this one
    guest = known or User(name=name, role=Role.CARER, secret="", created_at=tx.now)
    guest.role, guest.removed_at, guest.guest_until = Role.CARER, None, row.ends_at
    people.set_secret(tx, guest, pin)
    row.used_at = tx.now
    detail = {"let_in_by": row.issued_by, "until": row.ends_at.isoformat()}
    audit.record(tx, row.issued_by, "let in guest", f"person {name}", detail)
    return guest


def present_guests(tx: Transaction) -> list[User]:
    """The guests who are here now, by name."""
    return [user for user in people.everybody(tx) if user.guest_until is not None]


def end(tx: Transaction, name: str, actor: str) -> None:
    """The guest leaves before the shift ends.

    Raises:
        NotFound: no guest of that name is here.
    """
    guest = present(tx, name)
    if guest is None or guest.guest_until is None:
        raise NotFound(f"No guest named {name} is here now.")
    guest.guest_until = guest.guest_end_said = tx.now
    end_all(tx, name, actor)
    audit.record(tx, actor, "ended guest", f"person {name}")


def ended_unsaid(tx: Transaction) -> list[User]:
    """The guests whose access has ended by itself and whom the record does not say so of yet."""
    query = select(User).where(
        col(User.guest_until) <= tx.now,
        col(User.guest_end_said).is_(None) | (col(User.guest_end_said) != col(User.guest_until)),
    )
    return list(tx.exec(query.order_by(col(User.guest_until), col(User.name))))


def say_ended(tx: Transaction) -> None:
    """Say in the record whose access has ended with their shift."""
    for guest in ended_unsaid(tx):
        assert guest.guest_until is not None
        guest.guest_end_said = guest.guest_until
        ended = end_all(tx, guest.name, SYSTEM)
        detail = {"until": rfc3339(guest.guest_until), "sessions": ended}
        audit.record(tx, SYSTEM, "guest's access ended", f"person {guest.name}", detail)
    tx.flush()
