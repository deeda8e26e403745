"""Radiators and pipes: when heat is a hazard, and when it is only heat under a cover."""

from dataclasses import replace
from datetime import date

import pytest

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.places import ItemState, Mount, PlaceId
from nightwarden.model.plan import PlacedItem, Plan
from nightwarden.model.readings import Quantity
from rules.decisions import Reason
from rules.hearing import Standing
from tests.unit.rule_builders import (
    PROBE,
    RADIATOR,
    SWITCH,
    Night,
    at,
    cover,
    cover_switch,
    pause,
    plan_of,
    probe,
    raises,
    reading,
)

HOT = Cause(AlertKind.HOT_SURFACE, RADIATOR, "TMP-0012")


def face() -> Night:
    """A sensor on a face that anybody can touch, at 38 °C."""
    night = Night(plan_of((), (probe(),)))
    night.celsius(38, "22:00")
    return night


def under(*covers: PlacedItem) -> Plan:
    return plan_of((), (probe(Mount.UNDER_COVER), *covers))


def warmed(plan: Plan) -> Night:
    """The panel of ``plan`` on its way up to 60 °C, which it reaches at 22:02."""
    night = Night(plan)
    for celsius, when in ((30.0, "22:00"), (40.0, "22:01"), (60.0, "22:02")):
        night.celsius(celsius, when)
    return night


def test_43_degrees_held_for_five_minutes_is_too_hot() -> None:
    night = face()
    night.celsius(43, "22:10")
    assert night.until("22:14:59") == []
    (hot,) = night.until("22:15")
    assert (hot.cause, hot.priority, hot.caused_at) == (HOT, Priority.HIGH, at("22:10"))
    assert hot.text == "Room 12 · Joan · radiator-window is 43 °C"


def test_just_below_43_degrees_is_never_too_hot() -> None:
    night = face()
    night.celsius(42.9, "22:10")
    assert night.until("06:00") == []


def test_the_hold_goes_on_until_it_is_below_41_degrees() -> None:
    night = face()
    night.celsius(43, "22:10")
    night.celsius(41, "22:12")
    assert len(night.until("22:15")) == 1
    night.celsius(41, "22:16")
    assert night.cleared == []
    night.celsius(40.9, "22:17")
    assert [c.words for c in night.cleared] == ["cooled to 41 °C at 22:17"]


def test_cooling_before_the_hold_leaves_a_trace_and_no_alert() -> None:
    night = face()
    night.celsius(45, "22:10")
    night.celsius(40, "22:14")
    assert night.until("06:00") == []
    assert night.reasons[-1] is Reason.HELD_TOO_SHORT
    assert night.cleared == []


def test_50_degrees_within_reach_is_raised_at_once() -> None:
    night = face()
    assert night.celsius(49.9, "22:10") == []
    (hot,) = night.celsius(50, "22:11")
    assert hot.text == "Room 12 · Joan · radiator-window is 50 °C"
    assert night.celsius(55, "22:12") == []


def test_a_panel_under_a_good_cover_may_be_hot() -> None:
    night = warmed(under(cover()))
    assert night.until("23:00") == []


@pytest.mark.parametrize("found", [ItemState.OFF, ItemState.LOOSE, ItemState.DAMAGED])
def test_a_hot_panel_whose_cover_was_found_wanting_is_raised_at_once(found: ItemState) -> None:
    night = warmed(under(cover()))
    (hot,) = night.replan(under(cover(found)), "22:30")
    assert hot.text == "Room 12 · Joan · radiator-window is 60 °C, not covered"
    assert (hot.priority, hot.caused_at) == (Priority.HIGH, at("22:30"))


def test_a_permit_to_take_the_cover_off_leaves_the_panel_within_reach() -> None:
    permit = replace(cover(), permit_since=at("22:20"), permit_until=at("23:00"))
    night = warmed(under(permit))
    assert [r.priority for r in night.raised] == [Priority.HIGH]


def test_a_hot_panel_without_any_cover_is_raised() -> None:
    assert len(warmed(under()).raised) == 1


def test_putting_the_cover_back_clears_what_was_raised() -> None:
    night = warmed(under())
    night.replan(under(cover()), "22:40")
    assert [c.words for c in night.cleared] == ["covered at 22:40"]


def test_the_cover_switch_is_believed_when_it_opens_and_when_it_closes() -> None:
    night = warmed(under(cover(), cover_switch()))
    night.hear(reading(SWITCH, Quantity.CONTACT, True, at("22:05")))
    opened = night.hear(reading(SWITCH, Quantity.CONTACT, False, at("22:30")))
    assert [r.caused_at for r in raises(opened.decisions)] == [at("22:30")]
    night.hear(reading(SWITCH, Quantity.CONTACT, True, at("22:35")))
    assert [c.words for c in night.cleared] == ["covered at 22:35"]


