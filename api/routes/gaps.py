"""Gaps: what is required and not met, computed at the moment of asking."""

from typing import Any

from fastapi import APIRouter

from api.deps import ReadTx, Viewer
from api.paging import Key, PageQuery, listed
from nightwarden.model.places import GapState
from nightwarden.model.plan import Gap
from nightwarden.rulesfile.in_force import calling, load_rules
from nightwarden.store.engine import Transaction
from nightwarden.store.plan import load_liveness, load_plan
from nightwarden.wire import gap_json, rfc3339
from rules.coverage import gaps

router = APIRouter(tags=["gaps"])

_WORST_FIRST = list(GapState)


@router.get("/gaps")
def list_gaps(_viewer: Viewer, tx: ReadTx, page: PageQuery) -> dict[str, Any]:
    """Every gap, worst first and then oldest first."""
    shown, cursor = page.cut_computed("gaps", gaps_now(tx), _key, int, str, str, str, str, str)
    return listed([gap_json(gap) for gap in shown], cursor)


def gaps_now(tx: Transaction) -> list[Gap]:
    """Every gap at ``tx.now``; none before the first home file, which requires nothing."""
    plan, rules = load_plan(tx), load_rules(tx)
    if plan is None:
        return []
    return gaps(plan, load_liveness(tx), tx.now, rules.book, calling(tx, rules))


def _key(gap: Gap) -> Key:
    since = rfc3339(gap.since) or ""
    rank = _WORST_FIRST.index(gap.state)
    return rank, since, gap.place.room, gap.place.place, gap.needs, gap.equipment or ""
