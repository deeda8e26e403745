"""Gaps: what is required and not met, computed at the moment of asking."""

from typing import Any

from fastapi import APIRouter

from api.deps import ReadTx, Viewer
from api.gaps import gaps_now
from api.paging import Key, PageQuery, listed
from nightwarden.model.places import GapState
from nightwarden.model.plan import Gap
from nightwarden.wire import gap_json, rfc3339

router = APIRouter(tags=["gaps"])

_WORST_FIRST = list(GapState)


@router.get("/gaps")
def list_gaps(_viewer: Viewer, tx: ReadTx, page: PageQuery) -> dict[str, Any]:
    """Every gap, worst first and then oldest first."""
    found = gaps_now(tx)
    shown, cursor = page.cut_computed("gaps", found, _key, int, int, str, str, str, str, str)
    return listed([gap_json(gap, tx.now) for gap in shown], cursor)


def _key(gap: Gap) -> Key:
    since = rfc3339(gap.since) or ""
    rank = _WORST_FIRST.index(gap.state)
    return (
        int(gap.decision is not None),
        rank,
        since,
        gap.place.room,
        gap.place.place,
        gap.needs,
        gap.equipment or "",
    )
