"""A way of telling people elsewhere that fails is reported, once for each time that it does.

1. It is reported when it has failed for a minute: a service that is busy for a moment is no fault.
2. One alert a channel. It is cleared when its service takes something again, or it is removed; when
   it fails anew while the alert is open, that opens again. Whoever closes it knows of this failure.
3. What it goes by is in the store, so that a restart neither forgets nor repeats. The board shows
   the failing channel besides, and nothing here waits for a channel.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from nightwarden.clock import Clock
from nightwarden.model.alerts import (
    AlertKind,
    AlertRecord,
    AlertState,
    Cause,
    Priority,
)
from nightwarden.model.phrases import phrase
from nightwarden.model.places import PlaceId
from nightwarden.model.roles import Role
from nightwarden.store import alerts, channels
from nightwarden.store.engine import Store, Transaction
from nightwarden.store.tables import Channel

ACTOR = "channels"
LOOK_EVERY_S = 5.0
PATIENCE = timedelta(minutes=1)
TOLD = (Role.SENIOR, Role.MANAGER)
KIND = AlertKind.CHANNEL_LOST


class ChannelReports:
    """Looks whether the channels of one home work; ``clock`` says what time it is."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def look(self) -> None:
        """One look: raise what has failed for long enough, clear what works."""
        now = self._clock()
        with self._store.reading(now) as tx:
            if not any(_to_raise(tx)) and not any(_to_clear(tx)):
                return
        with self._store.transaction(now) as tx:
            for row in _to_raise(tx):
                _raise(tx, row)
            for alert in _to_clear(tx):
                alerts.clear(tx, alert.cause, ACTOR, phrase("it takes messages again, or is gone"))


def _to_raise(tx: Transaction) -> list[Channel]:
    return [row for row in channels.failing(tx) if _is_news(tx, row)]


def _is_news(tx: Transaction, row: Channel) -> bool:
    since = row.failing_since
    if since is None or since > tx.now - PATIENCE:
        return False
    standing = alerts.open_for(tx, _cause(row))
    if standing is not None:
        return standing.cleared_at is not None
    last = alerts.last_raised_at(tx, _cause(row))
    return last is None or last < since


def _to_clear(tx: Transaction) -> list[AlertRecord]:
    failing = {_cause(row) for row in channels.failing(tx)}
    return [
        alert
        for alert in alerts.open_alerts(tx)
        if alert.cause.kind is KIND and alert.cleared_at is None and alert.cause not in failing
    ]


def _cause(row: Channel) -> Cause:
    return Cause(KIND, PlaceId("Home", "channels"), str(row.id))


def _raise(tx: Transaction, row: Channel) -> None:
    assert row.failing_since is not None
    new = _draft(row, row.failing_since, tx.now)
    detail = {"reason": row.failing_why or ""}
    standing = alerts.open_for(tx, new.cause)
    if standing is None:
        alerts.insert(tx, new, detail)
        return
    # The step that it had reached stays: who was called before knows of it.
    new = replace(new, escalation=standing.escalation)
    alerts.raise_again(tx, standing, new, ACTOR, detail)


def _draft(row: Channel, since: datetime, now: datetime) -> AlertRecord:
    return AlertRecord(
        id=0,
        cause=_cause(row),
        priority=Priority.TECHNICAL,
        state=AlertState.RAISED,
        resident=None,
        text="Home · " + phrase(f"{row.name} tells nobody any more"),
        action=phrase(
            "Nobody is told this way. See who would hear an alert now; a manager looks at Telling "
            "elsewhere and sends a test."
        ),
        caused_at=since,
        raised_at=now,
        next_step_at=None,
        told=TOLD,
    )
