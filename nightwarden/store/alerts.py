"""Alerts and the steps of their lives. Every change goes out with the transaction that made it:
an event row, a line of the live stream, and a delivery for the retained MQTT topic.

A little over 300 lines, because what one change of an alert writes is read in one place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import insert as sql_insert
from sqlalchemy import not_, or_, update
from sqlmodel import col, select

from nightwarden.errors import Conflict, NotFound
from nightwarden.model.actors import SYSTEM
from nightwarden.model.alerts import (
    AlertEvent,
    AlertKind,
    AlertRecord,
    AlertState,
    Cause,
    EventRecord,
    Evidence,
    Priority,
    StandingAlert,
)
from nightwarden.model.places import PlaceId
from nightwarden.model.roles import Role
from nightwarden.store import channel_letters, outgoing
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Alert, AlertEventRow
from nightwarden.store.times import as_text
from nightwarden.wire import alert_json

TO_AND_FRO_TOLD = 20
"""Of how often a cause went and came back an announcement tells the newest; the alert keeps all."""

_CAUSE_FIELDS = ("kind", "room", "place", "subject")


def find(tx: Transaction, alert_id: int) -> AlertRecord:
    """One alert.

    Raises:
        NotFound: there is none with this number.
    """
    row = tx.get(Alert, alert_id, populate_existing=True)
    if row is None:
        raise NotFound(f"There is no alert {alert_id}.")
    return _record(row)


def open_alerts(tx: Transaction) -> list[AlertRecord]:
    """Every alert that is not closed, newest first."""
    query = select(Alert).where(Alert.state != AlertState.CLOSED).order_by(col(Alert.id).desc())
    return [_record(row) for row in tx.exec(query)]


def open_fingerprint(tx: Transaction) -> tuple[int, int, int]:
    """Three numbers that differ whenever the open alerts do: how many, the last, their changes."""
    row = tx.sql.exec_driver_sql(
        "SELECT count(*), coalesce(max(id), 0), coalesce(sum(version), 0)"
        " FROM alert WHERE state != 'closed'"
    ).one()
    return (row[0], row[1], row[2])


def open_causes(tx: Transaction) -> dict[Cause, int]:
    """The cause of every open alert, with the alert's number."""
    rows = tx.sql.exec_driver_sql(
        "SELECT kind, room, place, subject, id FROM alert WHERE state != 'closed'"
    )
    return {
        Cause(AlertKind(kind), PlaceId(room, place), subject): number
        for kind, room, place, subject, number in rows
    }


def ever_raised(tx: Transaction, cause: Cause) -> bool:
    """Whether there is an alert of this cause, open or closed."""
    query = select(Alert.id).where(
        Alert.kind == cause.kind.value,
        Alert.room == cause.place.room,
        Alert.place == cause.place.place,
        Alert.subject == cause.subject,
    )
    return tx.exec(query.limit(1)).first() is not None


def last_raised_at(tx: Transaction, cause: Cause) -> datetime | None:
    """When the newest alert of this cause was raised, open or closed; None: never."""
    query = select(Alert.raised_at).where(
        Alert.kind == cause.kind.value,
        Alert.room == cause.place.room,
        Alert.place == cause.place.place,
        Alert.subject == cause.subject,
    )
    return tx.exec(query.order_by(col(Alert.id).desc()).limit(1)).first()


def open_for(tx: Transaction, cause: Cause) -> AlertRecord | None:
    """The open alert of a cause, if there is one."""
    found = tx.sql.exec_driver_sql(
        "SELECT id FROM alert WHERE kind = ? AND room = ? AND place = ? AND subject = ?"
        " AND state != 'closed'",
        (cause.kind.value, *cause.place, cause.subject),
    ).scalar()
    return None if found is None else find(tx, found)


def last_event(tx: Transaction) -> int:
    """The number of the newest step of any alert's life; 0 before the first."""
    found = tx.sql.exec_driver_sql("SELECT max(id) FROM alert_event").scalar()
    return found or 0


class Answers(NamedTuple):
    """What people did with alerts, by its causes, each in the order in which it happened."""

    attended: list[Cause]
    closed: list[Cause]
    open_again: list[Cause]
    """Closed by mistake, and open since that was taken back."""


def answers_after(tx: Transaction, event: int) -> Answers:
    """What people did with alerts after step ``event``."""
    rows = tx.sql.exec_driver_sql(
        "SELECT e.event, a.kind, a.room, a.place, a.subject FROM alert_event e"
        " JOIN alert a ON a.id = e.alert"
        " WHERE e.id > ? AND e.event IN ('attended', 'closed', 'closed_by_mistake')"
        " ORDER BY e.id",
        (event,),
    )
    found = Answers([], [], [])
    told = {"attended": found.attended, "closed": found.closed}
    for word, kind, room, place, subject in rows:
        cause = Cause(AlertKind(kind), PlaceId(room, place), subject)
        if cause in found.open_again:  # and closed once more since
            found.open_again.remove(cause)
        told.get(word, found.open_again).append(cause)
    return found


