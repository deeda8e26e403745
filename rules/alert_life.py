"""The life of an alert as one table. What is not in the table cannot happen.

1. An alert begins ``raised``. It is ``delivered`` once a receiver has shown it.
2. ``accepted`` is one person's promise to go. It never closes anything and it expires: without
   attendance the alert is open to everyone again, one rung up.
3. ``attended`` is somebody in the room. It may come without a promise.
4. ``closed`` needs attendance and an outcome, and is always a person's act. Nothing else ends an
   alert: a return to bed, a cooler radiator or a device that speaks again is an event in its
   life (``cause_cleared``), shown and counted, no more. A drill, for which nobody waits, is the
   exception: it ends by itself (``rules/drills.py``).
5. The same cause again, while its alert is still open, reopens it: whoever was with the resident
   has left, and the ladder starts from the bottom. One alert is open for a cause, never two.
6. A cause that becomes worse lifts its alert to the higher priority, never the other way. It
   sounds again and the ladder of that priority starts from the bottom, also where somebody was
   in the room already: they went for less. Whoever is on the way goes on.
7. Escalation is an event in an open alert's life, not a state of it.
8. A wrong press is taken back by whoever made it, within :data:`TAKE_BACK_WITHIN`: an event of its
   own, and the press stays in the record. What is left is what was there before it: somebody
   else's promise to go (``still_going``), or nobody (``taken_back``). Then it calls again, and the
   ladder goes on as if the press had never stopped it: a mistake must not cost anybody a minute.
9. A wrong *close* is taken back in the same way (``closed_by_mistake``): somebody is with it again,
   as they were, and is reminded to close it. A drill that has ended stays ended.

Both processes change alerts: the gateway when a deadline passes, the api when a person acts. Each
change is made here, on a value, and stored by compare-and-set on ``version``; the loser looks
again.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from nightwarden.errors import Conflict
from nightwarden.model.alerts import AlertEvent as E
from nightwarden.model.alerts import AlertKind, AlertRecord, Priority, more_urgent
from nightwarden.model.alerts import AlertState as S
from nightwarden.model.phrases import phrase
from rules.escalation import EscalationPolicy

TAKE_BACK_WITHIN = timedelta(seconds=60)
"""Long enough to see the wrong name and to enter a PIN, too short to rewrite what happened."""

_UNANSWERED = {
    E.ACCEPTED: S.ACCEPTED,
    E.ATTENDED: S.ATTENDED,
}

TRANSITIONS: dict[tuple[S, E], S] = {
    (S.RAISED, E.DELIVERED): S.DELIVERED,
    **{
        (state, event): to for state in (S.RAISED, S.DELIVERED) for event, to in _UNANSWERED.items()
    },
    **{
        (state, event): state
        for state in (S.RAISED, S.DELIVERED)
        for event in (E.REPEATED, E.TOLD_EVERYONE, E.TOLD_SENIOR, E.TOLD_MANAGER)
    },
    (S.ACCEPTED, E.ATTENDED): S.ATTENDED,
    (S.ACCEPTED, E.ACCEPTANCE_EXPIRED): S.DELIVERED,
    (S.ACCEPTED, E.TAKEN_BACK): S.DELIVERED,
    (S.ATTENDED, E.TAKEN_BACK): S.DELIVERED,
    (S.ATTENDED, E.STILL_GOING): S.ACCEPTED,
    (S.ATTENDED, E.REPEATED): S.ATTENDED,
    (S.ATTENDED, E.CLOSED): S.CLOSED,
    **{
        (state, event): state
        for state in (S.RAISED, S.DELIVERED, S.ACCEPTED, S.ATTENDED)
        for event in (E.CAUSE_CLEARED, E.REOPENED)
    },
    (S.ATTENDED, E.REOPENED): S.RAISED,
    **{(state, E.WORSENED): S.RAISED for state in (S.RAISED, S.DELIVERED, S.ATTENDED)},
    (S.ACCEPTED, E.WORSENED): S.ACCEPTED,
    (S.CLOSED, E.CLOSED_BY_MISTAKE): S.ATTENDED,
}
"""(state, event) -> the state after it. docs/alert-life.md is printed from this table."""


def allowed(state: S, event: E) -> bool:
    """Whether ``event`` may happen to an alert in ``state``."""
    return (state, event) in TRANSITIONS


def change(
    alert: AlertRecord,
    event: E,
    actor: str,
    now: datetime,
    policy: EscalationPolicy,
    outcome: str | None = None,
    priority: Priority | None = None,
) -> AlertRecord:
    """The alert after ``event``, with its next deadline set and its version one higher.

    Args:
        alert: as it is kept now.
        event: what happens to it.
        actor: the person or the part of the system that makes it happen.
        now: the instant of it, aware, UTC.
        policy: whose ladder sets the next deadline.
        outcome: with ``CLOSED``, how it ended: one of the home's list.
        priority: with ``WORSENED``, the higher one.

    Raises:
        Conflict: the present state does not allow it; the sentence says what the state is. Or it
            would be worsened to a priority that is no higher.
    """
    after = TRANSITIONS.get((alert.state, event))
    if after is None:
        raise Conflict(_refusal(alert, event))
    moved = replace(alert, state=after, version=alert.version + 1)
    match event:
        case E.DELIVERED:
            return replace(moved, delivered_at=now)
        case E.ACCEPTED:
            return replace(
                moved,
                accepted_by=actor,
                accepted_at=now,
                next_step_at=now + policy.acceptance_holds,
            )
        case E.ATTENDED:
            return replace(
                moved,
                accepted_by=alert.accepted_by or actor,
                accepted_at=alert.accepted_at or now,
                attended_by=actor,
                attended_at=now,
                next_step_at=now + policy.reminder_to_close,
            )
        case E.CLOSED:
            return replace(
                moved, closed_by=actor, closed_at=now, outcome=outcome, next_step_at=None
            )
        case E.CLOSED_BY_MISTAKE:
            return replace(
                moved,
                closed_by=None,
                closed_at=None,
                outcome=None,
                next_step_at=now + policy.reminder_to_close,
            )
        case E.CAUSE_CLEARED:
            return replace(moved, cleared_at=now)
        case E.REOPENED:
            return _reopened(alert, moved, now, policy)
        case E.TAKEN_BACK | E.STILL_GOING:
            return _taken_back(alert, moved, policy)
        case E.WORSENED:
            if priority is None or not more_urgent(priority, alert.priority):
                raise Conflict(f"Alert {alert.id} cannot be worsened: it is {alert.priority}.")
            return _reopened(alert, replace(moved, priority=priority), now, policy)
        case _:
            return _escalated(alert, moved, event, now, policy)


def due_event(alert: AlertRecord, policy: EscalationPolicy) -> E:
    """What happens to this open alert when ``next_step_at`` passes."""
    if alert.state is S.ACCEPTED:
        return E.ACCEPTANCE_EXPIRED
    if alert.state is S.ATTENDED:
        return E.REPEATED
    return policy.ladders[alert.priority].event(alert.escalation)


def first_step_at(alert: AlertRecord, policy: EscalationPolicy) -> datetime:
    """The first deadline of an alert that has just been raised."""
    return alert.raised_at + policy.ladders[alert.priority].gap_before(0)


def take_back_event(alert: AlertRecord, actor: str, now: datetime) -> E:
    """What taking back the newest press of this alert is: nobody is going, somebody still is, or it
    is open again.

    Raises:
        Conflict: there is no press to take back, it is somebody else's, or it is too long ago.
    """
    pressed = {
        S.ACCEPTED: (alert.accepted_by, alert.accepted_at),
        S.ATTENDED: (alert.attended_by, alert.attended_at),
        S.CLOSED: (alert.closed_by, alert.closed_at),
    }
    by, at = pressed.get(alert.state, (None, None))
    if by is None or at is None:
        raise Conflict(f"Alert {alert.id} has nothing to take back: it is {alert.state}.")
    if by != actor:
        raise Conflict(f"Only {by}, who pressed it, can take that back.")
    if alert.cause.kind is AlertKind.DRILL and alert.state is S.CLOSED:
        raise Conflict(f"Alert {alert.id} was a drill, which has ended; ask for another one.")
    if now - at > TAKE_BACK_WITHIN:
        seconds = int(TAKE_BACK_WITHIN.total_seconds())
        raise Conflict(f"A press can be taken back for {seconds} seconds; that was longer ago.")
    if alert.state is S.CLOSED:
        return E.CLOSED_BY_MISTAKE
    promised_before = alert.state is S.ATTENDED and alert.accepted_at != at
    return E.STILL_GOING if promised_before else E.TAKEN_BACK


def _taken_back(alert: AlertRecord, moved: AlertRecord, policy: EscalationPolicy) -> AlertRecord:
    """As it was before the press, with the deadline that it had then at the latest."""
    moved = replace(moved, attended_by=None, attended_at=None, evidence=None, evidence_detail=None)
    answered = alert.accepted_at or alert.raised_at
    if moved.state is S.ACCEPTED:
        return replace(moved, next_step_at=answered + policy.acceptance_holds)
    gap = policy.ladders[alert.priority].gap_before(alert.escalation)
    return replace(moved, accepted_by=None, accepted_at=None, next_step_at=answered + gap)


def _reopened(
    alert: AlertRecord, moved: AlertRecord, now: datetime, policy: EscalationPolicy
) -> AlertRecord:
    """From the bottom of the ladder of its present priority, unless somebody is on the way."""
    moved = replace(moved, cleared_at=None)
    if alert.state is S.ACCEPTED:  # somebody is on the way already
        return moved
    return replace(
        moved,
        accepted_by=None,
        accepted_at=None,
        attended_by=None,
        attended_at=None,
        evidence=None,
        evidence_detail=None,
        escalation=0,
        next_step_at=now + policy.ladders[moved.priority].gap_before(0),
    )


def _escalated(
    alert: AlertRecord, moved: AlertRecord, event: E, now: datetime, policy: EscalationPolicy
) -> AlertRecord:
    """A rung of the ladder, an expired promise, or a reminder to close."""
    # Deadlines follow the one that passed, not the moment it was noticed: after an outage the
    # ladder is climbed to where it would stand, rather than begun again.
    passed = alert.next_step_at or now
    if moved.state is S.ATTENDED:
        return replace(moved, next_step_at=now + policy.reminder_to_close)
    ladder = policy.ladders[alert.priority]
    if event is E.ACCEPTANCE_EXPIRED:
        climbed = max(alert.escalation, policy.everyone(alert.priority) + 1)
        moved = replace(moved, accepted_by=None, accepted_at=None)
    else:
        climbed = min(alert.escalation + 1, len(ladder.rungs))
    at_the_top = alert.escalation >= len(ladder.rungs)
    since = now if at_the_top else passed
    return replace(moved, escalation=climbed, next_step_at=since + ladder.gap_before(climbed))


def _refusal(alert: AlertRecord, event: E) -> str:
    wish = phrase("marked as delivered") if event is E.DELIVERED else str(event)
    match alert.state:
        case S.CLOSED:
            why = phrase(f"it was closed by {alert.closed_by}")
        case S.ACCEPTED if event is E.ACCEPTED:
            why = phrase(f"{alert.accepted_by} is already going")
        case S.ATTENDED:
            why = phrase(f"{alert.attended_by} is with it already")
        case _ if event is E.CLOSED:
            why = phrase("nobody has attended it yet; attend it first")
        case _:
            why = phrase(f"it is {alert.state}")
    return phrase(f"Alert {alert.id} cannot be {wish}: {why}.")
