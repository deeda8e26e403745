"""The long history when InfluxDB is down, full, strict, lost or somebody else: nothing is lost."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from gateway.history.influx import LONGEST_WAIT_S, InfluxSink
from tests.influx_home import NOW, InfluxHome
from tests.influx_standin import BUCKET, ORG, TOKEN, Answer, CutOff, InfluxStandin, Silence


@pytest.fixture
def home(tmp_path: Path) -> Iterator[InfluxHome]:
    with InfluxHome(tmp_path) as made:
        yield made


@pytest.mark.parametrize("status", [400, 422])
def test_a_refused_reading_is_counted_and_the_others_arrive(home: InfluxHome, status: int) -> None:
    home.hear(600)
    home.influx.refuses = lambda point: point.field("value") in (7, 300)
    home.influx.refusal_status = status

    home.drain()

    arrived = {fields["value"] for fields in home.influx.points.values()}
    assert arrived == set(range(600)) - {7, 300}
    row = home.cursor()
    assert (row.reading, row.rejected, row.failed_since) == (600, 2, None)
    assert row.last_error is not None
    assert row.last_error.startswith(f"reading 301 of nightwarden:device-20 was refused: {status}")
    assert "dropped=1" in row.last_error
    assert home.influx.requests < 60


def test_a_value_of_another_type_than_before_is_refused_alone(home: InfluxHome) -> None:
    home.hear(3)
    home.hear(1, word="warm")
    home.hear(3)
    home.drain()
    row = home.cursor()
    assert (row.reading, row.rejected) == (7, 1)
    assert "field type conflict" in str(row.last_error)


def test_a_batch_too_large_for_this_influxdb_is_sent_in_parts(home: InfluxHome) -> None:
    home.hear(1_000)
    home.influx.max_bytes = 30_000
    home.drain()
    assert home.values() == list(range(1_000))
    assert home.cursor().rejected == 0


def test_a_refusal_that_is_not_influxdb_s_costs_no_reading(home: InfluxHome) -> None:
    """A proxy in front that answers 400 to all must not make us pass over a night."""
    home.hear(2)
    home.influx.answers.extend(Answer(400, body=b"<html>Bad Request</html>") for _ in range(3))
    for _ in range(3):
        assert home.sink.step() > 0
    row = home.cursor()
    assert (row.reading, row.rejected, row.failed_since) == (0, 0, NOW)
    home.drain()
    assert len(home.influx.points) == 2


def test_a_200_is_no_204(home: InfluxHome) -> None:
    """The address of something else that answers 200 to everything."""
    home.hear(2)
    home.influx.answers.append(Answer(200, body=b"<html>Welcome</html>"))
    assert home.sink.step() == LONGEST_WAIT_S
    assert home.cursor().reading == 0
    assert "check the address" in str(home.cursor().last_error)


def test_a_wrong_token_or_bucket_waits_for_a_person_and_says_so(home: InfluxHome) -> None:
    home.hear(2)
    for wrong, sentence in (
        (home.another_sink(token="of another home"), "give a token that may write to"),
        (home.another_sink(bucket="reedings"), "make bucket reedings"),
    ):
        assert wrong.step() == LONGEST_WAIT_S
        row = home.cursor()
        assert (row.reading, row.failed_since) == (0, NOW)
        assert sentence in str(row.last_error)
        assert "of another home" not in str(row.last_error)
        wrong.stop()


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("17", 17, 17),
        (format_datetime(NOW + timedelta(seconds=40), usegmt=True), 40, 40),
        (format_datetime(NOW - timedelta(hours=1), usegmt=True), 1, 1),
        ("0", 1, 1),
        ("99999999999999", 3600, 3600),
        ("soon", 1, 2),
    ],
)
def test_it_waits_as_long_as_it_is_told(
    home: InfluxHome, status: int, asked: str, least: float, most: float
) -> None:
    home.hear(1)
    home.influx.answers.append(Answer(status, "later", {"Retry-After": asked}))
    assert least <= home.sink.step() <= most
    assert home.cursor().reading == 0
    home.sink.step()
    assert len(home.influx.points) == 1


def test_waits_grow_to_a_minute_and_begin_anew(home: InfluxHome) -> None:
    home.hear(1)
    home.influx.answers.extend([Answer(500, "disk full")] * 8)
    waits = [home.sink.step() for _ in range(8)]
    for failures, wait in enumerate(waits, start=1):
        longest = min(2**failures, 60)
        assert longest / 2 <= wait <= longest
    home.drain()
    home.hear(1)
    home.influx.answers.append(Answer(500, "disk full"))
    assert home.sink.step() <= 2


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"HTTP/1.1 2",
        b'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 400\r\n\r\n{"code":"unavail',
    ],
)
def test_an_answer_cut_off_in_the_middle_is_no_answer(
    home: InfluxHome, sent: bytes, kept: bool
) -> None:
    home.hear(30)
    home.influx.answers.append(CutOff(sent, kept))
    assert 1 <= home.sink.step() <= 2
    row = home.cursor()
    assert (row.reading, row.failed_since) == (0, NOW)
    assert "does not answer" in str(row.last_error)

    home.drain()
    assert len(home.influx.points) == 30
    row = home.cursor()
    assert (row.reading, row.failed_since, row.last_error) == (30, None, None)


def test_nobody_listening_is_a_wait(home: InfluxHome) -> None:
    home.hear(1)
    with InfluxStandin() as gone:
        address = gone.url
    sink = InfluxSink(address, TOKEN, ORG, BUCKET, home.store, "elm-house", lambda: NOW)
    assert 1 <= sink.step() <= 2
    assert "does not answer" in str(home.cursor().last_error)
    sink.stop()


def test_an_answer_that_does_not_come_in_time_is_a_wait(home: InfluxHome) -> None:
    home.hear(1)
    silence = Silence(threading.Event())
    home.influx.answers.append(silence)
    sink = home.another_sink(timeout_s=0.1)
    assert 1 <= sink.step() <= 2
    assert home.cursor().failed_since == NOW
    silence.until.set()
    home.drain()
    assert len(home.influx.points) == 1
    sink.stop()
