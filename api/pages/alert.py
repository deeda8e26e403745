"""One alert: what it says, why it was raised, and its whole life."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response

from api.deps import ReadTx
from api.pages.alert_cards import CLEARED_WORDS, AlertCard, alert_cards
from api.pages.asking import PageRoute
from api.pages.drawing import draw
from api.pages.strip import Mark, Strip, mark, strips
from api.pages.surroundings import ViewerPage
from api.routes.alerts import find_alert
from nightwarden.explaining.alerts import AFTER, BEFORE, WhyAlert, why_alert
from nightwarden.languages import gettext, said
from nightwarden.model.actors import SYSTEM
from nightwarden.model.alerts import AlertEvent, AlertRecord, AlertState, EventRecord
from nightwarden.model.phrases import phrase
from nightwarden.rulesfile.in_force import load_rules
from nightwarden.store import alerts, meta, register
from nightwarden.store.engine import Transaction
from nightwarden.wire import rfc3339
from rules.outcomes import Outcome
from rules.wording import wall_time

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_EVENT_WORDS = {
    AlertEvent.RAISED: phrase("raised"),
    AlertEvent.DELIVERED: phrase("shown on a screen"),
    AlertEvent.ACCEPTED: phrase("“I'm going”"),
    AlertEvent.ATTENDED: phrase("somebody is there"),
    AlertEvent.CLOSED: phrase("closed"),
    AlertEvent.REPEATED: phrase("sounded again"),
    AlertEvent.TOLD_EVERYONE: phrase("everyone called"),
    AlertEvent.TOLD_SENIOR: phrase("a senior called"),
    AlertEvent.TOLD_MANAGER: phrase("the on-call manager called"),
    AlertEvent.ACCEPTANCE_EXPIRED: phrase("nobody got there in time"),
    AlertEvent.REOPENED: phrase("the same again"),
    AlertEvent.WORSENED: phrase("became worse"),
    AlertEvent.TAKEN_BACK: phrase("a wrong press, taken back"),
    AlertEvent.CLOSED_BY_MISTAKE: phrase("closed by mistake, open again"),
    AlertEvent.STILL_GOING: phrase("“I'm here” was a wrong press, taken back"),
}


@dataclass(frozen=True, slots=True)
class LifeLine:
    """One step of its life. ``happened_at`` is set where it was noticed later than it happened."""

    at: datetime
    words: str
    actor: str
    more: str
    happened_at: datetime | None


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert with its explanation, at one instant. ``card`` is there while it is open."""

    alert: AlertRecord
    card: AlertCard | None
    room: str | None
    """The room to go to; None where it is about no room of the register."""
    why: WhyAlert
    life: list[LifeLine]
    since: datetime
    until: datetime
    marks: list[Mark]
    strips: list[Strip]
    outcome: str
    just_before: str
    """The instant to ask about, as an address has it."""


def alert_at(tx: Transaction, alert_id: str) -> AlertView:
    """The alert at ``tx.now``.

    Raises:
        NotFound: there is no such alert.
    """
    alert = find_alert(tx, alert_id)
    why = why_alert(tx, alert.id)
    outcomes = load_rules(tx).sections.outcomes
    is_open, zone = alert.state is not AlertState.CLOSED, meta.zone(tx)
    rooms = {room.id for room in register.rooms(tx)}
    since, until = alert.caused_at - BEFORE, alert.raised_at + AFTER
    return AlertView(
        alert=alert,
        card=alert_cards([alert], outcomes)[0] if is_open else None,
        room=alert.cause.place.room if alert.cause.place.room in rooms else None,
        why=why,
        life=[
            _line(alert, step, outcomes, zone) for step in alerts.events(tx, [alert.id])[alert.id]
        ],
        since=since,
        until=until,
        marks=[
            mark("cause", alert.caused_at, since, until),
            mark("raised", alert.raised_at, since, until),
        ],
        strips=strips([one.reading for one in why.readings], since, until),
        outcome=_outcome_words(alert.outcome, outcomes),
        just_before=rfc3339(alert.raised_at - timedelta(seconds=1)) or "",
    )


@router.get("/alerts/{alert_id}")
def show_alert(alert_id: str, page: ViewerPage, tx: ReadTx) -> Response:
    """The alert's page."""
    return draw("alert.html", page, view=alert_at(tx, alert_id))


def _line(
    alert: AlertRecord, step: EventRecord, outcomes: tuple[Outcome, ...], zone: ZoneInfo
) -> LifeLine:
    if step.event is AlertEvent.CAUSE_CLEARED:
        words = CLEARED_WORDS[alert.cause.kind].replace("{time}", wall_time(step.at, zone))
    else:
        words = _EVENT_WORDS[step.event]
    more = "; ".join(_detail(name, str(value), outcomes) for name, value in step.detail.items())
    actor = "" if step.actor == SYSTEM else step.actor
    late = step.at if (step.recorded_at - step.at).total_seconds() >= 1 else None
    return LifeLine(step.recorded_at, said(words), actor, more, late)


def _detail(name: str, value: str, outcomes: tuple[Outcome, ...]) -> str:
    """What an event says beside its name, in words."""
    match name:
        case "outcome":
            return _outcome_words(value, outcomes)
        case "told":
            return gettext("calls {whom}").format(whom=", ".join(map(said, value.split(", "))))
        case "was":
            return gettext("before: {what}").format(what=said(value))
        case "policy":
            return gettext("policy “{policy}”").format(policy=said(value))
        case _:
            return said(value.replace("_", " "))


def _outcome_words(outcome: str | None, outcomes: tuple[Outcome, ...]) -> str:
    if outcome is None:
        return ""
    return said(next((one.words for one in outcomes if one.id == outcome), outcome))