def test_what_a_switch_said_goes_when_the_switch_is_taken_away() -> None:
    night = warmed(under(cover(), cover_switch()))
    night.hear(reading(SWITCH, Quantity.CONTACT, False, at("22:30")))
    night.replan(under(cover()), "22:40")
    assert [c.words for c in night.cleared] == ["covered at 22:40"]


@pytest.mark.parametrize("doubtful", [cover(None), cover(on=date(2026, 9, 1))])
def test_a_cover_that_nobody_confirmed_lately_is_a_doubt(doubtful: PlacedItem) -> None:
    night = warmed(under(doubtful))
    assert night.raised == []
    assert night.until("22:06:59") == []
    (hot,) = night.until("22:07")
    assert hot.priority is Priority.MEDIUM
    assert hot.text == "Room 12 · Joan · radiator-window is 60 °C, cover not confirmed"


def test_a_confirmation_that_ages_overnight_is_noticed_without_any_message() -> None:
    # 31 days from its midnight, one of them of 25 hours, end at 23:00
    night = warmed(under(cover(on=date(2026, 10, 3))))
    assert night.until("23:04:59") == []
    assert [r.priority for r in night.until("23:05")] == [Priority.MEDIUM]


def test_a_power_on_value_is_not_believed_until_it_is_repeated() -> None:
    night = Night(plan_of((), (probe(),)))
    first = night.hear(reading(PROBE, Quantity.TEMPERATURE, 85.0, at("22:00")))
    assert first.standing is Standing.IMPLAUSIBLE
    assert first.why == "85.0 °C is a sensor's power-on value until it is repeated"
    assert len(night.celsius(85.0, "22:01")) == 1


def test_a_power_on_value_followed_by_the_truth_raises_nothing() -> None:
    night = Night(plan_of((), (probe(),)))
    night.celsius(85.0, "22:00")
    night.celsius(21, "22:01")
    assert night.until("06:00") == []


def test_a_jump_waits_for_the_next_sample_to_confirm_it() -> None:
    night = face()
    jump = night.hear(reading(PROBE, Quantity.TEMPERATURE, 72.0, at("22:10")))
    assert jump.standing is Standing.IMPLAUSIBLE
    assert jump.why.startswith("a step of 34.0 °C from 38.0 to 72.0 °C in one sample")
    assert len(night.celsius(73, "22:11")) == 1


def test_a_jump_that_was_a_spike_raises_nothing() -> None:
    night = face()
    night.celsius(72, "22:10")
    night.celsius(38, "22:11")
    assert night.celsius(70, "22:12") == []
    assert night.until("06:00") == []


def test_closing_the_alert_of_a_hot_surface_is_trusted_for_the_hold_time() -> None:
    night = face()
    night.celsius(52, "22:10")
    night.closed(HOT, when="22:12")
    assert night.celsius(53, "22:13") == []
    assert night.replan(plan_of((), (probe(),)), "22:14") == []
    assert [r.cause for r in night.until("22:17")] == [HOT]


def test_a_surface_that_was_made_safe_is_left_in_peace_while_it_cools() -> None:
    night = face()
    night.celsius(57, "22:10")
    night.closed(HOT, when="22:12")
    for celsius, when in ((54, "22:16"), (49, "22:21"), (45, "22:26"), (43, "22:31")):
        assert night.celsius(celsius, when) == []
    assert night.celsius(40.9, "22:36") == []
    assert night.until("06:00") == []


@pytest.mark.parametrize("after", [56.0, 55.5, None], ids=["barely cools", "slowly", "no word"])
def test_a_surface_that_does_not_cool_is_raised_after_the_hold_time(after: float | None) -> None:
    night = face()
    night.celsius(57, "22:10")
    night.closed(HOT, when="22:12")
    if after is not None:
        assert night.celsius(after, "22:16") == []
    assert [r.cause for r in night.until("22:17")] == [HOT]


def test_a_surface_that_cooled_and_then_stays_hot_is_raised_at_the_next_look() -> None:
    night = face()
    night.celsius(57, "22:10")
    night.closed(HOT, when="22:12")
    night.celsius(55, "22:16")
    night.celsius(54.5, "22:21")
    assert [r.cause for r in night.until("22:22")] == [HOT]


