"""What shows when every device is looked at again and again: clocks, liars, stuck values."""

from dataclasses import replace
from datetime import timedelta
from json import dumps, loads

import pytest

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.places import GapState, Mount, PlaceId
from nightwarden.model.plan import Plan
from nightwarden.model.readings import DeviceId, Quantity
from nightwarden.model.watches import WatchState
from rules.coverage import item_gap
from rules.decisions import Raise
from rules.engine import Engine
from rules.watching import watch_views
from tests.unit.rule_builders import (
    BED,
    LONDON,
    MAT,
    PROBE,
    RADIATOR,
    Night,
    at,
    bed_needed,
    cover_needed,
    mat,
    plan_of,
    probe,
    raises,
    reading,
)

DRIFT = Cause(AlertKind.CLOCK_DRIFT, BED, "MAT-0012")
LIES = Cause(AlertKind.READING_IMPLAUSIBLE, RADIATOR, "TMP-0012")
STUCK = Cause(AlertKind.READING_FROZEN, RADIATOR, "TMP-0012")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
OTHER = DeviceId("nightwarden", "tmp-14")


def one_of(night: Night, cause: Cause) -> list[Raise]:
    return [r for r in night.raised if r.cause == cause]


def again(night: Night) -> Night:
    """The night goes on in an engine made from what was kept."""
    memories = loads(dumps(night.engine.memories()))
    engine = Engine(night.engine.plan, memories, night.now, open_causes=night.engine.open_causes)
    return Night(night.engine.plan, night.now, engine)


# --- clocks ---


def speak(night: Night, minutes: int, behind_s: float, *, every: int = 1) -> None:
    """The mat says for some minutes that somebody is on it, with its own time."""
    for minute in range(0, minutes, every):
        now = night.now.replace(second=0) + every * MINUTE
        measured = now - timedelta(seconds=behind_s)
        assert minute >= 0
        night.hear(reading(MAT, Quantity.OCCUPANCY, True, now, measured=measured))


def night_of_a_mat() -> Night:
    return Night(plan_of((bed_needed(),), (mat(),)), start=at("20:00"))


def test_a_clock_that_is_behind_for_an_hour_is_raised_and_once_right_is_cleared() -> None:
    night = night_of_a_mat()
    speak(night, 59, 42)
    assert one_of(night, DRIFT) == []
    speak(night, 2, 42)
    (drift,) = one_of(night, DRIFT)
    assert drift.priority is Priority.TECHNICAL
    assert drift.text == "Room 12 · Joan · bed mat MAT-0012 has a clock 42 seconds behind"
    speak(night, 11, 0)
    assert [c.cause for c in night.cleared] == [DRIFT]


@pytest.mark.parametrize("behind_s", [0, 4.9, 5.0])
def test_five_seconds_are_no_drift(behind_s: float) -> None:
    night = night_of_a_mat()
    speak(night, 180, behind_s)
    assert one_of(night, DRIFT) == []


def test_a_device_that_sends_late_what_it_kept_is_right_with_its_newest() -> None:
    night = night_of_a_mat()
    for _ in range(30):
        speak(night, 5, 120)
        speak(night, 1, 0)
    assert one_of(night, DRIFT) == []


def test_a_device_that_gives_no_time_has_no_clock() -> None:
    night = night_of_a_mat()
    for minute in range(180):
        night.hear(reading(MAT, Quantity.OCCUPANCY, True, at("20:00") + minute * MINUTE))
    assert one_of(night, DRIFT) == []


def test_what_waited_through_an_outage_is_not_compared_and_silence_rights_no_clock() -> None:
    night = night_of_a_mat()
    speak(night, 61, 42)
    assert len(one_of(night, DRIFT)) == 1
    night.until(night.now + 5 * HOUR)
    assert DRIFT not in [c.cause for c in night.cleared]
    waited = night_of_a_mat()
    waited.engine.unwatched(at("19:00"), at("23:00"))
    waited.hear(reading(MAT, Quantity.OCCUPANCY, True, at("23:00:01"), measured=at("22:00")))
    waited.until("02:00")
    assert one_of(waited, DRIFT) == []


def test_a_drift_is_counted_through_a_restart() -> None:
    night = night_of_a_mat()
    speak(night, 45, 42)
    later = again(night)
    speak(later, 16, 42)
    assert len(one_of(later, DRIFT)) == 1


# --- what cannot be ---


def radiator(mount: Mount = Mount.ACCESSIBLE_FACE) -> Plan:
    other = replace(probe(), tag="TMP-0014", place=PlaceId("14", "radiator"), device=OTHER)
    return plan_of((), (probe(mount), other))


def jump(night: Night, times: int) -> None:
    """The probe says 20 °C once, then two things by turns that it cannot."""
    night.hear(reading(PROBE, Quantity.TEMPERATURE, 20.0, night.now))
    for n in range(times):
        celsius = (80.0, -5.0)[n % 2]
        night.hear(reading(PROBE, Quantity.TEMPERATURE, celsius, night.now + MINUTE))


