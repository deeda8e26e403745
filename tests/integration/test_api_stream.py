"""The live stream: every id once and in order, whatever becomes of the connection."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest

from api.stream import QUEUE_LINES, Subscriber
from nightwarden.model.roles import Role
from nightwarden.store import outgoing
from tests.api_server import HOME, ApiUnderTest, Event


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path, stream_patience_s=0.3) as api:
        api.apply(HOME)
        yield api


def until(events: Iterator[Event], wanted: Callable[[Event], bool]) -> Event:
    return next(event for event in events if wanted(event))


def test_an_alert_and_its_answer_arrive_as_they_happen(tmp_path: Path) -> None:
    api = ApiUnderTest(tmp_path)
    api.looks_only_when_rung()
    with api, api.stream() as events, api.client(Role.CARER) as carer:
        api.apply(HOME)
        hello = next(events)
        assert hello.event == "hello"
        number = api.raise_alert()
        api.ring()
        raised = until(events, lambda event: event.event == "alert")
        assert raised.data == carer.get(f"/alerts/{number}").json()
        carer.post(f"/alerts/{number}/accept")  # our own commits ring our own bell
        accepted = until(events, lambda event: event.event == "alert")
        assert accepted.data["accepted_by"] == "test carer"
        assert accepted.id == (raised.id or 0) + 1


def test_every_id_once_and_in_order_through_cut_connections(api: ApiUnderTest) -> None:
    def write() -> None:
        for number in range(400):
            api.stream_line(number)

    seen: list[int] = []
    with api.stream() as events:
        last = next(events).id
    writer = Thread(target=write)
    writer.start()
    while len(seen) < 400:
        with api.stream(last) as events:  # leaving it cuts it in the middle
            assert next(events).event == "hello"
            for _ in range(37):
                event = until(events, lambda event: event.event == "gap")
                seen.append(event.data["n"])
                last = event.id
                if len(seen) == 400:
                    break
    writer.join()
    assert seen == list(range(400))


def test_a_proof_has_no_id_and_says_whether_we_watch(api: ApiUnderTest) -> None:
    api.proved()
    with api.stream() as events:
        proof = until(events, lambda event: event.event == "proof")
        assert proof.id is None
        assert proof.data["status"] == "watching"
        api.clock.advance(seconds=7)
        later = until(events, lambda event: event.event == "proof" and event.data["age_s"] > 0)
        assert later.data == {
            "at": "2026-11-01T23:00:00.000Z",
            "age_s": 7.0,
            "status": "not_watching",
        }


def test_an_id_that_cannot_be_continued_from_is_a_reset(api: ApiUnderTest) -> None:
    for number in range(5):
        api.stream_line(number)
    api.clock.advance(days=3)
    with api.store.transaction(api.clock()) as tx:
        outgoing.trim_stream(tx)
        newest = outgoing.stream_span(tx)[1]
    for last_id in (1, 10_000):  # forgotten; and from before a restore
        with api.stream(last_id) as events:
            reset = next(events)
            assert (reset.event, reset.id) == ("reset", newest)
            api.stream_line(last_id)
            newest += 1
            assert until(events, lambda event: event.event == "gap").data["n"] == last_id


def test_curl_can_resume_by_the_address(api: ApiUnderTest) -> None:
    for number in range(3):
        api.stream_line(number)
    with (
        api.client(Role.CARER) as client,
        client.stream("GET", "/stream?last_event_id=0") as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        ids = [next(line for line in lines if line.startswith("id: ")) for _ in range(3)]
    assert ids[1:] == ["id: 1", "id: 2"]


def test_a_last_event_id_that_is_none_is_400(api: ApiUnderTest) -> None:
    with api.client(Role.CARER) as client:
        for last_id in ("x", "-1", "1.5", "9" * 40):
            answer = client.get("/stream", headers={"Last-Event-ID": last_id})
            assert answer.status_code == 400
            assert "Last-Event-ID" in answer.json()["detail"]


def test_who_does_not_read_is_cut_off_and_nobody_else_waits(
    api: ApiUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    hub = api.app.state.parts.hub
    with socket.socket() as sleeper, api.stream() as events:
        next(events)
        sleeper.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sleeper.connect(("127.0.0.1", api.port))
        head = f"GET /api/v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.token()}\r\n"
        sleeper.sendall(f"{head}\r\n".encode())
        wait_for(lambda: hub.subscribers == 2)
        for number in range(200):
            api.stream_line(number, size=40_000)
            assert until(events, lambda event: event.event == "gap").data["n"] == number
        wait_for(lambda: hub.subscribers == 1)


async def test_who_falls_behind_is_given_up_with_what_is_queued() -> None:
    behind = Subscriber()
    for _ in range(QUEUE_LINES):
        behind.offer(b"x")
    behind.offer(b"y")
    assert behind.gone
    assert await behind.waiting() == b"x" * QUEUE_LINES


def wait_for(done: Callable[[], bool], seconds: float = 8.0) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
