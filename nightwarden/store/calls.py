"""Calls for help that people made by hand: each somebody's, and in the audit.

The api writes them, the gateway's rules raise them (``rules/calls.py``). A second tap of the same
person is the same call; what another person calls is another one, and joins the open alert.
"""

from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, select

from nightwarden.errors import NotFound
from nightwarden.model.calls import HelpCall
from nightwarden.store import audit, meta
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import HelpCallRow, Room

SAME_CALL_WITHIN = timedelta(seconds=10)
"""A second tap: long enough for a slow network, too short for a second need."""

SHOWN = timedelta(minutes=15)
"""How long the page of the room says who called."""

REMEMBERED = timedelta(days=1)
"""A call that was made while the gateway was away is raised when it is back."""


def call(tx: Transaction, room: str, actor: str) -> HelpCallRow:
    """Call for help in ``room``, now.

    Raises:
        NotFound: there is no such room.
    """
    known = tx.get(Room, room)
    if known is None or known.removed_at is not None:
        raise NotFound(f"There is no room {room} in this home.")
    same = select(HelpCallRow).where(
        HelpCallRow.room == room,
        HelpCallRow.by == actor,
        col(HelpCallRow.at) > tx.now - SAME_CALL_WITHIN,
        col(HelpCallRow.at) <= tx.now,
    )
    if (before := tx.exec(same.order_by(col(HelpCallRow.id).desc())).first()) is not None:
        return before
    row = HelpCallRow(room=room, at=tx.now, by=actor)
    tx.add(row)
    tx.flush()
    meta.beside_changed(tx)
    audit.record(tx, actor, "called for help", f"room {room}", {"call": row.id})
    return row


def lately(tx: Transaction, room: str) -> HelpCallRow | None:
    """The last call from ``room`` within :data:`SHOWN`."""
    query = select(HelpCallRow).where(
        HelpCallRow.room == room, col(HelpCallRow.at) > tx.now - SHOWN
    )
    return tx.exec(query.order_by(col(HelpCallRow.id).desc())).first()


def planned(tx: Transaction) -> tuple[HelpCall, ...]:
    """The newest call of each room that the rules must know of, in the order of the calls."""
    newest = (
        select(func.max(HelpCallRow.id))
        .where(col(HelpCallRow.at) > tx.now - REMEMBERED)
        .group_by(col(HelpCallRow.room))
    )
    rows = tx.exec(
        select(HelpCallRow).where(col(HelpCallRow.id).in_(newest)).order_by(col(HelpCallRow.id))
    )
    return tuple(HelpCall(row.id or 0, row.room, row.at, row.by) for row in rows)


def set_back(tx: Transaction, was: datetime, by: timedelta) -> None:
    """The clock went back by ``by`` from ``was``: what may not be raised yet goes with it."""
    for row in tx.exec(select(HelpCallRow).where(col(HelpCallRow.at) > was - SAME_CALL_WITHIN)):
        row.at -= by
