"""Reviews: what has to be looked into after an alert, who must be told, and who did both.

1. A review is opened with the close of its alert, in the same transaction.
2. A second one of the same resident within the home's time names the first, and is the manager's:
   a fall that happens again in the same way is a plan that did not work (M16).
3. An answer may be given anew, and the audit keeps the earlier one. Whom somebody has told stays
   told.
4. A review is done when every question has an answer and everybody was told. Nobody closes it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.model import claims
from nightwarden.model.alerts import AlertRecord
from nightwarden.store import audit, outgoing
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Resident, Review
from nightwarden.wire import rfc3339


@dataclass(frozen=True, slots=True)
class Asked:
    """What a review of one kind asks, and of whom. ``similar_within``: see the second rule."""

    kind: str
    questions: Mapping[str, str]
    to_tell: Sequence[str]
    due_within: timedelta
    similar_within: timedelta


def open_review(tx: Transaction, alert: AlertRecord, asked: Asked, actor: str) -> Review:
    """Open a review of ``alert``, which ``actor`` has just closed."""
    resident = _resident(tx, alert)
    before = _similar(tx, alert, asked, resident)
    row = Review(
        kind=asked.kind,
        alert=alert.id,
        resident=resident,
        shown_as=alert.resident,
        room=alert.cause.place.room,
        place=alert.cause.place.place,
        opened_at=tx.now,
        opened_by=actor,
        due_by=tx.now + asked.due_within,
        similar_to=before.id if before else None,
        questions=dict(asked.questions),
        to_tell=list(asked.to_tell),
    )
    tx.add(row)
    tx.flush()
    detail = {"alert": alert.id, "similar_to": row.similar_to}
    audit.record(tx, actor, "opened review", f"review {row.id}", detail)
    outgoing.stream(tx, "review", review_json(row))
    return row


def begun_for(tx: Transaction, alert: int, kind: str) -> Review | None:
    """The review of this kind that an alert has already."""
    query = select(Review).where(Review.alert == alert, Review.kind == kind)
    return tx.exec(query.order_by(col(Review.id))).first()


def find(tx: Transaction, number: int) -> Review:
    """One review.

    Raises:
        NotFound: there is none with this number.
    """
    row = tx.get(Review, number)
    if row is None:
        raise NotFound(f"There is no review {number}.")
    return row


def page(tx: Transaction, state: str, limit: int, before: int | None = None) -> list[Review]:
    """Reviews newest first: ``state`` is open, done or all; ``before`` is a review's number."""
    query = select(Review).order_by(col(Review.id).desc()).limit(limit)
    if state != "all":
        done = col(Review.done_at)
        query = query.where(done.is_(None) if state == "open" else done.is_not(None))
    if before is not None:
        query = query.where(col(Review.id) < before)
    return list(tx.exec(query))


def still_open(tx: Transaction) -> list[Review]:
    """The reviews that somebody has to answer: the manager's first, then the soonest due."""
    found = tx.exec(select(Review).where(col(Review.done_at).is_(None)))
    return sorted(found, key=lambda row: (row.similar_to is None, row.due_by))


def answer(tx: Transaction, number: int, answers: Mapping[str, str], actor: str) -> Review:
    """Answer some or all of the questions.

    Raises:
        NotFound: there is no such review.
        Conflict: it is done.
        Invalid: it asks no such question, or an answer has no words.
    """
    row = _unfinished(tx, number)
    if not answers:
        raise Invalid(f"answers: answer one of {', '.join(row.questions)}.")
    given = dict(row.answers)
    for question, text in answers.items():
        if question not in row.questions:
            known = ", ".join(row.questions)
            raise Invalid(f'answers: the review asks no "{question}"; it asks {known}.')
        given[question] = {"answer": _words(question, text), "by": actor, "at": _now(tx)}
    row.answers = given
    said = {question: given[question]["answer"] for question in answers}
    return _done(tx, row, actor, "answered review", said)


def tell(tx: Transaction, number: int, whom: str, actor: str) -> Review:
    """Tick off that ``whom`` was told, by ``actor``, now.

    Raises:
        NotFound: there is no such review.
        Conflict: it is done, or they were told already.
        Invalid: they are not on its list.
    """
    row = _unfinished(tx, number)
    if whom not in row.to_tell:
        raise Invalid(f'whom: "{whom}" is not on the list; it has {", ".join(row.to_tell)}.')
    if tick := row.told.get(whom):
        raise Conflict(f"{tick['by']} has told {whom} already.")
    row.told = row.told | {whom: {"by": actor, "at": _now(tx)}}
    return _done(tx, row, actor, "told of review", {"whom": whom})


def review_json(row: Review) -> dict[str, Any]:
    """A review as the api and the live stream give it."""
    return {
        "id": str(row.id),
        "kind": row.kind,
        "alert": str(row.alert),
        "resident": row.shown_as,
        "room": row.room,
        "place": row.place,
        "opened_at": rfc3339(row.opened_at),
        "opened_by": row.opened_by,
        "due_by": rfc3339(row.due_by),
        "similar_to": None if row.similar_to is None else str(row.similar_to),
        "for_manager": row.similar_to is not None,
        "questions": [
            {"id": name, "text": text, **(row.answers.get(name) or _UNANSWERED)}
            for name, text in row.questions.items()
        ],
        "tell": [{"whom": whom, **(row.told.get(whom) or _UNTOLD)} for whom in row.to_tell],
        "done_at": rfc3339(row.done_at),
        "done_by": row.done_by,
    }


_UNTOLD = {"by": None, "at": None}
_UNANSWERED = {"answer": None, **_UNTOLD}


def _resident(tx: Transaction, alert: AlertRecord) -> str | None:
    """The register's id of the alert's resident; None where the name does not say which."""
    here = select(Resident.id).where(
        Resident.room == alert.cause.place.room,
        Resident.shown_as == (alert.resident or ""),
        col(Resident.removed_at).is_(None),
    )
    found = list(tx.exec(here))
    return found[0] if len(found) == 1 else None


def _similar(
    tx: Transaction, alert: AlertRecord, asked: Asked, resident: str | None
) -> Review | None:
    """The latest review of this kind of the same resident, or else of the same place."""
    query = select(Review).where(
        Review.kind == asked.kind, col(Review.opened_at) > tx.now - asked.similar_within
    )
    if resident is not None:
        query = query.where(Review.resident == resident)
    else:
        room, place = alert.cause.place
        name = alert.resident
        query = query.where(Review.room == room, Review.place == place, Review.shown_as == name)
    return tx.exec(query.order_by(col(Review.id).desc())).first()


def _unfinished(tx: Transaction, number: int) -> Review:
    row = find(tx, number)
    if row.done_at is not None:
        raise Conflict(f"Review {number} is done; {row.done_by} gave the last word.")
    return row


def _done(tx: Transaction, row: Review, actor: str, action: str, detail: dict[str, Any]) -> Review:
    if row.questions.keys() <= row.answers.keys() and set(row.to_tell) <= row.told.keys():
        row.done_at, row.done_by = tx.now, actor
    tx.flush()
    audit.record(tx, actor, action, f"review {row.id}", detail)
    outgoing.stream(tx, "review", review_json(row))
    return row


def _words(question: str, text: str) -> str:
    try:
        return claims.text(text)
    except ValueError as problem:
        raise Invalid(f"{question}: {problem}.") from None


def _now(tx: Transaction) -> str:
    return rfc3339(tx.now) or ""
