"""Gaps: what is required and not met, computed at the moment of asking."""

from datetime import date
from typing import Annotated, Any

from fastapi import Depends

from api.deps import Actor, ReadTx, Viewer, WriteTx, requires
from api.gaps import gaps_now
from api.nouns import noun_router
from api.paging import Key, PageQuery, listed
from api.routes.bodies import Body, Text
from nightwarden.errors import NotFound
from nightwarden.model.papers import GapKey
from nightwarden.model.places import GapState, PlaceId
from nightwarden.model.plan import Gap
from nightwarden.model.roles import Right
from nightwarden.store import gap_entries
from nightwarden.store.engine import Transaction
from nightwarden.wire import gap_json, rfc3339
from rules.gap_words import key_of

router = noun_router("gaps")

Giver = Annotated[Actor, Depends(requires(Right.GIVE_GAPS))]
Decider = Annotated[Actor, Depends(requires(Right.CHANGE_PLANS))]


class WhichGap(Body):
    """The gap that is meant, as the list has it."""

    room: Text
    place: Text
    needs: Text
    state: GapState
    equipment: Text | None = None

    @property
    def key(self) -> GapKey:
        """Its name."""
        return GapKey(PlaceId(self.room, self.place), self.needs, self.state, self.equipment)


class OwnerBody(WhichGap):
    """Who takes the next step."""

    owner: Text


class DecisionBody(WhichGap):
    """Why a gap may stay for a time, and the day on which it is looked at again."""

    reason: Text
    review_by: date


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


@router.post("/gaps/owner", status_code=201)
def give(given: OwnerBody, actor: Giver, tx: WriteTx) -> dict[str, Any]:
    """Say who takes the next step of a gap."""
    standing(tx, given.key)
    gap_entries.give(tx, given.key, given.owner, actor.name)
    return gap_json(standing(tx, given.key), tx.now)


@router.post("/gaps/decision", status_code=201)
def decide(given: DecisionBody, actor: Decider, tx: WriteTx) -> dict[str, Any]:
    """Let a gap be until a day. It stays a gap, shown as a decision; evidence alone closes it."""
    standing(tx, given.key)
    gap_entries.decide(tx, given.key, given.reason, given.review_by, actor.name)
    return gap_json(standing(tx, given.key), tx.now)


@router.post("/gaps/decision/take-back")
def take_back(given: WhichGap, actor: Decider, tx: WriteTx) -> dict[str, Any]:
    """The decision no longer holds."""
    if not gap_entries.take_back(tx, given.key, actor.name):
        raise NotFound("There is no decision on this gap.")
    return gap_json(standing(tx, given.key), tx.now)


def standing(tx: Transaction, key: GapKey) -> Gap:
    """The gap of this name at ``tx.now``.

    Raises:
        NotFound: there is none; it may have been closed meanwhile.
    """
    found = next((gap for gap in gaps_now(tx) if key_of(gap) == key), None)
    if found is None:
        raise NotFound("There is no such gap; it may have been closed meanwhile.")
    return found