def standing(tx: Transaction) -> list[StandingAlert]:
    """Every open alert as a backtest must know it where it begins, the oldest first."""
    return [
        StandingAlert(a.id, a.cause, a.priority, a.cleared_at, a.state is AlertState.ATTENDED)
        for a in reversed(open_alerts(tx))
    ]


def last_alert(tx: Transaction) -> int:
    """The number of the newest alert; 0 before the first."""
    return tx.sql.exec_driver_sql("SELECT max(id) FROM alert").scalar() or 0


def raised_after(tx: Transaction, number: int, also: Iterable[int] = ()) -> list[AlertRecord]:
    """Every alert after alert ``number``, and those numbers, the oldest first."""
    wanted = or_(col(Alert.id) > number, col(Alert.id).in_(list(also)))
    return [_record(row) for row in tx.exec(select(Alert).where(wanted).order_by(col(Alert.id)))]


def page(tx: Transaction, state: str, limit: int, before: int | None = None) -> list[AlertRecord]:
    """Alerts newest first: ``state`` is open, closed or all; ``before`` is an alert number."""
    query = select(Alert).order_by(col(Alert.id).desc()).limit(limit)
    if state == "open":
        query = query.where(Alert.state != AlertState.CLOSED)
    elif state == "closed":
        query = query.where(Alert.state == AlertState.CLOSED)
    if before is not None:
        query = query.where(col(Alert.id) < before)
    return [_record(row) for row in tx.exec(query)]


def closed_since(tx: Transaction, instant: datetime) -> list[AlertRecord]:
    """The alerts that were closed at ``instant`` or later, the last one first."""
    query = select(Alert).where(col(Alert.closed_at) >= instant)
    return [_record(row) for row in tx.exec(query.order_by(col(Alert.closed_at).desc()))]


def events(tx: Transaction, alert_ids: Sequence[int]) -> dict[int, list[EventRecord]]:
    """The steps of each alert's life, oldest first."""
    found: dict[int, list[EventRecord]] = {alert_id: [] for alert_id in alert_ids}
    query = (
        select(AlertEventRow)
        .where(col(AlertEventRow.alert).in_(alert_ids))
        .order_by(col(AlertEventRow.id))
    )
    for row in tx.exec(query):
        found[row.alert].append(_step(row))
    return found


def _step(row: AlertEventRow) -> EventRecord:
    return EventRecord(AlertEvent(row.event), row.at, row.recorded_at, row.actor, row.detail)


def _told_steps(tx: Transaction, alert_id: int) -> list[EventRecord]:
    """The steps that an announcement tells: of comings and goings the newest alone.

    A lead that flaps makes thousands of them; telling all each time would hold up every room.
    """
    to_and_fro = col(AlertEventRow.event).in_((AlertEvent.REOPENED, AlertEvent.CAUSE_CLEARED))
    query = select(AlertEventRow).where(AlertEventRow.alert == alert_id)
    newest = query.where(to_and_fro).order_by(col(AlertEventRow.id).desc()).limit(TO_AND_FRO_TOLD)
    others = query.where(not_(to_and_fro))
    rows = sorted([*tx.exec(newest), *tx.exec(others)], key=lambda row: row.id or 0)
    return [_step(row) for row in rows]


def due(tx: Transaction, now: datetime, limit: int = 50) -> list[AlertRecord]:
    """Open alerts whose next step is due, the most overdue first; asked each second."""
    tx.flush()
    one = "SELECT 1 FROM alert WHERE state != 'closed' AND next_step_at <= ? LIMIT 1"
    if tx.sql.exec_driver_sql(one, (as_text(now),)).first() is None:
        return []
    query = (
        select(Alert)
        .where(Alert.state != AlertState.CLOSED, col(Alert.next_step_at) <= now)
        .order_by(col(Alert.next_step_at))
        .limit(limit)
    )
    return [_record(row) for row in tx.exec(query)]


def insert(
    tx: Transaction, draft: AlertRecord, detail: dict[str, Any] | None = None
) -> AlertRecord:
    """Keep a new alert (its ``id`` is ignored and given anew) and announce it.

    Raises:
        IntegrityError: see :func:`keep_new`.
    """
    alert = keep_new(tx, draft)
    step = EventRecord(AlertEvent.RAISED, draft.caused_at, tx.now, SYSTEM, detail or {})
    keep_steps(tx, [(alert.id, step)])
    announce(tx, alert, [step])  # there is nothing before it to read
    channel_letters.tell(tx, alert, AlertEvent.RAISED)
    return alert


def save(
    tx: Transaction,
    before: AlertRecord,
    after: AlertRecord,
    event: AlertEvent,
    actor: str,
    *,
    at: datetime | None = None,
    detail: dict[str, Any] | None = None,
) -> AlertRecord:
    """Keep a change by compare-and-set on ``version`` and announce it.

    Args:
        tx: the transaction whose ``now`` is when it is recorded.
        before: the alert that the change was decided on.
        after: what ``rules.alert_life.change`` made of it.
        event: what happened.
        actor: who made it happen.
        at: when it happened, if not now (a device's time).
        detail: more about it, words only.

    Raises:
        Conflict: somebody else changed the alert meanwhile; look again.
    """
    keep_change(tx, before, after)
    keep_steps(tx, [(after.id, EventRecord(event, at or tx.now, tx.now, actor, detail or {}))])
    announce(tx, after)
    channel_letters.tell(tx, after, event)
    return after


