"""Controls that were taken away from where they were required: why, and what is there instead.

1. A control is taken away when a requirement ends although its resident still lives there, or when
   the last item of the kind leaves a place that still requires one. An alarm was withdrawn from a
   whole home with nothing recorded instead, and somebody broke a hip (M24).
2. It needs a reason, what is there instead, and a day on which that is looked at again. Whoever
   takes an item out of use says so at once; where a home file or a move took it, the entry stands
   without them, red, until somebody does.
3. Where an item of the kind stands again, or the requirement is made again, nothing more is asked.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.model import claims
from nightwarden.store import audit, register
from nightwarden.store.descriptions import checked
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Equipment, Placement, Removal, Requirement, Resident


@dataclass(frozen=True, slots=True)
class Why:
    """Why a control is taken away, what is there instead, and when that is looked at again."""

    reason: str
    replacement: str
    review_by: date


class _Need(NamedTuple):
    resident: str
    room: str
    place: str
    kind: str


_Spot = tuple[str, str, str]
"""Room, place and kind."""


@dataclass(frozen=True, slots=True)
class StandingRemoval:
    """A removal at one instant. ``back``: the tag of an item of the kind that stands there."""

    row: Removal
    back: str | None
    still_required: bool

    @property
    def open(self) -> bool:
        """Whether somebody has to look at it again."""
        again = self.still_required and (self.row.equipment is None or self.back is not None)
        return self.row.reviewed_at is None and not again

    def overdue(self, today: date) -> bool:
        """Whether nobody has said why, or the day of its review has passed."""
        if not self.open:
            return False
        return self.row.review_by is None or self.row.review_by <= today


@contextmanager
def watched(
    tx: Transaction, actor: str, why: Why | None = None, *, reason: str | None = None
) -> Iterator[None]:
    """Write down which controls are gone once the body has run.

    Args:
        tx: the transaction of the body.
        actor: who does it.
        why: all that is to be said of it, where it is known.
        reason: the reason alone, where that is.
    """
    if why is not None:
        why = _checked(tx, why)
    needs_before, standing_before = _needs(tx), _standing(tx)
    yield
    tx.flush()
    needs, standing = _needs(tx), _standing(tx)
    living = {row.id: row.room for row in register.residents(tx)}
    gone: dict[_Need, str | None] = {}
    for need in needs_before.keys() - needs.keys():
        if living.get(need.resident) == need.room:
            gone[need] = None
    for need in needs_before.keys() & needs.keys():
        spot = need[1:]
        if standing_before.get(spot) and not standing.get(spot):
            gone[need] = standing_before[spot][0]
    for need, tag in sorted(gone.items()):
        row = _row(tx, need, tag, actor)
        row.because, row.reason = needs_before[need], reason
        if why is not None:
            row.reason, row.replacement, row.review_by = why.reason, why.replacement, why.review_by
            row.explained_at, row.explained_by = tx.now, actor
        tx.add(row)
        detail = {"equipment": tag, "because": row.because, "reason": row.reason}
        _note(tx, row, actor, "took a control away", detail)


def required_alone(tx: Transaction, tag: str) -> bool:
    """Whether a place requires this item's kind and has no other of it."""
    item = register.item(tx, tag)
    if item.place is None:
        return False
    spot = (item.place.room, item.place.place, item.kind.value)
    return any(need[1:] == spot for need in _needs(tx)) and _standing(tx)[spot] == [tag]


def require_why(tx: Transaction, tag: str, why: Why | None) -> None:
    """Refuse to take away what is required without a reason.

    Raises:
        Invalid: it is required, it is the only one there, and nothing is said.
    """
    if why is None and required_alone(tx, tag):
        place = register.item(tx, tag).place
        raise Invalid(
            f"{tag} is required at {place}: say why it goes (reason), what is there instead "
            "(replacement) and when that is looked at again (review_by)."
        )


def every(tx: Transaction) -> list[StandingRemoval]:
    """All of them, the latest first."""
    needs = {need[1:] for need in _needs(tx)}
    standing = _standing(tx)
    rows = tx.exec(select(Removal).order_by(col(Removal.id).desc()))
    return [_standing_removal(row, needs, standing) for row in rows]


