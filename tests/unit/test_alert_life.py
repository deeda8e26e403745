"""The life of an alert: every pair of state and event, and a long life at random."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from nightwarden.errors import Conflict
from nightwarden.model.alerts import AlertEvent as E
from nightwarden.model.alerts import AlertKind, AlertRecord, Cause, Priority, more_urgent
from nightwarden.model.alerts import AlertState as S
from rules.alert_life import (
    TRANSITIONS,
    allowed,
    change,
    due_event,
    first_step_at,
    take_back_event,
)
from rules.alert_life_table import alert_life_table
from rules.escalation import DEFAULT_ESCALATION
from rules.outcomes import DEFAULT_OUTCOMES
from tests.unit.rule_builders import BED, at

PAGE = Path(__file__).parents[2] / "docs" / "alert-life.md"
EVERY_PAIR = [(state, event) for state in S for event in E]


def raised(priority: Priority = Priority.HIGH) -> AlertRecord:
    """An alert raised at 02:00."""
    alert = AlertRecord(
        id=4,
        cause=Cause(AlertKind.BED_EXIT, BED),
        priority=priority,
        state=S.RAISED,
        resident="Joan",
        text="Room 12 · Joan · out of bed",
        action="Go now.",
        caused_at=at("02:00"),
        raised_at=at("02:00"),
    )
    return replace(alert, next_step_at=first_step_at(alert, DEFAULT_ESCALATION))


def after(alert: AlertRecord, event: E, when: str, actor: str = "Ana") -> AlertRecord:
    outcome = "helped" if event is E.CLOSED else None
    return change(alert, event, actor, at(when), DEFAULT_ESCALATION, outcome, Priority.HIGH)


def in_state(state: S, priority: Priority = Priority.HIGH) -> AlertRecord:
    """An alert that came to ``state`` in the ordinary way."""
    alert = raised(priority)
    for event in (E.DELIVERED, E.ACCEPTED, E.ATTENDED, E.CLOSED):
        if alert.state is state:
            break
        alert = after(alert, event, "02:00:20")
    return alert


@pytest.mark.parametrize(("state", "event"), EVERY_PAIR)
def test_each_pair_is_in_the_table_or_refused_in_a_sentence(state: S, event: E) -> None:
    alert = in_state(state, Priority.MEDIUM if event is E.WORSENED else Priority.HIGH)
    assert alert.state is state
    if allowed(state, event):
        changed = after(alert, event, "02:01")
        assert changed.state is TRANSITIONS[state, event]
        assert changed.version == alert.version + 1
    else:
        with pytest.raises(Conflict, match=r"^Alert 4 cannot be .+: .+\.$"):
            after(alert, event, "02:01")


def test_a_raised_alert_cannot_be_raised_again() -> None:
    assert not any(allowed(state, E.RAISED) for state in S)


def test_only_an_attended_alert_closes_and_only_a_mistake_leaves_closed() -> None:
    assert {pair for pair, to in TRANSITIONS.items() if to is S.CLOSED} == {(S.ATTENDED, E.CLOSED)}
    assert [event for event in E if allowed(S.CLOSED, event)] == [E.CLOSED_BY_MISTAKE]


@pytest.mark.parametrize(
    ("state", "event", "sentence"),
    [
        (S.ACCEPTED, E.ACCEPTED, "Alert 4 cannot be accepted: Ana is already going."),
        (S.ATTENDED, E.ACCEPTED, "Alert 4 cannot be accepted: Ana is with it already."),
        (S.ATTENDED, E.ATTENDED, "Alert 4 cannot be attended: Ana is with it already."),
        (S.CLOSED, E.ATTENDED, "Alert 4 cannot be attended: it was closed by Ana."),
        (
            S.DELIVERED,
            E.CLOSED,
            "Alert 4 cannot be closed: nobody has attended it yet; attend it first.",
        ),
        (S.ACCEPTED, E.DELIVERED, "Alert 4 cannot be marked as delivered: it is accepted."),
    ],
)
def test_a_refusal_says_what_the_state_is(state: S, event: E, sentence: str) -> None:
    with pytest.raises(Conflict) as refusal:
        after(in_state(state), event, "02:01", actor="Ben")
    assert str(refusal.value) == sentence


def test_accepting_keeps_the_name_and_holds_for_three_minutes() -> None:
    alert = after(raised(), E.ACCEPTED, "02:00:40")
    assert (alert.accepted_by, alert.accepted_at) == ("Ana", at("02:00:40"))
    assert alert.next_step_at == at("02:03:40")
    assert due_event(alert, DEFAULT_ESCALATION) is E.ACCEPTANCE_EXPIRED


def test_an_acceptance_that_expires_is_open_to_everyone_again_one_rung_up() -> None:
    alert = after(raised(), E.ACCEPTED, "02:00:10")
    alert = after(alert, E.ACCEPTANCE_EXPIRED, "02:03:10", actor="nightwarden")
    assert (alert.state, alert.accepted_by, alert.accepted_at) == (S.DELIVERED, None, None)
    assert due_event(alert, DEFAULT_ESCALATION) is E.TOLD_SENIOR
    assert alert.next_step_at == at("02:04:40")


def test_attending_without_a_promise_is_both() -> None:
    alert = after(raised(), E.ATTENDED, "02:01")
    assert (alert.accepted_by, alert.attended_by) == ("Ana", "Ana")
    assert (alert.accepted_at, alert.attended_at) == (at("02:01"), at("02:01"))


def test_attending_for_somebody_else_keeps_who_promised() -> None:
    alert = after(after(raised(), E.ACCEPTED, "02:00:30"), E.ATTENDED, "02:01", actor="Ben")
    assert (alert.accepted_by, alert.attended_by) == ("Ana", "Ben")


def test_an_attended_alert_reminds_until_it_is_closed() -> None:
    alert = after(raised(), E.ATTENDED, "02:01")
    for when, then in (("02:16", "02:31"), ("02:31", "02:46")):
        assert alert.next_step_at == at(when)
        assert due_event(alert, DEFAULT_ESCALATION) is E.REPEATED
        alert = after(alert, E.REPEATED, when)
        assert alert.next_step_at == at(then)
    closed = after(alert, E.CLOSED, "02:40")
    assert (closed.next_step_at, closed.outcome, closed.closed_by) == (None, "helped", "Ana")


def test_a_cleared_cause_is_shown_and_ends_nothing() -> None:
    alert = after(raised(), E.CAUSE_CLEARED, "02:00:10")
    assert (alert.state, alert.cleared_at) == (S.RAISED, at("02:00:10"))
    assert alert.next_step_at == raised().next_step_at


def test_reopened_while_nobody_goes_starts_the_ladder_from_the_bottom() -> None:
    alert = after(raised(), E.REPEATED, "02:00:30")
    alert = after(after(alert, E.CAUSE_CLEARED, "02:00:40"), E.REOPENED, "02:01")
    assert (alert.escalation, alert.cleared_at) == (0, None)
    assert alert.next_step_at == at("02:01:30")


def test_reopened_while_somebody_is_on_the_way_leaves_them_going() -> None:
    accepted = after(raised(), E.ACCEPTED, "02:00:10")
    alert = after(accepted, E.REOPENED, "02:00:30")
    assert (alert.state, alert.accepted_by) == (S.ACCEPTED, "Ana")
    assert alert.next_step_at == accepted.next_step_at


def test_reopened_after_somebody_was_there_needs_somebody_anew() -> None:
    alert = after(after(raised(), E.ATTENDED, "02:01"), E.REOPENED, "02:05")
    assert alert.state is S.RAISED
    assert (alert.accepted_by, alert.attended_by, alert.attended_at) == (None, None, None)


def test_a_cause_that_becomes_worse_starts_the_higher_ladder_from_the_bottom() -> None:
    alert = after(raised(Priority.MEDIUM), E.DELIVERED, "02:00:05")
    for event, when in ((E.REPEATED, "02:02"), (E.TOLD_EVERYONE, "02:06")):
        alert = after(alert, event, when)
    alert = after(alert, E.WORSENED, "02:07")
    assert (alert.priority, alert.state, alert.escalation) == (Priority.HIGH, S.RAISED, 0)
    assert alert.next_step_at == at("02:07:30"), "the ladder of a person, not of a doubt"


def test_worse_while_somebody_is_in_the_room_calls_anew() -> None:
    alert = after(in_state(S.ATTENDED, Priority.MEDIUM), E.WORSENED, "02:05")
    assert (alert.state, alert.attended_by, alert.accepted_by) == (S.RAISED, None, None)


def test_worse_while_somebody_is_on_the_way_leaves_them_going() -> None:
    accepted = in_state(S.ACCEPTED, Priority.LOW)
    alert = after(accepted, E.WORSENED, "02:01")
    assert (alert.state, alert.priority) == (S.ACCEPTED, Priority.HIGH)
    assert (alert.accepted_by, alert.next_step_at) == ("Ana", accepted.next_step_at)


@pytest.mark.parametrize("priority", Priority)
def test_an_alert_is_never_lowered(priority: Priority) -> None:
    with pytest.raises(Conflict, match=r"^Alert 4 cannot be worsened: it is high\.$"):
        change(raised(), E.WORSENED, "x", at("02:01"), DEFAULT_ESCALATION, priority=priority)


def test_every_outcome_has_words() -> None:
    assert all(one.words and one.words[0].isupper() for one in DEFAULT_OUTCOMES)


def test_the_page_is_the_table() -> None:
    assert alert_life_table() in PAGE.read_text()


class Life(RuleBasedStateMachine):
    """One alert, anything that can be asked of it, at any time after the last."""

    @initialize(priority=st.sampled_from(Priority))
    def begin(self, priority: Priority) -> None:
        self.alert = raised(priority)
        self.now = self.alert.raised_at
        self.attended = False

    @rule(priority=st.sampled_from(Priority), seconds=st.integers(0, 1200))
    def becomes_worse(self, priority: Priority, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        before = self.alert
        self._happens(E.WORSENED, priority)
        lifted = more_urgent(priority, before.priority) and before.state is not S.CLOSED
        assert self.alert.priority is (priority if lifted else before.priority)
        if lifted and before.state is not S.ACCEPTED:
            bottom = DEFAULT_ESCALATION.ladders[priority].gap_before(0)
            assert self.alert.next_step_at == self.now + bottom

    @rule(event=st.sampled_from(E), seconds=st.integers(0, 1200))
    def ask(self, event: E, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self._happens(event)

    @rule()
    def next_step(self) -> None:
        if self.alert.next_step_at is not None:
            self.now = max(self.now, self.alert.next_step_at)
            before = self.alert
            self._happens(due_event(before, DEFAULT_ESCALATION))
            assert self.alert.version == before.version + 1, "what is due is always allowed"
            assert self.alert.next_step_at is not None
            assert before.next_step_at is not None
            assert self.alert.next_step_at > before.next_step_at, "steps move on"

    def _happens(self, event: E, priority: Priority | None = None) -> None:
        before = self.alert
        try:
            alert = change(before, event, "Ana", self.now, DEFAULT_ESCALATION, "other", priority)
        except Conflict:
            assert not allowed(before.state, event) or event is E.WORSENED
            return
        assert alert.version == before.version + 1
        assert before.state is not S.CLOSED or event is E.CLOSED_BY_MISTAKE, "closed is final"
        if alert.state is S.CLOSED:
            assert event is E.CLOSED
            assert before.attended_by is not None, "nothing closes without attendance"
        assert alert.escalation >= before.escalation or event in {E.REOPENED, E.WORSENED}
        self.alert = alert

    @invariant()
    def a_deadline_stands_until_it_is_closed(self) -> None:
        assert (self.alert.next_step_at is None) == (self.alert.state is S.CLOSED)

    @invariant()
    def who_and_when_belong_together(self) -> None:
        alert = self.alert
        assert (alert.accepted_by is None) == (alert.accepted_at is None)
        assert (alert.attended_by is None) == (alert.attended_at is None)
        assert (alert.state is S.ATTENDED) <= (alert.attended_by is not None)
        assert (alert.state in {S.RAISED, S.DELIVERED}) <= (alert.accepted_by is None)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)


def taken_back(alert: AlertRecord, when: str, actor: str = "Ana") -> AlertRecord:
    return after(alert, take_back_event(alert, actor, at(when)), when, actor)


def test_a_wrong_press_is_taken_back_and_costs_the_ladder_nothing() -> None:
    shown = after(raised(), E.DELIVERED, "02:00:01")
    for press in (E.ACCEPTED, E.ATTENDED):
        back = taken_back(after(shown, press, "02:00:20"), "02:01:10")
        assert back.state is S.DELIVERED
        assert (back.accepted_by, back.accepted_at, back.attended_by) == (None, None, None)
        assert back.next_step_at == at("02:00:50"), "overdue already, so that it calls at once"
        assert due_event(back, DEFAULT_ESCALATION) is E.REPEATED
        assert after(back, E.ACCEPTED, "02:01:20", "Tom").accepted_by == "Tom"


def test_a_wrong_im_here_leaves_who_was_going_before() -> None:
    going = after(raised(), E.ACCEPTED, "02:00:20", "Tom")
    back = taken_back(after(going, E.ATTENDED, "02:01:00"), "02:01:30")
    assert back.state is S.ACCEPTED
    assert (back.accepted_by, back.attended_by, back.evidence) == ("Tom", None, None)
    assert back.next_step_at == going.next_step_at


@pytest.mark.parametrize(
    ("actor", "when", "why"),
    [("Tom", "02:00:30", "Only Ana"), ("Ana", "02:01:21", "60 seconds")],
)
def test_only_whoever_pressed_takes_it_back_and_soon(actor: str, when: str, why: str) -> None:
    with pytest.raises(Conflict, match=why):
        taken_back(after(raised(), E.ACCEPTED, "02:00:20"), when, actor)
    with pytest.raises(Conflict, match="nothing to take back"):
        taken_back(raised(), when, actor)


def test_a_wrong_close_is_taken_back_and_somebody_is_with_it_as_before() -> None:
    there = after(after(raised(), E.DELIVERED, "02:00:01"), E.ATTENDED, "02:01:00")
    closed = after(there, E.CLOSED, "02:02:00")
    back = taken_back(closed, "02:02:40")
    assert replace(back, next_step_at=there.next_step_at, version=there.version) == there
    assert back.next_step_at == at("02:02:40") + DEFAULT_ESCALATION.reminder_to_close
    assert due_event(back, DEFAULT_ESCALATION) is E.REPEATED
    for actor, when in (("Tom", "02:02:10"), ("Ana", "02:03:01")):
        with pytest.raises(Conflict):
            taken_back(closed, when, actor)
