"""A manual round: a look that is late is raised, seen or ended clears it, and nothing is lost."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.plan import Plan
from nightwarden.model.rounds import Round
from rules.decisions import Clear
from rules.manual_rounds import covered_time
from tests.unit.rule_builders import BED, Night, at, plan_of

QUARTER = timedelta(minutes=15)
MISSED = Cause(AlertKind.ROUND_MISSED, BED, "1")


def clears(night: Night) -> list[str]:
    effects = [effect for decision in night.decisions for effect in decision.effects]
    return [effect.words for effect in effects if isinstance(effect, Clear)]


def walked(last: str | None = None, until: str = "06:00", since: str = "22:00") -> Plan:
    seen = None if last is None else at(last)
    return replace(plan_of(), rounds=(Round(1, BED, at(since), at(until), QUARTER, "Ana", seen),))


def test_a_look_that_is_two_minutes_late_is_raised_as_a_persons() -> None:
    night = Night(walked(), at("22:00"))
    assert night.until("22:16") == []
    [missed] = night.until("22:17")
    assert missed.cause == MISSED
    assert missed.priority is Priority.HIGH
    assert missed.caused_at == at("22:15")
    assert missed.text == "Room 12 · Joan · round missed, due at 22:15"
    assert night.until("22:50") == []  # it stands; the ladder calls


def test_a_look_in_time_puts_the_next_one_off() -> None:
    night = Night(walked(), at("22:00"))
    assert night.replan(walked("22:10"), "22:10") == []
    assert night.until("22:26") == []
    assert len(night.until("22:27")) == 1


def test_a_late_look_clears_it_and_the_next_one_is_asked_for() -> None:
    night = Night(walked(), at("22:00"))
    night.until("22:17")
    night.replan(walked("22:20"), "22:20")
    assert clears(night) == ["seen at 22:20"]
    assert len(night.until("22:37")) == 1


def test_it_ends_at_its_time_and_clears_what_it_raised() -> None:
    night = Night(walked(until="22:30"), at("22:00"))
    assert len(night.until("22:17")) == 1
    assert night.until("23:30") == []
    assert clears(night) == ["the round ended at 22:30"]


def test_what_would_be_late_after_its_end_is_not_asked_for() -> None:
    night = Night(walked(until="22:16"), at("22:00"))
    assert night.until("23:00") == []


def test_whoever_closes_it_without_a_look_is_asked_again() -> None:
    night = Night(walked(), at("22:00"))
    night.until("22:17")
    night.closed(MISSED, when="22:18")
    assert night.until("22:22") == []
    [again] = night.until("22:23")
    assert again.caused_at == at("22:15")


def test_a_restart_in_between_changes_nothing() -> None:
    night = Night(walked(), at("22:00"))
    night.until("22:17")
    again = night.restarted(walked(), "22:18", watched_until="22:17")
    assert again.until("22:40") == []
    again.replan(walked("22:41"), "22:41")
    assert clears(again) == ["seen at 22:41"]


def test_what_was_missed_while_the_monitor_was_off_is_raised_with_its_time() -> None:
    night = Night(walked(), at("22:00"))
    again = night.restarted(walked(), "22:40", watched_until="22:10")
    [missed] = again.raised
    assert missed.caused_at == at("22:15")
    assert "while not watching" in missed.text


FIRST = datetime(2026, 11, 2, 22, tzinfo=UTC)
some_looks = st.lists(
    st.tuples(
        st.integers(0, 300).map(lambda m: FIRST + timedelta(minutes=m)),
        st.sampled_from([QUARTER, 2 * QUARTER]),
    )
)


@given(some_looks)
def test_a_minute_is_covered_exactly_when_a_look_before_it_still_holds(
    looks: list[tuple[datetime, timedelta]],
) -> None:
    spans = covered_time(looks)
    for minute in range(340):
        instant = FIRST + timedelta(minutes=minute)
        covered = any(begin <= instant < end for begin, end in spans)
        assert covered == any(seen <= instant < seen + every for seen, every in looks)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(spans))
