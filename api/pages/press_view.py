"""The press that shows that an item works, as the person who stands there sees it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from nightwarden import binding
from nightwarden.model.channels import TWO_WAY
from nightwarden.model.places import HEARS
from nightwarden.model.plan import Liveness
from nightwarden.model.readings import Quantity
from nightwarden.store import listings, register
from nightwarden.store.engine import Transaction
from nightwarden.store.listings import Window
from nightwarden.store.plan import load_liveness
from nightwarden.store.register import Item
from nightwarden.store.tables import ReadingRow

RECENT = timedelta(minutes=2)
LOOK_BACK = 20
"""Readings to look through for the last one that the item is listened to for."""


@dataclass(frozen=True, slots=True)
class Press:
    """``stage``: nothing heard since it was bound here, heard, or seen to work."""

    item: Item
    stage: Literal["no_device", "waiting", "heard", "seen"]
    todo: str
    since: datetime
    heard_at: datetime | None
    seen_at: datetime | None
    last: ReadingRow | None
    instead: Quantity | None = None
    """What its device says where nothing was heard of what the item is listened to for."""

    recent: bool = False
    """Whether it was seen just now, and not at some time since it is here."""

    @property
    def pressed(self) -> bool:
        """Whether somebody is on the mat that has yet to show a change."""
        last = self.last if self.stage == "heard" else None
        return last is not None and last.quantity == Quantity.OCCUPANCY and bool(last.number)


def press_at(tx: Transaction, tag: str) -> Press:
    """How far the press of an item has come, at ``tx.now``.

    Raises:
        NotFound: there is no such item.
    """
    item = register.item(tx, tag)
    live = load_liveness(tx).get(item.device, Liveness()) if item.device else Liveness()
    begun = [at for at in (item.placed_at, item.bound_at) if at is not None]
    since = max(begun, default=item.since)
    heard = live.heard_at if live.heard_at and live.heard_at >= since else None
    seen = live.changed_at if live.changed_at and live.changed_at >= since else None
    if item.device is None:
        stage: Literal["no_device", "waiting", "heard", "seen"] = "no_device"
    else:
        stage = "seen" if seen else "heard" if heard else "waiting"
    last, instead = _last(tx, item, since)
    return Press(
        item=item,
        stage=stage,
        todo=binding.how_to_prove(item.kind),
        since=since,
        heard_at=heard,
        seen_at=seen,
        last=last,
        instead=instead,
        recent=seen is not None and tx.now - seen <= RECENT,
    )


def _last(
    tx: Transaction, item: Item, since: datetime
) -> tuple[ReadingRow | None, Quantity | None]:
    """The last reading that the item is listened to for, else what was said in its place."""
    if item.device is None:
        return None, None
    hears = HEARS.get(item.kind, frozenset())
    rows = listings.readings_of(tx, item.device, Window(since=since), LOOK_BACK)
    if own := next((row for row in rows if row.quantity in hears), None):
        return own, None
    return None, next((Quantity(row.quantity) for row in rows if row.quantity in TWO_WAY), None)
