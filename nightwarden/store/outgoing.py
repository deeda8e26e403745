"""What leaves with a commit: lines of the live stream, and deliveries that wait for a receipt."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import delete, func, insert, update
from sqlmodel import col, select

from nightwarden.model.alerts import AlertRecord, AlertState
from nightwarden.model.phrases import phrase
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Delivery, StreamEvent
from nightwarden.store.times import as_text
from nightwarden.wire import Topics

LEASE = timedelta(seconds=10)
"""How long a sender may take to a receipt before the delivery is sent again."""

OVERTAKEN = phrase("overtaken by a newer state of the same alert")

OVERTAKEN_ORDER = phrase("overtaken by a newer order to the same device")

KEEP_STREAM = timedelta(days=2)
"""How far back ``Last-Event-ID`` can reach: a screen that was off over a weekend night."""


def stream(tx: Transaction, event: str, data: dict[str, Any]) -> None:
    """Append a line to the live stream; its id is what ``Last-Event-ID`` names."""
    line = (as_text(tx.now), event, orjson.dumps(data))
    tx.sql.exec_driver_sql("INSERT INTO streamevent (at, event, data) VALUES (?, ?, ?)", line)


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


def deliver_alert(
    tx: Transaction, alert: AlertRecord, body: dict[str, Any], *, first: bool = False
) -> None:
    """Put the alert's retained topic into the outbox; a closed alert clears it.

    What still waits for a receipt on that topic is overtaken, leased or not: sent again when its
    lease runs out, after this one, it would put a closed alert back on every pager. The ``first``
    delivery of an alert has nothing to overtake.
    """
    home = tx.sql.exec_driver_sql("SELECT id FROM home").scalar()
    if home is None:
        return
    topic = Topics(home).alert(alert.id)
    if not first:
        tx.sql.execute(
            update(Delivery)
            .where(
                col(Delivery.alert) == alert.id,
                col(Delivery.receipted_at).is_(None),
                col(Delivery.outlet) == "mqtt",
            )
            .values(receipted_at=tx.now, last_error=OVERTAKEN)
        )
    closed = alert.state is AlertState.CLOSED
    delivery = {
        "outlet": "mqtt",
        "topic": topic,
        "payload": b"" if closed else orjson.dumps(body),
        "retain": True,
        "alert": alert.id,
        "created_at": tx.now,
        "due_at": tx.now,
        "attempts": 0,
    }
    tx.sql.execute(insert(Delivery), delivery)


def deliver_order(tx: Transaction, topic: str, payload: bytes, *, retain: bool) -> None:
    """Put an order to a device into the outbox; it overtakes what still waits on that topic."""
    tx.sql.execute(
        update(Delivery)
        .where(
            col(Delivery.receipted_at).is_(None),
            col(Delivery.topic) == topic,
            col(Delivery.alert).is_(None),
            col(Delivery.outlet) == "mqtt",
        )
        .values(receipted_at=tx.now, last_error=OVERTAKEN_ORDER)
    )
    delivery = {
        "outlet": "mqtt",
        "topic": topic,
        "payload": payload,
        "retain": retain,
        "created_at": tx.now,
        "due_at": tx.now,
        "attempts": 0,
    }
    tx.sql.execute(insert(Delivery), delivery)


def send_latest_again(tx: Transaction) -> set[int]:
    """Let the latest letter of every open alert be sent once more, under its own number.

    A broker that was restarted may have lost what it retained; whoever has the letter already knows
    it by its number. Gives the alerts that had one.
    """
    rows = tx.sql.exec_driver_sql(
        "UPDATE delivery SET receipted_at = NULL, last_error = NULL, due_at = ? WHERE id IN ("
        "SELECT max(delivery.id) FROM delivery JOIN alert ON alert.id = delivery.alert"
        " WHERE alert.state != 'closed' AND delivery.outlet = 'mqtt' GROUP BY alert.id)"
        " RETURNING alert",
        (as_text(tx.now),),
    )
    return {alert for (alert,) in rows.fetchall()}


def forget_orders(tx: Transaction, before: datetime, most: int = 5_000) -> int:
    """Forget up to ``most`` orders to devices that were settled ``before``; gives how many went."""
    forgotten = tx.sql.exec_driver_sql(
        "DELETE FROM delivery WHERE id IN (SELECT id FROM delivery"
        " WHERE alert IS NULL AND receipted_at < ? LIMIT ?)",
        (as_text(before), most),
    )
    return forgotten.rowcount


def forget_letters(tx: Transaction, before: datetime, most: int = 5_000) -> int:
    """Forget up to ``most`` letters of alerts that were settled ``before``; gives how many went.

    The latest letter of an open alert stays, however old: a broker that forgot it is sent it again.
    """
    forgotten = tx.sql.exec_driver_sql(
        "DELETE FROM delivery WHERE id IN (SELECT id FROM delivery"
        " WHERE alert IS NOT NULL AND receipted_at < ? AND id NOT IN ("
        "SELECT max(own.id) FROM delivery own JOIN alert ON alert.id = own.alert"
        " WHERE alert.state != 'closed' AND own.outlet = 'mqtt' GROUP BY own.alert) LIMIT ?)",
        (as_text(before), most),
    )
    return forgotten.rowcount


class Leased(NamedTuple):
    """A delivery that was taken for :data:`LEASE`; ``attempt`` counts from 1.

    ``of_alert`` tells the state of an alert from an order to a device, which is sent as it is.
    """

    id: int
    topic: str
    payload: bytes
    retain: bool
    attempt: int
    of_alert: bool = False


def lease(tx: Transaction, outlet: str, limit: int = 200) -> list[Leased]:
    """Deliveries to send now, in order; each is leased for :data:`LEASE` and counted."""
    rows = tx.sql.exec_driver_sql(
        "SELECT id, topic, payload, retain, attempts + 1, alert IS NOT NULL FROM delivery"
        " WHERE receipted_at IS NULL AND due_at <= ? AND outlet = ? ORDER BY id LIMIT ?",
        (as_text(tx.now), outlet, limit),
    )
    leased = [
        Leased(number, topic, body, bool(kept), attempt, bool(of_alert))
        for number, topic, body, kept, attempt, of_alert in rows
    ]
    if leased:
        until = as_text(tx.now + LEASE)
        tx.sql.exec_driver_sql(
            "UPDATE delivery SET due_at = ?, attempts = ? WHERE id = ?",
            [(until, delivery.attempt, delivery.id) for delivery in leased],
        )
    return leased


def receipted(tx: Transaction, delivery_ids: Sequence[int]) -> None:
    """The outlet has taken these."""
    now = as_text(tx.now)
    tx.sql.exec_driver_sql(
        "UPDATE delivery SET receipted_at = ?, last_error = NULL"
        " WHERE id = ? AND receipted_at IS NULL",
        [(now, number) for number in delivery_ids],
    )
