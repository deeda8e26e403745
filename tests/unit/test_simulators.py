"""A simulated home says what real devices say, repeats itself, and shows what it promises."""

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dialects import dialects, owner
from gateway.messages import RawMessage
from nightwarden.homefile.reader import read_home_file
from nightwarden.model.readings import Quantity
from simulators.home_description import parse_home
from simulators.homes import demo_home
from simulators.story import (
    DEMO_STORY,
    ORDINARY_LIFE,
    cast,
    programme,
)
from tests.unit.simulated import (
    CAPTURES,
    NOON,
    TODAY,
    body,
    demo,
    demo_night,
    of,
    ordinary,
    within,
)

# --- the simulation as a whole ---------------------------------------------------------------


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_same_seed_gives_the_same_messages_byte_for_byte(seed: int) -> None:
    once = islice(demo_night(seed).messages(), 300)
    again = islice(demo_night(seed).messages(), 300)
    assert [(m.at, m.topic, m.payload()) for m in once] == [
        (m.at, m.topic, m.payload()) for m in again
    ]


def test_another_seed_gives_another_night() -> None:
    nights = [within(ordinary(seed), timedelta(hours=20)) for seed in (1, 2)]
    exits = [[m.at for m in night if m.kind == "occupancy"] for night in nights]
    assert exits[0] != exits[1]


def test_no_two_residents_live_the_same_night() -> None:
    said = within(ordinary(), timedelta(hours=20))
    changes = [m for m in said if m.kind == "occupancy" and m.at > NOON + timedelta(hours=1)]
    instants = [message.at for message in changes]
    assert len(instants) == len(set(instants)) > 20


def test_messages_come_in_order_of_time_none_before_the_start() -> None:
    simulation = ordinary()
    said = within(simulation, timedelta(hours=20))
    assert said[0].at == simulation.start
    assert all(before.at <= after.at for before, after in pairwise(said))


def test_a_room_that_is_added_leaves_the_other_rooms_nights_as_they_were() -> None:
    text = demo_home(TODAY)
    without_11 = parse_home(re.sub(r".*MAT-0011.*\n", "", text), "home.yaml")
    night, fuller = (
        within(ordinary(home=home), timedelta(hours=20)) for home in (without_11, demo())
    )
    natives = {m.sender for m in night if m.sender.dialect == "nightwarden"}
    assert natives
    for device in natives:
        assert [m for m in night if m.sender == device] == [m for m in fuller if m.sender == device]


def test_the_gateway_understands_every_word_of_a_day() -> None:
    said = within(ordinary(), timedelta(days=1)) + within(demo_night(), timedelta(minutes=20))
    tongues = dialects("elm-house")
    heard = set()
    for message in said:
        tongue = owner(tongues, message.topic)
        assert tongue is not None, message.topic
        raw = RawMessage(message.topic, message.payload(), message.at, retain=message.retain)
        understood = tongue.read(raw)
        assert not understood.problems
        heard |= {(reading.device, reading.quantity) for reading in understood.readings}
        assert all(reading.device == message.sender for reading in understood.readings)
    assert {device for device, _ in heard} >= set(ordinary().speakers())
    assert {quantity for _, quantity in heard} >= {
        Quantity.OCCUPANCY,
        Quantity.TEMPERATURE,
        Quantity.CONTACT,
        Quantity.BATTERY,
        Quantity.LINK,
    }


# --- the wire --------------------------------------------------------------------------------


def captured(name: str) -> dict[str, Any]:
    for line in CAPTURES.read_text(encoding="utf-8").splitlines():
        capture = json.loads(line)
        if capture["topic"] == f"zigbee2mqtt/{name}":
            read = json.loads(capture["payload"])
            assert isinstance(read, dict | list)
            return {"": read[0]} if isinstance(read, list) else read
    raise AssertionError(f"no capture of {name}")


@pytest.mark.parametrize(
    ("address", "capture"),
    [
        ("Room 14 bed", "mat_room_07"),
        ("Room 14 radiator", "radiator_02"),
        ("Room 12 radiator cover", "radiator_cover_12"),
    ],
)
def test_a_zigbee_device_says_what_a_captured_one_says(address: str, capture: str) -> None:
    said = [
        m for m in of(within(ordinary(), timedelta(days=1)), address) if m.kind != "availability"
    ]
    real = captured(capture)
    assert said
    for message in said:
        fields = body(message)
        assert set(fields) == set(real) | {"last_seen"}
        for name, value in real.items():
            numeric = isinstance(value, int | float) and not isinstance(value, bool)
            assert isinstance(fields[name], int | float if numeric else type(value)), name
        assert fields["last_seen"].endswith("Z")
        assert not message.retain


def test_the_bridge_presents_itself_before_any_device_speaks() -> None:
    first, second, *rest = within(ordinary(), timedelta(seconds=10))
    assert (first.topic, body(first), first.retain) == (
        "zigbee2mqtt/bridge/state",
        {"state": "online"},
        True,
    )
    assert (second.topic, second.retain) == ("zigbee2mqtt/bridge/devices", True)
    listed = json.loads(second.payload())
    real = captured("bridge/devices")[""]
    assert {device["friendly_name"] for device in listed} >= {"Coordinator", "Room 14 bed"}
    for device in listed[1:]:
        assert set(device) <= set(real)
        assert set(device["definition"]) == set(real["definition"])
    available = [m for m in rest if m.topic.endswith("radiator/availability")]
    assert [(body(m), m.retain) for m in available] == [({"state": "online"}, True)] * 2


