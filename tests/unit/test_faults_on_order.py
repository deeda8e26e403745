"""Faults on order: each does what it says, to whom it says, and the same seed does the same."""

import json
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects import dialects
from gateway.dialects.base import Learner
from gateway.messages import RawMessage
from nightwarden.errors import Invalid
from nightwarden.model.readings import Quantity
from nightwarden.recording.befallen import befallen
from nightwarden.recording.lines import Entry, Header, Recorded
from simulators.faults import parse_fault, with_faults
from simulators.faults.orders import FAULTS
from simulators.simulation import Simulation
from simulators.wire import Parting, WireMessage
from tests.every_dialect import EVERYBODY_UP, START, described

LENGTH = timedelta(minutes=8)


def arriving(*orders: str, seed: int = 1) -> list[WireMessage]:
    night = Simulation(described(), 3, START, EVERYBODY_UP).messages_until(START + LENGTH)
    faults = [parse_fault(order) for order in orders]
    return list(with_faults(night, faults, START, seed))


def of(messages: list[WireMessage], address: str) -> list[WireMessage]:
    return [one for one in messages if one.sender.address == address]


def values(messages: list[WireMessage], field: str) -> list[Any]:
    bodies = [json.loads(one.payload()) for one in messages if one.kind != "availability"]
    return [body[field] for body in bodies if isinstance(body, dict) and field in body]


@pytest.mark.parametrize("name", FAULTS)
def test_messages_stay_in_order_of_time_and_the_same_seed_does_the_same(name: str) -> None:
    amount = FAULTS[name][1]
    order = f"{name}={amount}@1m-3m" if amount else f"{name}@1m-3m"
    order = order.replace("flood=50", "mat-one:flood=5").replace(
        "restart=10s@1m-3m", "restart=2m@1m"
    )
    once, again = arriving(order), arriving(order)
    told = [(m.at, m.topic, m.payload()) for m in once]
    assert told == [(m.at, m.topic, m.payload()) for m in again]
    assert told == sorted(told, key=lambda one: one[0])
    assert told != [(m.at, m.topic, m.payload()) for m in arriving()]


def test_loss_takes_its_share_and_duplicates_add_theirs() -> None:
    whole = len(arriving())
    assert 0.8 * whole < len(arriving("loss=0.1")) < 0.97 * whole
    assert 1.1 * whole < len(arriving("duplicate=0.2")) < 1.3 * whole
    assert not of(arriving("mat-one:loss=1"), "mat-one")


def test_a_stuck_mat_goes_on_speaking_and_says_the_same() -> None:
    said = of(arriving("mat-one:stuck@30s"), "mat-one")
    assert set(values(said, "occupancy")) == {True}
    assert values(said, "seq") == list(range(1, len(values(said, "seq")) + 1))
    tasmota = of(arriving("tas-1:stuck"), "tas-1")
    assert {
        json.loads(m.payload()).get("Switch1", "ON") for m in tasmota if "SENSOR" in m.topic
    } == {"ON"}


def test_drift_flapping_and_drained_batteries_reach_every_language() -> None:
    plain, hot = (
        values(of(arriving(*order), "shellyht-0083A7"), "tmp") for order in ((), ("drift=60",))
    )
    assert hot[-1]["tC"] - plain[-1]["tC"] > 3
    assert set(values(of(arriving("mat-one:battery=3"), "mat-one"), "battery")) == {3}
    retained = [m for m in arriving("battery=3") if m.topic == "homie/mat-h/$stats/battery"]
    assert {m.payload() for m in retained} == {b"3"}
    flaps = values(of(arriving("mat-one:flapping=10s@3m-5m"), "mat-one"), "occupancy")
    assert sum(a is not b for a, b in pairwise(flaps)) >= 10


def test_the_values_in_sparkplugs_protobuf_are_reached_too() -> None:
    tongue = next(one for one in dialects("elm-house") if one.name == "sparkplug")

    def told(address: str, *orders: str) -> dict[Quantity, list[Any]]:
        found: dict[Quantity, list[Any]] = {}
        for m in (m for m in arriving(*orders) if m.topic.startswith("spBv1.0/")):
            heard = tongue.read(RawMessage(m.topic, m.payload(), m.at, retain=False))
            for lesson in heard.lessons:
                assert isinstance(tongue, Learner)
                tongue.learn(lesson)
            for one in heard.readings:
                if one.device.address.startswith(address):
                    found.setdefault(one.quantity, []).append(one.value)
        return found

    mat, pipe = "elm/node-1/bed", "elm/node-1/rad"
    assert set(told(mat)[Quantity.OCCUPANCY]) == {True, False}
    assert set(told(mat, "stuck@30s")[Quantity.OCCUPANCY]) == {True}
    assert set(told(mat, "battery=3")[Quantity.BATTERY]) == {3}
    plain, hot = (max(told(pipe, *order)[Quantity.TEMPERATURE]) for order in ((), ("drift=60",)))
    assert hot - plain > 3


def test_a_clock_that_is_behind_says_so_in_its_messages() -> None:
    said, late = (of(arriving(*order), "mat-one")[-1] for order in ((), ("mat-one:skew=-2h",)))
    assert values([late], "at")[0] < values([said], "at")[0]


