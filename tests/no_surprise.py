"""A replay of what a store has recorded raises exactly the alerts that the store has."""

from datetime import datetime, timedelta
from difflib import ndiff
from typing import Any

from sqlmodel import col, select

from nightwarden.backtest.recording import beginning
from nightwarden.backtest.replay import Replay, Replayed
from nightwarden.rulesfile.in_force import load_version
from nightwarden.store.engine import Store, Transaction
from nightwarden.store.tables import Alert

A_TURN = timedelta(seconds=1)
LONG_AGO = timedelta(days=365)


def replayed(tx: Transaction, until: datetime, since: datetime | None = None) -> Replayed:
    """What the rules that were in force make of the recording."""
    begin = beginning(tx, since or until - LONG_AGO)
    assert begin is not None, "nothing was recorded"
    return Replay(tx, begin, lambda version: load_version(tx, version)).run(until)


def assert_no_surprise(store: Store, until: datetime, turn: timedelta = A_TURN) -> int:
    """Every alert of ``store`` is raised again, and no other; returns how many there are.

    Args:
        store: of a gateway that has decided everything until ``until``.
        until: the present instant.
        turn: how late a decision may have been written down, at most.
    """
    with store.reading(until) as tx:
        begin = beginning(tx, until - LONG_AGO)
        assert begin is not None, "nothing was recorded"
        after = col(Alert.id) > begin.snapshot.last_alert
        really = list(tx.exec(select(Alert).where(after).order_by(col(Alert.id))))
        again = replayed(tx, until).alerts
    told = [_line(_real(row)) for row in really]
    told_again = [_line(_shown(alert)) for alert in again]
    assert told_again == told, "\n".join(ndiff(told, told_again))
    for alert, row in zip(again, really, strict=True):
        assert timedelta() <= row.raised_at - alert.raised_at <= turn, (alert, row)
        assert (alert.closed_at is None) == (row.closed_at is None), (alert, row)
        assert (alert.cleared_at, alert.unwatched) == (row.cleared_at, row.while_not_watching)
    return len(really)


def _line(fields: tuple[Any, ...]) -> str:
    return " | ".join(map(str, fields))


def _shown(alert: Any) -> tuple[Any, ...]:
    kind, place, subject = alert.cause
    return (kind, *place, subject, alert.caused_at, alert.priority, alert.text, alert.resident)


def _real(row: Alert) -> tuple[Any, ...]:
    return (
        row.kind,
        row.room,
        row.place,
        row.subject,
        row.caused_at,
        row.priority,
        row.text,
        row.resident,
    )
