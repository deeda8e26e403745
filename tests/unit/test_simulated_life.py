"""Residents, mats and radiators of a simulated home behave as theirs do."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightwarden.model.places import EquipmentKind, Mount, PlaceId
from nightwarden.model.readings import Quantity
from simulators.beats import Occasion, moments
from simulators.dice import dice
from simulators.house import House
from simulators.radiators import Radiator, boiler_in_turns, seen_from
from simulators.residents import Move, Whereabouts, life
from simulators.senses import Change, PowerCut, bed_or_chair, feet_beside_the_bed
from simulators.story import (
    DEMO_STORY,
    BoilerCycle,
    Exit,
    Pace,
)
from tests.unit.simulated import LONDON, NOON, demo, instants, zones

# --- residents -------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(), start=instants, zone=zones)
def test_a_resident_is_in_one_place_at_a_time_and_always_comes_back(
    seed: int, start: datetime, zone: str
) -> None:
    moves = list(islice(life(dice(seed, "r"), start, ZoneInfo(zone), Pace()), 120))
    assert moves[0].at == start
    assert all(before.at < after.at for before, after in pairwise(moves))
    assert all(before.to is not after.to for before, after in pairwise(moves))
    for before, after in pairwise(moves):
        if before.to is Whereabouts.FEET:
            assert after.at - before.at <= timedelta(minutes=60)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(), day=st.dates(date(2026, 1, 1), date(2027, 12, 31)), zone=zones)
def test_at_three_in_the_night_most_are_in_bed_and_at_two_in_the_afternoon_none(
    seed: int, day: date, zone: str
) -> None:
    where = ZoneInfo(zone)
    night = datetime.combine(day, time(3, 30), where)
    afternoon = datetime.combine(day, time(14), where)
    present = {
        instant: [next(life(dice(seed, str(n)), instant, where, Pace())).to for n in range(20)]
        for instant in (night, afternoon)
    }
    assert present[night].count(Whereabouts.BED) >= 14
    assert Whereabouts.BED not in present[afternoon]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(), after=st.floats(1, 100), away=st.floats(1, 3000))
def test_a_story_plays_its_exit_to_the_second_and_nothing_else_meanwhile(
    seed: int, after: float, away: float
) -> None:
    moves = life(dice(seed, "r"), NOON, LONDON, DEMO_STORY.pace, Exit(after, away), 150)
    first, out, back, ordinary_exit = islice(moves, 4)
    assert first == Move(NOON, Whereabouts.BED)
    assert out == Move(NOON + timedelta(seconds=after), Whereabouts.FEET)
    assert back == Move(out.at + timedelta(seconds=away), Whereabouts.BED)
    assert ordinary_exit.at > NOON + timedelta(seconds=max(150, after + away))


def test_in_an_endless_night_nobody_rises_for_the_day() -> None:
    moves = list(islice(life(dice(1, "r"), NOON, LONDON, Pace(endless_night=True)), 400))
    assert moves[-1].at > NOON + timedelta(days=2)
    assert Whereabouts.CHAIR not in {move.to for move in moves}


def test_a_floor_mat_is_stepped_on_when_the_bed_is_left_or_entered() -> None:
    def minute(n: float) -> datetime:
        return NOON + timedelta(minutes=n)

    moves = [Move(NOON, Whereabouts.BED), Move(minute(10), Whereabouts.FEET)]
    moves += [Move(minute(15), Whereabouts.CHAIR), Move(minute(30), Whereabouts.BED)]
    steps = list(feet_beside_the_bed(iter(moves), Random(1)))
    assert [step.at for step in steps if step.value] == [minute(10), minute(30)]
    assert [step.value for step in steps] == [False, True, False, True]
    assert steps[2].at - steps[1].at <= timedelta(seconds=6)


# --- devices and power -----------------------------------------------------------------------


def test_a_mat_without_power_is_silent_and_then_tells_what_it_finds() -> None:
    def second(n: float) -> datetime:
        return NOON + timedelta(seconds=n)

    moves = iter([Move(NOON, Whereabouts.BED), Move(second(120), Whereabouts.FEET)])
    cuts = iter([PowerCut(second(60), second(300))])
    every = (timedelta(seconds=30), timedelta(seconds=30))
    changes = bed_or_chair(EquipmentKind.BED_MAT, moves)
    happens = list(islice(moments(NOON, every, changes, cuts, Random(1)), 6))
    occasions = [moment.occasion for moment in happens]
    assert occasions[0] is Occasion.STARTED
    assert occasions[occasions.index(Occasion.LOST_POWER) + 1] is Occasion.STARTED
    returned = happens[occasions.index(Occasion.LOST_POWER) + 1]
    assert returned.at == second(300)
    assert returned.change == Change(second(120), Quantity.OCCUPANCY, value=False)


# --- heat ------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(), start=instants, hours=st.lists(st.floats(0, 48), min_size=1))
def test_a_cover_keeps_its_face_below_43_degrees_whatever_the_metal_does(
    seed: int, start: datetime, hours: list[float]
) -> None:
    boiler = boiler_in_turns(start, BoilerCycle(first_on_s=60, on_s=7200, off_s=3600))
    radiator = Radiator(boiler, start, Pace(), Random(seed))
    for hour in sorted(hours):
        metal = radiator.metal(start + timedelta(hours=hour))
        bare = seen_from(Mount.ACCESSIBLE_FACE, metal, covered=False)
        covered = seen_from(Mount.ACCESSIBLE_FACE, metal, covered=True)
        assert 21 <= covered <= bare <= metal <= 71
        assert covered < 43


def test_a_bare_radiator_is_hot_in_the_morning_and_cooler_before_it() -> None:
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    house, bare = House(demo(), 1, midnight), PlaceId("14", "radiator-window")
    early = house.touch(bare, midnight + timedelta(hours=4))
    late = house.touch(bare, midnight + timedelta(hours=6))
    assert early < 50 < late


@settings(max_examples=30, deadline=None)
@given(looks=st.lists(st.floats(0, 3000), max_size=30))
def test_metal_is_as_warm_however_often_somebody_looks(looks: list[float]) -> None:
    def radiator() -> Radiator:
        boiler = boiler_in_turns(NOON, BoilerCycle(first_on_s=60, on_s=600, off_s=300))
        return Radiator(boiler, NOON, Pace(), Random(1))

    watched, left_alone = radiator(), radiator()
    for look in sorted(looks):
        watched.metal(NOON + timedelta(seconds=look))
    end = NOON + timedelta(seconds=3000)
    assert watched.metal(end) == pytest.approx(left_alone.metal(end))
