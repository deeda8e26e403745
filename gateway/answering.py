"""What the rules decide becomes alerts, and alerts that nobody answers climb their ladder.

Everything here happens inside a transaction of the caller's, and every change of an alert goes
through ``rules.alert_life``.
"""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from gateway.calling import Caller, told_detail
from nightwarden.model.actors import SYSTEM
from nightwarden.model.alerts import AlertEvent, AlertRecord, AlertState, more_urgent
from nightwarden.rulesfile.in_force import RulesInForce
from nightwarden.store import alerts, intake
from nightwarden.store.alert_changes import AlertChanges
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Alert
from rules import alert_life
from rules.decisions import TRACED, Clear, Decision, Raise
from rules.escalation import EscalationPolicy

TRY_AGAIN_AFTER = timedelta(minutes=1)

log = logging.getLogger(__name__)


def carry_out(tx: Transaction, decisions: Iterable[Decision], rules: RulesInForce) -> int:
    """Do what was decided under ``rules``.

    Returns:
        How many alerts were raised or changed.
    """
    changed, caller, kept = 0, Caller(tx, rules), AlertChanges(tx)
    quiet = []
    for decision in decisions:
        if decision.reason in TRACED:
            quiet.append((decision.place, decision.kind.value, decision.reason.value))
        for effect in decision.effects:
            standing = kept.open_for(effect.cause)
            if isinstance(effect, Raise):
                changed += _raise(kept, effect, standing, decision, rules, caller)
            elif standing is not None:
                changed += _clear(kept, effect, standing, rules.policy)
    intake.trace(tx, quiet)
    kept.write()
    return changed


def climb(tx: Transaction, rules: RulesInForce) -> int:
    """Take every open alert whose deadline has passed one step on; call until it returns 0.

    One alert that fails does not hold up the others: it is put off by a minute, loudly.
    """
    due, caller = alerts.due(tx, tx.now), Caller(tx, rules)
    for alert in due:
        try:
            with tx.begin_nested():
                event = alert_life.due_event(alert, rules.policy)
                after = alert_life.change(alert, event, SYSTEM, tx.now, rules.policy)
                after = caller.call(after, event)
                detail = {"was": alert.accepted_by} if alert.accepted_by else {}
                detail |= told_detail(alert, after)
                alerts.save(tx, alert, after, event, SYSTEM, detail=detail)
        except Exception:
            log.exception("alert %s could not be taken to its next step", alert.id)
            row = tx.get(Alert, alert.id, populate_existing=True)
            if row is not None:
                row.next_step_at = tx.now + TRY_AGAIN_AFTER
                tx.flush()
    return len(due)


def _raise(  # noqa: PLR0913, PLR0917
    kept: AlertChanges,
    effect: Raise,
    standing: AlertRecord | None,
    decision: Decision,
    rules: RulesInForce,
    caller: Caller,
) -> int:
    if standing is not None:
        return _raise_again(kept, effect, standing, decision, rules, caller)
    draft = AlertRecord(
        id=0,
        cause=effect.cause,
        priority=effect.priority,
        state=AlertState.RAISED,
        resident=effect.resident,
        text=effect.text,
        action=effect.action,
        caused_at=effect.caused_at,
        raised_at=kept.now,
        while_not_watching=effect.unwatched,
        rule_version=rules.version,
        tell=effect.tell,
    )
    draft = replace(draft, next_step_at=alert_life.first_step_at(draft, rules.policy))
    draft = caller.call(draft, AlertEvent.RAISED)
    if effect.manager_too:
        draft = caller.call(draft, AlertEvent.TOLD_MANAGER)
    kept.insert(draft, {"reason": decision.reason.value, **told_detail(None, draft)})
    return 1


def _raise_again(  # noqa: PLR0913, PLR0917
    kept: AlertChanges,
    effect: Raise,
    standing: AlertRecord,
    decision: Decision,
    rules: RulesInForce,
    caller: Caller,
) -> int:
    """The cause of an open alert is given once more: it is worse, it is back, or it is known."""
    worse = more_urgent(effect.priority, standing.priority)
    if not worse and standing.cleared_at is None and standing.state is not AlertState.ATTENDED:
        return 0  # it is open and says so already
    event = AlertEvent.WORSENED if worse else AlertEvent.REOPENED
    after = alert_life.change(
        standing, event, SYSTEM, kept.now, rules.policy, priority=effect.priority
    )
    after = replace(
        after,
        text=effect.text,
        action=effect.action,
        tell=effect.tell,
        while_not_watching=effect.unwatched,
        rule_version=rules.version,
    )
    after = caller.call(after, event)
    if effect.manager_too:
        after = caller.call(after, AlertEvent.TOLD_MANAGER)
    detail = {"reason": decision.reason.value, **told_detail(standing, after)}
    if worse:
        detail["was"] = standing.priority.value
    kept.save(standing, after, event, at=effect.caused_at, detail=detail)
    return 1


def _clear(
    kept: AlertChanges, effect: Clear, standing: AlertRecord, policy: EscalationPolicy
) -> int:
    if standing.cleared_at is not None:
        return 0
    after = alert_life.change(standing, AlertEvent.CAUSE_CLEARED, SYSTEM, effect.at, policy)
    detail = {"words": effect.words}
    kept.save(standing, after, AlertEvent.CAUSE_CLEARED, at=effect.at, detail=detail)
    return 1
