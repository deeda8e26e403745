"""Hands on simulated devices, and orders of the bench whatever anybody writes."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightwarden.bench.orders import read_order
from nightwarden.errors import Invalid
from simulators.hands import Hand
from simulators.home_description import read_demo_home
from simulators.simulation import Simulation
from simulators.wire import WireMessage
from simulators.world import World

START = datetime(2026, 11, 23, 23, tzinfo=UTC)
MAT, TOPIC = "MAT-0017", "nightwarden/v1/elm-house/device/mat-17"


def world() -> World:
    return World(Simulation(read_demo_home(START.date()), 1, START))


def until(one: World, at: datetime) -> list[WireMessage]:
    said = []
    while one.next_at < at:
        said.append(one.take())
    return said


def values(said: list[WireMessage]) -> list[Any]:
    found = [orjson.loads(m.payload()) for m in said if m.topic == TOPIC]
    return [body["occupancy"] for body in found if "occupancy" in body]


def test_a_hand_holds_a_mat_until_it_lets_go_and_what_it_says_is_said_at_once() -> None:
    at = START + timedelta(minutes=2)
    touched = world()
    assert set(values(until(touched, at))) == {True}
    touched.touched(MAT, Hand(at, value=False))
    held = until(touched, at + timedelta(minutes=5))
    assert next(m.at for m in held if m.topic == TOPIC) == at
    assert set(values(held)) == {False}
    touched.touched(MAT, Hand(at + timedelta(minutes=5), None))
    let_go = values(until(touched, at + timedelta(minutes=6)))
    assert let_go[0] is True


def test_a_lead_that_is_pulled_says_so_at_once_and_starts_again_when_it_is_plugged_in() -> None:
    at, plugged = START + timedelta(minutes=2), START + timedelta(minutes=3)
    pulled = world()
    until(pulled, at)
    pulled.pulled(at, MAT, at + timedelta(minutes=30))
    said = [m for m in until(pulled, plugged) if TOPIC in m.topic]
    assert [(m.at, m.payload(), m.by_will) for m in said] == [(at, b"offline", True)]
    pulled.pulled(plugged, MAT, None)
    back = [m for m in until(pulled, plugged + timedelta(seconds=1)) if TOPIC in m.topic]
    assert [m.payload() for m in back][:1] == [b"online"]
    assert back[0].at == plugged


def test_a_hand_changes_nothing_that_another_device_says() -> None:
    def others(hand: bool) -> list[tuple[datetime, str, bytes]]:  # noqa: FBT001
        one = world()
        at = START + timedelta(minutes=1)
        said = until(one, at)
        if hand:
            one.touched(MAT, Hand(at, value=False))
            one.pulled(at, "TMP-0014", at + timedelta(seconds=30))
        said += until(one, START + timedelta(minutes=20))
        apart = ("mat-17", "Room 14 radiator")
        kept = [m for m in said if not m.topic.endswith(apart)]
        return [(m.at, m.topic, m.payload()) for m in islice(kept, 400)]

    assert others(hand=True) == others(hand=False)


@settings(max_examples=60)
@given(
    st.binary(max_size=80)
    | st.recursive(
        st.none() | st.booleans() | st.text(max_size=5),
        lambda inner: st.dictionaries(st.sampled_from(["id", "by", "at", "do", "value"]), inner),
    ).map(orjson.dumps)
)
def test_whatever_is_no_order_is_refused_in_one_sentence(payload: bytes) -> None:
    with pytest.raises(Invalid, match=r"^This is no order of the bench: [^\n]*\.$"):
        read_order(payload)