def test_a_native_mat_speaks_every_half_minute_counts_and_says_its_time() -> None:
    said = of(within(ordinary(), timedelta(hours=20)), "mat-12")
    assert said[0].topic == "nightwarden/v1/elm-house/device/mat-12/availability"
    assert (said[0].payload(), said[0].retain) == (b"online", True)
    spoken = [m for m in said if m.kind != "availability"]
    assert [body(m)["seq"] for m in spoken] == list(range(1, len(spoken) + 1))
    assert all(body(m)["at"] == m.at.isoformat(timespec="milliseconds")[:-6] + "Z" for m in spoken)
    beats = [m for m in spoken if m.kind == "heartbeat"]
    assert all(set(body(m)) == {"at", "seq", "occupancy", "battery"} for m in beats)
    gaps = {(after.at - before.at).total_seconds() for before, after in pairwise(beats)}
    assert 28 <= min(gaps) < max(gaps) <= 32


def test_a_device_claims_the_time_at_which_it_is_sent() -> None:
    message = of(within(ordinary(), timedelta(minutes=1)), "mat-12")[-1]
    sent = datetime(2030, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    assert json.loads(message.payload(sent))["at"] == "2030-01-02T03:04:05.678Z"


NOT_A_TASMOTA = "a Tasmota has contacts (reads: {contact: occupancy}), probes and buttons"


NO_ENDPOINT = "the channel of a Zigbee device is an endpoint, l1 to l16, left or right"


def test_a_device_that_the_simulators_cannot_play_is_named() -> None:
    text = (
        demo_home(TODAY)
        .replace("{dialect: nightwarden, address: mat-11}", "{dialect: tasmota, address: mat-11}")
        .replace(
            "{dialect: nightwarden, address: mat-12}",
            "{dialect: zigbee2mqtt, address: twin, channel: attic}",
        )
    )
    simulation = ordinary(home=parse_home(text, "home.yaml"))
    assert simulation.left_out() == (
        f"MAT-0011 is not simulated: {NOT_A_TASMOTA}",
        f"MAT-0012 is not simulated: {NO_ENDPOINT}",
    )
    assert "mat-11" not in {device.address for device in simulation.speakers()}


# --- the demo --------------------------------------------------------------------------------


def test_in_the_demo_each_thing_happens_in_its_time() -> None:
    simulation = demo_night()
    said = within(simulation, timedelta(minutes=10))

    def when(address: str, field: str, wanted: Any) -> list[float]:
        found = [m for m in of(said, address) if m.time_field and body(m).get(field) == wanted]
        return [(m.at - simulation.start).total_seconds() for m in found]

    assert when("mat-11", "occupancy", False)[0] == 18
    assert next(at for at in when("mat-11", "occupancy", True) if at > 18) == 73
    away = when("mat-12", "occupancy", False)
    assert away[0] == 110
    assert not [at for at in when("mat-12", "occupancy", True) if at > 110]
    hot = [m for m in of(said, "Room 14 radiator") if body(m).get("temperature", 0) >= 50]
    assert 20 <= (hot[0].at - simulation.start).total_seconds() <= 55
    silent = [m for m in of(said, "mat-17") if m.at >= simulation.start + timedelta(seconds=90)]
    assert (silent[0].payload(), silent[0].by_will) == (b"offline", True)
    assert silent[1].at == simulation.start + timedelta(seconds=90 + 360)


@pytest.mark.parametrize("seed", range(8))
def test_in_the_demo_the_bare_radiator_is_hot_within_a_minute_and_covered_faces_never(
    seed: int,
) -> None:
    simulation = demo_night(seed)
    said = within(simulation, timedelta(minutes=5))
    bare = [m for m in of(said, "Room 14 radiator") if body(m).get("temperature", 0) >= 50]
    assert (bare[0].at - simulation.start).total_seconds() <= 60
    covered = [body(m)["temperature"] for m in of(said, "tmp-17") if m.time_field]
    assert max(covered) < 43


def test_in_the_demo_somebody_gets_up_every_few_minutes() -> None:
    said = within(demo_night(), timedelta(hours=1))
    exits = [
        m
        for m in said
        if m.kind == "occupancy" and False in (body(m).get("occupancy"), body(m).get("pressure"))
    ]
    assert 15 <= len(exits) <= 120


def test_the_demo_plays_to_beds_that_are_watched_at_any_hour() -> None:
    home = demo()
    parts = cast(home, DEMO_STORY)
    assert set(parts.exits) == {"res-11", "res-12"}
    assert set(parts.unplugs) == {"MAT-0017"}
    assert programme(home, ORDINARY_LIFE) == ()
    assert programme(home, DEMO_STORY)[1].startswith("at 18 s: Arthur in room 11 gets up")


@given(day=st.dates(date(2026, 1, 1), date(2099, 12, 31)))
@settings(max_examples=5, deadline=None)
def test_the_demo_home_is_a_valid_home_file_on_any_day(day: date) -> None:
    now = datetime.combine(day, time(0, 30), UTC)
    home = read_home_file(demo_home(day).encode(), "demo.yaml", now)
    assert home.home.id == "elm-house"
    assert len(home.rooms) == 9