def find(tx: Transaction, number: int) -> Removal:
    """One removal; NotFound where there is none with this number."""
    row = tx.get(Removal, number)
    if row is None:
        raise NotFound(f"There is no removal {number}.")
    return row


def explain(tx: Transaction, number: int, why: Why, actor: str) -> Removal:
    """Say why, what is there instead, and when that is looked at again."""
    row = _unreviewed(tx, number)
    why = _checked(tx, why)
    row.reason, row.replacement, row.review_by = why.reason, why.replacement, why.review_by
    row.explained_at, row.explained_by = tx.now, actor
    said = {"reason": why.reason, "replacement": why.replacement, "review_by": why.review_by}
    _note(tx, row, actor, "explained a removal", said)
    return row


def review(
    tx: Transaction, number: int, verdict: str, again_by: date | None, actor: str
) -> Removal:
    """It was looked at again; ``again_by`` is the day of the next look, None: it is settled.

    Raises:
        Conflict: nobody has said yet why it was taken away.
    """
    row = _unreviewed(tx, number)
    if row.reason is None or row.replacement is None:
        raise Conflict("Say first why it was taken away and what is there instead.")
    row.verdict = checked(claims.text, verdict, "verdict")
    if again_by is None:
        row.reviewed_at, row.reviewed_by = tx.now, actor
    else:
        row.review_by = _ahead(tx, again_by)
    detail = {"verdict": row.verdict, "again_by": again_by}
    _note(tx, row, actor, "reviewed a removal", detail)
    return row


def _standing_removal(
    row: Removal, needs: set[_Spot], standing: Mapping[_Spot, list[str]]
) -> StandingRemoval:
    spot = (row.room, row.place, row.kind)
    required = spot in needs
    back = next(iter(standing.get(spot, [])), None) if required else None
    return StandingRemoval(row, back, required)


def _needs(tx: Transaction) -> dict[_Need, str]:
    """What is required of residents who live here, with the why."""
    names = ("resident", "room", "place", "needs", "because")
    query = (
        sql_select(*(col(getattr(Requirement, name)) for name in names))
        .join(Resident, col(Resident.id) == Requirement.resident)
        .where(col(Requirement.until).is_(None), col(Resident.removed_at).is_(None))
    )
    return {_Need(*need): because for *need, because in tx.sql.execute(query)}


def _standing(tx: Transaction) -> Mapping[_Spot, list[str]]:
    """Room, place and kind to the tags that stand there."""
    query = (
        select(Placement.room, Placement.place, Equipment.kind, Placement.equipment)
        .join(Equipment, col(Equipment.tag) == Placement.equipment)
        .where(col(Placement.until).is_(None))
    )
    found: dict[_Spot, list[str]] = defaultdict(list)
    for room, place, kind, tag in tx.exec(query):
        found[room, place, kind].append(tag)
    return found


def _row(tx: Transaction, need: _Need, tag: str | None, actor: str) -> Removal:
    return Removal(
        equipment=tag,
        room=need.room,
        place=need.place,
        kind=need.kind,
        resident=need.resident,
        removed_at=tx.now,
        removed_by=actor,
    )


def _checked(tx: Transaction, why: Why) -> Why:
    return Why(
        checked(claims.text, why.reason, "reason"),
        checked(claims.text, why.replacement, "replacement"),
        _ahead(tx, why.review_by),
    )


def _ahead(tx: Transaction, day: date) -> date:
    if day < tx.now.date():
        raise Invalid(f"review_by: {day} has passed; write a day that has yet to come.")
    return day


def _unreviewed(tx: Transaction, number: int) -> Removal:
    row = find(tx, number)
    if row.reviewed_at is not None:
        raise Conflict(f"Removal {number} was settled by {row.reviewed_by}.")
    return row


def _note(tx: Transaction, row: Removal, actor: str, action: str, detail: dict[str, Any]) -> None:
    tx.flush()
    subject = f"place {row.room}/{row.place}"
    audit.record(tx, actor, action, subject, {"removal": row.id, "kind": row.kind, **detail})
