"""Whether an item is fit for use: its status, the transmitter it is paired with, its tests.

1. An item that is quarantined or in repair stands nowhere, and neither does one whose newest test
   was not passed (M19). Back from either, it needs a test that was passed since.
2. A pairing is one pad with one transmitter. It is signed off by a commissioning test that was
   passed with that very transmitter (M14).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from nightwarden.model.phrases import phrase
from nightwarden.model.places import UNFIT, ItemStatus
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import EquipmentTest, Pairing, StatusChange

TESTS = COMMISSIONING, FUNCTIONAL = phrase("commissioning"), phrase("functional")
"""Kinds of test: before first use with its transmitter or at its place, and at any later time."""


@dataclass(frozen=True, slots=True)
class Transmitter:
    """What a pad is paired with. ``signed_off_at``: when a test of the two together was passed."""

    id: int
    make: str | None
    model: str | None
    serial: str | None
    since: datetime
    by: str
    signed_off_at: datetime | None = None

    def __str__(self) -> str:
        return " ".join(part for part in (self.make, self.model, self.serial) if part)


@dataclass(frozen=True, slots=True)
class NewestTest:
    """The newest test of an item. ``why`` is said where it was not passed."""

    kind: str
    passed: bool
    why: str | None
    by: str
    on: date
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of an item's fitness. ``unfit_since``: its status was set, and no test since
    was passed."""

    pairing: Transmitter | None = None
    test: NewestTest | None = None
    status_by: str | None = None
    status_why: str | None = None
    status_at: datetime | None = None
    unfit_since: datetime | None = None

    @property
    def failed(self) -> str | None:
        """Why the newest test was not passed; None where it was, or there is none."""
        if self.test is None or self.test.passed:
            return None
        return self.test.why or phrase(f"{self.test.kind} test by {self.test.by}")


UNTRIED = Standing()


def standings(tx: Transaction, tag: str | None = None) -> dict[str, Standing]:
    """By tag; an item of which nothing is known is left out. Of ``tag`` alone, if it is given."""
    pairings, tests = _pairings(tx, tag), _newest_tests(tx, tag)
    changes, last_unfit, last_passed = _changes(tx, tag), _last_unfit(tx, tag), _passed(tx, tag)
    found = {}
    for one in pairings.keys() | tests.keys() | changes.keys():
        change, unfit = changes.get(one), last_unfit.get(one)
        passed = last_passed.get(one)
        if unfit is not None and passed is not None and passed > unfit:
            unfit = None
        found[one] = Standing(
            pairing=pairings.get(one),
            test=tests.get(one),
            status_by=change.by if change else None,
            status_why=change.why if change else None,
            status_at=change.at if change else None,
            unfit_since=unfit,
        )
    return found


def _pairings(tx: Transaction, tag: str | None) -> dict[str, Transmitter]:
    query = select(Pairing).where(col(Pairing.until).is_(None))
    if tag is not None:
        query = query.where(Pairing.equipment == tag)
    signed_off = (
        select(EquipmentTest.pairing, EquipmentTest.recorded_at)
        .where(col(EquipmentTest.pairing).is_not(None), col(EquipmentTest.passed))
        .where(EquipmentTest.kind == COMMISSIONING)
        .order_by(col(EquipmentTest.id))
    )
    if tag is not None:
        signed_off = signed_off.where(EquipmentTest.equipment == tag)
    signed = dict(tx.exec(signed_off).all())
    return {
        row.equipment: Transmitter(
            row.id or 0, row.make, row.model, row.serial, row.since, row.by, signed.get(row.id)
        )
        for row in tx.exec(query)
    }


def _newest_tests(tx: Transaction, tag: str | None) -> dict[str, NewestTest]:
    query = select(EquipmentTest).order_by(col(EquipmentTest.id))
    if tag is not None:
        query = query.where(EquipmentTest.equipment == tag)
    else:
        newest = select(func.max(EquipmentTest.id)).group_by(col(EquipmentTest.equipment))
        query = query.where(col(EquipmentTest.id).in_(newest))
    return {
        row.equipment: NewestTest(row.kind, row.passed, row.why, row.by, row.on, row.recorded_at)
        for row in tx.exec(query)
    }


def _passed(tx: Transaction, tag: str | None) -> dict[str, datetime]:
    return _latest(
        tx, EquipmentTest.equipment, EquipmentTest.recorded_at, col(EquipmentTest.passed), tag
    )


def _last_unfit(tx: Transaction, tag: str | None) -> dict[str, datetime]:
    unfit = col(StatusChange.status).in_([status.value for status in UNFIT])
    return _latest(tx, StatusChange.equipment, StatusChange.at, unfit, tag)


def _latest(
    tx: Transaction, tag_of: Any, at: Any, where: Any, tag: str | None
) -> dict[str, datetime]:
    """The newest instant of each tag; SQLite's max keeps the order of its texts."""
    query = select(tag_of, at).where(where).order_by(at)
    if tag is not None:
        query = query.where(tag_of == tag)
    return dict(tx.exec(query).all())


def _changes(tx: Transaction, tag: str | None) -> dict[str, StatusChange]:
    query = select(StatusChange).order_by(col(StatusChange.id))
    if tag is not None:
        query = query.where(StatusChange.equipment == tag)
    return {row.equipment: row for row in tx.exec(query)}


def status_of(status: str | None, *, placed: bool, retired: bool = False) -> ItemStatus:
    """The status of an item, from what is kept of it."""
    if retired:
        return ItemStatus.RETIRED
    if status is not None:
        return ItemStatus(status)
    return ItemStatus.IN_PLACE if placed else ItemStatus.IN_STORE
