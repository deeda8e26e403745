"""The long history: every reading arrives once, in order, and in nobody's way."""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.history.influx import BATCH, BREATH_S, IDLE_S, LONGEST_WAIT_S, InfluxSink
from nightwarden.errors import Invalid
from nightwarden.store.tables import Device, Equipment, Placement, ReadingRow, Resident, Room
from tests.influx_home import NOW, InfluxHome
from tests.influx_standin import BUCKET, ORG, TOKEN, Answer, Silence


@pytest.fixture
def home(tmp_path: Path) -> Iterator[InfluxHome]:
    with InfluxHome(tmp_path) as made:
        yield made


def test_a_point_says_what_when_and_where_and_nobody_s_name(home: InfluxHome) -> None:
    since = NOW - timedelta(days=1)
    with home.store.transaction(NOW) as tx:
        tx.add(Room(id="12"))
        tx.flush()
        tx.add(Resident(id="res-12", shown_as="Joan", room="12", since=since))
        tx.add(Equipment(tag="TMP-0012", kind="temperature_sensor", since=since))
        tx.flush()
        tx.add(
            Device(
                dialect="zigbee2mqtt",
                address="Room 12, radiator=left",
                equipment="TMP-0012",
                supervision_s=3600,
                proof_s=86400,
                bound_at=since,
            )
        )
        moved = NOW - timedelta(hours=2)
        tx.add(Placement(equipment="TMP-0012", room="11", place="door", since=since, until=moved))
        tx.add(Placement(equipment="TMP-0012", room="12", place="radiator-window", since=moved))
        tx.add(
            ReadingRow(
                dialect="zigbee2mqtt",
                address="Room 12, radiator=left",
                quantity="temperature",
                number=43.5,
                measured_at=NOW - timedelta(seconds=2, microseconds=1),
                received_at=NOW,
                fresh=False,
            )
        )
    assert home.sink.step() == IDLE_S
    (point,) = home.influx.received
    assert point.measurement == "temperature"
    assert dict(point.tags) == {
        "home": "elm-house",
        "dialect": "zigbee2mqtt",
        "address": "Room 12, radiator=left",
        "equipment": "TMP-0012",
        "room": "12",
        "place": "radiator-window",
    }
    assert dict(point.fields) == {
        "value": 43.5,
        "fresh": False,
        "late": False,
        "received_at": int(NOW.timestamp()) * 1_000_000,
    }
    measured_us = int(NOW.timestamp()) * 1_000_000 - 2_000_001
    assert point.time == measured_us * 1000 + 1  # reading 1
    assert "Joan" not in repr(point)


def test_12000_readings_of_an_outage_arrive_once_and_in_order(home: InfluxHome) -> None:
    home.hear(12_000)
    home.influx.answers.extend([Answer(503, "starting")] * 3)
    waits = [home.sink.step() for _ in range(3)]
    assert home.cursor().reading == 0
    assert home.cursor().failed_since == NOW
    assert all(1 <= wait <= LONGEST_WAIT_S for wait in waits)

    steps = home.drain(50)

    assert steps == 12_000 // BATCH + 1
    assert home.values() == list(range(12_000))
    assert len(home.influx.points) == 12_000
    row = home.cursor()
    assert (row.reading, row.failed_since, row.last_error, row.rejected) == (12_000, None, None, 0)


def test_between_two_full_batches_it_takes_a_breath(home: InfluxHome) -> None:
    home.hear(BATCH + 1)
    assert home.sink.step() == BREATH_S
    assert home.sink.step() == IDLE_S


def test_two_readings_of_one_device_at_one_microsecond_stay_two(home: InfluxHome) -> None:
    with home.store.transaction(NOW) as tx:
        for value in (1.0, 0.0):
            tx.add(
                ReadingRow(
                    dialect="nightwarden",
                    address="mat-12",
                    quantity="occupancy",
                    number=value,
                    measured_at=NOW,
                    received_at=NOW,
                )
            )
            tx.flush()
    home.sink.step()
    assert [fields["value"] for _, fields in sorted(home.influx.points.items())] == [1.0, 0.0]


