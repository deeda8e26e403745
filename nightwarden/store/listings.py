"""The long lists that people and programs page through, newest first, and what is counted of them.

A page is asked for by the key of the last row of the page before, never by a number of rows to
skip: what arrives meanwhile then neither repeats a row nor hides one.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, or_
from sqlmodel import col, func, select

from nightwarden.errors import NotFound
from nightwarden.model.alerts import AlertState
from nightwarden.model.readings import DeviceId
from nightwarden.model.roles import Role
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import (
    Alert,
    Audit,
    Delivery,
    Device,
    DeviceState,
    Equipment,
    HeardDevice,
    Placement,
    Quarantine,
    ReadingRow,
    Watch,
)


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """What speaks, or should. Unbound devices have no equipment; silent ones no ``heard_at``."""

    device: DeviceId
    equipment: str | None = None
    kind: str | None = None
    room: str | None = None
    place: str | None = None
    supervision_s: int | None = None
    proof_s: int | None = None
    bound_at: datetime | None = None
    heard_at: datetime | None = None
    changed_at: datetime | None = None
    duplicates: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """Readings measured from ``since`` (included) to ``until`` (excluded); None is open."""

    since: datetime | None = None
    until: datetime | None = None


def readings_of(
    tx: Transaction,
    device: DeviceId,
    window: Window,
    limit: int,
    before: tuple[datetime, int] | None = None,
) -> list[ReadingRow]:
    """Readings of one device, latest measured first; ``before`` is (measured_at, id)."""
    query = _within(window).where(
        ReadingRow.dialect == device.dialect, ReadingRow.address == device.address
    )
    if before is not None:
        measured_at, number = before
        earlier = and_(col(ReadingRow.measured_at) == measured_at, col(ReadingRow.id) < number)
        query = query.where(or_(col(ReadingRow.measured_at) < measured_at, earlier))
    newest_first = (col(ReadingRow.measured_at).desc(), col(ReadingRow.id).desc())
    return list(tx.exec(query.order_by(*newest_first).limit(limit)))


def readings(
    tx: Transaction, window: Window, limit: int, before: int | None = None
) -> list[ReadingRow]:
    """Readings of all devices, latest recorded first."""
    query = _within(window)
    if before is not None:
        query = query.where(col(ReadingRow.id) < before)
    return list(tx.exec(query.order_by(col(ReadingRow.id).desc()).limit(limit)))


def quarantine(tx: Transaction, limit: int, before: int | None = None) -> list[Quarantine]:
    """What was not believed, latest first."""
    query = select(Quarantine).order_by(col(Quarantine.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(Quarantine.id) < before)
    return list(tx.exec(query))


def audit_entries(tx: Transaction, limit: int, before: int | None = None) -> list[Audit]:
    """The record, latest first."""
    query = select(Audit).order_by(col(Audit.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(Audit.id) < before)
    return list(tx.exec(query))


def watches(tx: Transaction) -> list[Watch]:
    """Every watch as the gateway last saw it, by room and place."""
    return list(tx.exec(select(Watch).order_by(Watch.room, Watch.place, Watch.needs)))


def devices(tx: Transaction) -> list[DeviceLine]:
    """What is bound and what is heard, by dialect and address."""
    placed = and_(col(Placement.equipment) == Device.equipment, col(Placement.until).is_(None))
    bound = (
        select(Device, Equipment, Placement)
        .join(Equipment, col(Equipment.tag) == Device.equipment)
        .outerjoin(Placement, placed)
    )
    heard = {DeviceId(row.dialect, row.address): row for row in tx.exec(select(DeviceState))}
    spares = {
        DeviceId(row.dialect, row.address): row.last_at for row in tx.exec(select(HeardDevice))
    }
    lines = []
    for device, equipment, placement in tx.exec(bound):
        name = DeviceId(device.dialect, device.address)
        line = _bound_line(device, equipment, placement, heard.pop(name, None))
        if line.room is None and name in spares:  # no rule listens to the store cupboard
            line = replace(line, heard_at=spares[name])
        lines.append(line)
    lines += [
        DeviceLine(
            device=name,
            heard_at=state.heard_at,
            changed_at=state.changed_at,
            duplicates=state.duplicates,
        )
        for name, state in heard.items()
    ]
    return sorted(lines, key=lambda line: line.device)


def device(tx: Transaction, text: str) -> DeviceId:
    """The device that ``DIALECT:ADDRESS``, or an address that only one dialect has, names.

    Raises:
        NotFound: none is bound or was heard under that name, or several are.
    """
    known = {line.device for line in devices(tx)}
    dialect, _, address = text.partition(":")
    if (named := DeviceId(dialect, address)) in known:
        return named
    same_address = [name for name in known if name.address == text]
    if len(same_address) == 1:
        return same_address[0]
    raise NotFound(f'There is no device "{text}"; name it DIALECT:ADDRESS, as GET /devices does.')


def open_alert_counts(tx: Transaction) -> dict[tuple[str, str], int]:
    """How many alerts are open, by kind and priority."""
    query = (
        select(Alert.kind, Alert.priority, func.count())
        .where(Alert.state != AlertState.CLOSED)
        .group_by(Alert.kind, Alert.priority)
    )
    return {(kind, priority): count for kind, priority, count in tx.exec(query)}


def roles_present(tx: Transaction) -> frozenset[Role]:
    """The roles that somebody has: a person who can sign in, or a token in use."""
    rows = tx.sql.exec_driver_sql(  # asked for with every alert that is raised
        'SELECT role FROM "user" WHERE removed_at IS NULL'
        " UNION SELECT role FROM token WHERE removed_at IS NULL"
    )
    return frozenset(Role(role) for (role,) in rows)


def zones(tx: Transaction) -> dict[str, str]:
    """Room to the zone that it is in, for rooms that are in one."""
    rows = tx.sql.exec_driver_sql(  # asked for with every alert that is raised
        "SELECT id, zone FROM room WHERE zone IS NOT NULL AND removed_at IS NULL"
    )
    return {str(room): str(zone) for room, zone in rows}


def quarantined(tx: Transaction) -> int:
    """How many messages, or parts of one, are kept in quarantine."""
    return tx.exec(select(func.count()).select_from(Quarantine)).one()


def readings_recorded(tx: Transaction) -> int:
    """How many readings were ever recorded; those forgotten since are counted too."""
    return tx.exec(select(func.max(ReadingRow.id))).one() or 0


def outbox_waiting(tx: Transaction) -> int:
    """How many deliveries within the house have no receipt yet."""
    query = select(func.count()).where(
        col(Delivery.receipted_at).is_(None), Delivery.outlet == "mqtt"
    )
    return tx.exec(query).one()


def _bound_line(
    device: Device, equipment: Equipment, placement: Placement | None, state: DeviceState | None
) -> DeviceLine:
    return DeviceLine(
        device=DeviceId(device.dialect, device.address),
        equipment=equipment.tag,
        kind=equipment.kind,
        room=placement.room if placement else None,
        place=placement.place if placement else None,
        supervision_s=device.supervision_s,
        proof_s=device.proof_s,
        bound_at=device.bound_at,
        heard_at=state.heard_at if state else None,
        changed_at=state.changed_at if state else None,
        duplicates=state.duplicates if state else 0,
    )


def _within(window: Window):  # type: ignore[no-untyped-def]
    query = select(ReadingRow)
    if window.since is not None:
        query = query.where(col(ReadingRow.measured_at) >= window.since)
    if window.until is not None:
        query = query.where(col(ReadingRow.measured_at) < window.until)
    return query
