"""The record of who was protected when: spans, one row each.

An open span is one row that nobody touches while nothing changes; what it has by now is derived
from its beginning (``rules/protected_time.py``), so that a fall of the gateway loses nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert
from sqlmodel import col, select

from nightwarden.model.places import EquipmentKind, PlaceId
from nightwarden.model.protection import Loss, PlaceKey, Span
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import CoverageSpan


def open_spans(tx: Transaction) -> dict[PlaceKey, Span]:
    """Every span that lasts, as it began."""
    rows = tx.exec(select(CoverageSpan).where(col(CoverageSpan.until).is_(None)))
    return {(span.place, span.needs): span for span in map(_span, rows)}


def replace_open(tx: Transaction, anew: Mapping[PlaceKey, Sequence[Span]]) -> None:
    """Put these in the place of the open spans of their keys, of those that have one.

    All at once: what ends the watch ends it for a whole home, and one after the other 200 places
    took 130 ms, in which no message was decided. Together they take 4.
    """
    open_now = select(CoverageSpan.id, CoverageSpan.room, CoverageSpan.place, CoverageSpan.needs)
    rows = tx.exec(open_now.where(col(CoverageSpan.until).is_(None))).all()
    gone = [
        {"gone": number}
        for number, room, place, needs in rows
        if (PlaceId(room, place), EquipmentKind(needs)) in anew
    ]
    if gone:
        tx.sql.execute(delete(CoverageSpan).where(col(CoverageSpan.id) == bindparam("gone")), gone)
    if spans := [span for each in anew.values() for span in each]:
        tx.sql.execute(insert(CoverageSpan), [_row(span) for span in spans])


def closed_spans(tx: Transaction, since: date, until: date, room: str | None = None) -> list[Span]:
    """The spans that have ended of the nights from ``since`` to ``until``, both included."""
    query = select(CoverageSpan).where(
        col(CoverageSpan.night) >= since,
        col(CoverageSpan.night) <= until,
        col(CoverageSpan.until).is_not(None),
    )
    if room is not None:
        query = query.where(CoverageSpan.room == room)
    return [_span(row) for row in tx.exec(query.order_by(col(CoverageSpan.since)))]


def cut(tx: Transaction) -> None:
    """The clock went back to ``tx.now``: what was written of later instants comes again."""
    tx.sql.execute(
        delete(CoverageSpan).where(
            col(CoverageSpan.since) >= tx.now, col(CoverageSpan.until).is_not(None)
        )
    )
    later = col(CoverageSpan.until).is_(None) | (col(CoverageSpan.until) > tx.now)
    for row in tx.exec(select(CoverageSpan).where(later)):
        if row.until is None:
            row.since = min(row.since, tx.now)
        elif row.until > tx.now:
            row.until = tx.now
    tx.flush()


def forget(tx: Transaction, before: datetime) -> int:
    """Delete what ended before ``before``; returns how many spans went."""
    gone = tx.sql.execute(delete(CoverageSpan).where(col(CoverageSpan.until) < before))
    return gone.rowcount


def _span(row: CoverageSpan) -> Span:
    return Span(
        place=PlaceId(row.room, row.place),
        needs=EquipmentKind(row.needs),
        night=row.night,
        since=row.since,
        until=row.until,
        ends_at=row.ends_at,
        lost_to=Loss(row.lost_to) if row.lost_to else None,
        why=row.why,
    )


def _row(span: Span) -> dict[str, Any]:
    return {
        "room": span.place.room,
        "place": span.place.place,
        "needs": span.needs.value,
        "night": span.night,
        "since": span.since,
        "until": span.until,
        "ends_at": span.ends_at,
        "lost_to": span.lost_to and span.lost_to.value,
        "why": span.why,
    }