def test_words_are_sent_and_the_loop_test_s_own_readings_are_not(home: InfluxHome) -> None:
    home.hear(1, quantity="action", word='pr"ess\\')
    home.hear(2, quantity="proof", word="f00d")
    home.sink.step()
    assert home.values() == ['pr"ess\\']
    assert home.cursor().reading == 3


def test_while_influxdb_keeps_silent_the_gateway_commits(home: InfluxHome) -> None:
    home.hear(5)
    release = threading.Event()
    silence = Silence(release)
    home.influx.answers.append(silence)
    sink = home.another_sink()
    sink.start()
    assert silence.arrived.wait(60)

    begun = time.monotonic()
    home.hear(5)  # a transaction, while the request hangs
    assert time.monotonic() - begun < 4, "it waited for the other until the store gave up"
    assert home.cursor().reading == 0

    release.set()
    sink.stop()


def test_its_own_thread_sends_and_stops(home: InfluxHome) -> None:
    home.hear(BATCH + 500)
    sink = home.another_sink()
    sink.start()
    deadline = time.monotonic() + 10
    while home.cursor().reading < BATCH + 500 and time.monotonic() < deadline:
        time.sleep(0.02)
    sink.stop()
    assert len(home.influx.points) == BATCH + 500
    assert "history-influx" not in {thread.name for thread in threading.enumerate()}


_CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from gateway.history.influx import InfluxSink
from nightwarden.store.engine import open_store
url, token, org, bucket, path = sys.argv[1:]
now = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)
InfluxSink(url, token, org, bucket, open_store(Path(path)), "elm-house", lambda: now).step()
"""


def test_killed_between_the_write_and_the_cursor_it_sends_again_and_nothing_is_double(
    home: InfluxHome,
) -> None:
    home.hear(200)
    silence = Silence(threading.Event())
    home.influx.answers.append(silence)
    arguments = [home.influx.url, TOKEN, ORG, BUCKET, str(home.path)]
    child = subprocess.Popen([sys.executable, "-c", _CHILD, *arguments])
    try:
        assert silence.arrived.wait(60)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        silence.until.set()
    assert len(home.influx.points) == 200
    assert home.cursor().reading == 0

    home.drain()
    assert len(home.influx.received) == 400
    assert len(home.influx.points) == 200
    assert home.cursor().reading == 200


@pytest.mark.parametrize("url", ["influxdb:8086", "ftp://influxdb", "http://", "", "/var/lib"])
def test_an_address_that_cannot_be_right_is_refused_at_once(home: InfluxHome, url: str) -> None:
    with pytest.raises(Invalid, match="is not http://HOST:PORT"):
        InfluxSink(url, TOKEN, ORG, BUCKET, home.store, "elm-house", lambda: NOW)


def test_no_token_is_refused_at_once(home: InfluxHome) -> None:
    with pytest.raises(Invalid, match="NIGHTWARDEN_INFLUX_TOKEN"):
        InfluxSink("http://influxdb:8086", "", ORG, BUCKET, home.store, "elm-house", lambda: NOW)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("org=elm-house&bucket=readings", b"t value=1 1", 204),
        ("org=elm-house&bucket=readings&precision=s", b"# says nothing\n\nt value=1 1\n", 204),
        ("org=elm-house&bucket=readings&precision=h", b"t value=1 1", 400),
        ("org=elm-house&bucket=readings", b"t value=one 1", 400),
        ("org=elm-house&bucket=readings", b"t,room= value=1 1", 400),
        ("org=elm-house&bucket=readings", b"t,room=1\\ value=1 1", 400),
        ("org=elm-house&bucket=readings", b"t value=1 1 2", 400),
        ("org=elm-house&bucket=readings", b'word value="open 1', 400),
        ("org=oak-house&bucket=readings", b"t value=1 1", 404),
    ],
)
def test_the_stand_in_is_as_strict_as_the_documentation(
    home: InfluxHome, path: str, body: bytes, status: int
) -> None:
    headers = {"Authorization": f"Token {TOKEN}", "Content-Type": "text/plain; charset=utf-8"}
    request = urllib.request.Request(f"{home.influx.url}/api/v2/write?{path}", body, headers)
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as refusal:
        answer = refusal
    with answer:
        assert answer.status == status