def test_a_disconnection_leaves_a_will_unless_it_is_clean_and_ends() -> None:
    unclean = of(arriving("mat-one:disconnect=unclean@2m-4m"), "mat-one")
    words = [(m.payload(), m.by_will) for m in unclean if m.kind == "availability"]
    assert words == [(b"online", False), (b"offline", True), (b"online", False)]
    clean = of(arriving("mat-one:disconnect=clean@2m-4m"), "mat-one")
    assert b"offline" not in [m.payload() for m in clean]
    for said in (unclean, clean):
        gone = [m for m in said if 150 < (m.at - START).total_seconds() < 240]
        assert not gone


def test_a_device_whose_will_is_not_known_is_cut_and_the_broker_says_it() -> None:
    spark = of(arriving("node-1:disconnect=unclean@2m-4m"), "elm/node-1")
    assert [m.parting for m in spark if m.parting] == [Parting.CUT]
    clean = of(arriving("mat-one:disconnect=clean@2m-4m"), "mat-one")
    assert [m.parting for m in clean if m.parting] == [Parting.GOODBYE]


def test_a_broker_that_restarts_forgets_and_its_devices_say_again_what_they_kept() -> None:
    plain, said = arriving(), arriving("restart=1m@2m")
    falls, back = START + timedelta(minutes=2), START + timedelta(minutes=3)
    before = [[(m.at, m.topic, m.payload()) for m in of if m.at < falls] for of in (plain, said)]
    assert before[0] == before[1]
    fallen = [m for m in said if m.at == falls]
    assert {m.parting for m in fallen} == {Parting.BROKER_GONE}
    assert len(fallen) == len({m.sender for m in plain if m.at < falls})
    assert not [m for m in said if falls < m.at < back]
    again = [m for m in said if m.at == back]
    assert {m.topic for m in plain if m.at < falls and m.retain} <= {m.topic for m in again}
    mats = [m for m in plain if falls < m.at < back and m.sender.address == "mat-one"]
    kept = [m for m in again if m.sender.address == "mat-one" and not m.retain]
    assert [m.payload() for m in kept] == [m.payload() for m in mats]
    assert not [m for m in again if not m.qos and not m.retain]


def test_what_was_under_way_has_the_time_at_which_it_was_said() -> None:
    plain, late = (of(arriving(*order), "mat-one") for order in ((), ("mat-one:delay=3s",)))
    claims = [sorted(values(said, "at")) for said in (plain, late)]
    assert claims[0][:10] == claims[1][:10]
    assert all(b.at > a.at for a, b in zip(plain, late, strict=False))


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "lost",
        "loss",
        "loss=2",
        "loss=x",
        "delay=3",
        "delay=-3s",
        "stuck=1",
        "flood=0",
        "disconnect=maybe",
        "loss=0.1@5m-2m",
        "loss=0.1@soon",
        "mat-12:",
        "restart",
        "mat-12:restart=5s@2m",
        "restart=5s@2m-3m",
    ],
)
def test_what_is_no_fault_is_refused_in_one_line(wrong: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_fault(wrong)
    assert "\n" not in str(refused.value)
    assert wrong in str(refused.value)


@given(st.text())
def test_any_text_is_a_fault_or_refused(text: str) -> None:
    with suppress(Invalid):
        assert parse_fault(text).name in FAULTS


def test_a_recording_is_befallen_section_by_section() -> None:
    topic = "nightwarden/v1/elm-house/device/mat-12"
    told = [b'{"occupancy":true,"at":"2026-11-23T23:00:01Z"}', b'{"occupancy":false}']
    section: list[Entry] = [
        Header(START),
        *(Recorded(START + timedelta(minutes=n), topic, body) for n, body in enumerate(told)),
    ]
    recording = [*section, *section]
    assert list(befallen(recording, [], 1)) == recording
    faults = [parse_fault("mat-12:stuck@30s"), parse_fault("skew=-1h")]
    header, first, second, *again = befallen(recording, faults, 1)
    assert isinstance(first, Recorded)
    assert isinstance(second, Recorded)
    assert first.payload == b'{"occupancy":true,"at":"2026-11-23T22:00:01.000Z"}'
    assert json.loads(second.payload) == {"occupancy": True}
    assert again == [header, first, second]


def test_what_a_recording_says_late_keeps_the_time_that_it_claims() -> None:
    topic = "nightwarden/v1/elm-house/device/mat-12"
    said = b'{"occupancy":true,"at":"2026-11-23T23:01:00.000Z"}'
    recording: list[Entry] = [
        Header(START),
        Recorded(START, f"{topic}/availability", b"online", 1, True),
        Recorded(START + timedelta(minutes=1), topic, said, 1, False),
    ]
    for order, late in (("delay=10s", timedelta(seconds=5)), ("restart=1m@30s", timedelta(0))):
        [*_, last] = befallen(recording, [parse_fault(order)], 1)
        assert isinstance(last, Recorded)
        assert last.payload == said
        assert last.at - START >= timedelta(minutes=1) + late
    restarted = list(befallen(recording, [parse_fault("restart=1m@30s")], 1))
    assert [one.payload for one in restarted if isinstance(one, Recorded)] == [
        b"online",
        b"online",
        said,
    ]
