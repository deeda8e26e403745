"""Alerts, and what a person does about them. What may follow what is ``rules.alert_life``'s."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, field_validator

from api.deps import Actor, ReadTx, Viewer, WriteTx, requires
from api.paging import LARGEST_ID, PageQuery, listed
from nightwarden.errors import NotFound
from nightwarden.model.alerts import AlertEvent, AlertRecord, AlertState
from nightwarden.model.roles import Right
from nightwarden.rulesfile.in_force import load_rules
from nightwarden.store import alerts, audit
from nightwarden.store.engine import Transaction
from rules.alert_life import OUTCOMES, change

router = APIRouter(tags=["alerts"])

Answerer = Annotated[Actor, Depends(requires(Right.ANSWER_ALERTS))]


class Outcome(BaseModel):
    """How an alert ended: one of `GET /outcomes`."""

    model_config = ConfigDict(extra="forbid")

    outcome: str

    @field_validator("outcome")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in OUTCOMES:
            raise ValueError(f"use one of {', '.join(OUTCOMES)}")
        return value


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
def list_outcomes(_viewer: Viewer) -> dict[str, Any]:
    """What an alert can be closed with: the id to send, and the words to show."""
    return listed([{"id": name, "text": text} for name, text in OUTCOMES.items()], None)


@router.get("/alerts/{alert_id}")
def get_alert(alert_id: str, _viewer: Viewer, tx: ReadTx) -> dict[str, Any]:
    """One alert."""
    return alerts.as_json(tx, [_find(tx, alert_id)])[0]


@router.post("/alerts/{alert_id}/accept")
def accept(alert_id: str, actor: Answerer, tx: WriteTx) -> dict[str, Any]:
    """ "I'm going": a promise in the actor's name. It expires, and it closes nothing."""
    return _step(tx, alert_id, AlertEvent.ACCEPTED, actor.name)


@router.post("/alerts/{alert_id}/attend")
def attend(alert_id: str, actor: Answerer, tx: WriteTx) -> dict[str, Any]:
    """Somebody is in the room."""
    return _step(tx, alert_id, AlertEvent.ATTENDED, actor.name)


@router.post("/alerts/{alert_id}/close")
def close(alert_id: str, how: Outcome, actor: Answerer, tx: WriteTx) -> dict[str, Any]:
    """The end of an alert that was attended, with its outcome."""
    return _step(tx, alert_id, AlertEvent.CLOSED, actor.name, how.outcome)


@router.post("/alerts/{alert_id}/delivered")
def delivered(alert_id: str, receiver: Viewer, tx: WriteTx) -> dict[str, Any]:
    """A board has painted the alert, or a phone has sounded it. The first one counts."""
    alert = _find(tx, alert_id)
    if alert.state is AlertState.RAISED:
        return _save(tx, alert, AlertEvent.DELIVERED, receiver.name)
    return alerts.as_json(tx, [alert])[0]


def _step(
    tx: Transaction, alert_id: str, event: AlertEvent, actor: str, outcome: str | None = None
) -> dict[str, Any]:
    alert = _find(tx, alert_id)
    answer = _save(tx, alert, event, actor, outcome)
    detail = {"outcome": outcome} if outcome else {}
    audit.record(tx, actor, event, f"alert {alert.id}", detail | {"text": alert.text})
    return answer


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


def _find(tx: Transaction, alert_id: str) -> AlertRecord:
    if not alert_id.isascii() or not alert_id.isdigit() or int(alert_id[:20]) > LARGEST_ID:
        raise NotFound(f"There is no alert {alert_id}.")
    return alerts.find(tx, int(alert_id))
