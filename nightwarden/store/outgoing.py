"""What leaves with a commit: lines of the live stream, and deliveries that wait for a receipt."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import delete, func, update
from sqlmodel import col, select

from nightwarden.model.alerts import AlertRecord, AlertState
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Delivery, Home, StreamEvent
from nightwarden.wire import Topics

LEASE = timedelta(seconds=10)
"""How long a sender may take to a receipt before the delivery is sent again."""

OVERTAKEN = "overtaken by a newer state of the same alert"

KEEP_STREAM = timedelta(days=2)
"""How far back ``Last-Event-ID`` can reach: a screen that was off over a weekend night."""


def stream(tx: Transaction, event: str, data: dict[str, Any]) -> None:
    """Append a line to the live stream; its id is what ``Last-Event-ID`` names."""
    tx.add(StreamEvent(at=tx.now, event=event, data=orjson.dumps(data)))


def stream_after(tx: Transaction, last_id: int, limit: int = 500) -> list[StreamEvent]:
    """The lines of the stream after ``last_id``, oldest first."""
    query = (
        select(StreamEvent)
        .where(col(StreamEvent.id) > last_id)
        .order_by(col(StreamEvent.id))
        .limit(limit)
    )
    return list(tx.exec(query))


def stream_span(tx: Transaction) -> tuple[int, int]:
    """The oldest and the newest id that the stream still holds; (0, 0) when it is empty."""
    oldest, newest = tx.exec(select(func.min(StreamEvent.id), func.max(StreamEvent.id))).one()
    return oldest or 0, newest or 0


def trim_stream(tx: Transaction) -> None:
    """Forget what is older than :data:`KEEP_STREAM`; the newest line stays, for its number."""
    _, newest = stream_span(tx)
    old = (col(StreamEvent.at) < tx.now - KEEP_STREAM) & (col(StreamEvent.id) < newest)
    tx.sql.execute(delete(StreamEvent).where(old))


def deliver_alert(tx: Transaction, alert: AlertRecord, body: dict[str, Any]) -> None:
    """Put the alert's retained topic into the outbox; a closed alert clears it.

    What still waits for a receipt on that topic is overtaken, leased or not: sent again when its
    lease runs out, after this one, it would put a closed alert back on every pager.
    """
    home = tx.exec(select(Home)).first()
    if home is None:
        return
    closed = alert.state is AlertState.CLOSED
    topic = Topics(home.id).alert(alert.id)
    tx.sql.execute(
        update(Delivery)
        .where(
            col(Delivery.alert) == alert.id,
            col(Delivery.topic) == topic,
            col(Delivery.receipted_at).is_(None),
        )
        .values(receipted_at=tx.now, last_error=OVERTAKEN)
    )
    tx.add(
        Delivery(
            outlet="mqtt",
            topic=topic,
            payload=b"" if closed else orjson.dumps(body),
            retain=True,
            alert=alert.id,
            created_at=tx.now,
            due_at=tx.now,
        )
    )


def lease(tx: Transaction, outlet: str, limit: int = 200) -> list[Delivery]:
    """Deliveries to send now, in order; each is leased for :data:`LEASE` and counted.

    A topic holds one state: of several deliveries that wait for the same topic only the newest is
    sent, so that a repeat can never put an older state back.
    """
    query = (
        select(Delivery)
        .where(
            Delivery.outlet == outlet,
            col(Delivery.receipted_at).is_(None),
            col(Delivery.due_at) <= tx.now,
        )
        .order_by(col(Delivery.id))
        .limit(limit)
    )
    waiting = list(tx.exec(query))
    newest = {delivery.topic: delivery.id for delivery in waiting}
    for delivery in waiting:
        if delivery.id == newest[delivery.topic]:
            delivery.due_at = tx.now + LEASE
            delivery.attempts += 1
        else:
            delivery.receipted_at = tx.now
            delivery.last_error = OVERTAKEN
    tx.flush()
    return [delivery for delivery in waiting if delivery.receipted_at is None]


def receipted(tx: Transaction, delivery_ids: Sequence[int]) -> None:
    """The outlet has taken these."""
    tx.sql.execute(
        update(Delivery)
        .where(col(Delivery.id).in_(delivery_ids), col(Delivery.receipted_at).is_(None))
        .values(receipted_at=tx.now, last_error=None)
    )


def next_due(tx: Transaction) -> datetime | None:
    """When the next delivery without a receipt is due; None when all have one."""
    query = select(func.min(Delivery.due_at)).where(col(Delivery.receipted_at).is_(None))
    return tx.exec(query).one()
