"""Care in progress: nothing is raised, and the bed is looked at when it ends."""

from nightwarden.model.alerts import AlertKind
from nightwarden.model.places import PlaceId
from rules.decisions import TRACED, Reason
from tests.unit.rule_builders import Night, bed_plan, pause

CARE = pause("02:00", "02:15")


def in_bed(dwell_s: float | None = None) -> Night:
    night = Night(bed_plan(CARE, dwell_s=dwell_s))
    night.bed(True, "22:00")
    return night


def test_an_exit_in_a_pause_is_raised_at_its_end_if_the_bed_is_still_empty() -> None:
    night = in_bed()
    assert night.bed(False, "02:05") == []
    assert night.until("02:14:59") == []
    (left,) = night.until("02:15")
    assert left.text == "Room 12 · Joan · not back in bed after the pause"
    assert left.cause.kind is AlertKind.BED_EXIT
    assert [r.cause.kind for r in night.until("02:21")] == [AlertKind.NOT_BACK_IN_BED]


def test_a_pause_is_traced_so_that_somebody_may_ask_later() -> None:
    night = in_bed()
    night.bed(False, "02:05")
    assert night.reasons[-1] is Reason.PAUSED
    assert Reason.PAUSED in TRACED


def test_a_return_within_the_pause_is_quiet_and_clears_nothing() -> None:
    night = in_bed()
    night.bed(False, "02:05")
    night.bed(True, "02:12")
    assert night.until("06:00") == []
    assert night.cleared == []


def test_an_exit_after_the_pause_is_an_exit() -> None:
    night = in_bed()
    night.until("02:15")
    assert [r.text for r in night.bed(False, "02:15")] == ["Room 12 · Joan · out of bed"]


def test_a_pause_resumed_early_looks_at_the_bed_then() -> None:
    night = in_bed()
    night.bed(False, "02:05")
    (left,) = night.replan(bed_plan(), "02:08")
    assert left.text == "Room 12 · Joan · not back in bed after the pause"
    assert [r.cause.kind for r in night.until("02:14")] == [AlertKind.NOT_BACK_IN_BED]


def test_a_pause_that_is_made_longer_waits_longer() -> None:
    night = in_bed()
    night.bed(False, "02:05")
    assert night.replan(bed_plan(pause("02:00", "02:25")), "02:08") == []
    assert night.until("02:24:59") == []
    assert len(night.until("02:25")) == 1


def test_a_pause_begun_between_the_exit_and_its_dwell_holds_the_exit_back() -> None:
    night = in_bed(dwell_s=10)
    night.bed(False, "01:59:55")
    assert night.until("02:14:59") == []
    assert [r.cause.kind for r in night.until("02:15")] == [AlertKind.BED_EXIT]


def test_an_exit_raised_before_the_pause_is_asked_about_at_its_end() -> None:
    night = in_bed()
    night.bed(False, "01:58")
    assert night.until("02:14:59") == []
    assert [r.cause.kind for r in night.until("02:15")] == [AlertKind.NOT_BACK_IN_BED]


def test_not_back_does_not_wait_for_a_pause_that_was_resumed() -> None:
    night = in_bed()
    night.bed(False, "01:58")
    night.until("02:05")
    (not_back,) = night.replan(bed_plan(), "02:06")
    assert not_back.cause.kind is AlertKind.NOT_BACK_IN_BED
    assert night.until("02:30") == []


def test_a_pause_of_another_place_holds_nothing_back() -> None:
    night = Night(bed_plan(pause("02:00", "02:15", PlaceId("13", "bed"))))
    night.bed(True, "22:00")
    assert len(night.bed(False, "02:05")) == 1


def test_a_pause_that_is_cut_short_waits_no_longer_than_that() -> None:
    night = in_bed()
    night.bed(False, "02:05")
    assert night.replan(bed_plan(pause("02:00", "02:10")), "02:08") == []
    assert len(night.until("02:10")) == 1
