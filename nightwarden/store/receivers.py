"""Who can hear an alert now: screens, phones and pagers that say so themselves, again and again.

1. An enrolled screen is no receiver, nor is a person who is signed in: only a page that is open,
   live and has its sound unlocked, or a pager's bridge that says as much. Whoever has not said so
   for :data:`LISTENS_FOR` listens no longer, whatever became of it (A2, A4, A7).
2. A screen or phone does not know whether its volume is up (M8). It counts only when a person has
   confirmed its sound test in this shift; see ``nightwarden/maintenance/shifts.py``.
3. A pager's bridge has no volume to hear: its own word is enough.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Delete, Select, bindparam, delete, func, insert, or_, select
from sqlmodel import col
from sqlmodel.sql.sqltypes import UTCDateTime

from nightwarden.model.actors import SYSTEM
from nightwarden.model.alerts import AlertKind, AlertState, Priority
from nightwarden.model.phrases import vocabulary
from nightwarden.model.staff import Staff
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Alert, AlertEventRow, Audit, Receiver, SoundTest

LISTENS_FOR = timedelta(seconds=20)
"""Two of a page's words may be lost (it says so every 7 s), not three."""

FORGOTTEN_AFTER = timedelta(days=2)
_LOOK_BACK = 400
"""Steps and entries among which the last one of a person's is looked for; a night has fewer."""


@vocabulary
class ReceiverKind(StrEnum):
    """What can sound an alert."""

    SCREEN = "screen"
    PHONE = "phone"
    PAGER = "pager"


class Word(NamedTuple):
    """What a receiver says of itself. ``sound``: it is unlocked, and would be heard."""

    id: str
    name: str
    kind: ReceiverKind
    sound: bool
    at: datetime


def heard(tx: Transaction, words: Iterable[Word]) -> None:
    """Keep what receivers have said, and forget those that are long gone."""
    for word in words:
        row = tx.get(Receiver, word.id)
        if row is None:
            fresh = {**word._asdict(), "since": word.at, "heard_at": word.at}
            del fresh["at"]
            tx.sql.execute(insert(Receiver), fresh)
            continue
        if row.sound != word.sound or word.at - row.heard_at > LISTENS_FOR:
            row.since = word.at
        row.name, row.kind, row.sound, row.heard_at = word.name, word.kind, word.sound, word.at
    tx.flush()
    tx.sql.execute(_forgetting(), {"before": tx.now - FORGOTTEN_AFTER})


@cache
def _forgetting() -> Delete:
    before = bindparam("before", type_=UTCDateTime())
    return delete(Receiver).where(col(Receiver.heard_at) < before)


def present(tx: Transaction) -> list[Receiver]:
    """Every receiver that is there now, with its sound or without."""
    query = select(Receiver).where(col(Receiver.heard_at) > tx.now - LISTENS_FOR)
    return list(tx.scalars(query.order_by(col(Receiver.name), col(Receiver.id))))


def heard_tests(tx: Transaction) -> dict[str, SoundTest]:
    """The newest confirmed sound test that still holds, by the receiver's id."""
    query = select(SoundTest).where(col(SoundTest.expires_at) > tx.now).order_by(col(SoundTest.id))
    return {row.receiver: row for row in tx.scalars(query)}


def counts(receiver: Receiver, tests: Mapping[str, SoundTest]) -> bool:
    """Whether one that is present would be heard, by what is known."""
    return receiver.sound and (receiver.kind == ReceiverKind.PAGER or receiver.id in tests)


def staff(tx: Transaction) -> Staff:
    """What the rules may know of the people who answer, at ``tx.now``.

    Asked each second on the deciding thread: its queries are put together once.
    """
    tx.flush()
    asked = {"now": tx.now, "since": tx.now - LISTENS_FOR}
    listening = tx.sql.execute(_listening(), asked).scalar_one()
    waiting: datetime | None = tx.sql.execute(_waiting()).scalar_one()
    return Staff(listening, _acted_at(tx), waiting)


@cache
def _listening() -> Select[Any]:
    now, since = bindparam("now", type_=UTCDateTime()), bindparam("since", type_=UTCDateTime())
    tested = select(col(SoundTest.receiver)).where(col(SoundTest.expires_at) > now)
    return select(func.count(col(Receiver.id))).where(
        col(Receiver.heard_at) > since,
        col(Receiver.sound).is_(True),
        or_(col(Receiver.kind) == ReceiverKind.PAGER, col(Receiver.id).in_(tested)),
    )


@cache
def _waiting() -> Select[Any]:
    return select(func.min(col(Alert.raised_at))).where(
        col(Alert.state).in_([AlertState.RAISED, AlertState.DELIVERED, AlertState.ACCEPTED]),
        col(Alert.priority).in_([Priority.HIGH, Priority.MEDIUM]),
        col(Alert.kind).not_in(
            [AlertKind.NOBODY_LISTENING, AlertKind.NOBODY_ANSWERS, AlertKind.DRILL]
        ),
    )


def _acted_at(tx: Transaction) -> datetime | None:
    found = (tx.sql.execute(query).scalars().first() for query in _last_of_a_person())
    return max(filter(None, found), default=None)


@cache
def _last_of_a_person() -> tuple[Select[Any], ...]:
    """The database looks through them, and gives one."""
    return (
        _last(AlertEventRow.id, AlertEventRow.recorded_at, AlertEventRow.actor),
        _last(Audit.id, Audit.at, Audit.actor),
    )


def _last(id_: Any, at: Any, actor: Any) -> Select[Any]:
    latest = select(id_, at.label("at"), actor.label("actor")).order_by(id_.desc())
    among = latest.limit(_LOOK_BACK).subquery()
    query = select(among.c.at).where(among.c.actor != SYSTEM).order_by(among.c.id.desc())
    return query.limit(1)
