"""The channels of a home: who set them, what they serve, and which of them fail.

The address of a channel and the subscription of a phone are secrets: whoever has them can send to
them, or read along. They are written here and read by the outlet, and by nobody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.model import claims
from nightwarden.model.elsewhere import ChannelKind, Serves
from nightwarden.store import audit
from nightwarden.store.descriptions import checked
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Channel, Room

MOST = 200
"""Channels of one home, phones with them."""


@dataclass(frozen=True, slots=True)
class Address:
    """How a channel is reached: ``secret`` in whole, and ``service`` as people may see it."""

    secret: str
    service: str


def present(tx: Transaction, kind: ChannelKind | None = None) -> list[Channel]:
    """The channels that the home has now, by name."""
    query = select(Channel).where(col(Channel.removed_at).is_(None))
    if kind is not None:
        query = query.where(Channel.kind == kind.value)
    return list(tx.exec(query.order_by(Channel.name, col(Channel.id))))


def failing(tx: Transaction) -> list[Channel]:
    """The channels over which nothing is taken, the longest first."""
    query = select(Channel).where(
        col(Channel.removed_at).is_(None), col(Channel.failing_since).is_not(None)
    )
    return list(tx.exec(query.order_by(col(Channel.failing_since))))


def find(tx: Transaction, number: int) -> Channel:
    """One channel that the home has now.

    Raises:
        NotFound: there is none with this number.
    """
    row = tx.get(Channel, number)
    if row is None or row.removed_at is not None:
        raise NotFound(f"There is no channel {number}.")
    return row


def add(tx: Transaction, name: str, address: Address, serves: Serves, actor: str) -> Channel:
    """A new channel that Apprise reaches.

    Raises:
        Conflict: the home has one of this name.
        Invalid: it serves nobody, or a zone that the home does not have.
    """
    return _add(tx, ChannelKind.ADDRESS, name, address, serves, actor)


def enrol_phone(
    tx: Transaction, name: str, subscription: Address, serves: Serves, person: str
) -> Channel:
    """A phone of ``person``; the same name again replaces what it was enrolled with."""
    known = [row for row in present(tx, ChannelKind.PHONE) if row.name == name.strip()]
    if not known:
        row = _add(tx, ChannelKind.PHONE, name, subscription, serves, person)
        row.person = person
        tx.flush()
        return row
    [row] = known
    if row.person != person:
        raise Conflict(f'There is a phone "{row.name}" already; give yours another name.')
    row.secret, row.service = subscription.secret, subscription.service
    row.roles = [role.value for role in serves.roles]
    row.failing_since = row.failing_why = None
    row.set_by, row.set_at = person, tx.now
    tx.flush()
    audit.record(tx, person, "enrolled a phone again", _subject(row), _said(row))
    return row


def change(
    tx: Transaction, number: int, serves: Serves, address: Address | None, actor: str
) -> Channel:
    """What a channel serves from now on; its address stays where none is given."""
    row = find(tx, number)
    before = _said(row)
    _check(tx, serves)
    _set(row, serves)
    if address is not None:
        row.secret, row.service = address.secret, address.service
        row.failing_since = row.failing_why = row.taken_at = None
    row.set_by, row.set_at = actor, tx.now
    tx.flush()
    said = {"before": before, "after": _said(row), "address_changed": address is not None}
    audit.record(tx, actor, "changed a channel", _subject(row), said)
    return row


def remove(tx: Transaction, number: int, actor: str) -> Channel:
    """It is told nothing any more. The row stays for the record, without its secret."""
    row = find(tx, number)
    row.removed_by, row.removed_at, row.secret = actor, tx.now, ""
    row.failing_since = row.failing_why = None
    tx.flush()
    audit.record(tx, actor, "removed a channel", _subject(row), _said(row))
    return row


def note_test(tx: Transaction, row: Channel, actor: str) -> None:
    """Somebody has asked for a test message."""
    audit.record(tx, actor, "tested a channel", _subject(row))


def _add(  # noqa: PLR0913, PLR0917
    tx: Transaction,
    kind: ChannelKind,
    name: str,
    address: Address,
    serves: Serves,
    actor: str,
) -> Channel:
    name = checked(claims.name, name.strip(), "name")
    here = present(tx)
    if any(row.name.casefold() == name.casefold() for row in here):
        raise Conflict(f'There is a channel "{name}" already; give this one another name.')
    if len(here) >= MOST:
        raise Conflict(f"A home has at most {MOST} channels; remove one first.")
    _check(tx, serves)
    row = Channel(
        kind=kind.value,
        name=name,
        service=address.service,
        secret=address.secret,
        roles=[],
        zones=[],
        priorities=[],
        set_by=actor,
        set_at=tx.now,
    )
    _set(row, serves)
    tx.add(row)
    tx.flush()
    audit.record(tx, actor, "added a channel", _subject(row), _said(row))
    return row


def _set(row: Channel, serves: Serves) -> None:
    row.roles = [role.value for role in serves.roles]
    row.zones = list(serves.zones)
    row.priorities = [priority.value for priority in serves.priorities]
    row.from_step, row.names = int(serves.from_step), serves.names


def _check(tx: Transaction, serves: Serves) -> None:
    if not serves.roles:
        raise Invalid("Say which roles the channel serves, one at least.")
    if not serves.priorities:
        raise Invalid("Say which priorities the channel serves, one at least.")
    known = _zones(tx)
    for zone in serves.zones:
        if zone not in known:
            raise Invalid(f'zone: no room is in a zone "{zone}".')


def _zones(tx: Transaction) -> Sequence[str]:
    query = select(Room.zone).where(col(Room.zone).is_not(None), col(Room.removed_at).is_(None))
    return sorted({zone for zone in tx.exec(query.distinct()) if zone})


def zones(tx: Transaction) -> Sequence[str]:
    """The zones that a channel may be for."""
    return _zones(tx)


def _subject(row: Channel) -> str:
    return f"channel {row.name}"


def _said(row: Channel) -> dict[str, Any]:
    """What the audit may hold of it: never the address."""
    return {
        "kind": row.kind,
        "service": row.service,
        "roles": row.roles,
        "zones": row.zones,
        "priorities": row.priorities,
        "from_step": row.from_step,
        "names": row.names,
    }
