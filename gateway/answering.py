"""What the rules decide becomes alerts, and alerts that nobody answers climb their ladder.

Everything here happens inside a transaction of the caller's, and every change of an alert goes
through ``rules.alert_life``.
"""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from nightwarden.model.alerts import AlertEvent, AlertRecord, AlertState
from nightwarden.rulesfile.in_force import RulesInForce
from nightwarden.store import alerts, intake
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Alert
from rules import alert_life
from rules.decisions import TRACED, Clear, Decision, Raise
from rules.escalation import EscalationPolicy

SYSTEM = "nightwarden"
TRY_AGAIN_AFTER = timedelta(minutes=1)

log = logging.getLogger(__name__)


def carry_out(tx: Transaction, decisions: Iterable[Decision], rules: RulesInForce) -> int:
    """Do what was decided under ``rules``.

    Returns:
        How many alerts were raised or changed.
    """
    changes = 0
    for decision in decisions:
        if decision.reason in TRACED:
            intake.trace(tx, *decision.place, decision.kind, decision.reason)
        for effect in decision.effects:
            standing = alerts.open_for(tx, effect.cause)
            if isinstance(effect, Raise):
                changes += _raise(tx, effect, standing, decision, rules)
            elif standing is not None:
                changes += _clear(tx, effect, standing, rules.policy)
    return changes


def climb(tx: Transaction, policy: EscalationPolicy) -> int:
    """Take every open alert whose deadline has passed one step on; call until it returns 0.

    One alert that fails does not hold up the others: it is put off by a minute, loudly.
    """
    due = alerts.due(tx, tx.now)
    for alert in due:
        try:
            with tx.begin_nested():
                event = alert_life.due_event(alert, policy)
                after = alert_life.change(alert, event, SYSTEM, tx.now, policy)
                detail = {"was": alert.accepted_by} if alert.accepted_by else {}
                alerts.save(tx, alert, after, event, SYSTEM, detail=detail)
        except Exception:
            log.exception("alert %s could not be taken to its next step", alert.id)
            row = tx.get(Alert, alert.id, populate_existing=True)
            if row is not None:
                row.next_step_at = tx.now + TRY_AGAIN_AFTER
                tx.flush()
    return len(due)


def _raise(
    tx: Transaction,
    effect: Raise,
    standing: AlertRecord | None,
    decision: Decision,
    rules: RulesInForce,
) -> int:
    policy = rules.policy
    if standing is not None:
        if standing.cleared_at is None and standing.state is not AlertState.ATTENDED:
            return 0  # it is open and says so already
        after = alert_life.change(standing, AlertEvent.REOPENED, SYSTEM, tx.now, policy)
        after = replace(
            after,
            text=effect.text,
            while_not_watching=effect.unwatched,
            rule_version=rules.version,
        )
        detail = {"reason": decision.reason.value}
        alerts.save(
            tx, standing, after, AlertEvent.REOPENED, SYSTEM, at=effect.caused_at, detail=detail
        )
        return 1
    draft = AlertRecord(
        id=0,
        cause=effect.cause,
        priority=effect.priority,
        state=AlertState.RAISED,
        resident=effect.resident,
        text=effect.text,
        action=effect.action,
        caused_at=effect.caused_at,
        raised_at=tx.now,
        while_not_watching=effect.unwatched,
        rule_version=rules.version,
    )
    draft = replace(draft, next_step_at=alert_life.first_step_at(draft, policy))
    alerts.insert(tx, draft, {"reason": decision.reason.value})
    return 1


def _clear(tx: Transaction, effect: Clear, standing: AlertRecord, policy: EscalationPolicy) -> int:
    if standing.cleared_at is not None:
        return 0
    after = alert_life.change(standing, AlertEvent.CAUSE_CLEARED, SYSTEM, effect.at, policy)
    detail = {"words": effect.words}
    alerts.save(tx, standing, after, AlertEvent.CAUSE_CLEARED, SYSTEM, at=effect.at, detail=detail)
    return 1
