"""Alerts, and what a person does about them. What may follow what is ``rules.alert_life``'s."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Actor, Now, ReadTx, Viewer, WriteTx, get_parts, requires, writing
from api.nouns import noun_router
from api.paging import LARGEST_ID, PageQuery, listed
from nightwarden.errors import Conflict, Invalid, NotFound, NotPermitted
from nightwarden.model import claims
from nightwarden.model.alerts import AlertEvent, AlertRecord, AlertState, Evidence
from nightwarden.model.roles import Right
from nightwarden.rulesfile.in_force import load_rules
from nightwarden.store import alerts, audit, labels, reviews
from nightwarden.store.engine import Transaction
from nightwarden.store.reviews import Asked
from rules.alert_life import change, take_back_event
from rules.outcomes import QUESTIONS

router = noun_router("alerts")

Answerer = Annotated[Actor, Depends(requires(Right.ANSWER_ALERTS))]


class Outcome(BaseModel):
    """How an alert ended: one of `GET /outcomes`."""

    model_config = ConfigDict(extra="forbid")

    outcome: str


class Attendance(BaseModel):
    """How it is known that somebody is in the room.

    `scan`: `detail` is the text of a label in the room, `ROOM/PLACE` or an asset tag. `button`:
    a button there was pressed; only a program says so, and `detail` names the button. `statement`:
    somebody says so, and `detail` is whatever they add.
    """

    model_config = ConfigDict(extra="forbid")

    evidence: Evidence = Evidence.STATEMENT
    detail: Annotated[str | None, Field(max_length=claims.TEXT_MAX)] = None


class Painted(BaseModel):
    """Which alerts a board has painted, by their ids."""

    model_config = ConfigDict(extra="forbid")

    alerts: Annotated[
        list[Annotated[int, Field(ge=1, le=LARGEST_ID)]], Field(min_length=1, max_length=500)
    ]


@router.get("/alerts")
def list_alerts(
    _viewer: Viewer, tx: ReadTx, page: PageQuery, state: Literal["open", "closed", "all"] = "open"
) -> dict[str, Any]:
    """Alerts with every step of their lives, newest first."""
    after = page.after("alerts", int)
    before = int(after[0]) if after else None
    rows = alerts.page(tx, state, page.limit + 1, before)
    shown, cursor = page.cut("alerts", rows, lambda alert: (alert.id,))
    return listed(alerts.as_json(tx, shown), cursor)


@router.get("/outcomes")
def list_outcomes(_viewer: Viewer, tx: ReadTx) -> dict[str, Any]:
    """What an alert can be closed with: the id to send, and the words to show.

    `tell` is who must be told then; `review` what is looked into afterwards, if anything.
    """
    outcomes = load_rules(tx).sections.outcomes
    items = [
        {"id": one.id, "text": one.words, "tell": list(one.tell), "review": one.review}
        for one in outcomes
    ]
    return listed(items, None)


@router.get("/alerts/{alert_id}")
def get_alert(alert_id: str, _viewer: Viewer, tx: ReadTx) -> dict[str, Any]:
    """One alert."""
    return alerts.as_json(tx, [find_alert(tx, alert_id)])[0]


@router.post("/alerts/{alert_id}/accept")
def accept(alert_id: str, actor: Answerer, tx: WriteTx) -> dict[str, Any]:
    """ "I'm going": a promise in the actor's name. It expires, and it closes nothing."""
    return _step(tx, alert_id, AlertEvent.ACCEPTED, actor.name)


@router.post("/alerts/{alert_id}/attend")
def attend(
    alert_id: str, actor: Answerer, tx: WriteTx, how: Attendance | None = None
) -> dict[str, Any]:
    """Somebody is in the room, with the evidence for it; without a body it is a statement."""
    alert, how = find_alert(tx, alert_id), how or Attendance()
    detail = (how.detail or "").strip() or None
    if how.evidence is Evidence.SCAN:
        detail = labels.must_be_in_room(tx, detail, alert.cause.place.room)
    if how.evidence is Evidence.BUTTON and actor.via != "token":
        raise NotPermitted("A button in the room is evidence of its own; a person states or scans.")
    after = change(alert, AlertEvent.ATTENDED, actor.name, tx.now, load_rules(tx).policy)
    after = replace(after, evidence=how.evidence, evidence_detail=detail)
    said = {"evidence": how.evidence.value} | ({"detail": detail} if detail else {})
    alerts.save(tx, alert, after, AlertEvent.ATTENDED, actor.name, detail=said)
    _record(tx, alert, AlertEvent.ATTENDED, actor.name, said)
    return alerts.as_json(tx, [after])[0]


@router.post("/alerts/{alert_id}/take-back")
def take_back(alert_id: str, actor: Answerer, tx: WriteTx) -> dict[str, Any]:
    """A wrong "I'm going", "I'm here" or close of the actor's own, within a minute of the press.

    It calls again at once, unless somebody else had promised to go before; what was closed is
    attended again, as it was. The press stays in the alert's life. 409 where the cause of a closed
    alert has been raised anew meanwhile.
    """
    alert = find_alert(tx, alert_id)
    event = take_back_event(alert, actor.name, tx.now)
    if event is AlertEvent.CLOSED_BY_MISTAKE and (anew := alerts.open_for(tx, alert.cause)):
        raise Conflict(f"The same has been raised again since, as alert {anew.id}; answer that.")
    return _step(tx, alert_id, event, actor.name)


