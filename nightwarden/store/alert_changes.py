"""Alerts as one transaction changes them: many changes of one alert are told once.

1. Each step of an alert's life has its row, however fast a lead flaps. The alert's own row, its
   line of the live stream and its delivery are written when all is decided, of its state at the
   end: what lay between was never the state of anything that somebody could have seen.
2. The open alert of a cause is read once. A writing transaction is alone with the store from its
   first statement on, so nobody else changes it meanwhile.
3. Steps stand in the order in which they were made, over all alerts.
"""

from datetime import datetime
from typing import Any

from nightwarden.model.actors import SYSTEM
from nightwarden.model.alerts import AlertEvent, AlertRecord, Cause, EventRecord
from nightwarden.store import alerts, channel_letters
from nightwarden.store.engine import Transaction


class AlertChanges:
    """What is to be made of alerts in ``tx``, a writing transaction; :meth:`write` makes it so.

    Until then nothing else may read or change these alerts.
    """

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._open: dict[Cause, AlertRecord | None] = {}
        self._kept: dict[int, AlertRecord] = {}  # as their rows are, of those to be told
        self._new: set[int] = set()
        self._steps: list[tuple[int, EventRecord]] = []

    @property
    def now(self) -> datetime:
        """The transaction's instant."""
        return self._tx.now

    def open_for(self, cause: Cause) -> AlertRecord | None:
        """The open alert of a cause, as it has become by now."""
        if cause not in self._open:
            self._open[cause] = alerts.open_for(self._tx, cause)
        return self._open[cause]

    def insert(self, draft: AlertRecord, detail: dict[str, Any]) -> AlertRecord:
        """A new alert, see :func:`nightwarden.store.alerts.insert`. Its cause had no open one."""
        alert = alerts.keep_new(self._tx, draft)
        self._new.add(alert.id)
        self._kept[alert.id] = self._open[alert.cause] = alert
        self._step(alert, AlertEvent.RAISED, draft.caused_at, detail)
        return alert

    def save(
        self,
        before: AlertRecord,
        after: AlertRecord,
        event: AlertEvent,
        *,
        at: datetime,
        detail: dict[str, Any],
    ) -> None:
        """A change by the system of an alert that stays open, which :meth:`open_for` has given."""
        self._kept.setdefault(before.id, before)
        self._open[before.cause] = after
        self._step(after, event, at, detail)

    def write(self) -> None:
        """Keep everything and tell of each alert once, in the order of their first changes.

        Nothing may be done with this afterwards.
        """
        tx = self._tx
        alerts.keep_steps(tx, self._steps)
        lives: dict[int, list[EventRecord]] = {number: [] for number in self._kept}
        for number, step in self._steps:
            lives[number].append(step)
        for number, kept in self._kept.items():
            alert = self._open[kept.cause]
            assert alert is not None, "it was open, and what is decided here closes nothing"
            if alert is not kept:
                alerts.keep_change(tx, kept, alert)
            life = lives[number]
            alone = number in self._new and len(life) == 1
            alerts.announce(tx, alert, life if alone else None)
            for event in _news([step.event for step in life]):
                channel_letters.tell(tx, alert, event)

    def _step(
        self, alert: AlertRecord, event: AlertEvent, at: datetime, detail: dict[str, Any]
    ) -> None:
        self._steps.append((alert.id, EventRecord(event, at, self._tx.now, SYSTEM, detail)))


def _news(events: list[AlertEvent]) -> list[AlertEvent]:
    """What channels elsewhere are told of: one of a turn's steps, a raising before the others."""
    order = (AlertEvent.RAISED, AlertEvent.WORSENED, AlertEvent.REOPENED)
    return [event for event in order if event in events][:1]
