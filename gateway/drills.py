"""Night drills at the gateway: sent through the broker, raised as they come back, and ended.

A message that says it is a drill counts only with the token of the one that is under way. It is
sent on the loop test's topic, on which devices have no business.
"""

import logging
from collections.abc import Iterable

import orjson

from gateway.mqtt import MqttLink
from nightwarden.errors import DeliveryFailed
from nightwarden.model.alerts import AlertEvent, AlertRecord, AlertState
from nightwarden.store import alerts, drills
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Drill
from nightwarden.wire import Topics
from rules.decisions import Decision
from rules.drills import ENDED_BY, drill_cause, drill_exit, drill_over

log = logging.getLogger(__name__)


class Drills:
    """The drills of one gateway; what is to be sent is sent after the commit."""

    def __init__(self, link: MqttLink, topics: Topics) -> None:
        self._link = link
        self._topics = topics
        self._to_send: str | None = None

    def returned(self, tx: Transaction, tokens: Iterable[str]) -> list[Decision]:
        """What is decided of the tokens that came back."""
        drill = drills.running(tx) if (tokens := list(tokens)) else None
        if drill is None or drill.id is None or drill.returned_at is not None:
            return []
        if drills.words_of(drill) not in tokens or tx.now >= drill.ends_at:
            return []
        drill.returned_at = tx.now
        tx.flush()
        return [drill_exit(drill.room, drill.id, drill.asked_at)]

    def look(self, tx: Transaction) -> int:
        """Once a second: what is to be sent, and what is over. Returns how many alerts changed."""
        self._to_send = None
        drill = drills.running(tx)
        if drill is None or drill.id is None:
            return 0
        alert = self._alert_of(tx, drill)
        if (why := _over(tx, drill, alert)) is not None:
            return self._end(tx, drill, alert, why)
        if drills.to_send(tx, drill):
            drill.sent_at = tx.now
            tx.flush()
            self._to_send = drills.words_of(drill)
        return 0

    def send(self) -> None:
        """After the commit; what cannot be sent now is tried again some seconds later."""
        words, self._to_send = self._to_send, None
        if words is None:
            return
        try:
            self._link.publish(self._topics.proof, orjson.dumps({"token": words}))
        except DeliveryFailed as problem:
            log.warning("a drill could not be sent: %s", problem)

    def _alert_of(self, tx: Transaction, drill: Drill) -> AlertRecord | None:
        if drill.alert is None and drill.returned_at is not None and drill.id is not None:
            raised = alerts.open_for(tx, drill_cause(drill.room, drill.id))
            drill.alert = raised.id if raised is not None else None
            tx.flush()
        return None if drill.alert is None else alerts.find(tx, drill.alert)

    @staticmethod
    def _end(tx: Transaction, drill: Drill, alert: AlertRecord | None, why: str) -> int:
        drill.ended_at, drill.ended_why = tx.now, why
        tx.flush()
        if alert is None or alert.state is AlertState.CLOSED:
            return 0
        after = drill_over(alert, tx.now)
        alerts.save(tx, alert, after, AlertEvent.CLOSED, ENDED_BY, detail={"words": why})
        return 1


def _over(tx: Transaction, drill: Drill, alert: AlertRecord | None) -> str | None:
    """Why it has ended; None while it goes on."""
    if alert is not None and alert.state is AlertState.ATTENDED:
        return drills.ATTENDED
    if alert is not None and alert.state is AlertState.CLOSED:
        return drills.CLOSED
    if tx.now < drill.ends_at:
        return None
    return drills.NEVER_CAME_THROUGH if alert is None else drills.NOBODY_CAME
