"""Night drills: who asked for one, when its message was sent and came back, and what came of it.

One at a time. The times of people are those of its alert.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import col, select

from nightwarden.errors import Conflict, NotFound
from nightwarden.model.phrases import phrase
from nightwarden.store import audit
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Alert, Drill, Room

SAID_BEFORE = "drill "
"""How the token of a drill begins, on the topic of the loop test."""

SEND_AGAIN_AFTER = timedelta(seconds=5)
ATTENDED, CLOSED, NOBODY_CAME, NEVER_CAME_THROUGH = (
    phrase("somebody came"),
    phrase("somebody closed it"),
    phrase("nobody came in time"),
    phrase("it never came through"),
)


class DrillStory(NamedTuple):
    """A drill with its alert's times; every instant aware, UTC, None where it did not happen."""

    drill: Drill
    sounded_at: datetime | None
    accepted_at: datetime | None
    attended_at: datetime | None

    def after(self, at: datetime | None) -> float | None:
        """Seconds from the asking to ``at``; None also where the clock went back in between."""
        if at is None or at < self.drill.asked_at:
            return None
        return (at - self.drill.asked_at).total_seconds()

    @property
    def sounded_s(self) -> float | None:
        """Seconds until a receiver had it."""
        return self.after(self.sounded_at)

    @property
    def accepted_s(self) -> float | None:
        """Seconds until somebody said that they go."""
        return self.after(self.accepted_at)

    @property
    def attended_s(self) -> float | None:
        """Seconds until somebody was there."""
        return self.after(self.attended_at)


def ask(tx: Transaction, room: str, lasts: timedelta, actor: str) -> Drill:
    """Ask for a drill in ``room``; the gateway sends it within a second.

    Raises:
        NotFound: there is no such room.
        Conflict: one is under way.
    """
    row = tx.get(Room, room)
    if row is None or row.removed_at is not None:
        raise NotFound(f"There is no room {room} in this home.")
    if (standing := running(tx)) is not None:
        raise Conflict(f"Drill {standing.id} in room {standing.room} is under way; wait for it.")
    drill = Drill(
        room=room,
        token=secrets.token_hex(8),
        asked_by=actor,
        asked_at=tx.now,
        ends_at=tx.now + lasts,
    )
    tx.add(drill)
    tx.flush()
    audit.record(tx, actor, "asked for a drill", f"drill {drill.id}", {"room": room})
    return drill


def running(tx: Transaction) -> Drill | None:
    """The drill that is under way; asked each second."""
    tx.flush()
    newest = "SELECT id FROM drill WHERE ended_at IS NULL ORDER BY id DESC LIMIT 1"
    found = tx.sql.exec_driver_sql(newest).scalar()
    return None if found is None else tx.get(Drill, found)


def set_back(tx: Transaction, by: timedelta) -> None:
    """The clock went back by ``by``: the drill that is under way ends when it would have.

    One that has not come through yet was asked for as long ago as before. One that has keeps the
    time of its asking, beside which those of its alert stand.
    """
    drill = running(tx)
    if drill is None:
        return
    drill.ends_at -= by
    drill.sent_at = drill.sent_at and drill.sent_at - by
    if drill.returned_at is None:
        drill.asked_at -= by
    tx.flush()


def words_of(drill: Drill) -> str:
    """What is sent for it: nobody else knows it."""
    return f"{SAID_BEFORE}{drill.id} {drill.token}"


def to_send(tx: Transaction, drill: Drill) -> bool:
    """Whether it is to be sent now: not yet, or not yet come back."""
    if drill.returned_at is not None:
        return False
    return drill.sent_at is None or tx.now - drill.sent_at >= SEND_AGAIN_AFTER


def story(tx: Transaction, number: int) -> DrillStory:
    """One drill.

    Raises:
        NotFound: there is none with this number.
    """
    found = stories(tx, only=number)
    if not found:
        raise NotFound(f"There is no drill {number}.")
    return found[0]


def stories(
    tx: Transaction, limit: int = 200, before: int | None = None, only: int | None = None
) -> Sequence[DrillStory]:
    """The drills with what came of them, the latest first."""
    query = (
        select(Drill, Alert.delivered_at, Alert.accepted_at, Alert.attended_at)
        .outerjoin(Alert, col(Alert.id) == Drill.alert)
        .order_by(col(Drill.id).desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(col(Drill.id) < before)
    if only is not None:
        query = query.where(col(Drill.id) == only)
    return [DrillStory(*row) for row in tx.exec(query)]
