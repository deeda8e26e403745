"""Floor mats that miss exits, restless nights, and a heating circuit that is too hot."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightwarden.model.alerts import AlertKind, Priority
from nightwarden.model.places import EmitterKind, EquipmentKind, Mount, PlaceId
from nightwarden.model.plan import Emitter, PlacedItem, Plan
from nightwarden.model.readings import DeviceId, Quantity
from rules.decisions import Raise, Reason
from rules.restless_nights import usual_of
from rules.rulebook import DEFAULT_RULEBOOK, OutOfBedOftenRule
from tests.unit.rule_builders import (
    BED,
    INSTALLED,
    MAT,
    NEVER_SILENT,
    Night,
    at,
    bed_needed,
    bed_plan,
    mat,
    pause,
    plan_of,
    probe,
    reading,
)

BEDSIDE = PlaceId("12", "bedside")
FLOOR = DeviceId("nightwarden", "floor-12")
FLOOR_MAT = PlacedItem(
    "FLR-0012", EquipmentKind.FLOOR_MAT, BEDSIDE, INSTALLED, device=FLOOR, supervision=NEVER_SILENT
)


def floor_plan(**more: object) -> Plan:
    return plan_of((bed_needed(),), (mat(), FLOOR_MAT), **more)  # type: ignore[arg-type]


def foot(night: Night, down: bool, when: str) -> None:
    night.hear(reading(FLOOR, Quantity.OCCUPANCY, down, at(when)))


def in_bed(plan: Plan) -> Night:
    night = Night(plan, at("21:30"))
    foot(night, False, "21:40")
    night.bed(True, "21:45")
    return night


def missed(raised: list[Raise]) -> list[Raise]:
    return [one for one in raised if one.cause.kind is AlertKind.MISSED_FLOOR_MAT]


def exits(night: Night, *when: str) -> None:
    for clock in when:
        night.bed(False, clock)
        night.bed(True, at(clock) + timedelta(minutes=2))


def test_two_exits_in_a_row_that_the_floor_mat_missed_are_raised() -> None:
    night = in_bed(floor_plan())
    exits(night, "22:00", "23:00")
    [raised] = missed(night.raised)
    assert raised.priority is Priority.LOW
    assert "missed 2 exits in a row" in raised.text
    assert night.reasons.count(Reason.FLOOR_MAT_MISSED) == 2, "and each can be counted"


@pytest.mark.parametrize("step", ["21:59:56", "22:00:29"])
def test_a_step_just_before_or_soon_after_the_exit_is_a_hit(step: str) -> None:
    night = in_bed(floor_plan())
    exits(night, "21:50")
    for clock, down in sorted([("22:00:00", None), (step, True)], key=lambda one: one[0]):
        if down is None:
            night.bed(False, clock)
        else:
            foot(night, True, clock)
    night.until("22:10")
    foot(night, False, "22:11")
    night.bed(True, "22:12")
    exits(night, "23:00")
    assert missed(night.raised) == [], "a hit ends the row"


def test_a_hit_clears_it() -> None:
    night = in_bed(floor_plan())
    exits(night, "22:00", "23:00")
    night.bed(False, "23:30")
    foot(night, True, "23:30:04")
    assert AlertKind.MISSED_FLOOR_MAT in {clear.cause.kind for clear in night.cleared}


def test_a_bed_that_says_again_that_it_is_empty_was_left_once() -> None:
    night = in_bed(floor_plan())
    night.bed(False, "22:00")
    night.hear(reading(MAT, Quantity.LINK, False, at("22:05")))
    night.hear(reading(MAT, Quantity.OCCUPANCY, False, at("22:20")))
    night.until("22:40")
    assert night.reasons.count(Reason.FLOOR_MAT_MISSED) == 1
    night.bed(True, "22:50")
    exits(night, "23:00")
    assert len(missed(night.raised)) == 1, "and once more after a return"


def test_care_on_that_side_says_nothing() -> None:
    care = (pause("22:00", "22:15", BEDSIDE), pause("23:00", "23:15"))
    night = in_bed(floor_plan(pauses=care))
    exits(night, "22:05", "23:05")
    assert missed(night.until("23:59")) == []
    assert Reason.FLOOR_MAT_MISSED not in night.reasons


# --- restless nights ------------------------------------------------------------------------------

RULE = OutOfBedOftenRule(known_nights=3)
BOOK = replace(DEFAULT_RULEBOOK, out_of_bed_often=RULE)


def restless(night: Night) -> list[Raise]:
    return [one for one in night.raised if one.cause.kind is AlertKind.OUT_OF_BED_OFTEN]


def nights_of(counts: list[int], start: datetime, hours: str = "21:00-07:00") -> Night:
    """So many exits in each night, the first of them on the evening of ``start``."""
    plan = bed_plan(hours=hours)
    night = Night(plan, start)
    night.engine.replan(plan, start, BOOK)
    night.bed(True, start + timedelta(minutes=5))
    for number, count in enumerate(counts):
        begin = start + timedelta(days=number, hours=3)
        for exit_ in range(count):
            left = begin + timedelta(minutes=20 * exit_)
            night.bed(False, left)
            night.bed(True, left + timedelta(minutes=1))
        noon = start + timedelta(days=number, hours=14)
        night.bed(False, noon)  # up for the day, and back for a nap
        night.bed(True, noon + timedelta(minutes=30))
    return night


def test_a_night_beyond_what_is_usual_is_raised_once() -> None:
    night = nights_of([1, 2, 1, 6], at("20:00"))
    [raised] = restless(night)
    assert "out of bed 4 times tonight, usually 1" in raised.text
    assert raised.priority is Priority.LOW


def test_before_enough_nights_are_known_nothing_is_usual() -> None:
    assert restless(nights_of([1, 1, 9], at("20:00"))) == []


def test_who_is_always_up_often_is_not_asked_after_each_night() -> None:
    assert restless(nights_of([7, 8, 7, 8, 7], at("20:00"))) == []


def test_quiet_nights_count_as_nights() -> None:
    [raised] = restless(nights_of([0, 0, 5, 4], at("20:00")))
    assert "usually 0" in raised.text


def test_the_end_of_the_night_clears_it_and_the_plan_is_due_when_it_comes_again() -> None:
    night = nights_of([1, 1, 1, 5, 1, 1, 5], at("20:00"))
    first, second = restless(night)
    assert first.action == "Look in: is she ill, in pain, cold, thirsty?"
    assert second.action == (
        f"{first.action} 1 night of the last 6 were like this: review the plan."
    )
    kinds = [clear.cause.kind for clear in night.cleared]
    assert kinds.count(AlertKind.OUT_OF_BED_OFTEN) == 2


@pytest.mark.parametrize(
    "start",
    [datetime(2026, 10, 22, 19, tzinfo=UTC), datetime(2027, 3, 25, 19, tzinfo=UTC)],
    ids=["the clocks go back", "and forward"],
)
@pytest.mark.parametrize("hours", ["21:00-07:00", "00:00-24:00"])
def test_a_clock_change_is_in_one_night_still(start: datetime, hours: str) -> None:
    night = nights_of([1, 1, 1, 5], start, hours)
    assert len(restless(night)) == (1 if hours != "00:00-24:00" else len(restless(night)))
    memory = night.memories[f"nights|{BED}"]
    assert len(memory["counts"]) == 4 if hours != "00:00-24:00" else len(memory["counts"]) >= 3


@given(st.lists(st.integers(0, 30), min_size=1, max_size=20))
def test_what_is_usual_was_the_count_of_some_night(counts: list[int]) -> None:
    usual = usual_of(counts)
    assert usual in counts
    assert sum(count <= usual for count in counts) * 2 >= len(counts)


# --- a circuit ------------------------------------------------------------------------------------


def circuit_plan(rooms: int = 4) -> Plan:
    places = [PlaceId(str(20 + number), "radiator") for number in range(rooms)]
    items = tuple(
        replace(
            probe(Mount.PIPE),
            tag=f"TMP-{place.room}",
            place=place,
            device=DeviceId("nightwarden", f"t-{place.room}"),
        )
        for place in places
    )
    emitters = tuple(
        Emitter(place, EmitterKind.PIPE, INSTALLED, assessed=True, circuit="east")
        for place in places
    )
    return plan_of((), items, emitters=emitters)


def degrees(night: Night, room: int, celsius: float, when: str) -> list[Raise]:
    said = reading(DeviceId("nightwarden", f"t-{room}"), Quantity.TEMPERATURE, celsius, at(when))
    night.hear(said)
    return circuit(night)


def circuit(night: Night) -> list[Raise]:
    return [one for one in night.raised if one.cause.kind is AlertKind.CIRCUIT_HOT]


def test_three_of_a_circuit_too_hot_together_are_the_plant() -> None:
    night = Night(circuit_plan(), at("21:00"))
    for room in (20, 21, 22):
        degrees(night, room, 75, "21:59")
        degrees(night, room, 84, "22:00")
    night.until("22:09:59")
    assert circuit(night) == []
    night.until("22:10")
    [raised] = circuit(night)
    assert raised.priority is Priority.MEDIUM
    assert "3 of 4 emitters too hot together: rooms 20, 21, 22" in raised.text


def test_two_hot_or_three_for_a_moment_are_not() -> None:
    night = Night(circuit_plan(), at("21:00"))
    for room in (20, 21):
        degrees(night, room, 75, "21:59")
        degrees(night, room, 90, "22:00")
    night.until("23:00")
    degrees(night, 22, 75, "23:00")
    degrees(night, 22, 84, "23:01")
    degrees(night, 22, 80, "23:05")
    night.until("23:59")
    assert circuit(night) == []


def test_it_clears_when_fewer_are_too_hot_and_a_silent_sensor_resolves_nothing() -> None:
    night = Night(circuit_plan(), at("21:00"))
    for room in (20, 21, 22):
        degrees(night, room, 75, "21:59")
        degrees(night, room, 84, "22:00")
    night.hear(reading(DeviceId("nightwarden", "t-20"), Quantity.LINK, False, at("22:05")))
    night.until("22:30")
    assert len(circuit(night)) == 1
    degrees(night, 21, 79, "22:40")
    assert AlertKind.CIRCUIT_HOT in {clear.cause.kind for clear in night.cleared}
