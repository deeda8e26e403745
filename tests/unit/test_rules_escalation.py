"""Whom an unanswered alert calls next, and when."""

from datetime import datetime, timedelta

import pytest

from nightwarden.model.alerts import AlertEvent as E
from nightwarden.model.alerts import AlertRecord, AlertState, Priority
from rules.alert_life import change, due_event
from rules.escalation import DEFAULT_ESCALATION
from tests.unit.rule_builders import at
from tests.unit.test_alert_life import raised

LADDER = [E.REPEATED, E.TOLD_EVERYONE, E.TOLD_SENIOR, E.TOLD_MANAGER, E.REPEATED, E.REPEATED]


def climb(alert: AlertRecord, until: datetime) -> tuple[AlertRecord, list[tuple[float, E]]]:
    """Every step due by ``until``, all noticed at ``until``, with its seconds since raising."""
    steps = []
    while alert.next_step_at is not None and alert.next_step_at <= until:
        event = due_event(alert, DEFAULT_ESCALATION)
        steps.append(((alert.next_step_at - alert.raised_at).total_seconds(), event))
        alert = change(alert, event, "nightwarden", until, DEFAULT_ESCALATION)
    return alert, steps


def on_time(alert: AlertRecord, steps: int) -> list[tuple[float, E]]:
    """The first ``steps`` steps, each noticed when it is due."""
    taken = []
    for _ in range(steps):
        assert alert.next_step_at is not None
        alert, made = climb(alert, alert.next_step_at)
        taken += made
    return taken


@pytest.mark.parametrize(
    ("priority", "seconds"),
    [
        (Priority.HIGH, [30, 90, 180, 360, 420, 480]),
        (Priority.MEDIUM, [120, 360, 720, 1440, 1740, 2040]),
        (Priority.TECHNICAL, [120, 360, 720, 1440, 2040, 2640]),
        (Priority.LOW, [600, 1800, 3600, 7200, 9000, 10800]),
    ],
)
def test_the_ladder_of_each_priority(priority: Priority, seconds: list[float]) -> None:
    assert on_time(raised(priority), 6) == list(zip(seconds, LADDER, strict=True))


def test_kit_never_calls_a_manager_before_a_person_does() -> None:
    to_manager = {
        priority: next(s for s, event in on_time(raised(priority), 4) if event is E.TOLD_MANAGER)
        for priority in Priority
    }
    assert min(to_manager, key=lambda priority: to_manager[priority]) is Priority.HIGH


def test_after_an_outage_the_ladder_is_climbed_to_where_it_would_stand() -> None:
    alert, steps = climb(raised(), at("02:04"))
    assert steps == [(30, E.REPEATED), (90, E.TOLD_EVERYONE), (180, E.TOLD_SENIOR)]
    assert alert.next_step_at == at("02:06")


def test_after_a_long_outage_the_repeats_are_not_made_up_for() -> None:
    alert, steps = climb(raised(), at("08:00"))
    assert [event for _, event in steps] == LADDER[:5]
    assert alert.next_step_at == at("08:01")


def test_an_expired_acceptance_tells_everyone_however_early_it_was() -> None:
    alert = change(raised(), E.ACCEPTED, "Ana", at("02:00:05"), DEFAULT_ESCALATION)
    alert, steps = climb(alert, at("02:03:05"))
    assert steps == [(185, E.ACCEPTANCE_EXPIRED)]
    assert alert.state is AlertState.DELIVERED
    assert alert.escalation == DEFAULT_ESCALATION.everyone(Priority.HIGH) + 1


def test_an_acceptance_that_expires_late_never_goes_down_a_rung() -> None:
    alert, _ = climb(raised(), at("02:06"))
    alert = change(alert, E.ACCEPTED, "Ana", at("02:06:10"), DEFAULT_ESCALATION)
    alert, _ = climb(alert, at("02:09:10"))
    assert alert.escalation == 4
    assert alert.next_step_at == at("02:09:10") + timedelta(minutes=1)
