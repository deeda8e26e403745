"""Reviews after an alert: what is open, the answers, and who was told."""

from typing import Annotated, Any, Literal

from fastapi import Depends
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Actor, ReadTx, WriteTx, requires
from api.nouns import noun_router
from api.paging import LARGEST_ID, PageQuery, listed
from nightwarden.errors import NotFound, NotPermitted
from nightwarden.model import claims
from nightwarden.model.roles import Right, Role
from nightwarden.store import reviews
from nightwarden.store.reviews import review_json
from rules.outcomes import MANAGERS_QUESTION

router = noun_router("reviews")

Seer = Annotated[Actor, Depends(requires(Right.SEE))]
Reviewer = Annotated[Actor, Depends(requires(Right.REVIEW))]
Words = Annotated[str, Field(min_length=1, max_length=claims.TEXT_MAX)]


class Answers(BaseModel):
    """Answers by the question's id; some now and the others later is fine."""

    model_config = ConfigDict(extra="forbid")

    answers: Annotated[dict[str, Words], Field(min_length=1, max_length=20)]


class Told(BaseModel):
    """Who was told, as the review names them."""

    model_config = ConfigDict(extra="forbid")

    whom: Words


@router.get("/reviews")
def list_reviews(
    _actor: Seer, tx: ReadTx, page: PageQuery, state: Literal["open", "done", "all"] = "open"
) -> dict[str, Any]:
    """Reviews with their questions, newest first."""
    after = page.after("reviews", int)
    before = int(after[0]) if after else None
    rows = reviews.page(tx, state, page.limit + 1, before)
    shown, cursor = page.cut("reviews", rows, lambda row: (row.id or 0,))
    return listed([review_json(row) for row in shown], cursor)


@router.get("/reviews/{review_id}")
def get_review(review_id: str, _actor: Seer, tx: ReadTx) -> dict[str, Any]:
    """One review."""
    return review_json(reviews.find(tx, number_of(review_id)))


@router.post("/reviews/{review_id}/answers")
def answer(review_id: str, given: Answers, actor: Reviewer, tx: WriteTx) -> dict[str, Any]:
    """Answer some of its questions; a second similar fall needs the manager's word on the plan."""
    row = reviews.find(tx, number_of(review_id))
    if (
        row.similar_to is not None
        and MANAGERS_QUESTION in given.answers
        and actor.role is not Role.MANAGER
    ):
        raise NotPermitted(
            f"Review {row.id} is of a second similar fall; whether the plan changes is the "
            "manager's to answer."
        )
    return review_json(reviews.answer(tx, number_of(review_id), given.answers, actor.name))


@router.post("/reviews/{review_id}/told")
def told(review_id: str, tick: Told, actor: Reviewer, tx: WriteTx) -> dict[str, Any]:
    """Somebody who must be told has been, by the actor, now."""
    return review_json(reviews.tell(tx, number_of(review_id), tick.whom, actor.name))


def number_of(text: str) -> int:
    """A review's number from an address.

    Raises:
        NotFound: it is none.
    """
    if not text.isascii() or not text.isdigit() or int(text[:20]) > LARGEST_ID:
        raise NotFound(f"There is no review {text}.")
    return int(text)
