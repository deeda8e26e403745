"""Controls that are off on a permit, and controls that were taken away."""

from datetime import date
from typing import Annotated, Any

from fastapi import Depends

from api.deps import Actor, ReadTx, WriteTx, requires
from api.nouns import noun_router
from api.paging import listed
from api.routes.equipment_bodies import Body, Text, WhyBody
from api.routes.notices import number_of
from nightwarden.model.roles import Right
from nightwarden.store import meta, permits, removals
from nightwarden.store.permits import StandingPermit
from nightwarden.store.removals import StandingRemoval
from nightwarden.wire import rfc3339

router = noun_router("removals")

Seer = Annotated[Actor, Depends(requires(Right.SEE))]
Keeper = Annotated[Actor, Depends(requires(Right.KEEP_REGISTER))]
Manager = Annotated[Actor, Depends(requires(Right.MANAGE))]


class ReviewBody(Body):
    """What was found; `again_by` is the day of the next look, none: it is settled."""

    verdict: Text
    again_by: date | None = None


@router.get("/permits")
def list_permits(_actor: Seer, tx: ReadTx) -> dict[str, Any]:
    """The permits that nobody has ended, the one that is due first on top."""
    return listed([permit_json(each) for each in permits.in_force(tx)], None)


@router.get("/removals")
def list_removals(_actor: Seer, tx: ReadTx) -> dict[str, Any]:
    """Controls that were taken away, the latest first; `open` ones have to be looked at again."""
    return listed([removal_json(each, meta.today(tx)) for each in removals.every(tx)], None)


@router.post("/removals/{removal_id}/explain")
def explain(removal_id: str, why: WhyBody, actor: Keeper, tx: WriteTx) -> dict[str, Any]:
    """Say why it was taken away, what is there instead, and when that is looked at again."""
    number = number_of(removal_id, "removal")
    removals.explain(tx, number, why.given, actor.name)
    return _one(tx, number)


@router.post("/removals/{removal_id}/review")
def review(removal_id: str, found: ReviewBody, actor: Manager, tx: WriteTx) -> dict[str, Any]:
    """It was looked at again, by a manager."""
    number = number_of(removal_id, "removal")
    removals.review(tx, number, found.verdict, found.again_by, actor.name)
    return _one(tx, number)


def permit_json(each: StandingPermit) -> dict[str, Any]:
    """A permit with the times that it was given more."""
    row, item = each.row, each.item
    return {
        "id": row.id,
        "equipment": row.equipment,
        "kind": item.kind,
        "at": None if item.place is None else str(item.place),
        "reason": row.reason,
        "made_safe_by": row.made_safe_by,
        "since": rfc3339(row.since),
        "until": rfc3339(row.until),
        "issued_by": row.issued_by,
        "late": each.late,
        "extensions": [
            {
                "from": rfc3339(more.until_before),
                "until": rfc3339(more.until),
                "reason": more.reason,
                "by": more.by,
                "at": rfc3339(more.at),
            }
            for more in each.extensions
        ],
    }


def removal_json(each: StandingRemoval, day: date) -> dict[str, Any]:
    """A removal as it stands; `back` is the tag of what stands there again."""
    row = each.row
    return {
        "id": str(row.id),
        "equipment": row.equipment,
        "kind": row.kind,
        "room": row.room,
        "place": row.place,
        "resident": row.resident,
        "because": row.because,
        "reason": row.reason,
        "replacement": row.replacement,
        "review_by": row.review_by,
        "removed_at": rfc3339(row.removed_at),
        "removed_by": row.removed_by,
        "explained_at": rfc3339(row.explained_at),
        "explained_by": row.explained_by,
        "open": each.open,
        "red": each.overdue(day),
        "back": each.back,
        "still_required": each.still_required,
        "verdict": row.verdict,
        "reviewed_at": rfc3339(row.reviewed_at),
        "reviewed_by": row.reviewed_by,
    }


def _one(tx: WriteTx, number: int) -> dict[str, Any]:
    (found,) = (each for each in removals.every(tx) if each.row.id == number)
    return removal_json(found, meta.today(tx))
