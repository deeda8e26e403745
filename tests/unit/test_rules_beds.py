"""Beds, told as nights: who left, when, and what the system said."""

from datetime import UTC, datetime, timedelta

import pytest

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.readings import Quantity
from rules.decisions import TRACED, Reason
from tests.unit.rule_builders import BED, MAT, Night, at, bed_plan, raises, reading

EXIT = Cause(AlertKind.BED_EXIT, BED)
NOT_BACK = Cause(AlertKind.NOT_BACK_IN_BED, BED)


def test_an_exit_before_midnight_and_one_after_it_are_both_raised() -> None:
    night = Night(bed_plan())
    night.bed(True, "22:00")
    assert [r.text for r in night.bed(False, "23:59")] == ["Room 12 · Joan · out of bed"]
    night.bed(True, "00:01")
    (again,) = night.bed(False, "00:02")
    assert again.cause == EXIT
    assert again.priority is Priority.HIGH
    assert again.caused_at == at("00:02")
    assert again.action == "Go now. Look at the floor by the bed first. Plan: falls assessment."


@pytest.mark.parametrize(
    ("when", "is_raised"), [("20:59:59", False), ("21:00", True), ("06:59:59", True)]
)
def test_hours_begin_and_end_to_the_second(when: str, is_raised: bool) -> None:
    night = Night(bed_plan())
    night.bed(True, "20:30")
    assert bool(night.bed(False, when)) is is_raised


def test_an_exit_at_the_end_of_the_hours_is_quiet() -> None:
    night = Night(bed_plan())
    night.bed(True, "20:30")
    assert night.bed(False, "07:00") == []
    assert night.until("11:59") == []
    assert night.reasons[-1] is Reason.OFF_HOURS


def test_a_bed_that_is_empty_when_the_hours_begin_is_no_exit() -> None:
    night = Night(bed_plan())
    night.bed(True, "20:10")
    night.bed(False, "20:50")
    assert night.until("06:00") == []


def test_a_first_reading_of_an_empty_bed_raises_nothing() -> None:
    night = Night(bed_plan())
    assert night.bed(False, "22:00") == []
    assert night.reasons == [Reason.FIRST_HEARD]
    assert night.until("06:00") == []


@pytest.mark.parametrize(
    ("hours", "instant", "is_raised"),
    [  # 25 October 2026: at 01:00 UTC the wall goes from 02:00 back to 01:00
        ("21:00-07:00", "2026-10-25T00:59:59+00:00", True),
        ("21:00-07:00", "2026-10-25T01:00:00+00:00", True),
        ("21:00-07:00", "2026-10-25T06:59:59+00:00", True),
        ("21:00-07:00", "2026-10-25T07:00:00+00:00", False),
        ("21:00-07:00", "2026-10-24T20:00:00+00:00", True),
        ("01:30-07:00", "2026-10-25T00:29:59+00:00", False),
        ("01:30-07:00", "2026-10-25T00:30:00+00:00", True),
        ("21:00-01:30", "2026-10-25T00:29:59+00:00", True),
        ("21:00-01:30", "2026-10-25T01:29:59+00:00", True),
        ("21:00-01:30", "2026-10-25T01:30:00+00:00", False),
        # 28 March 2027: at 01:00 UTC the wall goes from 01:00 on to 02:00
        ("21:00-07:00", "2027-03-28T00:59:59+00:00", True),
        ("21:00-07:00", "2027-03-28T01:00:00+00:00", True),
        ("21:00-07:00", "2027-03-28T05:59:59+00:00", True),
        ("21:00-07:00", "2027-03-28T06:00:00+00:00", False),
        ("01:30-07:00", "2027-03-28T00:59:59+00:00", False),
        ("01:30-07:00", "2027-03-28T01:00:00+00:00", True),
        ("21:00-01:30", "2027-03-28T00:59:59+00:00", True),
        ("21:00-01:30", "2027-03-28T01:00:00+00:00", False),
    ],
)
def test_the_wall_clock_rules_when_the_clocks_change(
    hours: str, instant: str, is_raised: bool
) -> None:
    left_at = datetime.fromisoformat(instant)
    night = Night(bed_plan(hours=hours), start=left_at - timedelta(hours=6))
    night.bed(True, left_at - timedelta(hours=5))
    assert bool(night.bed(False, left_at)) is is_raised


def test_not_back_is_six_minutes_also_where_the_clock_repeats_an_hour() -> None:
    left_at = datetime(2026, 10, 25, 0, 58, tzinfo=UTC)
    night = Night(bed_plan(), start=left_at - timedelta(hours=2))
    night.bed(True, left_at - timedelta(hours=1))
    night.bed(False, left_at)
    assert night.until(left_at + timedelta(minutes=5, seconds=59)) == []
    (not_back,) = night.until(left_at + timedelta(minutes=6))
    assert not_back.text == "Room 12 · Joan · not back in bed since 01:58"


