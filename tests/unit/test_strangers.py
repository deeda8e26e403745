"""The measure of strangers: whoever invents topics uses up theirs, and nobody else's."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from gateway.strangers import BURST, BURST_OF_LESSONS, RATE
from tests.plain_gateway import ROOT, PlainGateway, plain_gateway

MANY = int(BURST)


@pytest.fixture
def gateway() -> Iterator[PlainGateway]:
    with plain_gateway() as one:
        yield one


def invent(gateway: PlainGateway, count: int, body: object = b"garbage") -> int:
    """A stranger says something on as many topics; how many words were passed over."""
    before = len(gateway.passed)
    for number in range(count):
        gateway.say(f"{ROOT}/device/invented-{number}", body)
    gateway.turn()
    return len(gateway.passed) - before


def announce(gateway: PlainGateway, name: str, device: str) -> None:
    config = {
        "state_topic": f"house/{name}",
        "device_class": "occupancy",
        "unique_id": name,
        "device": {"identifiers": [device]},
    }
    gateway.say(f"homeassistant/binary_sensor/{name}/config", config)


def rows(gateway: PlainGateway, sql: str) -> int:
    with gateway.store.reading(gateway.now) as tx:
        return int(tx.sql.exec_driver_sql(sql).scalar_one())


def test_what_strangers_bring_beyond_their_measure_is_passed_over(gateway: PlainGateway) -> None:
    assert invent(gateway, MANY + 500) == 500
    gateway.now += timedelta(seconds=2)
    assert invent(gateway, 500) == 500 - 2 * RATE


def test_a_backlog_after_a_restart_is_taken_whole_though_strangers_flood(
    gateway: PlainGateway,
) -> None:
    gateway.start()
    for seq in range(1, 1201):
        for address in ("mat-12", "tmp-12"):
            body = {"occupancy": seq % 2 == 0} if address == "mat-12" else {"temperature": 40}
            gateway.say(f"{ROOT}/device/{address}", {"seq": seq, **body})
        gateway.say(f"{ROOT}/device/invented-{seq}", b"garbage")
    gateway.turn()
    assert len(gateway.passed) == 1200 - MANY
    assert all("invented" in message.topic for message in gateway.passed)
    assert rows(gateway, "SELECT count(*) FROM reading") == 2400


def test_what_a_bound_device_says_unreadably_is_kept_though_strangers_flood(
    gateway: PlainGateway,
) -> None:
    invent(gateway, MANY + 1)
    gateway.say(f"{ROOT}/device/mat-12", b"\xff")
    gateway.turn()
    assert len(gateway.passed) == 1
    kept = f"SELECT count(*) FROM quarantine WHERE topic = '{ROOT}/device/mat-12'"
    assert rows(gateway, kept) == 1


def test_all_that_a_home_has_announced_is_learnt_at_its_first_start(gateway: PlainGateway) -> None:
    for number in range(4_000):
        announce(gateway, f"lamp-{number}", f"lamp {number}")
    gateway.turn()
    assert not gateway.passed
    assert rows(gateway, "SELECT count(*) FROM taught") == 4_000
    gateway.start()
    for number in range(4_000):
        announce(gateway, f"lamp-{number}", f"lamp {number}")
    invent(gateway, MANY)
    assert not gateway.passed, "the broker repeats what is known already"


def test_a_bound_devices_announcement_is_learnt_though_strangers_announce(
    gateway: PlainGateway,
) -> None:
    with gateway.store.transaction(gateway.now) as tx:
        tx.sql.exec_driver_sql(
            "UPDATE device SET dialect = 'homeassistant', address = 'the mat'"
            " WHERE address = 'btn-14'"
        )
    gateway.start()
    for number in range(int(BURST_OF_LESSONS) + 50):
        announce(gateway, f"odd-{number % 4000}", f"odd {number}")
    gateway.turn()
    assert len(gateway.passed) == 50
    announce(gateway, "mine", "the mat")
    gateway.say("house/mine", b"ON")
    gateway.turn()
    assert len(gateway.passed) == 50
    with gateway.store.reading(gateway.now) as tx:
        [body] = tx.sql.exec_driver_sql(
            "SELECT content FROM taught WHERE key LIKE '%/mine/config'"
        ).scalars()
    assert json.loads(body)["state_topic"] == "house/mine"


def test_an_unbound_device_that_is_listed_is_heard_though_strangers_flood(
    gateway: PlainGateway,
) -> None:
    gateway.say(f"{ROOT}/device/new-mat", {"occupancy": True})
    gateway.turn()
    invent(gateway, MANY + 100, {"temperature": 20})
    passed = len(gateway.passed)
    gateway.now += timedelta(seconds=1)
    gateway.say(f"{ROOT}/device/new-mat", {"occupancy": False})
    gateway.turn()
    assert len(gateway.passed) == passed
    said = "SELECT count(*) FROM heard_device WHERE address = 'new-mat' AND said LIKE '%false%'"
    assert rows(gateway, said) == 1
