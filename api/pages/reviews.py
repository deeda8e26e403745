"""Reviews after a fall, and the board's list of what a senior or the manager has to do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from api.deps import Actor, ReadTx, WriteTx
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.drawing import back_to, draw
from api.pages.surroundings import ViewerPage
from api.routes import reviews as answering
from nightwarden.model.phrases import phrase
from nightwarden.model.roles import Right
from nightwarden.store import reviews
from nightwarden.store.engine import Transaction
from nightwarden.store.reviews import review_json
from nightwarden.store.tables import Review

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Reviewer = Annotated[Actor, Depends(person_with(Right.REVIEW))]
SHOWN_DONE = 20


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing that waits for a senior or the manager. ``left`` of ``steps`` are undone."""

    href: str
    room: str
    resident: str
    words: str
    due_by: datetime
    for_manager: bool
    left: int


@dataclass(frozen=True, slots=True)
class ReviewCard:
    """One review on its page. ``review`` is what the api gives."""

    row: Review
    review: dict[str, Any]


def to_do(tx: Transaction) -> list[ToDo]:
    """What is open at ``tx.now``: the manager's first, then the soonest due."""
    return [_to_do(row) for row in reviews.still_open(tx)]


def _to_do(row: Review) -> ToDo:
    left = len(row.questions) - len(row.answers) + len(row.to_tell) - len(row.told)
    words = phrase(
        "Second similar fall: review" if row.similar_to is not None else "Review after a fall"
    )
    return ToDo(
        f"/reviews#review-{row.id}",
        row.room,
        row.shown_as or "",
        words,
        row.due_by,
        row.similar_to is not None,
        left,
    )


@router.get("/reviews")
def show_reviews(page: ViewerPage, tx: ReadTx) -> Response:
    """The open reviews with their questions, then the latest that are done."""
    waiting = [ReviewCard(row, review_json(row)) for row in reviews.still_open(tx)]
    done = [ReviewCard(row, review_json(row)) for row in reviews.page(tx, "done", SHOWN_DONE)]
    return draw("reviews.html", page, waiting=waiting, done=done)


@router.post("/reviews/{review_id}/answers")
def answer(review_id: str, form: Filled, actor: Reviewer, tx: WriteTx) -> Response:
    """One answer."""
    question = field(form, "question", "the question")
    given = answering.Answers.model_construct(
        answers={question: field(form, "answer", "an answer")}
    )
    answering.answer(review_id, given, actor, tx)
    return back_to(f"/reviews#review-{review_id}")


@router.post("/reviews/{review_id}/told")
def told(review_id: str, form: Filled, actor: Reviewer, tx: WriteTx) -> Response:
    """Somebody has been told."""
    tick = answering.Told.model_construct(whom=field(form, "whom", "who was told"))
    answering.told(review_id, tick, actor, tx)
    return back_to(f"/reviews#review-{review_id}")
