"""Work permits in force: who has which, until when, and how often it was given more time.

``upkeep`` issues and ends them. More time needs a reason, and never reaches further than a week
from the day on which the permit was issued: what stays off for longer is a change of the plan.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.model import claims
from nightwarden.store import register
from nightwarden.store.descriptions import checked
from nightwarden.store.engine import Transaction
from nightwarden.store.item_record import entered
from nightwarden.store.register import Item
from nightwarden.store.tables import Permit, PermitExtension
from nightwarden.store.upkeep import LONGEST_PERMIT


@dataclass(frozen=True, slots=True)
class StandingPermit:
    """A permit that nobody has ended, its item, and the times that it was given more."""

    row: Permit
    item: Item
    extensions: Sequence[PermitExtension]
    now: datetime

    @property
    def late(self) -> bool:
        """Whether its time has passed."""
        return self.row.until <= self.now


def in_force(tx: Transaction) -> list[StandingPermit]:
    """The one that is due first on top."""
    rows = list(tx.exec(select(Permit).where(col(Permit.ended_at).is_(None))))
    if not rows:
        return []
    items = {item.tag: item for item in register.items_now(tx)}
    more: dict[int, list[PermitExtension]] = defaultdict(list)
    numbers = [row.id for row in rows]
    query = select(PermitExtension).where(col(PermitExtension.permit).in_(numbers))
    for each in tx.exec(query.order_by(col(PermitExtension.id))):
        more[each.permit].append(each)
    return [
        StandingPermit(row, items[row.equipment], more[row.id or 0], tx.now)
        for row in sorted(rows, key=lambda row: row.until)
        if row.equipment in items
    ]


def extend(tx: Transaction, permit: int, until: datetime, reason: str, actor: str) -> Item:
    """Give a permit more time, until ``until`` (aware).

    Raises:
        NotFound: there is no such permit.
        Conflict: it has ended.
        Invalid: the time is no later than it has, or further than a week from its issue.
    """
    row = tx.get(Permit, permit)
    if row is None:
        raise NotFound(f"There is no permit {permit}.")
    if row.ended_at is not None:
        raise Conflict(f"Permit {permit} has ended already; issue another.")
    if not max(row.until, tx.now) < until <= row.since + LONGEST_PERMIT:
        raise Invalid(
            f"until: later than now and than it has, and within {LONGEST_PERMIT.days} days of "
            "its issue; what stays off for longer is a change of the plan."
        )
    reason = checked(claims.text, reason, "reason")
    tx.add(
        PermitExtension(
            permit=permit,
            until_before=row.until,
            until=until,
            reason=reason,
            by=actor,
            at=tx.now,
        )
    )
    detail = {"permit": permit, "from": row.until, "until": until, "reason": reason}
    row.until = until
    return entered(tx, actor, "extended a permit", row.equipment, detail)
