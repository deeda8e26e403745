"""Pauses of the watches of a place: always somebody's, always with a reason and an end (M6, A17).

A pause ends by itself; nothing has to run for that, since the rules compare its end with the time.
A new pause replaces the present one rather than adding to it: what the last person said holds.
"""

from datetime import timedelta

from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.model.places import PlaceId
from nightwarden.model.watches import WatchState
from nightwarden.store import audit, meta, outgoing
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import PauseRow, Place
from nightwarden.wire import rfc3339

SHORT_MINUTES = 15
"""What anybody with the right may pause for: a round of care (a maker's default)."""

LONGEST_MINUTES = 480
"""A shift; whoever needs longer needs another plan."""


def pause(tx: Transaction, place: PlaceId, minutes: int, reason: str, actor: str) -> PauseRow:
    """Pause the watches of ``place`` for 1 to :data:`LONGEST_MINUTES` minutes from now.

    Raises:
        NotFound: there is no such place.
        Invalid: the time or the reason will not do.
    """
    _must_exist(tx, place)
    reason = " ".join(reason.split())
    if not 1 <= minutes <= LONGEST_MINUTES:
        raise Invalid(f"A pause lasts 1 to {LONGEST_MINUTES} minutes, not {minutes}.")
    if not 0 < len(reason) <= 200:
        raise Invalid("A pause needs a reason of at most 200 letters, such as: care in progress.")
    _end_present(tx, place, actor)
    until = tx.now + timedelta(minutes=minutes)
    row = PauseRow(
        room=place.room, place=place.place, since=tx.now, until=until, by=actor, reason=reason
    )
    tx.add(row)
    meta.plan_changed(tx)
    audit.record(tx, actor, "paused", f"place {place}", {"until": rfc3339(until), "reason": reason})
    outgoing.stream(tx, "watch", pause_json(row))
    return row


def resume(tx: Transaction, place: PlaceId, actor: str) -> None:
    """End the present pause of ``place`` before its time.

    What the watch is from now on (armed, blind, off hours) only the gateway can see; it says so
    on the live stream.

    Raises:
        NotFound: there is no such place.
        Conflict: it is not paused.
    """
    _must_exist(tx, place)
    if not _end_present(tx, place, actor):
        raise Conflict(f"{place} is not paused.")
    meta.plan_changed(tx)
    audit.record(tx, actor, "resumed", f"place {place}")


def present(tx: Transaction, place: PlaceId) -> PauseRow | None:
    """The pause of ``place`` that is in force at ``tx.now``."""
    query = select(PauseRow).where(
        PauseRow.room == place.room,
        PauseRow.place == place.place,
        col(PauseRow.until) > tx.now,
        col(PauseRow.ended_at).is_(None),
    )
    return tx.exec(query.order_by(col(PauseRow.id).desc())).first()


def pause_json(row: PauseRow) -> dict[str, str | None]:
    """A pause as the api and the live stream give it."""
    return {
        "room": row.room,
        "place": row.place,
        "needs": None,
        "state": WatchState.PAUSED,
        "why": f"{row.reason} ({row.by})",
        "by": row.by,
        "reason": row.reason,
        "since": rfc3339(row.since),
        "until": rfc3339(row.until),
    }


def _end_present(tx: Transaction, place: PlaceId, actor: str) -> bool:
    row = present(tx, place)
    if row is None:
        return False
    row.ended_at, row.ended_by = tx.now, actor
    tx.flush()
    return True


def _must_exist(tx: Transaction, place: PlaceId) -> None:
    row = tx.get(Place, tuple(place))
    if row is None or row.removed_at is not None:
        raise NotFound(f"There is no place {place} in this home.")
