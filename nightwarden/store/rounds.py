"""Manual rounds: set, ticked, ended; each of it somebody's, and in the audit.

1. A place has one round at a time: a new one ends the one before. It ends at its time by itself.
2. A tick has two times: when somebody looked in, as they say, and when they said so. A look may be
   written down later (from a sheet of paper), never before it was.
3. A round that is to be done once, after an upset, ends with its first tick.
4. That the place is watched again ends nothing: a person does.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.model import claims
from nightwarden.model.places import PlaceId
from nightwarden.model.rounds import Round, Seen
from nightwarden.store import audit, meta, outgoing
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Place, RoundRow, RoundTick
from nightwarden.wire import rfc3339

EVERY_MINUTES = (15, 30)
LONGEST = timedelta(hours=24)
ONCE_WITHIN = timedelta(hours=2)
"""How long a round after an upset stays on the board when nobody finishes it."""

REMEMBERED = timedelta(days=1)
"""A round that has ended still explains the alert that stands for it."""


def begin(
    tx: Transaction, place: PlaceId, every: timedelta, until: datetime, reason: str, actor: str
) -> RoundRow:
    """Set a round of ``place`` from now on.

    Raises:
        NotFound: there is no such place.
        Invalid: the interval, the end or the reason will not do.
    """
    row = tx.get(Place, tuple(place))
    if row is None or row.removed_at is not None:
        raise NotFound(f"There is no place {place} in this home.")
    if every not in [timedelta(minutes=minutes) for minutes in EVERY_MINUTES]:
        raise Invalid("A round is walked every 15 or every 30 minutes.")
    if not every <= until - tx.now <= LONGEST:
        raise Invalid("A round ends after its first look is due, and within 24 hours.")
    return _begin(tx, place, every, until, reason, actor, once=False)


def begin_once(
    tx: Transaction, places: Sequence[PlaceId], reason: str, actor: str
) -> list[RoundRow]:
    """After an upset: every one of ``places`` is to be looked at once, within 15 minutes.

    A place that has a round already keeps it; its next look counts there.
    """
    every, until = timedelta(minutes=EVERY_MINUTES[0]), tx.now + ONCE_WITHIN
    free = [place for place in places if present(tx, place) is None]
    return [_begin(tx, place, every, until, reason, actor, once=True) for place in free]


def tick(  # noqa: PLR0913, PLR0917
    tx: Transaction, number: int, seen: Seen, note: str, at: datetime | None, actor: str
) -> tuple[RoundRow, RoundTick]:
    """Somebody has looked in, at ``at`` or now.

    Raises:
        NotFound: there is no such round.
        Conflict: it has ended.
        Invalid: the look lies outside the round, or in the future; or the note is no text.
    """
    row = _running(tx, number)
    looked_at = at or tx.now
    if not row.since <= looked_at <= tx.now:
        raise Invalid("A look is ticked after it was, and within the round.")
    made = RoundTick(
        round=number,
        at=looked_at,
        recorded_at=tx.now,
        by=actor,
        seen=seen.value,
        note=_text("note", note) if note.strip() else "",
    )
    tx.add(made)
    row.last_tick_at = max(row.last_tick_at or looked_at, looked_at)
    if row.once:
        row.ended_at, row.ended_by = tx.now, actor
    said = {"seen": seen.value, "at": rfc3339(looked_at), "note": made.note}
    _changed(tx, row, actor, "looked in", said)
    return row, made


def end(tx: Transaction, number: int, actor: str) -> RoundRow:
    """End a round before its time.

    Raises:
        NotFound: there is no such round.
        Conflict: it has ended.
    """
    row = _running(tx, number)
    row.ended_at, row.ended_by = tx.now, actor
    _changed(tx, row, actor, "ended the round", {})
    return row


def running(tx: Transaction) -> list[RoundRow]:
    """Every round that goes on, the one that is due first on top."""
    query = select(RoundRow).where(col(RoundRow.until) > tx.now, col(RoundRow.ended_at).is_(None))
    return sorted(tx.exec(query), key=lambda row: (round_of(row).due_at, row.room, row.place))


def present(tx: Transaction, place: PlaceId) -> RoundRow | None:
    """The round of ``place`` that goes on, if it has one."""
    return next((row for row in running(tx) if (row.room, row.place) == place), None)


def find(tx: Transaction, number: int) -> RoundRow:
    """A round by its number.

    Raises:
        NotFound: there is none.
    """
    row = tx.get(RoundRow, number)
    if row is None:
        raise NotFound(f"There is no round {number}.")
    return row


def ticks_of(tx: Transaction, number: int) -> list[RoundTick]:
    """The looks of a round, the latest first."""
    query = select(RoundTick).where(RoundTick.round == number)
    return list(tx.exec(query.order_by(col(RoundTick.at).desc())))


def planned(tx: Transaction) -> tuple[Round, ...]:
    """The rounds that the rules must know of: those that go on, and what has ended lately."""
    query = select(RoundRow).where(
        col(RoundRow.until) > tx.now - REMEMBERED,
        col(RoundRow.ended_at).is_(None) | (col(RoundRow.ended_at) > tx.now - REMEMBERED),
    )
    return tuple(round_of(row) for row in tx.exec(query.order_by(col(RoundRow.id))))


def round_of(row: RoundRow) -> Round:
    """A row as the rules see it."""
    assert row.id is not None
    return Round(
        id=row.id,
        place=PlaceId(row.room, row.place),
        since=row.since,
        until=row.ended_at or row.until,
        every=timedelta(seconds=row.every_s),
        by=row.by,
        last_tick_at=row.last_tick_at,
        once=row.once,
    )


def looks_between(
    tx: Transaction, since: datetime, until: datetime
) -> dict[PlaceId, list[tuple[datetime, timedelta]]]:
    """The looks of every place, with how long each one holds."""
    query = (
        select(RoundRow.room, RoundRow.place, RoundTick.at, RoundRow.every_s)
        .join(RoundTick, col(RoundTick.round) == RoundRow.id)
        .where(col(RoundTick.at) >= since - LONGEST, col(RoundTick.at) <= until)
    )
    looks: dict[PlaceId, list[tuple[datetime, timedelta]]] = defaultdict(list)
    for room, place, at, every_s in tx.exec(query):
        looks[PlaceId(room, place)].append((at, timedelta(seconds=every_s)))
    return looks


def set_back(tx: Transaction, was: datetime, by: timedelta) -> None:
    """The clock went back by ``by`` from ``was``: what goes on keeps its intervals."""
    for row in tx.exec(select(RoundRow).where(col(RoundRow.until) > was)):
        if row.ended_at is None:
            row.since, row.until = row.since - by, row.until - by
            row.last_tick_at = row.last_tick_at and row.last_tick_at - by


def round_json(row: RoundRow) -> dict[str, Any]:
    """A round as the api and the live stream give it; ``due_at`` is null when it has ended."""
    plan = round_of(row)
    return {
        "id": row.id,
        "room": row.room,
        "place": row.place,
        "every_minutes": round(row.every_s / 60),
        "once": row.once,
        "since": rfc3339(row.since),
        "until": rfc3339(row.until),
        "by": row.by,
        "reason": row.reason,
        "last_tick_at": rfc3339(row.last_tick_at),
        "due_at": None if row.ended_at else rfc3339(plan.due_at),
        "ended_at": rfc3339(row.ended_at),
        "ended_by": row.ended_by,
    }


def tick_json(tick: RoundTick) -> dict[str, Any]:
    """A look: `at` is when somebody says they looked in, `recorded_at` when they said so."""
    times = {"at": rfc3339(tick.at), "recorded_at": rfc3339(tick.recorded_at)}
    return {"seen": tick.seen, "note": tick.note, "by": tick.by, **times}


def _begin(  # noqa: PLR0913, PLR0917
    tx: Transaction,
    place: PlaceId,
    every: timedelta,
    until: datetime,
    reason: str,
    actor: str,
    *,
    once: bool,
) -> RoundRow:
    if (before := present(tx, place)) is not None:
        before.ended_at, before.ended_by = tx.now, actor
        outgoing.stream(tx, "round", round_json(before))
    row = RoundRow(
        room=place.room,
        place=place.place,
        since=tx.now,
        until=until,
        every_s=every.total_seconds(),
        once=once,
        by=actor,
        reason=_text("reason", reason),
    )
    tx.add(row)
    tx.flush()
    said = {"every_minutes": round(every / timedelta(minutes=1)), "reason": row.reason}
    _changed(tx, row, actor, "set a round", {**said, "until": rfc3339(until), "once": once})
    return row


def _running(tx: Transaction, number: int) -> RoundRow:
    row = find(tx, number)
    if row.ended_at is not None or row.until <= tx.now:
        raise Conflict(f"Round {number} has ended; set another one.")
    return row


def _changed(
    tx: Transaction, row: RoundRow, actor: str, action: str, detail: dict[str, Any]
) -> None:
    tx.flush()
    meta.beside_changed(tx)
    audit.record(tx, actor, action, f"place {row.room}/{row.place}", {"round": row.id, **detail})
    outgoing.stream(tx, "round", round_json(row))


def _text(what: str, text: str) -> str:
    try:
        return claims.text(text)
    except ValueError as problem:
        raise Invalid(
            f"The note {problem}." if what == "note" else f"The reason {problem}."
        ) from None
