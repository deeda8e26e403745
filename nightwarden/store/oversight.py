"""What the auditor reads: alerts that stand still, and alerts that may have reached nobody.

Plain questions to the tables, in no word of the ladder's own code: whoever checks a thing must not
be wrong in the same way.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import col, func, select

from nightwarden.model.alerts import AlertEvent, AlertKind, AlertState
from nightwarden.model.phrases import phrase
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Alert, AlertEventRow, Delivery, Screen

SEEN_LATELY = timedelta(minutes=20)
"""A screen that is on says so every ten minutes at the latest."""

_UNANSWERED = (AlertState.RAISED, AlertState.DELIVERED)
_CALLS = (AlertEvent.RAISED, AlertEvent.REOPENED, AlertEvent.WORSENED)


class Finding(NamedTuple):
    """One open alert, and what is wrong with the way it goes."""

    alert: int
    text: str
    what: str


def standing_still(tx: Transaction, patience: timedelta) -> list[Finding]:
    """Open alerts whose next step is overdue by more than ``patience``."""
    late = tx.now - patience
    return [
        Finding(alert.id or 0, alert.text, phrase("its next step is overdue"))
        for alert in _open(tx)
        if alert.next_step_at is None or alert.next_step_at < late
    ]


def unheard(tx: Transaction, patience: timedelta) -> list[Finding]:
    """Open alerts that called ``patience`` ago and have no receipt, or were shown by no screen.

    That a screen has shown it is asked for only where one is enrolled and was seen lately.
    """
    screens, found = _screens_are_on(tx), []
    for alert in _open(tx):
        number = alert.id or 0
        called_at = _last_call(tx, number)
        if alert.state not in _UNANSWERED or called_at is None or called_at >= tx.now - patience:
            continue
        if not _has_receipt(tx, number, called_at):
            found.append(Finding(number, alert.text, phrase("no delivery has a receipt")))
        elif screens and alert.state == AlertState.RAISED:
            found.append(Finding(number, alert.text, phrase("no screen has shown it")))
    return found


def _open(tx: Transaction) -> list[Alert]:
    query = select(Alert).where(
        Alert.state != AlertState.CLOSED, Alert.kind != AlertKind.ESCALATION_STUCK
    )
    return list(tx.exec(query.order_by(col(Alert.id))))


def _last_call(tx: Transaction, alert: int) -> datetime | None:
    """When it was last raised, opened again or became worse."""
    query = select(func.max(AlertEventRow.recorded_at)).where(
        AlertEventRow.alert == alert, col(AlertEventRow.event).in_(_CALLS)
    )
    return tx.exec(query).one()


def _has_receipt(tx: Transaction, alert: int, since: datetime) -> bool:
    """Whether an outlet has taken a letter of this alert that was written since then."""
    query = select(Delivery.id).where(
        Delivery.alert == alert,
        Delivery.outlet == "mqtt",  # a text that a service took says nothing of the house
        col(Delivery.created_at) >= since,
        col(Delivery.receipted_at).is_not(None),
        col(Delivery.last_error).is_(None),  # not merely overtaken by a later one
    )
    return tx.exec(query.limit(1)).first() is not None


def _screens_are_on(tx: Transaction) -> bool:
    query = select(Screen.digest).where(
        col(Screen.removed_at).is_(None), col(Screen.seen_at) > tx.now - SEEN_LATELY
    )
    return tx.exec(query.limit(1)).first() is not None
