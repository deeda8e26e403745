"""The recorded readings."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Query

from api.deps import Actor, ReadTx, requires
from api.errors import BadQuery
from api.nouns import noun_router
from api.paging import Page, PageQuery, listed
from nightwarden.model.readings import DeviceId, Quantity
from nightwarden.model.roles import Right
from nightwarden.store import listings
from nightwarden.store.engine import Transaction
from nightwarden.store.listings import Window
from nightwarden.store.tables import ReadingRow
from nightwarden.wire import rfc3339

router = noun_router("readings")

Seer = Annotated[Actor, Depends(requires(Right.SEE))]
Instant = Annotated[str | None, Query(description="RFC 3339 with its offset, such as …T21:00:00Z")]

_TRUE_OR_FALSE = {Quantity.OCCUPANCY, Quantity.CONTACT, Quantity.LINK}


@router.get("/readings")
def list_readings(
    _actor: Seer,
    tx: ReadTx,
    page: PageQuery,
    device: Annotated[str | None, Query(description="DIALECT:ADDRESS, or an address")] = None,
    since: Annotated[Instant, Query(alias="from")] = None,
    until: Annotated[Instant, Query(alias="to")] = None,
) -> dict[str, Any]:
    """Readings measured from `from` to before `to`, latest first."""
    window = Window(_instant("from", since), _instant("to", until))
    if device is not None:
        return _of_device(tx, listings.device(tx, device), window, page)
    after = page.after("readings", int)
    rows = listings.readings(tx, window, page.limit + 1, int(after[0]) if after else None)
    shown, cursor = page.cut("readings", rows, lambda row: (row.id or 0,))
    return listed([reading_json(row) for row in shown], cursor)


def _of_device(tx: Transaction, device: DeviceId, window: Window, page: Page) -> dict[str, Any]:
    listing = f"readings of {device}"
    after = page.after(listing, str, int)
    before = None if after is None else (datetime.fromisoformat(str(after[0])), int(after[1]))
    rows = listings.readings_of(tx, device, window, page.limit + 1, before)
    shown, cursor = page.cut(listing, rows, lambda row: (row.measured_at.isoformat(), row.id or 0))
    return listed([reading_json(row) for row in shown], cursor)


def reading_json(row: ReadingRow) -> dict[str, Any]:
    """A reading; `value` is true or false, a number, or a word, as the quantity has it."""
    value: bool | float | str | None = row.word if row.number is None else row.number
    if row.quantity in _TRUE_OR_FALSE and value is not None:
        value = bool(value)
    return {
        "id": str(row.id),
        "device": f"{row.dialect}:{row.address}",
        "quantity": row.quantity,
        "value": value,
        "measured_at": rfc3339(row.measured_at),
        "received_at": rfc3339(row.received_at),
        "fresh": row.fresh,
        "late": row.late,
    }


def _instant(field: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    # A "+" that was not written as %2B arrives as a space: 21:00:00 01:00.
    whole = re.sub(r"(?<=:\d\d) (?=\d\d:\d\d$)", "+", text)
    try:
        instant = datetime.fromisoformat(whole)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None or "T" not in whole.upper():
        raise BadQuery(
            f'"{field}" is not a time with its offset, such as 2026-11-01T21:00:00Z: "{text[:40]}".'
        )
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise BadQuery(f'"{field}" lies outside the calendar: "{text[:40]}".') from None
