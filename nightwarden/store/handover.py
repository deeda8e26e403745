"""What a shift leaves to the next one, as far as only the store knows it."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func
from sqlmodel import col, select

from nightwarden.model.alerts import AlertEvent, AlertKind
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Alert, AlertEventRow, PauseRow, Resident

_UP = (AlertKind.BED_EXIT, AlertKind.CHAIR_EXIT, AlertKind.FLOOR_MAT)
_CALLS = (AlertEvent.RAISED, AlertEvent.REOPENED)
_MISSED = (AlertEvent.ACCEPTANCE_EXPIRED, AlertEvent.TOLD_SENIOR, AlertEvent.TOLD_MANAGER)
_MISSED_KINDS = (AlertKind.ROUND_MISSED, AlertKind.PRESS_TEST_MISSED, AlertKind.NOBODY_LISTENING)
MOST = 60
"""What fits a sheet; a shift with more of one sort has another problem, which the page names."""


class Up(NamedTuple):
    """How often somebody called by getting up. ``last_at`` is aware, UTC."""

    room: str
    resident: str | None
    times: int
    last_at: datetime


class Missed(NamedTuple):
    """Something that was not answered as it should have been."""

    alert: int
    event: AlertEvent
    text: str
    at: datetime


def pauses_now(tx: Transaction) -> list[PauseRow]:
    """The pauses that hold at ``tx.now``, the one that ends first on top."""
    query = select(PauseRow).where(
        col(PauseRow.until) > tx.now,
        col(PauseRow.ended_at).is_(None),
        col(PauseRow.since) <= tx.now,
    )
    return list(tx.exec(query.order_by(col(PauseRow.until), col(PauseRow.id))))


def newcomers(tx: Transaction, since: datetime, until: datetime) -> list[Resident]:
    """Who came to live here then and still does."""
    query = select(Resident).where(
        col(Resident.since) >= since,
        col(Resident.since) < until,
        col(Resident.removed_at).is_(None),
    )
    return list(tx.exec(query.order_by(col(Resident.since), col(Resident.id))))


def up_between(tx: Transaction, since: datetime, until: datetime, most: int = 8) -> list[Up]:
    """Who called most by leaving a bed or chair, with how often; comings and goings count."""
    times, last = func.count(), func.max(AlertEventRow.at)
    query = (
        select(Alert.room, Alert.resident, times, last)
        .join(AlertEventRow, col(AlertEventRow.alert) == Alert.id)
        .where(
            col(Alert.kind).in_(_UP),
            col(AlertEventRow.event).in_(_CALLS),
            col(AlertEventRow.at) >= since,
            col(AlertEventRow.at) < until,
        )
        .group_by(col(Alert.room), col(Alert.resident))
        .order_by(times.desc(), col(Alert.room))
        .limit(most)
    )
    return [Up(*row) for row in tx.exec(query)]


def missed_between(tx: Transaction, since: datetime, until: datetime) -> list[Missed]:
    """Promises that ran out, calls that had to go higher, rounds and tests not done; by time."""
    query = (
        select(AlertEventRow.alert, AlertEventRow.event, Alert.text, AlertEventRow.at)
        .join(AlertEventRow, col(AlertEventRow.alert) == Alert.id)
        .where(col(AlertEventRow.at) >= since, col(AlertEventRow.at) < until)
        .where(
            col(AlertEventRow.event).in_(_MISSED)
            | ((col(AlertEventRow.event) == AlertEvent.RAISED) & col(Alert.kind).in_(_MISSED_KINDS))
        )
        .order_by(col(AlertEventRow.id))
        .limit(MOST)
    )
    return [
        Missed(number, AlertEvent(event), text, at) for number, event, text, at in tx.exec(query)
    ]