@router.post("/alerts/{alert_id}/close")
def close(alert_id: str, how: Outcome, actor: Answerer, tx: WriteTx) -> dict[str, Any]:
    """The end of an alert that was attended, with its outcome; some endings open a review."""
    rules = load_rules(tx)
    outcome = rules.sections.outcome(how.outcome)
    if outcome is None:
        known = ", ".join(one.id for one in rules.sections.outcomes)
        raise Invalid(f"outcome: use one of {known}.")
    alert = find_alert(tx, alert_id)
    answer = _save(tx, alert, AlertEvent.CLOSED, actor.name, outcome.id)
    _record(tx, alert, AlertEvent.CLOSED, actor.name, {"outcome": outcome.id})
    if outcome.tell:
        answer["tell"] = list(outcome.tell)
    if outcome.review is not None:
        times = rules.after_fall
        asked = Asked(
            outcome.review,
            QUESTIONS[outcome.review],
            outcome.tell,
            times.due_within,
            times.similar_within,
        )
        begun = reviews.begun_for(tx, alert.id, outcome.review)  # closed before, by mistake
        opened = begun or reviews.open_review(tx, alert, asked, actor.name)
        answer["review"] = str(opened.id)
    return answer


@router.post("/alerts/delivered")
async def many_delivered(
    painted: Painted, receiver: Viewer, request: Request, now: Now
) -> dict[str, Any]:
    """A board has painted these alerts. The first one counts; `delivered` is what was news."""
    return {"delivered": await _deliver(request, now, painted.alerts, receiver.name)}


@router.post("/alerts/{alert_id}/delivered")
async def delivered(
    alert_id: str, receiver: Viewer, request: Request, now: Now, tx: ReadTx
) -> dict[str, Any]:
    """A board has painted the alert, or a phone has sounded it. The first one counts."""
    number = (await run_in_threadpool(find_alert, tx, alert_id)).id
    await _deliver(request, now, [number], receiver.name)
    parts = get_parts(request)

    def answer() -> dict[str, Any]:
        with parts.store.reading(now) as after:
            return alerts.as_json(after, [find_alert(after, alert_id)])[0]

    return await run_in_threadpool(answer)


async def _deliver(
    request: Request, now: datetime, numbers: Sequence[int], receiver: str
) -> list[int]:
    """Mark as delivered what was not; gives those.

    Thirty boards say so within a moment: the first one writes. The others wait for it here and not
    for the store, are told by one look that there is nothing to write, and ring nobody.
    """
    parts = get_parts(request)

    def look() -> frozenset[int]:
        with parts.store.reading(now) as tx:
            found = alerts.open_alerts(tx)
        return frozenset(one.id for one in found if one.state is AlertState.RAISED)

    def write(tx: Transaction) -> list[int]:
        found = [find_alert(tx, str(number)) for number in sorted(set(numbers))]
        news = [alert for alert in found if alert.state is AlertState.RAISED]
        for alert in news:
            _save(tx, alert, AlertEvent.DELIVERED, receiver)
        return [alert.id for alert in news]

    async with parts.painting:
        if (await parts.raised.of("all", now, look)).isdisjoint(numbers):
            return []
        async with writing(request, now) as tx:
            return await run_in_threadpool(write, tx)


def _step(tx: Transaction, alert_id: str, event: AlertEvent, actor: str) -> dict[str, Any]:
    alert = find_alert(tx, alert_id)
    answer = _save(tx, alert, event, actor)
    _record(tx, alert, event, actor, {})
    return answer


def _record(
    tx: Transaction, alert: AlertRecord, event: AlertEvent, actor: str, detail: dict[str, str]
) -> None:
    audit.record(tx, actor, event, f"alert {alert.id}", detail | {"text": alert.text})


def _save(
    tx: Transaction,
    alert: AlertRecord,
    event: AlertEvent,
    actor: str,
    outcome: str | None = None,
) -> dict[str, Any]:
    # A writing transaction holds the store's only write lock from its first statement on, so the
    # alert that was found is still the alert that is changed; ``save`` would tell if it were not.
    after = change(alert, event, actor, tx.now, load_rules(tx).policy, outcome)
    detail = {"outcome": outcome} if outcome else None
    alerts.save(tx, alert, after, event, actor, detail=detail)
    return alerts.as_json(tx, [after])[0]


def find_alert(tx: Transaction, alert_id: str) -> AlertRecord:
    """The alert that an address names.

    Raises:
        NotFound: there is none, or it is no number.
    """
    if not alert_id.isascii() or not alert_id.isdigit() or int(alert_id[:20]) > LARGEST_ID:
        raise NotFound(f"There is no alert {alert_id}.")
    return alerts.find(tx, int(alert_id))
