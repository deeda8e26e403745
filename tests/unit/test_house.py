"""Rooms, boiler and weather of a simulated house stay physical, whatever is done to them."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from nightwarden.model.places import Mount, PlaceId
from simulators.boiler import SAFETY_C, Outage, Runaway
from simulators.dice import dice
from simulators.home_description import parse_home
from simulators.homes import home_of
from simulators.house import Event, Heat, House
from simulators.rooms import HEATER_C, Turn
from simulators.trouble import Odds, troubles
from simulators.weather import ColdSnap, Weather

EVENING = datetime(2026, 11, 23, 20, tzinfo=UTC)
HOME = parse_home(home_of(6, date(2026, 11, 23)), "a home")
COVERED, LIMITED = PlaceId("1", "radiator"), PlaceId("2", "radiator")
HOURS = 13


def minutes(count: float) -> datetime:
    return EVENING + timedelta(minutes=count)


times = st.floats(0, HOURS * 60).map(minutes)
turns = st.lists(
    st.tuples(times, st.sampled_from(Turn), st.sampled_from([COVERED, LIMITED])).map(
        lambda one: Event(one[0], one[1], one[2].room, one[2])
    ),
    max_size=6,
)
heats = st.builds(
    lambda events, out, length, cold: Heat(
        tuple(events),
        (
            Outage(out, out + timedelta(hours=length)),
            Outage(minutes(30), minutes(90), "north"),
        ),
        (Runaway(minutes(300), minutes(400)),),
        (ColdSnap(EVENING, minutes(HOURS * 60), cold),),
    ),
    turns,
    times,
    st.floats(0, 9),
    st.floats(0, 15),
)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), heat=heats)
def test_temperatures_stay_physical(seed: int, heat: Heat) -> None:
    house = House(HOME, seed, EVENING, heat)
    coldest = min(
        Weather.drawn(dice(seed, "weather"), heat.snaps).outside(minutes(m))
        for m in range(0, HOURS * 60, 10)
    )
    for minute in range(0, HOURS * 60, 7):
        at = minutes(minute)
        for place in HOME.emitters:
            air = house.reads(place, Mount.ROOM_AIR, at)
            metal = house.reads(place, Mount.UNDER_COVER, at)
            assert min(coldest, 0) - 1 <= air <= HEATER_C
            assert min(air, 15) - 1 <= metal <= SAFETY_C
            assert abs(air - house.reads(place, Mount.ROOM_AIR, at + timedelta(minutes=1))) < 0.5


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), heat=heats)
def test_a_cover_never_makes_the_face_hotter_than_the_panel(seed: int, heat: Heat) -> None:
    house = House(HOME, seed, EVENING, heat)
    for minute in range(0, HOURS * 60, 5):
        at = minutes(minute)
        for place in (COVERED, LIMITED):
            panel = house.reads(place, Mount.UNDER_COVER, at)
            air = house.reads(place, Mount.ROOM_AIR, at)
            assert house.touch(place, at) <= max(panel, air) + 0.1, (panel, air)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32), heat=heats, event=turns.filter(bool))
def test_what_happens_changes_nothing_that_lies_before_it(
    seed: int, heat: Heat, event: list[Event]
) -> None:
    untouched, house = House(HOME, seed, EVENING, heat), House(HOME, seed, EVENING, heat)
    one = event[0]
    house.happens(one)
    for minute in range(0, int((one.at - EVENING) / timedelta(minutes=1)), 5):
        assert house.touch(one.place or COVERED, minutes(minute)) == untouched.touch(
            one.place or COVERED, minutes(minute)
        )


def test_a_cover_that_is_taken_off_bares_a_hot_panel_and_put_back_hides_it() -> None:
    off, on = minutes(60), minutes(120)
    events = (
        Event(off, Turn.COVER_OFF, "1", COVERED),
        Event(minutes(0), Turn.STUCK_OPEN, "1", COVERED),
        Event(on, Turn.COVER_ON, "1", COVERED),
    )
    house = House(HOME, 1, EVENING, Heat(events))
    assert house.touch(COVERED, off) < 43
    assert house.touch(COVERED, off + timedelta(minutes=2)) > 55
    assert house.touch(COVERED, on + timedelta(hours=1)) < 43
    switch = [(change.at, change.value) for change in house.cover_moves(COVERED)]
    assert switch == [(EVENING, True), (off, False), (on, True)]


def test_a_thermostat_that_sticks_open_heats_a_face_that_was_harmless() -> None:
    stuck = minutes(60)
    house = House(HOME, 1, EVENING, Heat((Event(stuck, Turn.STUCK_OPEN, "2", LIMITED),)))
    assert house.touch(LIMITED, stuck) < 43
    assert house.touch(LIMITED, stuck + timedelta(minutes=30)) > 50


def test_a_cold_snap_with_the_boiler_out_cools_a_room_below_18_degrees() -> None:
    end = minutes(HOURS * 60)
    snap = ColdSnap(EVENING - timedelta(hours=6), end, 10)
    out = House(HOME, 1, EVENING, Heat(outages=(Outage(EVENING, end),), snaps=(snap,)))
    fine = House(HOME, 1, EVENING, Heat(snaps=(snap,)))
    assert out.reads(COVERED, Mount.ROOM_AIR, end) < 18
    assert fine.reads(COVERED, Mount.ROOM_AIR, end) > 19.5


def test_a_pump_that_stands_cools_its_own_circuit_alone() -> None:
    end = minutes(HOURS * 60)
    north = House(HOME, 1, EVENING, Heat(outages=(Outage(EVENING, end, "north"),)))
    fine = House(HOME, 1, EVENING)
    assert HOME.circuits[COVERED] == "north"
    assert north.reads(COVERED, Mount.UNDER_COVER, end) < 25
    assert north.reads(LIMITED, Mount.UNDER_COVER, end) == fine.reads(
        LIMITED, Mount.UNDER_COVER, end
    )


def test_a_boiler_that_runs_away_heats_every_pipe_beyond_what_is_usual() -> None:
    away = Heat(runaways=(Runaway(minutes(60), minutes(180)),))
    house, pipe = House(HOME, 1, EVENING, away), PlaceId("4", "ensuite-pipe")
    assert house.reads(pipe, Mount.PIPE, minutes(170)) > 82
    assert house.reads(pipe, Mount.PIPE, minutes(400)) < 60


def test_a_portable_heater_is_hot_while_it_is_there() -> None:
    events = (
        Event(minutes(60), Turn.HEATER_IN, "1"),
        Event(minutes(240), Turn.HEATER_OUT, "1"),
    )
    cold = (Outage(EVENING, minutes(HOURS * 60)),)
    house = House(HOME, 1, EVENING, Heat(events, cold))
    assert house.heater("1", minutes(30)) is None
    assert (house.heater("1", minutes(120)) or 0) > 60
    assert house.heater("1", minutes(300)) is None


def test_trouble_is_as_rare_as_its_odds() -> None:
    never = Odds(0, 0, 0, 0, 0, 0, 0)
    always = Odds(1, 1, 1, 1, 1, 1, 1)
    end = EVENING + timedelta(hours=12)
    assert troubles(HOME, 1, EVENING, end, never) == Heat()
    heat = troubles(HOME, 1, EVENING, end, always)
    turned = [event.turn for event in heat.events]
    assert turned.count(Turn.COVER_OFF) == len(HOME.covered)
    assert turned.count(Turn.STUCK_OPEN) == 2
    assert heat.outages
    assert heat.snaps
    assert Turn.HEATER_IN in turned