def clear(tx: Transaction, cause: Cause, actor: str, words: str) -> None:
    """Note at an open alert that its cause is gone; nothing where none is open, or it is noted.

    For those who raise alerts beside the rules. ``words`` say what is well again.

    Raises:
        Conflict: somebody else has just changed it.
    """
    standing = open_for(tx, cause)
    if standing is not None and standing.cleared_at is None:
        after = replace(standing, cleared_at=tx.now, version=standing.version + 1)
        save(tx, standing, after, AlertEvent.CAUSE_CLEARED, actor, detail={"words": words})


def raise_again(
    tx: Transaction, standing: AlertRecord, new: AlertRecord, actor: str, detail: dict[str, Any]
) -> None:
    """Open an alert again whose cause is back: with the words, the step and the deadline of ``new``
    unless somebody is on the way. For those who raise alerts beside the rules.

    Raises:
        Conflict: somebody else has just changed it.
    """
    again = replace(
        standing, text=new.text, action=new.action, cleared_at=None, version=standing.version + 1
    )
    if standing.state is not AlertState.ACCEPTED:
        again = replace(
            again,
            state=AlertState.RAISED,
            accepted_by=None,
            accepted_at=None,
            attended_by=None,
            attended_at=None,
            evidence=None,
            evidence_detail=None,
            escalation=new.escalation,
            next_step_at=new.next_step_at,
        )
    save(tx, standing, again, AlertEvent.REOPENED, actor, detail=detail)


def keep_new(tx: Transaction, draft: AlertRecord) -> AlertRecord:
    """A row for a new alert; nobody is told yet.

    The unique index on open causes is the last guard: a second open alert for one cause is an
    ``IntegrityError``, which is a fault of ours and never of a device.
    """
    made = tx.sql.execute(sql_insert(Alert), _columns(draft))
    [number] = made.inserted_primary_key or (0,)
    return replace(draft, id=number)


def keep_change(tx: Transaction, before: AlertRecord, after: AlertRecord) -> None:
    """Keep ``after`` by compare-and-set on the version of ``before``; nobody is told yet.

    Raises:
        Conflict: somebody else changed the alert meanwhile; look again.
    """
    statement = (
        update(Alert)
        .where(col(Alert.id) == before.id, col(Alert.version) == before.version)
        .values(**_columns(after))
        .execution_options(synchronize_session=False)
    )
    if tx.sql.execute(statement).rowcount != 1:
        raise Conflict(f"Alert {before.id} was changed by somebody else just now; look again.")


def keep_steps(tx: Transaction, steps: Sequence[tuple[int, EventRecord]]) -> None:
    """Keep steps of alerts' lives, each with its alert's number, in the order in which they were
    made.
    """
    if steps:
        rows = [{"alert": number, **_fields(step)} for number, step in steps]
        tx.sql.execute(sql_insert(AlertEventRow), rows)


def announce(tx: Transaction, alert: AlertRecord, steps: list[EventRecord] | None = None) -> None:
    """Tell of an alert as it is now: a line of the live stream, a delivery for its topic.

    Args:
        tx: in which its changes have been kept.
        alert: as it was kept.
        steps: all of its life, when it has just been raised; None: they are read.
    """
    body = alert_json(alert, _told_steps(tx, alert.id) if steps is None else steps)
    outgoing.stream(tx, "alert", body)
    outgoing.deliver_alert(tx, alert, body, first=steps is not None)


def as_json(tx: Transaction, alerts: Iterable[AlertRecord]) -> list[dict[str, Any]]:
    """The contract's JSON of each alert, its events with it."""
    alerts = list(alerts)
    steps = events(tx, [alert.id for alert in alerts])
    return [alert_json(alert, steps[alert.id]) for alert in alerts]


def _columns(alert: AlertRecord) -> dict[str, Any]:
    values = _fields(alert)
    del values["cause"], values["id"]
    kind, place, subject = alert.cause
    return values | dict(zip(_CAUSE_FIELDS, (kind, *place, subject), strict=True))


def _fields(record: AlertRecord | EventRecord) -> dict[str, Any]:
    """A record's fields as they are; ``asdict`` would copy every one of them deeply."""
    return {name: getattr(record, name) for name in record.__slots__}


def _record(row: Alert) -> AlertRecord:
    values = row.model_dump()
    kind, room, place, subject = (values.pop(field) for field in _CAUSE_FIELDS)
    values["priority"] = Priority(values["priority"])
    values["state"] = AlertState(values["state"])
    values["told"] = tuple(Role(role) for role in values["told"])
    values["evidence"] = values["evidence"] and Evidence(values["evidence"])
    return AlertRecord(cause=Cause(AlertKind(kind), PlaceId(room, place), subject), **values)