def test_back_before_the_dwell_leaves_a_trace_and_no_alert() -> None:
    night = Night(bed_plan(dwell_s=10))
    night.bed(True, "22:00")
    night.bed(False, "02:00")
    night.bed(True, "02:00:09")
    assert night.until("06:00") == []
    assert night.cleared == []
    assert night.reasons[-1] is Reason.BACK_BEFORE_DWELL
    assert Reason.BACK_BEFORE_DWELL in TRACED


def test_an_exit_is_raised_when_the_dwell_has_passed_and_not_before() -> None:
    night = Night(bed_plan(dwell_s=10))
    night.bed(True, "22:00")
    assert night.bed(False, "02:00") == []
    assert night.until("02:00:09") == []
    (left,) = night.until("02:00:10")
    assert left.caused_at == at("02:00")
    assert not left.unwatched


def test_a_dwell_that_ran_out_while_we_were_down_is_raised_at_the_start() -> None:
    before = Night(bed_plan(dwell_s=10))
    before.bed(True, "22:00")
    before.bed(False, "02:00")
    night = before.restarted(bed_plan(dwell_s=10), "02:03", watched_until="02:00:02")
    (left,) = night.raised
    assert left.caused_at == at("02:00")
    assert left.unwatched
    assert left.text == "Room 12 · Joan · out of bed (at 02:00, while not watching)"


def test_not_back_in_bed_comes_once_six_minutes_after_the_exit() -> None:
    night = Night(bed_plan())
    night.bed(True, "22:00")
    night.bed(False, "02:00")
    assert night.until("02:05:59") == []
    (not_back,) = night.until("02:06")
    assert (not_back.cause, not_back.caused_at) == (NOT_BACK, at("02:00"))
    assert night.until("06:59") == []


def test_a_return_clears_what_was_raised_and_nothing_else() -> None:
    night = Night(bed_plan())
    night.bed(True, "22:00")
    night.bed(False, "02:00")
    night.bed(True, "02:03")
    assert [(c.cause, c.words) for c in night.cleared] == [(EXIT, "back in bed at 02:03")]
    night.bed(False, "03:00")
    night.bed(True, "03:10")
    assert [c.cause for c in night.cleared] == [EXIT, EXIT, NOT_BACK]


def test_a_second_exit_is_raised_again_while_the_alert_is_open() -> None:
    night = Night(bed_plan())
    night.bed(True, "22:00")
    night.bed(False, "02:00")
    night.bed(True, "02:02")
    (again,) = night.bed(False, "02:03")
    assert (again.cause, again.caused_at) == (EXIT, at("02:03"))
    assert [r.cause for r in night.until("02:09")] == [NOT_BACK]


def test_closing_an_alert_while_the_bed_is_empty_is_trusted_for_six_minutes() -> None:
    night = Night(bed_plan())
    night.bed(True, "22:00")
    night.bed(False, "02:00")
    night.until("02:06")
    night.closed(EXIT, NOT_BACK, when="02:10")
    assert night.until("02:15:59") == []
    assert [r.cause for r in night.until("02:16")] == [NOT_BACK]


def test_an_exit_that_happened_in_an_outage_says_so() -> None:
    night = Night(bed_plan())
    night.bed(True, "22:00")
    night.until("02:10")
    night.engine.unwatched(at("02:00"), at("02:10"))
    late = reading(MAT, Quantity.OCCUPANCY, False, at("02:10:20"), measured=at("02:04"))
    (left, not_back) = raises(night.hear(late).decisions)
    assert left.text == "Room 12 · Joan · out of bed (at 02:04, while not watching)"
    assert not_back.unwatched


def test_an_untimed_exit_just_after_an_outage_may_have_waited_and_says_so() -> None:
    night = Night(bed_plan())
    night.bed(True, "22:00")
    night.engine.unwatched(at("02:00"), at("02:10"))
    (left,) = night.bed(False, "02:10:04")
    assert left.unwatched
    night.bed(True, "02:11")
    assert not night.bed(False, "02:12")[0].unwatched


def test_what_a_broker_kept_raises_only_where_it_differs_from_what_we_knew() -> None:
    night = Night(bed_plan())
    night.bed(True, "22:00")
    kept = reading(MAT, Quantity.OCCUPANCY, True, at("02:00"), fresh=False)
    assert night.hear(kept).decisions == ()
    differs = reading(MAT, Quantity.OCCUPANCY, False, at("02:01"), fresh=False)
    (left,) = raises(night.hear(differs).decisions)
    assert left.text == "Room 12 · Joan · out of bed (at 02:01, while not watching)"
