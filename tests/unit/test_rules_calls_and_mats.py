"""Call buttons, chairs and floor mats, told as nights."""

from dataclasses import replace
from datetime import timedelta

import pytest

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.places import EquipmentKind, PlaceId
from nightwarden.model.plan import PlacedItem, Plan
from nightwarden.model.readings import DeviceId, Quantity
from nightwarden.model.watches import Pause
from rules.decisions import TRACED, Raise, Reason
from tests.unit.rule_builders import (
    BED,
    INSTALLED,
    MAT,
    NEVER_SILENT,
    Night,
    at,
    bed_needed,
    mat,
    pause,
    plan_of,
    raises,
    reading,
)

BUTTON = DeviceId("nightwarden", "button-12")
CALL = Cause(AlertKind.CALL_BUTTON, BED, "BTN-0012")
CHAIR = PlaceId("12", "chair")
BEDSIDE = PlaceId("12", "bedside")
CHAIR_EXIT = Cause(AlertKind.CHAIR_EXIT, CHAIR)
ON_MAT = Cause(AlertKind.FLOOR_MAT, BEDSIDE)


def button_plan(*pauses: Pause) -> Plan:
    button = PlacedItem(
        "BTN-0012",
        EquipmentKind.CALL_BUTTON,
        BED,
        INSTALLED,
        device=BUTTON,
        supervision=NEVER_SILENT,
    )
    return plan_of((), (button,), pauses=pauses)


def press(night: Night, when: str, action: str = "press", **how: object) -> list[Raise]:
    said = reading(BUTTON, Quantity.ACTION, action, at(when), **how)  # type: ignore[arg-type]
    return raises(night.hear(said).decisions)


def mat_plan(place: PlaceId, *pauses: Pause, dwell_s: float | None = None) -> Plan:
    """The mat lies on Joan's chair, or on the floor by her bed."""
    kind = EquipmentKind.CHAIR_MAT if place == CHAIR else EquipmentKind.FLOOR_MAT
    needed = replace(bed_needed(dwell_s=dwell_s), place=place, needs=kind)
    return plan_of((needed,), (replace(mat(), place=place, kind=kind),), pauses=pauses)


# --- call buttons ---


@pytest.mark.parametrize(
    ("action", "words"), [("press", "call button pressed"), ("help", "calls for help")]
)
def test_a_call_is_raised_at_any_hour(action: str, words: str) -> None:
    (call,) = press(Night(button_plan()), "20:30", action)
    assert (call.cause, call.priority) == (CALL, Priority.HIGH)
    assert call.text == f"Room 12 · Joan · {words}"


def test_no_pause_holds_a_call_back() -> None:
    assert press(Night(button_plan(pause("22:00", "22:15"))), "22:05", "help")


def test_the_same_press_again_is_told_again_and_proves_the_button() -> None:
    night = Night(button_plan())
    press(night, "22:00")
    assert [r.cause for r in press(night, "22:01")] == [CALL]
    assert night.engine.liveness[BUTTON].changed_at == at("22:01")


def test_cancel_is_shown_once_and_only_for_a_call() -> None:
    night = Night(button_plan())
    assert press(night, "21:59", "cancel") == []
    press(night, "22:00")
    press(night, "22:03", "cancel")
    press(night, "22:04", "cancel")
    assert [(c.cause, c.words) for c in night.cleared] == [
        (CALL, "cancelled at the button at 22:03")
    ]


def test_a_cancel_after_the_call_was_closed_says_nothing() -> None:
    night = Night(button_plan())
    press(night, "22:00")
    night.closed(CALL, when="22:02")
    press(night, "22:03", "cancel")
    assert night.cleared == []


def test_what_a_broker_repeats_is_no_new_press() -> None:
    night = Night(button_plan())
    assert press(night, "22:00", fresh=False) == []
    press(night, "22:01", measured=at("22:01"))
    assert press(night, "22:05", measured=at("22:01"), fresh=False) == []


def test_a_press_that_waited_in_an_outage_is_raised_with_its_time() -> None:
    night = Night(button_plan())
    night.until("22:10")
    night.engine.unwatched(at("22:00"), at("22:10"))
    (call,) = press(night, "22:10:30", measured=at("22:04"))
    assert call.text == "Room 12 · Joan · call button pressed (at 22:04, while not watching)"
    assert call.unwatched
    assert call.caused_at == at("22:04")


# --- chairs ---


def test_who_gets_up_from_the_chair_is_raised_and_the_return_is_shown() -> None:
    night = Night(mat_plan(CHAIR))
    night.bed(True, "21:30")
    (up,) = night.bed(False, "22:00")
    assert (up.cause, up.priority, up.caused_at) == (CHAIR_EXIT, Priority.HIGH, at("22:00"))
    assert up.text == "Room 12 · Joan · up from the chair"
    assert up.action.endswith("Plan: falls assessment.")
    night.bed(True, "22:02")
    assert [(c.cause, c.words) for c in night.cleared] == [
        (CHAIR_EXIT, "back in the chair at 22:02")
    ]


