"""What the store knows of one place around one minute of the past, for whoever asks why.

Every list is bounded: an answer for a person holds a minute of a night and not a year.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import col, select

from nightwarden.model.places import PlaceId
from nightwarden.model.plan import Plan
from nightwarden.model.readings import DeviceId
from nightwarden.model.staff import Staff
from nightwarden.store import journal
from nightwarden.store.engine import Transaction
from nightwarden.store.journal import InputKind
from nightwarden.store.tables import (
    Alert,
    Delivery,
    EngineInput,
    PauseRow,
    ReadingRow,
    Trace,
)

MOST = 60
"""Lines of one list."""

_MAY_HAVE_A_PLAN = (
    InputKind.SNAPSHOT,
    InputKind.PLAN,
    InputKind.SET_BACK,  # as an earlier Nightwarden wrote it
    InputKind.MADE,
    InputKind.UNWATCHED,
)


def plan_at(tx: Transaction, instant: datetime) -> tuple[Plan, int] | None:
    """The plan that the rules worked by at ``instant``, and the rules' version.

    None where the journal does not reach back so far.
    """
    rows = tx.exec(
        select(EngineInput)
        .where(col(EngineInput.at) <= instant, col(EngineInput.kind).in_(_MAY_HAVE_A_PLAN))
        .order_by(col(EngineInput.id).desc())
        .limit(MOST)
    )
    bodies = (journal.read(row).body for row in rows)
    body = next((one for one in bodies if "plan" in one), None)
    return None if body is None else journal.plan_of(tx, body)


def unwatched_around(
    tx: Transaction, since: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """When nothing could be heard, as far as it touches ``since`` to ``until``.

    A line of the journal is written when such a time has ended, so that what is looked for stands
    after it.
    """
    rows = tx.exec(
        select(EngineInput)
        .where(col(EngineInput.kind) == InputKind.UNWATCHED, col(EngineInput.at) >= since)
        .order_by(col(EngineInput.id))
        .limit(MOST)
    )
    bodies = (journal.read(row).body for row in rows)
    spans = (
        (datetime.fromisoformat(body["since"]), datetime.fromisoformat(body["until"]))
        for body in bodies
    )
    return [(begun, ended) for begun, ended in spans if begun <= until and ended >= since]


def staff_at(tx: Transaction, instant: datetime) -> Staff | None:
    """What was known of the people who answer at ``instant``; None where nothing was kept."""
    row = tx.exec(
        select(EngineInput)
        .where(col(EngineInput.kind) == InputKind.STAFF, col(EngineInput.at) <= instant)
        .order_by(col(EngineInput.id).desc())
        .limit(1)
    ).first()
    return None if row is None else journal.staff_of(journal.read(row).body)


def readings_around(
    tx: Transaction, devices: Iterable[DeviceId], since: datetime, until: datetime
) -> list[ReadingRow]:
    """What these devices said from ``since`` until ``until``, in the order of their times.

    Of a device that said more than :data:`MOST` things, the newest.
    """
    found: list[ReadingRow] = []
    for device in devices:
        rows = tx.exec(
            _of(device)
            .where(col(ReadingRow.measured_at) >= since, col(ReadingRow.measured_at) <= until)
            .order_by(col(ReadingRow.measured_at).desc(), col(ReadingRow.id).desc())
            .limit(MOST)
        )
        found.extend(rows)
    return sorted(found, key=lambda row: (row.measured_at, row.id or 0))


def changes_before(tx: Transaction, device: DeviceId, before: datetime) -> list[ReadingRow]:
    """The newest reading of each quantity before ``before``, and the one before its last change.

    Looked for among the newest few hundred; a sensor that changes with each reading gives its
    last two.
    """
    rows = tx.exec(
        _of(device)
        .where(col(ReadingRow.measured_at) < before)
        .order_by(col(ReadingRow.measured_at).desc(), col(ReadingRow.id).desc())
        .limit(MOST * 5)
    )
    found: list[ReadingRow] = []
    newest: dict[str, ReadingRow] = {}
    changed: set[str] = set()
    for row in rows:
        last = newest.setdefault(row.quantity, row)
        if last is row:
            found.append(row)
        elif row.quantity not in changed and (row.number, row.word) != (last.number, last.word):
            changed.add(row.quantity)
            found.append(row)
    return found


def traces(tx: Transaction, place: PlaceId, since: datetime, until: datetime) -> list[Trace]:
    """Decisions at a place that raised nothing and were worth keeping, oldest first."""
    query = select(Trace).where(
        Trace.room == place.room,
        Trace.place == place.place,
        col(Trace.at) >= since,
        col(Trace.at) <= until,
    )
    return list(tx.exec(query.order_by(col(Trace.id)).limit(MOST)))


def pauses(tx: Transaction, place: PlaceId, since: datetime, until: datetime) -> list[PauseRow]:
    """Pauses of a place that touch ``since`` to ``until``, oldest first."""
    query = select(PauseRow).where(
        PauseRow.room == place.room,
        PauseRow.place == place.place,
        col(PauseRow.since) <= until,
        col(PauseRow.until) >= since,
        or_(col(PauseRow.ended_at).is_(None), col(PauseRow.ended_at) >= since),
    )
    return list(tx.exec(query.order_by(col(PauseRow.id)).limit(MOST)))


def open_at(tx: Transaction, room: str, instant: datetime) -> list[Alert]:
    """The alerts of a room that were open at ``instant``, oldest first."""
    query = select(Alert).where(
        Alert.room == room,
        col(Alert.raised_at) <= instant,
        or_(col(Alert.closed_at).is_(None), col(Alert.closed_at) > instant),
    )
    return list(tx.exec(query.order_by(col(Alert.id)).limit(MOST)))


def raised_between(
    tx: Transaction, place: PlaceId, since: datetime, until: datetime
) -> list[Alert]:
    """The alerts of a place that were raised then, oldest first."""
    query = select(Alert).where(
        Alert.room == place.room,
        Alert.place == place.place,
        col(Alert.raised_at) > since,
        col(Alert.raised_at) <= until,
    )
    return list(tx.exec(query.order_by(col(Alert.id)).limit(MOST)))


def deliveries(
    tx: Transaction, alerts: Sequence[int], until: datetime | None = None
) -> list[Delivery]:
    """What was sent of these alerts, oldest first; with ``until``, what was begun by then."""
    query = select(Delivery).where(col(Delivery.alert).in_(alerts))
    if until is not None:
        query = query.where(col(Delivery.created_at) <= until)
    return list(tx.exec(query.order_by(col(Delivery.id)).limit(MOST)))


def _of(device: DeviceId):  # type: ignore[no-untyped-def]
    return select(ReadingRow).where(
        ReadingRow.dialect == device.dialect, ReadingRow.address == device.address
    )
