"""Checks as they were entered, and the home's own intervals with who set them and why.

A check is never changed: a correction is a later check. What follows from one (its faults, the
confirmation of a cover) is made by ``nightwarden.maintenance.entry`` in the same transaction.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, text
from sqlalchemy import select as sql_select
from sqlmodel import col, select

from nightwarden.errors import Invalid
from nightwarden.model import claims
from nightwarden.model.checks import CheckKind, CheckOutcome, EnteredCheck, Interval
from nightwarden.model.places import EquipmentKind, PlaceId
from nightwarden.store import audit
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import CheckSetting, ItemCheck, Placement

EVERY_DAYS = (1, 366)
PRESS_WINDOW = "press_window_min"
PRESS_WINDOW_MIN = 60
"""From the beginning of a shift, so many minutes are given for every mat to show a press."""

PRESS_WINDOWS = (15, 240)
AROUND, AROUND_A_TEMPERATURE = timedelta(minutes=5), timedelta(hours=12)
MOST_AROUND = 2_000
"""No home enters more in half a day; a program that does is bounded."""


def by_key(tx: Transaction, key: str) -> ItemCheck | None:
    """The check that was sent with this key, if it has come before."""
    return tx.exec(select(ItemCheck).where(ItemCheck.key == key)).first()


def add(tx: Transaction, check: ItemCheck) -> ItemCheck:
    """Enter a check; the caller tells the audit."""
    tx.add(check)
    tx.flush()
    return check


def newest(
    tx: Transaction, limit: int, before: int | None = None, equipment: str | None = None
) -> list[ItemCheck]:
    """Checks, the last entered first; ``before`` is the number of the last of the page before."""
    query = select(ItemCheck).order_by(col(ItemCheck.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(ItemCheck.id) < before)
    if equipment is not None:
        query = query.where(ItemCheck.equipment == equipment)
    return list(tx.exec(query))


def entered_around(tx: Transaction, rows: Sequence[ItemCheck]) -> list[EnteredCheck]:
    """What was entered around these checks, them included: what their marks are made from.

    A temperature is compared with those of the half days around it, anything else with what came
    in the minutes around it.
    """
    spans: list[tuple[datetime, datetime]] = []
    for row in sorted(rows, key=lambda row: row.recorded_at):
        around = AROUND_A_TEMPERATURE if "temperature_c" in row.answers else AROUND
        since, until = row.recorded_at - around, row.recorded_at + around
        if spans and since <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(until, spans[-1][1]))
        else:
            spans.append((since, until))
    found = {row.id or 0: entered(row) for row in rows}
    for since, until in spans:
        query = sql_select(*_ENTERED).where(
            col(ItemCheck.recorded_at) >= since, col(ItemCheck.recorded_at) <= until
        )
        for line in tx.sql.execute(query.order_by(col(ItemCheck.id).desc()).limit(MOST_AROUND)):
            number, tag, room, place, by, at, recorded_at, kept, measured = line
            stood = PlaceId(room, place) if room and place else None
            found[number] = EnteredCheck(
                number, tag, stood, by, at, recorded_at, bool(kept), measured
            )
    return list(found.values())


_ENTERED: tuple[Any, ...] = (
    ItemCheck.id,
    ItemCheck.equipment,
    ItemCheck.room,
    ItemCheck.place,
    ItemCheck.by,
    ItemCheck.at,
    ItemCheck.recorded_at,
    ItemCheck.kept_offline,
    func.json_extract(col(ItemCheck.answers), "$.temperature_c"),
)


def of_round(tx: Transaction, number: int) -> list[ItemCheck]:
    """The checks that were made on a check round, in order."""
    query = select(ItemCheck).where(ItemCheck.round == number).order_by(col(ItemCheck.id))
    return list(tx.exec(query))


def latest(tx: Transaction, tag: str, kind: CheckKind) -> ItemCheck | None:
    """The check of this kind that was done last at an item, whatever the order of entering.

    Of what was said of another place before the item was moved, nothing counts; nor does what
    proved nothing.
    """
    query = (
        select(ItemCheck)
        .outerjoin(
            Placement,
            (col(Placement.equipment) == ItemCheck.equipment) & col(Placement.until).is_(None),
        )
        .where(
            ItemCheck.equipment == tag,
            ItemCheck.kind == kind.value,
            ItemCheck.outcome != CheckOutcome.NOT_PROVED.value,
            col(Placement.since).is_(None) | (col(ItemCheck.at) >= col(Placement.since)),
        )
    )
    newest_first = (col(ItemCheck.at).desc(), col(ItemCheck.id).desc())
    return tx.exec(query.order_by(*newest_first).limit(1)).first()


def last_done(tx: Transaction, tag: str | None = None) -> dict[tuple[str, str], datetime]:
    """When each kind of check was last done at each item, or one, where it stands; one query.

    By the index of equipment, kind and time: 1,500 items with years of checks take milliseconds.
    """
    kinds = " UNION ALL ".join(f"SELECT '{kind.value}' AS kind" for kind in CheckKind)
    rows = tx.sql.execute(
        text(
            "SELECT p.equipment, k.kind, (SELECT c.at FROM item_check c WHERE"  # noqa: S608
            " c.equipment = p.equipment AND c.kind = k.kind AND c.at >= p.since"
            f" AND c.outcome != '{CheckOutcome.NOT_PROVED.value}'"
            " ORDER BY c.at DESC LIMIT 1) AS at"
            f" FROM placement p CROSS JOIN ({kinds}) k WHERE p.until IS NULL"
            " AND (:tag IS NULL OR p.equipment = :tag)"
        )
        .bindparams(tag=tag)
        .columns(at=ItemCheck.__table__.c.at.type)  # type: ignore[attr-defined]
    )
    return {(tag, kind): at for tag, kind, at in rows if at is not None}


def entered(check: ItemCheck) -> EnteredCheck:
    """A check as the marks see it."""
    assert check.id is not None
    measured = check.answers.get("temperature_c")
    return EnteredCheck(
        id=check.id,
        equipment=check.equipment,
        place=place_of(check),
        by=check.by,
        at=check.at,
        recorded_at=check.recorded_at,
        kept_offline=check.kept_offline,
        temperature_c=None if measured is None else float(measured),
    )


def place_of(check: ItemCheck) -> PlaceId | None:
    """Where the item stood, as the person says."""
    if check.room is None or check.place is None:
        return None
    return PlaceId(check.room, check.place)


def in_force(tx: Transaction, usual: Interval) -> Interval:
    """An interval as the home has it: as delivered, unless somebody has set it."""
    return with_settings([usual], settings(tx))[0]


def with_settings(usual: list[Interval], kept: dict[str, CheckSetting]) -> list[Interval]:
    """Each interval as the home has it."""
    return [
        interval
        if (row := kept.get(_name(interval.equipment, interval.check))) is None
        else replace(
            interval,
            every_days=int(row.value),
            because=row.because,
            set_by=row.set_by,
            since=row.since,
        )
        for interval in usual
    ]


def settings(tx: Transaction) -> dict[str, CheckSetting]:
    """What the home has set, by name."""
    query = select(CheckSetting).where(col(CheckSetting.until).is_(None))
    return {row.name: row for row in tx.exec(query)}


def set_interval(
    tx: Transaction, kind: EquipmentKind, check: CheckKind, every_days: int, because: str, by: str
) -> CheckSetting:
    """Say how often this check is due at this kind of item, and why; what was before is kept.

    Raises:
        Invalid: the number of days or the reason will not do.
    """
    least, most = EVERY_DAYS
    if not least <= every_days <= most:
        raise Invalid(f"every_days is {every_days}; from {least} to {most} days are possible.")
    return _set(tx, _name(kind, check), every_days, because, by)


def press_window_min(tx: Transaction) -> int:
    """How many minutes of a shift every required mat has to show a press in."""
    row = settings(tx).get(PRESS_WINDOW)
    return PRESS_WINDOW_MIN if row is None else int(row.value)


def set_press_window(tx: Transaction, minutes: int, because: str, by: str) -> CheckSetting:
    """Say how long the press-to-prove test of a shift may take.

    Raises:
        Invalid: the number of minutes or the reason will not do.
    """
    least, most = PRESS_WINDOWS
    if not least <= minutes <= most:
        raise Invalid(f"The press test may take from {least} to {most} minutes, not {minutes}.")
    return _set(tx, PRESS_WINDOW, minutes, because, by)


def _set(tx: Transaction, name: str, value: int, because: str, by: str) -> CheckSetting:
    try:
        because = claims.text(because)
    except ValueError as problem:
        raise Invalid(f"The reason {problem}.") from None
    before = settings(tx).get(name)
    if before is not None:
        before.until = tx.now
        tx.flush()
    row = CheckSetting(name=name, value=value, because=because, set_by=by, since=tx.now)
    tx.add(row)
    tx.flush()
    was = None if before is None else before.value
    detail = {"from": was, "to": value, "because": because}
    audit.record(tx, by, "set a number of the checks", name, detail)
    return row


def _name(kind: EquipmentKind, check: CheckKind) -> str:
    return f"every_days:{kind}:{check}"
