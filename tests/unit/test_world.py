"""Residents, mats and carers of a simulated home, and a world into which carers step."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from nightwarden.model.places import PlaceId
from nightwarden.model.readings import Quantity
from nightwarden.nights.night import hours_of
from simulators.home_description import parse_home
from simulators.homes import home_of
from simulators.mats import PERFECT, Pad, under_a_sleeper
from simulators.profiles import PROFILES
from simulators.residents import (
    IN_BED,
    ON_THE_FLOOR,
    Help,
    Move,
    Whereabouts,
    habits_of,
    life,
)
from simulators.rooms import Turn
from simulators.simulation import Simulation
from simulators.story import Pace
from simulators.wire import WireMessage
from simulators.world import World
from tests.unit.simulated import LONDON, NOON

EVENING = datetime(2026, 11, 23, 20, tzinfo=UTC)
HOME = parse_home(home_of(6, date(2026, 11, 23)), "a home")


def minute(count: float) -> datetime:
    return EVENING + timedelta(minutes=count)


def until(world: World, end: datetime) -> list[tuple[datetime, str, bytes]]:
    said = []
    while world.next_at < end:
        said.append(told(world.take()))
    return said


def told(message: WireMessage) -> tuple[datetime, str, bytes]:
    return message.at, message.topic, message.payload()


def faller(seed: int = 1) -> tuple[int, Move]:
    """A seed with which the resident of room 1 falls in the night, and when."""
    resident = HOME.residents[0]
    for number in range(seed, 5_000):
        for move in islice(Simulation(HOME, number, EVENING).moves(resident), 60):
            if move.to in ON_THE_FLOOR and move.at < minute(10 * 60):
                return number, move
    raise AssertionError("nobody ever falls")


# --- residents -------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    day=st.sampled_from([date(2026, 3, 28), date(2026, 10, 24), date(2026, 11, 23)]),
    helps=st.none() | st.just(Help()),
)
def test_a_residents_times_never_overlap_also_where_clocks_change(
    seed: int, day: date, helps: Help | None
) -> None:
    start, end = hours_of(day, LONDON)
    moves = list(islice(life(Random(seed), start, LONDON, Pace(), help_=helps), 200))
    assert moves[0].at == start
    assert moves[-1].at > end
    assert all(before.at < after.at for before, after in pairwise(moves))
    assert all(before.to is not after.to for before, after in pairwise(moves))
    noon = datetime.combine(day + timedelta(days=1), time(14), LONDON)
    assert [move for move in moves if move.at <= noon][-1].to not in IN_BED


def test_a_night_over_a_clock_change_has_its_right_length() -> None:
    days = (date(2026, 3, 28), date(2026, 10, 24), date(2026, 11, 23))
    spans = [hours_of(day, LONDON) for day in days]
    assert [(end - start) / timedelta(hours=1) for start, end in spans] == [11, 13, 12]


def test_each_profile_is_lived_as_often_as_it_says() -> None:
    found = [habits_of(Random(seed)).profile for seed in range(2_000)]
    for profile in PROFILES:
        assert abs(found.count(profile) / 2_000 - profile.share) < 0.04
    assert sum(profile.share for profile in PROFILES) == 1


def test_who_falls_lies_there_until_somebody_comes() -> None:
    seed, fell = faller()
    resident = HOME.residents[0]

    def after(helps: dict[str, Help] | None) -> Move:
        simulation = Simulation(HOME, seed, EVENING, helps=helps)
        return next(move for move in simulation.moves(resident) if move.at > fell.at)

    found = after(None)
    assert timedelta(minutes=5) <= found.at - fell.at <= timedelta(minutes=40)
    came = fell.at + timedelta(minutes=2)
    helped = after({resident.id: Help((came,))})
    assert (helped.to, helped.at > came + timedelta(minutes=3)) == (Whereabouts.BED, True)
    assert helped.at < came + timedelta(minutes=13)
    alone = after({})
    assert alone.at > minute(9 * 60)  # in the morning, or not at all


# --- mats ------------------------------------------------------------------------------------


def test_a_perfect_mat_follows_its_sleeper_and_a_turn_lifts_off_it() -> None:
    moves = [
        Move(EVENING, Whereabouts.BED),
        Move(minute(10), Whereabouts.LIFTED),
        Move(minute(10.05), Whereabouts.BED),
        Move(minute(20), Whereabouts.EDGE),
        Move(minute(21), Whereabouts.FEET),
        Move(minute(25), Whereabouts.BED),
    ]
    changes = list(under_a_sleeper(iter(moves), PERFECT, Random(1)))
    assert [(change.at, change.value) for change in changes] == [
        (EVENING, True),
        (minute(10), False),
        (minute(10.05), True),
        (minute(20), True),
        (minute(21), False),
        (minute(25), True),
    ]


def test_a_pad_that_sticks_lets_go_of_nobody_until_they_are_back() -> None:
    moves = [
        Move(EVENING, Whereabouts.BED),
        Move(minute(21), Whereabouts.FEET),
        Move(minute(25), Whereabouts.BED),
    ]
    changes = under_a_sleeper(iter(moves), Pad(sticks=1), Random(1))
    assert all(change.value for change in changes)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_mats_changes_come_in_order_and_end_as_the_sleeper_lies(seed: int) -> None:
    rng = Random(seed)
    moves = list(islice(life(rng, NOON, LONDON, Pace()), 80))
    pad = Pad(bounces=0.5, losses_an_hour=0.5, edge_presses=0.5, late_s=1)
    changes = list(islice(under_a_sleeper(iter(moves), pad, Random(seed)), 500))
    assert all(before.at <= after.at for before, after in pairwise(changes))
    assert {change.quantity for change in changes} == {Quantity.OCCUPANCY}
    for move, after in pairwise(moves):
        within = [one for one in changes if move.at <= one.at < after.at]
        if move.to is Whereabouts.BED and within:
            assert within[-1].value


# --- a world into which people step ----------------------------------------------------------


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_world_in_which_nobody_steps_is_the_simulation(seed: int) -> None:
    simulation = Simulation(HOME, seed, EVENING, helps={})
    end = minute(90)
    said = [told(message) for message in simulation.messages_until(end)]
    assert sorted(until(World(simulation), end)) == sorted(said)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32), at=st.integers(30, 300))
def test_an_act_changes_nothing_that_was_said_before_it(seed: int, at: int) -> None:
    simulation = Simulation(HOME, seed, EVENING, helps={})
    world, untouched = World(simulation), World(simulation)
    end = minute(360)
    said = until(world, minute(at))
    world.turned(minute(at), Turn.COVER_OFF, PlaceId("1", "radiator"))
    said += until(world, end)
    before = until(untouched, minute(at))
    after = until(untouched, end)
    assert said[: len(before)] == before
    assert said[len(before) :] != after
    others = "zigbee2mqtt/Room 1 radiator"
    assert [one for one in said[len(before) :] if not one[1].startswith(others)] == [
        one for one in after if not one[1].startswith(others)
    ]


def test_help_on_the_floor_brings_the_mat_to_say_so() -> None:
    seed, fell = faller()
    resident = HOME.residents[0]
    world = World(Simulation(HOME, seed, EVENING, helps={}))
    came = fell.at + timedelta(minutes=1)
    until(world, came)
    assert world.moves(resident, came)[-1].to in ON_THE_FLOOR
    world.helped(resident, came)
    assert world.moves(resident, came)[-1].to in ON_THE_FLOOR
    assert world.moves(resident, came + timedelta(minutes=13))[-1].to in IN_BED
    later = [one for one in until(world, came + timedelta(minutes=13)) if "bed" in one[1]]
    assert any(b'"pressure":true' in payload for _, topic, payload in later if "Room 1" in topic)
