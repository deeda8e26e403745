"""A load's packets, its counts and its home are what they should be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightwarden.clock import utc_now
from nightwarden.errors import Invalid
from nightwarden.homefile.reader import read_home_file
from simulators.home_description import parse_home
from simulators.load.home import LoadHome
from simulators.load.latencies import Latencies
from simulators.load.ledger import Ledger
from simulators.load.packets import connect, packets, publish_head, subscribe
from simulators.load.run import LoadPlan


@given(st.lists(st.binary(max_size=300), max_size=8), st.integers(1, 40))
def test_packets_are_found_wherever_the_stream_is_cut(bodies: list[bytes], piece: int) -> None:
    whole = [publish_head("a/b", len(body)) + b"\x00\x01" + body for body in bodies]
    stream, rest, found = b"".join(whole), b"", []
    for at in range(0, len(stream), piece):
        rest += stream[at : at + piece]
        taken = list(packets(rest))
        found += [rest[one.begin : one.end] for one in taken]
        rest = rest[taken[-1].end :] if taken else rest
    assert [one[7:] for one in found] == bodies
    assert rest == b""


@given(st.binary(max_size=200))
def test_any_bytes_are_packets_or_refused(received: bytes) -> None:
    try:
        found = list(packets(received))
    except ValueError:
        return
    assert all(0 < one.begin <= one.end <= len(received) for one in found)


def test_packets_are_written_as_the_standard_has_them() -> None:
    assert connect("me", None, None, 60) == b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02me"
    named = connect("me", "u", "p", 60)
    assert named[9] == 0xC2
    assert named.endswith(b"\x00\x01u\x00\x01p")
    assert subscribe(1, "a/+") == b"\x82\x08\x00\x01\x00\x03a/+\x01"
    assert publish_head("t", 200) == b"\x32\xcd\x01\x00\x01t"


@given(st.lists(st.floats(0, 500), min_size=1), st.sampled_from([0.01, 0.5, 0.95, 0.99, 1.0]))
def test_a_percentile_is_that_of_the_values_to_its_step(seconds: list[float], share: float) -> None:
    measured = Latencies()
    for one in seconds:
        measured.add(one)
    ranked = sorted(seconds)
    reached = next(v for v, n in zip(ranked, range(1, 1 << 30)) if n >= share * len(ranked) - 1e-9)  # noqa: B905
    step = 0.000_02 if reached < 4 else 0.01
    assert reached - 1e-9 <= measured.percentile(share) <= reached + step + 1e-9
    assert measured.longest == ranked[-1]


def test_what_is_lost_and_what_comes_twice_is_counted() -> None:
    ledger = Ledger(base=1_000)
    assert ledger.send(3, 10.0) == 0
    assert ledger.send(2, 11.0) == 3
    for seq in (1_000, 1_004, 1_004, 999, 1_005):
        ledger.hear(seq, 11.5)
    assert (ledger.heard, ledger.waiting, ledger.twice, ledger.strange) == (2, 3, 1, 2)
    assert ledger.to_receiver.longest == 1.5
    ledger.leave("7", 12.0)
    ledger.alert("8", 12.1)
    ledger.alert("7", 12.2)
    ledger.alert("7", 20.0)
    assert (ledger.exits, ledger.alerts_due, ledger.to_alert.count) == (1, 0, 1)


def test_the_home_of_a_load_can_be_applied_and_has_the_devices_that_speak() -> None:
    home = LoadHome(rooms=3, devices=8)
    text = "\n".join(home.file(rate=0.01))
    read = read_home_file(text.encode(), "load.yaml", utc_now())
    bound = [item.device.device.address for item in read.equipment if item.device]
    assert bound == [home.address(n) for n in range(8)]
    assert [home.topic(n).rpartition("/")[2] for n in range(8)] == bound
    assert read.home.practice
    assert [item.device.supervision_s for item in read.equipment if item.device] == [2400] * 8
    assert parse_home(text, "load.yaml").practice


@pytest.mark.parametrize(("rooms", "devices"), [(0, 5), (10, 9), (10**6, 10**6), (1, 10**7)])
def test_a_home_that_cannot_be_played_is_refused(rooms: int, devices: int) -> None:
    with pytest.raises(Invalid, match="cannot be played"):
        LoadHome(rooms, devices)


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), 1e9])
def test_a_rate_that_cannot_be_played_is_refused(rate: float) -> None:
    with pytest.raises(Invalid, match="--rate"):
        LoadPlan(rate, None)
    with pytest.raises(Invalid, match="--window"):
        LoadPlan(5.0, None, window=3)