def test_an_empty_chair_is_raised_once_and_trusted_to_whoever_closes_it() -> None:
    night = Night(mat_plan(CHAIR))
    night.bed(True, "21:30")
    night.bed(False, "22:00")
    night.closed(CHAIR_EXIT, when="22:05")
    assert night.until("06:00") == []
    night.bed(True, "06:01")
    assert night.cleared == []
    assert night.bed(False, "06:05")


def test_a_chair_left_out_of_hours_or_first_heard_empty_is_quiet() -> None:
    night = Night(mat_plan(CHAIR))
    night.bed(False, "20:10")
    night.bed(True, "20:20")
    night.bed(False, "20:50")
    assert night.until("06:00") == []
    assert Reason.OFF_HOURS in night.reasons


def test_a_short_rise_within_the_dwell_leaves_a_trace() -> None:
    night = Night(mat_plan(CHAIR, dwell_s=10))
    night.bed(True, "22:00")
    assert night.bed(False, "22:01") == []
    night.bed(True, "22:01:09")
    assert night.until("06:00") == []
    assert night.reasons[-1] is Reason.BACK_BEFORE_DWELL
    assert Reason.BACK_BEFORE_DWELL in TRACED


def test_the_dwell_runs_on_through_a_restart() -> None:
    before = Night(mat_plan(CHAIR, dwell_s=10))
    before.bed(True, "22:00")
    before.bed(False, "22:01")
    night = before.restarted(mat_plan(CHAIR, dwell_s=10), "22:05", watched_until="22:01:05")
    (up,) = night.raised
    assert up.text == "Room 12 · Joan · up from the chair (at 22:01, while not watching)"


def test_a_chair_left_in_a_pause_is_asked_about_at_its_end() -> None:
    night = Night(mat_plan(CHAIR, pause("21:55", "22:10", CHAIR)))
    night.bed(True, "21:30")
    assert night.bed(False, "22:00") == []
    assert night.until("22:09:59") == []
    (up,) = night.until("22:10")
    assert up.text.endswith("not back in the chair after the pause")


def test_a_pause_cut_short_is_asked_about_at_once() -> None:
    night = Night(mat_plan(CHAIR, pause("21:55", "22:10", CHAIR)))
    night.bed(True, "21:30")
    night.bed(False, "22:00")
    assert [r.cause for r in night.replan(mat_plan(CHAIR), "22:03")] == [CHAIR_EXIT]


# --- floor mats ---


def test_a_foot_on_the_floor_mat_is_raised_and_stepping_off_is_shown() -> None:
    night = Night(mat_plan(BEDSIDE))
    night.bed(False, "21:30")
    (on_mat,) = night.bed(True, "02:00")
    assert (on_mat.cause, on_mat.priority) == (ON_MAT, Priority.HIGH)
    assert on_mat.text == "Room 12 · Joan · on the floor mat"
    night.bed(False, "02:00:03")
    assert [(c.cause, c.words) for c in night.cleared] == [(ON_MAT, "off the floor mat at 02:00")]
    assert night.bed(True, "02:01"), "the next step is raised again"


def test_a_step_in_a_pause_that_ends_in_it_is_the_carers() -> None:
    night = Night(mat_plan(BEDSIDE, pause("21:55", "22:10", BEDSIDE)))
    night.bed(False, "21:30")
    night.bed(True, "22:00")
    night.bed(False, "22:01")
    assert night.until("06:00") == []


def test_who_is_still_on_the_floor_mat_after_the_pause_is_raised() -> None:
    night = Night(mat_plan(BEDSIDE, pause("21:55", "22:10", BEDSIDE)))
    night.bed(False, "21:30")
    night.bed(True, "22:00")
    (on_mat,) = night.until("22:10")
    assert on_mat.text.endswith("still on the floor mat after the pause")


def test_the_homes_own_dwell_is_used_where_the_plan_has_none() -> None:
    night = Night(mat_plan(BEDSIDE))
    book = night.engine.book
    slow = replace(book, floor_mat=replace(book.floor_mat, dwell=timedelta(seconds=5)))
    night.engine.replan(mat_plan(BEDSIDE), night.now, slow)
    night.bed(False, "21:30")
    assert night.bed(True, "22:00") == []
    assert len(night.until("22:00:05")) == 1


def test_a_mat_feeds_only_the_watches_of_its_place() -> None:
    night = Night(mat_plan(CHAIR))
    night.bed(True, "21:30")
    night.bed(False, "22:00")
    assert {cause.kind for cause in (r.cause for r in night.raised)} == {AlertKind.CHAIR_EXIT}
    assert MAT in night.engine.liveness