def test_closing_the_alert_of_a_surface_that_has_cooled_puts_nothing_off() -> None:
    night = face()
    night.celsius(52, "22:10")
    night.celsius(39, "22:20")
    night.celsius(45, "22:29")
    night.closed(HOT, when="22:30")
    assert [r.cause for r in night.until("22:34")] == [HOT]


def test_a_pause_holds_heat_back_and_ends_early_when_it_is_resumed() -> None:
    items = (probe(),)
    night = Night(plan_of((), items, pauses=(pause("22:00", "22:30", RADIATOR),)))
    for celsius, when in ((38, "22:01"), (45, "22:02"), (49, "22:03")):
        assert night.celsius(celsius, when) == []
    assert night.until("22:20") == []
    assert len(night.replan(plan_of((), items), "22:21")) == 1


def test_what_burns_at_once_breaks_through_a_pause() -> None:
    night = Night(plan_of((), (probe(),), pauses=(pause("22:00", "22:30", RADIATOR),)))
    night.celsius(38, "22:01")
    [raised] = night.celsius(50, "22:10")
    assert raised.priority is Priority.HIGH


def test_a_surface_still_hot_at_the_end_of_a_pause_is_raised_then() -> None:
    night = Night(plan_of((), (probe(),), pauses=(pause("22:00", "22:30", RADIATOR),)))
    night.celsius(38, "22:01")
    night.celsius(45, "22:10")
    assert night.until("22:29:59") == []
    assert len(night.until("22:30")) == 1


def test_a_held_surface_does_not_wait_for_a_pause_that_was_resumed() -> None:
    night = Night(plan_of((), (probe(),), pauses=(pause("22:00", "23:30", RADIATOR),)))
    night.celsius(38, "22:01")
    night.celsius(45, "22:10")
    night.until("22:20")
    assert len(night.replan(plan_of((), (probe(),)), "22:21")) == 1


def test_room_air_is_no_surface() -> None:
    night = Night(plan_of((), (probe(Mount.ROOM_AIR),)))
    assert night.celsius(60, "22:00") == []
    assert AlertKind.HOT_SURFACE not in {r.cause.kind for r in night.until("11:59")}


def doubtful_and_raised() -> Night:
    """A hot panel whose cover nobody confirmed lately, raised at 22:07 as a doubt."""
    night = warmed(under(cover(None)))
    assert [hot.priority for hot in night.until("22:07")] == [Priority.MEDIUM]
    return night


def test_a_doubt_that_turns_into_a_finding_is_raised_again_as_high() -> None:
    night = doubtful_and_raised()
    (worse,) = night.replan(under(cover(ItemState.OFF)), "22:20")
    assert (worse.cause, worse.priority) == (HOT, Priority.HIGH)
    assert worse.text == "Room 12 · Joan · radiator-window is 60 °C, not covered"
    assert night.replan(under(cover(ItemState.OFF)), "22:21") == [], "once"
    assert night.celsius(61, "22:22") == []


def test_a_finding_that_becomes_a_doubt_is_not_raised_anew() -> None:
    night = warmed(under(cover(ItemState.OFF)))
    assert night.replan(under(cover(None)), "22:20") == []
    assert night.replan(under(cover(ItemState.OFF)), "22:30") == []


def test_a_doubt_remembers_that_it_is_one_through_a_restart() -> None:
    night = doubtful_and_raised().restarted(under(cover(None)), "22:10")
    (worse,) = night.replan(under(cover(ItemState.OFF)), "22:20")
    assert worse.priority is Priority.HIGH


def test_a_sensor_that_is_moved_no_longer_watches_where_it_was() -> None:
    night = face()
    night.celsius(55, "22:10")
    elsewhere = replace(probe(), place=PlaceId("14", "radiator-window"))
    assert night.replan(plan_of((), (elsewhere,)), "22:20") == [], "it has measured nothing there"
    assert [(c.cause, c.words) for c in night.cleared] == [(HOT, "no longer watched since 22:20")]
    (hot,) = night.celsius(56, "22:21")
    assert hot.cause.place == elsewhere.place


def test_a_sensor_that_was_moved_while_nobody_watched_clears_the_old_place_too() -> None:
    night = face()
    night.celsius(55, "22:10")
    elsewhere = replace(probe(), place=PlaceId("14", "radiator-window"))
    later = night.restarted(plan_of((), (elsewhere,)), "22:30", watched_until="22:20")
    assert [(c.cause, c.words) for c in later.cleared] == [(HOT, "no longer watched since 22:30")]


def test_a_sensor_that_is_taken_away_no_longer_watches() -> None:
    night = face()
    night.celsius(55, "22:10")
    night.replan(plan_of(), "22:20")
    assert [c.words for c in night.cleared] == ["no longer watched since 22:20"]
