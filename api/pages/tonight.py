"""Are we covered tonight? Every gap, worst first, with whose it is and what to do; and a sheet of
paper for those that cannot be closed tonight.

A gap is closed by evidence. Here somebody is named for it, or a manager lets it be for a time; then
it stays on the list.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from api.deps import Actor, ReadTx, WriteTx
from api.fault_queue import queue
from api.gaps import judged
from api.health import last_proof
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.drawing import back_to, draw
from api.pages.surroundings import ViewerPage
from api.routes import gaps as asking
from nightwarden.errors import Invalid
from nightwarden.model.places import WATCHES_A_PERSON, GapState
from nightwarden.model.plan import Gap
from nightwarden.model.roles import Right
from nightwarden.store import channels, training
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Channel
from rules.wording import kind_words

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Giver = Annotated[Actor, Depends(person_with(Right.GIVE_GAPS))]
Decider = Annotated[Actor, Depends(person_with(Right.CHANGE_PLANS))]

OF_THE_OFFICE = frozenset({GapState.CONSENT_MISSING, GapState.REVIEW_OVERDUE})
"""Gaps in what is written down: nobody is less watched tonight for them."""


@dataclass(frozen=True, slots=True)
class Tonight:
    """The answer. ``open``: what nobody has decided on and the shift can do something about;
    ``met`` of ``required``: requirements without a gap; ``unshown``: kinds in use that nobody is
    recorded as having been shown; ``lost``: channels elsewhere over which nothing is taken."""

    proved: bool
    open: list[Gap]
    office: list[Gap]
    decided: list[Gap]
    met: int
    required: int
    unshown: list[str]
    lost: list[Channel]


def tonight_at(tx: Transaction) -> Tonight:
    """The answer at ``tx.now``."""
    home, proved = judged(tx), last_proof(tx).fresh
    if home is None:
        return Tonight(proved, [], [], [], 0, 0, [], channels.failing(tx))
    undecided = [gap for gap in home.gaps if gap.decision is None]
    lacking = {(gap.place, gap.needs) for gap in home.gaps}
    needs = home.plan.requirements
    shown = {row.kind for row in training.shown(tx)}
    in_use = {item.kind for item in home.plan.items if item.kind in WATCHES_A_PERSON}
    return Tonight(
        proved=proved,
        open=[gap for gap in undecided if gap.state not in OF_THE_OFFICE],
        office=[gap for gap in undecided if gap.state in OF_THE_OFFICE],
        decided=[gap for gap in home.gaps if gap.decision is not None],
        met=sum((need.place, need.needs) not in lacking for need in needs),
        required=len(needs),
        unshown=sorted(kind_words(kind) for kind in in_use if kind not in shown),
        lost=channels.failing(tx),
    )


@router.get("/tonight")
def show_tonight(page: ViewerPage, tx: ReadTx) -> Response:
    """The page for the start of a shift."""
    return draw("tonight.html", page, tonight=tonight_at(tx), faults=queue(tx))


@router.post("/gaps/owner")
def give(form: Filled, actor: Giver, tx: WriteTx) -> Response:
    """Somebody is to take the next step."""
    given = asking.OwnerBody(**_which(form), owner=field(form, "owner", "a name"))
    asking.give(given, actor, tx)
    return back_to("/tonight")


@router.post("/gaps/decision")
def decide(form: Filled, actor: Decider, tx: WriteTx) -> Response:
    """A manager lets it be for a time."""
    day = field(form, "review_by", "the day on which it is looked at again")
    given = asking.DecisionBody(
        **_which(form), reason=field(form, "reason", "a reason"), review_by=_day(day)
    )
    asking.decide(given, actor, tx)
    return back_to("/tonight")


@router.post("/gaps/decision/take-back")
def take_back(form: Filled, actor: Decider, tx: WriteTx) -> Response:
    """The decision no longer holds."""
    asking.take_back(asking.WhichGap(**_which(form)), actor, tx)
    return back_to("/tonight")


def _which(form: Filled) -> dict[str, Any]:
    state = field(form, "state", "which gap")
    if state not in set(GapState):
        raise Invalid("That is not a gap of this list; open the page anew.")
    named = {name: field(form, name, "which gap") for name in ("room", "place", "needs")}
    return {**named, "state": state, "equipment": form.get("equipment") or None}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f'"{text[:20]}" is not a day; write it as 2026-11-23.') from None
