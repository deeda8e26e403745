"""Rule required_not_in_place: a plan asks for it and the room does not have it (M1, M22)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.places import ItemState
from tests.unit.rule_builders import (
    INSTALLED,
    RADIATOR,
    Night,
    at,
    bed_needed,
    bed_plan,
    cover,
    cover_needed,
    mat,
    plan_of,
)

LACKING = Cause(AlertKind.REQUIRED_NOT_IN_PLACE, RADIATOR, "radiator_cover")
BARE = plan_of((cover_needed(),))
COVERED = plan_of((cover_needed(),), (cover(),))


def test_nothing_there_is_raised_at_any_hour() -> None:
    (lacking,) = Night(BARE, start=at("14:00")).raised
    assert (lacking.cause, lacking.priority) == (LACKING, Priority.TECHNICAL)
    assert lacking.caused_at == INSTALLED
    assert lacking.text == "Room 12 · Joan · radiator cover required, not in place"
    assert lacking.action == (
        "Put a radiator cover in place, or set a manual round. "
        "Burns assessment: no radiator cover stands here."
    )


@pytest.mark.parametrize("found", [ItemState.OFF, ItemState.LOOSE, ItemState.DAMAGED])
def test_a_cover_found_wanting_is_raised(found: ItemState) -> None:
    night = Night(COVERED)
    assert night.raised == []
    (lacking,) = night.replan(plan_of((cover_needed(),), (cover(found),)), "22:00")
    assert f"A. Smith found it {found}" in lacking.action


def test_a_cover_that_nobody_confirmed_is_a_gap_and_no_alert() -> None:
    assert Night(plan_of((cover_needed(),), (cover(None),))).raised == []


def test_putting_it_in_place_clears() -> None:
    night = Night(BARE)
    night.replan(COVERED, "22:00")
    assert [(c.cause, c.words) for c in night.cleared] == [(LACKING, "put in place at 22:00")]


def test_another_change_of_the_register_does_not_raise_it_twice() -> None:
    night = Night(BARE)
    assert night.replan(BARE, "22:00") == []


def test_closed_while_it_is_still_missing_it_is_asked_about_again_the_next_shift() -> None:
    night = Night(BARE)
    night.closed(LACKING, when="21:00")
    assert night.replan(BARE, "22:00") == []
    assert night.until("08:59:59") == []
    assert [r.cause for r in night.until("09:00")] == [LACKING]


def test_closed_and_then_put_in_place_it_is_not_asked_about_again() -> None:
    night = Night(BARE)
    night.closed(LACKING, when="21:00")
    night.replan(COVERED, "22:00")
    assert night.until("11:00") == []


def test_a_mat_with_a_device_that_is_silent_is_left_to_device_silent() -> None:
    night = Night(plan_of((bed_needed(),), (mat(timedelta(minutes=2)),)))
    assert {r.cause.kind for r in night.until("22:00")} == {AlertKind.DEVICE_SILENT}


def test_a_mat_that_no_device_is_bound_to_watches_nobody_and_is_raised() -> None:
    (lacking,) = Night(plan_of((bed_needed(),), (replace(mat(), device=None),))).raised
    assert lacking.cause.kind is AlertKind.REQUIRED_NOT_IN_PLACE
    assert "no device is bound to it" in lacking.action


def test_what_was_raised_this_instant_is_not_taken_for_closed() -> None:
    """The store learns of it with ``changed``; until then its absence there says nothing."""
    night = Night(COVERED)
    night.until("22:00")
    night.engine.replan(BARE, at("22:00"))
    night.engine.answered((), at("22:00"))
    night.engine.changed()
    night.replan(COVERED, "22:05")
    assert [c.cause for c in night.cleared] == [LACKING]


def test_a_bed_that_leaves_the_plan_and_comes_back_begins_anew() -> None:
    before = Night(bed_plan())
    before.bed(True, "22:00")
    before.bed(False, "02:00")
    night = before.restarted(bed_plan(), "02:01")
    night.replan(plan_of(), "02:02")
    assert night.replan(bed_plan(), "10:00") == []
