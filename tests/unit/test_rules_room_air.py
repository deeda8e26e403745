"""Rooms that are too cold or too hot."""

from dataclasses import replace

import pytest

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.places import Mount
from nightwarden.model.plan import Plan
from nightwarden.model.watches import Pause
from rules.decisions import Reason
from tests.unit.rule_builders import RADIATOR, Night, at, pause, plan_of, probe

COLD = Cause(AlertKind.ROOM_TOO_COLD, RADIATOR, "TMP-0012")
HOT = Cause(AlertKind.ROOM_TOO_HOT, RADIATOR, "TMP-0012")


def room(*pauses: Pause) -> Plan:
    return plan_of((), (probe(Mount.ROOM_AIR),), pauses=pauses)


def test_half_an_hour_below_18_degrees_is_too_cold() -> None:
    night = Night(room())
    night.celsius(17.9, "22:00")
    night.celsius(16.4, "22:20")
    assert night.until("22:29:59") == []
    (cold,) = night.until("22:30")
    assert (cold.cause, cold.priority, cold.caused_at) == (COLD, Priority.MEDIUM, at("22:00"))
    assert cold.text == "Room 12 · Joan · the room is 16.4 °C, too cold"
    assert night.until("06:00") == [], "once"


def test_an_hour_above_26_degrees_is_too_hot() -> None:
    night = Night(room())
    night.celsius(26.1, "20:00")
    assert night.until("20:59:59") == []
    (hot,) = night.until("21:00")
    assert (hot.cause, hot.priority) == (HOT, Priority.LOW)
    assert hot.text == "Room 12 · Joan · the room is 26.1 °C, too hot"


@pytest.mark.parametrize("celsius", [18.0, 22.0, 26.0])
def test_the_limits_themselves_are_agreeable(celsius: float) -> None:
    night = Night(room())
    night.celsius(celsius, "20:00")
    assert night.until("06:00") == []


@pytest.mark.parametrize(
    ("beyond", "at_the_limit", "agreeable", "cause"),
    [(17.0, 18.5, 18.6, COLD), (27.0, 25.5, 25.4, HOT)],
)
def test_it_clears_half_a_degree_beyond_its_limit(
    beyond: float, at_the_limit: float, agreeable: float, cause: Cause
) -> None:
    night = Night(room())
    night.celsius(beyond, "20:00")
    night.until("21:30")
    night.celsius(at_the_limit, "21:31")
    assert night.cleared == []
    night.celsius(agreeable, "21:32")
    assert [(c.cause, c.words) for c in night.cleared] == [(cause, f"{agreeable:.1f} °C at 21:32")]


def test_an_open_window_for_ten_minutes_leaves_a_trace_and_no_alert() -> None:
    night = Night(room())
    night.celsius(16.0, "22:00")
    night.celsius(19.0, "22:10")
    assert night.until("06:00") == []
    assert night.cleared == []
    assert night.reasons[-1] is Reason.HELD_TOO_SHORT


def test_the_sensor_on_a_radiator_knows_nothing_of_the_air() -> None:
    night = Night(plan_of((), (probe(Mount.ACCESSIBLE_FACE),)))
    night.celsius(12.0, "22:00")
    assert night.until("06:00") == []


def test_air_is_no_surface_however_hot() -> None:
    night = Night(room())
    night.celsius(40.0, "20:00")
    assert [r.cause for r in night.until("06:00")] == [HOT]


def test_closing_it_is_trusted_for_the_hold_time() -> None:
    night = Night(room())
    night.celsius(16.0, "22:00")
    night.until("22:30")
    night.closed(COLD, when="22:40")
    assert night.replan(room(), "22:41") == [], "a change of plan is no reason to ask earlier"
    assert night.until("23:09:59") == []
    assert [r.cause for r in night.until("23:10")] == [COLD]


def test_a_pause_holds_it_back_until_its_end_or_until_it_is_cut_short() -> None:
    night = Night(room(pause("22:20", "22:50", RADIATOR)))
    night.celsius(16.0, "22:00")
    assert night.until("22:35") == []
    assert [r.cause for r in night.replan(room(), "22:36")] == [COLD]


def test_what_became_cold_in_an_outage_says_so() -> None:
    before = Night(room())
    before.celsius(16.0, "22:00")
    night = before.restarted(room(), "23:00", watched_until="22:10")
    (cold,) = night.raised
    assert cold.text.endswith("too cold (at 22:00, while not watching)")


def test_another_tag_at_the_place_is_another_cause() -> None:
    other = replace(probe(Mount.ROOM_AIR), tag="TMP-0013")
    night = Night(plan_of((), (other,)))
    night.celsius(16.0, "22:00")
    assert [r.cause.subject for r in night.until("22:30")] == ["TMP-0013"]