def test_ten_readings_that_cannot_be_are_the_sensors_fault_and_one_alert() -> None:
    night = Night(radiator(), start=at("20:00"))
    jump(night, 9)
    night.until("20:20")
    assert one_of(night, LIES) == []
    jump(night, 10)
    night.until("20:40")
    (lies,) = one_of(night, LIES)
    assert lies.priority is Priority.TECHNICAL
    assert lies.text == (
        "Room 12 · Joan · temperature sensor TMP-0012 cannot be believed, "
        "10 readings within 1 hour that cannot be"
    )
    assert {r.cause.kind for r in night.raised} == {AlertKind.READING_IMPLAUSIBLE}


def test_meanwhile_its_gap_is_faulty_and_its_watch_blind() -> None:
    night = Night(radiator(), start=at("20:00"))
    jump(night, 10)
    item, liveness = night.engine.plan.items[0], night.engine.liveness
    gap = item_gap(cover_needed(), item, liveness, night.now, LONDON)
    assert gap is not None
    assert (gap.state, gap.because.rsplit(": ")[-1]) == (
        GapState.FAULTY,
        "its readings cannot be believed",
    )
    (view, _) = watch_views(night.engine.plan, liveness, night.now)
    assert (view.state, view.why) == (WatchState.BLIND, "TMP-0012 cannot be believed")


def test_a_surface_that_burns_is_raised_whatever_its_sensor_said_before() -> None:
    night = Night(radiator(), start=at("20:00"))
    jump(night, 10)
    made = []
    for celsius in (20.0, 38.0, 55.0):
        said = reading(PROBE, Quantity.TEMPERATURE, celsius, night.now + MINUTE)
        made += raises(night.hear(said).decisions)
    assert [r.cause.kind for r in made] == [AlertKind.HOT_SURFACE]


def test_an_hour_without_a_doubt_in_which_it_spoke_clears_and_silence_does_not() -> None:
    silent, speaking = (Night(radiator(), start=at("20:00")) for _ in range(2))
    for night in (silent, speaking):
        jump(night, 10)
    silent.until("23:50")
    assert silent.cleared == []
    for minute in range(0, 75, 5):
        when = at("20:15") + minute * MINUTE
        speaking.hear(reading(PROBE, Quantity.TEMPERATURE, 20.0, when))
    speaking.until("21:40")
    assert [c.cause for c in speaking.cleared] == [LIES]


# --- what does not move ---


def repeat(night: Night, hours: int, celsius: float = 21.5, device: DeviceId = PROBE) -> None:
    """It says the same every twenty minutes."""
    for _ in range(hours * 3):
        said = reading(device, Quantity.TEMPERATURE, celsius, night.now + 20 * MINUTE)
        night.hear(said)


def moved_before() -> Night:
    night = Night(radiator(), start=at("20:00"))
    for celsius in (20.0, 21.5):
        night.hear(reading(PROBE, Quantity.TEMPERATURE, celsius, night.now + MINUTE))
    return night


def test_the_very_same_value_for_a_day_is_a_stuck_sensor_and_another_one_clears() -> None:
    night = moved_before()
    repeat(night, 23)
    assert one_of(night, STUCK) == []
    repeat(night, 5)
    (stuck,) = one_of(night, STUCK)
    assert stuck.text == "Room 12 · Joan · temperature sensor TMP-0012 says 21.5 °C for 1 day"
    assert stuck.caused_at == at("20:02")
    night.hear(reading(PROBE, Quantity.TEMPERATURE, 21.6, night.now + MINUTE))
    night.until(night.now + 2 * HOUR)
    assert [c.cause for c in night.cleared] == [STUCK]


def test_one_that_speaks_of_changes_alone_is_silent_and_not_stuck() -> None:
    night = moved_before()
    night.until(night.now + 72 * HOUR)
    repeat(night, 1)
    night.until(night.now + 72 * HOUR)
    assert one_of(night, STUCK) == []


def test_where_nothing_has_ever_moved_nothing_is_stuck_until_another_one_moves() -> None:
    night = Night(radiator(), start=at("20:00"))
    repeat(night, 30)
    assert one_of(night, STUCK) == []
    for celsius in (18.0, 19.0):
        night.hear(reading(OTHER, Quantity.TEMPERATURE, celsius, night.now + MINUTE))
    repeat(night, 3)
    assert len(one_of(night, STUCK)) == 1


def test_a_hair_is_enough_to_move() -> None:
    night = moved_before()
    for _ in range(10):
        repeat(night, 5)
        repeat(night, 1, 21.4375)
    assert one_of(night, STUCK) == []


def test_a_stuck_sensor_is_found_through_a_restart_and_falling_silent_rights_nothing() -> None:
    night = moved_before()
    repeat(night, 15)
    later = again(night)
    repeat(later, 12)
    assert len(one_of(later, STUCK)) == 1
    later.until(later.now + 20 * HOUR)
    assert STUCK not in [c.cause for c in later.cleared]


def test_a_sensor_that_is_taken_away_is_no_longer_raised() -> None:
    night = moved_before()
    repeat(night, 28)
    assert len(one_of(night, STUCK)) == 1
    night.decisions += night.engine.replan(plan_of(), night.now)
    assert STUCK in [c.cause for c in night.cleared]
