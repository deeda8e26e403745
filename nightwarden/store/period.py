"""What was recorded in a period, for the evidence of it: rows as they are, oldest first.

A period is from ``since`` (included) to ``until`` (not included), aware, UTC. What lasted counts
where a part of it lies in the period.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import SQLModel, col, or_, select

from nightwarden.model.alerts import AlertKind
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import (
    Alert,
    CheckRound,
    Confirmation,
    Delivery,
    Equipment,
    Fault,
    ItemCheck,
    Outage,
    Permit,
    Photo,
    Place,
    Placement,
    Removal,
    Requirement,
)

Row = TypeVar("Row", bound=SQLModel)


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since`` to ``until``, aware, UTC."""

    since: datetime
    until: datetime


def requirements(tx: Transaction, period: Period) -> Sequence[Requirement]:
    """What was required on any day of it."""
    return _lasted(tx, Requirement, Requirement.since, Requirement.until, period)


def placements(tx: Transaction, period: Period) -> Sequence[Placement]:
    """What stood where."""
    return _lasted(tx, Placement, Placement.since, Placement.until, period)


def faults(tx: Transaction, period: Period) -> Sequence[Fault]:
    """Faults that were open."""
    return _lasted(tx, Fault, Fault.reported_at, Fault.mended_at, period)


def permits(tx: Transaction, period: Period) -> Sequence[Permit]:
    """Permits that ran: a control was off with somebody's name."""
    return _lasted(tx, Permit, Permit.since, Permit.ended_at, period)


def outages(tx: Transaction, period: Period) -> Sequence[Outage]:
    """Heating outages."""
    return _lasted(tx, Outage, Outage.opened_at, Outage.ended_at, period)


def removals(tx: Transaction, period: Period) -> Sequence[Removal]:
    """Required controls that were taken away."""
    return _within(tx, Removal, Removal.removed_at, period)


def alerts(tx: Transaction, period: Period) -> Sequence[Alert]:
    """Alerts that were raised; a drill is in no figure."""
    found = _within(tx, Alert, Alert.raised_at, period)
    return [alert for alert in found if alert.kind != AlertKind.DRILL.value]


def checks(tx: Transaction, period: Period) -> Sequence[ItemCheck]:
    """Checks that were entered, whatever time they claim."""
    return _within(tx, ItemCheck, ItemCheck.recorded_at, period)


def confirmations(tx: Transaction, period: Period) -> Sequence[Confirmation]:
    """Confirmations that were entered, whatever day they claim."""
    return _within(tx, Confirmation, Confirmation.recorded_at, period)


def check_rounds(tx: Transaction, period: Period) -> Sequence[CheckRound]:
    """Check rounds that were begun."""
    return _within(tx, CheckRound, CheckRound.begun_at, period)


def photos(tx: Transaction, period: Period) -> Sequence[Photo]:
    """Photos that were entered."""
    return _within(tx, Photo, Photo.recorded_at, period)


def emitters(tx: Transaction) -> Sequence[Place]:
    """Every heat emitter that is registered now."""
    query = select(Place).where(col(Place.emitter).is_not(None), col(Place.removed_at).is_(None))
    return tx.exec(query.order_by(Place.room, col(Place.position))).all()


def kit(tx: Transaction) -> dict[str, Equipment]:
    """Every item that ever was, by its tag."""
    return {row.tag: row for row in tx.exec(select(Equipment))}


def deliveries(tx: Transaction, alert: int) -> Sequence[Delivery]:
    """Every letter about an alert: to which outlet, how often tried, and its receipt."""
    query = select(Delivery).where(Delivery.alert == alert).order_by(col(Delivery.id))
    return tx.exec(query).all()


def _within(tx: Transaction, table: type[Row], at: Any, period: Period) -> Sequence[Row]:
    query = select(table).where(col(at) >= period.since, col(at) < period.until).order_by(at)
    return tx.exec(query).all()


def _lasted(
    tx: Transaction, table: type[Row], since: Any, until: Any, period: Period
) -> Sequence[Row]:
    query = select(table).where(
        col(since) < period.until, or_(col(until).is_(None), col(until) > period.since)
    )
    return tx.exec(query.order_by(since)).all()
