"""Who speaks and is bound to nothing: bounded whatever strangers do, with a pace to propose by."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.messages import RawMessage
from gateway.unbound import MOST, UnboundDevices
from nightwarden.model.pace import GAPS_KEPT, Pace
from nightwarden.model.places import EquipmentKind
from nightwarden.model.readings import DeviceId, Quantity, Reading
from nightwarden.store import heard
from nightwarden.store.engine import Store, open_store
from rules.proposals import Seen, proof, supervision

START = datetime(2026, 11, 1, 23, 0, tzinfo=UTC)
MAT = DeviceId("nightwarden", "new-mat")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "store.db")
    yield opened
    opened.close()


def speak(
    devices: UnboundDevices, device: DeviceId, at: datetime, value: bool | float = True, **how: bool
) -> bool:
    quantity = Quantity.OCCUPANCY if isinstance(value, bool) else Quantity.TEMPERATURE
    reading = Reading(device, quantity, value, at, at, **how)
    return devices.note(device, [reading], RawMessage("a/topic", b"", at))


def keep(devices: UnboundDevices, store: Store, now: datetime) -> None:
    with store.transaction(now) as tx:
        devices.save(tx)
    devices.saved()


@contextmanager
def kept(store: Store, now: datetime = START) -> Iterator[dict[str, heard.Heard]]:
    with store.reading(now) as tx:
        yield {found.device.address: found for found in heard.unbound_devices(tx)}


def test_a_stranger_who_invents_addresses_fills_nothing_and_drives_nobody_out(
    store: Store,
) -> None:
    devices = UnboundDevices(())
    told = sum(speak(devices, MAT, START + timedelta(seconds=n)) for n in range(2))
    for n in range(5_000):
        at = START + timedelta(seconds=2, milliseconds=10 * n)
        told += speak(devices, DeviceId("rtl_433", f"forged-{n}"), at)
    keep(devices, store, START + timedelta(minutes=2))
    with kept(store) as found, store.reading(START) as tx:
        assert len(found) == MOST
        assert MAT.address in found, "it spoke more than once"
        assert heard.forgotten(tx) == 5_000 - (MOST - 1), "each that is not kept is counted"
    assert told == MOST, "each is told of once, and those beyond the bound not at all"


@pytest.mark.parametrize("address", ["a" * 300, "half a sign \ud83d"])
def test_an_address_that_cannot_be_kept_is_counted_and_harms_nobody(
    store: Store, address: str
) -> None:
    devices = UnboundDevices(())
    assert not speak(devices, DeviceId("shelly", address), START)
    speak(devices, MAT, START)
    keep(devices, store, START)
    with kept(store) as found, store.reading(START) as tx:
        assert list(found) == ["new-mat"]
        assert heard.forgotten(tx) == 1


def test_a_row_is_written_once_a_second_and_the_last_word_is_not_lost(store: Store) -> None:
    devices = UnboundDevices(())
    for n in range(30):
        at = START + timedelta(milliseconds=100 * n)
        speak(devices, MAT, at, float(n))
        keep(devices, store, at)
    with kept(store) as found:
        assert found["new-mat"].said[Quantity.TEMPERATURE][0] == 20.0, "written at 0, 1 and 2 s"
    keep(devices, store, START + timedelta(seconds=4))
    with kept(store) as found:
        assert found["new-mat"].said[Quantity.TEMPERATURE][0] == 29.0
        assert found["new-mat"].pace.messages == 30


def test_what_could_not_be_committed_is_written_next_time(store: Store) -> None:
    devices = UnboundDevices(())
    speak(devices, MAT, START)
    with store.reading(START) as tx:
        devices.save(tx)  # a transaction that is never committed; saved() is not called
    keep(devices, store, START)
    with kept(store) as found:
        assert found["new-mat"].pace.messages == 1


def test_who_is_bound_leaves_the_list(store: Store) -> None:
    devices = UnboundDevices(())
    speak(devices, MAT, START)
    keep(devices, store, START)
    devices.leave_out({MAT})
    keep(devices, store, START)
    with kept(store) as found:
        assert found == {}


def test_what_a_broker_keeps_is_shown_and_is_no_pace(store: Store) -> None:
    devices = UnboundDevices(())
    speak(devices, MAT, START, fresh=False)
    keep(devices, store, START)
    with kept(store) as found:
        assert found["new-mat"].said[Quantity.OCCUPANCY][0] is True
        assert found["new-mat"].pace.messages == 0


def paced(*gaps_s: float, news: bool = False) -> Pace:
    pace = Pace()
    pace.heard(None, news=True)
    for gap in gaps_s:
        pace.heard(gap, news=news)
    return pace


@pytest.mark.parametrize(
    ("seen", "seconds", "why"),
    [
        (Seen(paced(30, 31, 29, 45, 30)), 180, "about every 30 s, 45 s at the longest"),
        (Seen(paced(1, 1, 1, 1, 1)), 60, "three times that"),
        (Seen(paced(*[3600.0] * 6)), 10_800, "60 min at the longest"),
        (Seen(paced(*[80_000.0] * 6)), 86_400, "three times that"),
        (Seen(paced(30, 30, 30, 30), battery=True), 900, "it runs on a battery"),
        (Seen(paced(30)), 900, "2 messages heard, too few"),
        (Seen(Pace()), 900, "0 messages heard"),
        (Seen(paced(1, 1, 1, 1, news=True), link=True), 900, "its bridge says when it has gone"),
        (
            Seen(paced(1, 1, 1, 1, news=True)),
            86_400,
            "it can be watched for being unplugged only by pressing it, once a day",
        ),
    ],
)
def test_a_supervision_interval_is_proposed_with_its_reason(
    seen: Seen, seconds: int, why: str
) -> None:
    proposed = supervision("shelly", 900, seen)
    assert proposed.seconds == seconds
    assert why in proposed.why


def test_what_is_silent_by_nature_must_be_pressed_daily() -> None:
    silent = Seen(paced(1, 1, 1, 1, news=True))
    assert proof(EquipmentKind.FLOOR_MAT, silent).seconds == 86_400
    assert proof(EquipmentKind.FLOOR_MAT, Seen(Pace())).seconds == 7 * 86_400
    assert proof(EquipmentKind.BED_MAT, silent) == (86_400, "a bed is used every day")


def test_a_pace_remembers_the_latest_silences_and_the_longest_ever() -> None:
    pace = paced(5_000, *[10.0] * (GAPS_KEPT + 4))
    assert (len(pace.gaps_s), pace.typical_s, pace.longest_s) == (GAPS_KEPT, 10.0, 5_000)
    assert Pace.from_json(pace.as_json()) == pace
