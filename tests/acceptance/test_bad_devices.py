"""One bad device harms no other: not by how much it says, and not by what."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.floods import BURST
from nightwarden.broker_url import BrokerUrl
from nightwarden.store.alerts import TO_AND_FRO_TOLD
from nightwarden.store.meta import PROOF_HOLDS
from simulators.load.packets import IDS, LAST_ID, connect, publish_head
from tests.acceptance.program import Program, nightwarden
from tests.acceptance.test_kill import home_of
from tests.brokers import PATIENCE_S, Broker, Ear, Mosquitto, until
from tests.harness import HOME_ID, Home

RATE = 5_000
ROOMS = 6
SOON_S = 3.0
"""A tenth of this is usual, ten times as much on a busy machine; the flips go on for minutes."""
DEPLOYED = ("autosave_on_changes false", "max_inflight_messages 1000", "set_tcp_nodelay true")

INVENTED = (
    (f"nightwarden/v1/{HOME_ID}/device/invented-{{}}", b"garbage"),
    (f"nightwarden/v1/{HOME_ID}/device/nobody-{{}}", b'{"occupancy": true, "seq": #}'),
    (
        "homeassistant/sensor/odd-{}/config",
        b'{"state_topic": "odd/#", "device_class": "temperature", "unique_id": "odd #"}',
    ),
    ("homie/odd-{}/a/b/$unit", b"F"),
)
"""What cannot be read, what nobody owns, what is announced, what is described."""


@contextmanager
def flood(url: str, topic: str) -> Iterator[list[int]]:
    """A device says 5,000 things a second, and after the first second 500, which a busy machine too
    can read, for as long as this lasts; gives how many so far.
    """
    over, said = threading.Event(), [0]

    def speak(ear: Ear) -> None:
        while not over.wait(0.02):
            receipts = []
            rate = RATE if said[0] < RATE else RATE // 10
            for _ in range(rate // 50):
                said[0] += 1
                body = json.dumps({"occupancy": said[0] % 2 == 0, "seq": said[0]}).encode()
                receipts.append(ear.link.publish(topic, body))
            receipts[-1].result(60)

    with Ear(url, client_id="a device that is broken") as ear:
        thread = threading.Thread(target=speak, args=(ear,))
        thread.start()
        try:
            yield said
        finally:
            over.set()
            thread.join()


@pytest.fixture
def swift(tmp_path: Path) -> Iterator[Broker]:
    """A Mosquitto as we deploy it: it takes thousands a second and has 1,000 in flight."""
    (tmp_path / "mosquitto").mkdir()
    broker = Mosquitto(tmp_path / "mosquitto", lines=DEPLOYED)
    broker.start()
    yield broker
    broker.stop()


@pytest.mark.mosquitto
@pytest.mark.timeout(180)
def test_a_device_that_floods_is_counted_and_another_rooms_exit_is_raised_meanwhile(
    tmp_path: Path, swift: Broker
) -> None:
    (tmp_path / "home.yaml").write_text(home_of(2))
    assert nightwarden(tmp_path, "apply", "home.yaml").returncode == 0
    base = f"nightwarden/v1/{HOME_ID}/device"
    options = ("--http", "127.0.0.1:0", "--broker", swift.url)
    with Program(tmp_path, *options) as program, Ear(swift.url, client_id="mat of 2") as mat:
        program.watching()
        mat.say(f"{base}/mat-2", b'{"occupancy": true, "seq": 1}')

        def floods() -> list[dict[str, Any]]:
            return [
                row
                for row in program.call("GET", "/quarantine")["items"]
                if row["topic"] == f"{base}/mat-1" and "messages a second" in row["reason"]
            ]

        with flood(swift.url, f"{base}/mat-1") as said:
            until(lambda: said[0] > BURST and floods())
            before = said[0]
            mat.say(f"{base}/mat-2", b'{"occupancy": false, "seq": 2}')
            until(lambda: "2" in [alert["room"] for alert in program.alerts()])
            until(lambda: said[0] > before)  # and it goes on
        program.proves_itself()
        until(lambda: floods()[0]["times"] > 1)


@contextmanager
def flips(url: str, topic: str) -> Iterator[None]:
    """A loose lead: what a topic may bring at once, then some hundreds of flips a second.

    Written as bytes, since a client that waits for receipts would bring it piece by piece.
    """
    broker, over = BrokerUrl.parse(url), threading.Event()

    def packet(number: int) -> bytes:
        body = b'{"occupancy": %s, "seq": %d}' % (b"false" if number % 2 else b"true", number)
        return publish_head(topic, len(body)) + IDS[number] + body

    def speak(line: socket.socket) -> None:
        number, at_once = 0, int(BURST)
        while not over.is_set() and number + at_once < LAST_ID:
            line.sendall(b"".join(packet(number + one) for one in range(1, at_once + 1)))
            line.recv(65_536)
            number, at_once = number + at_once, 20
            over.wait(0.05)

    with socket.create_connection((broker.host, broker.port)) as line:
        line.sendall(connect("a loose lead", None, None, 0))
        line.recv(4)
        thread = threading.Thread(target=speak, args=(line,))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


class Exits:
    """The exits of rooms from 2 on, and when a pager hears of each."""

    def __init__(self, ear: Ear, rooms: int) -> None:
        self._ear, self._rooms, self._seq = ear, range(2, rooms + 1), 0

    def say(self, *, occupied: bool) -> None:
        self._seq += 1
        word = b"true" if occupied else b"false"
        for room in self._rooms:
            body = b'{"occupancy": %s, "seq": %d}' % (word, self._seq)
            self._ear.say(f"nightwarden/v1/{HOME_ID}/device/mat-{room}", body)

    def longest_wait(self) -> float:
        """Seconds from the last of the exits until all of them are told."""
        self.say(occupied=False)
        began = time.monotonic()
        waited_for = {str(room) for room in self._rooms}
        while waited_for:
            told = json.loads(self._ear.next().payload)
            if told["cleared_at"] is None:
                waited_for.discard(told["room"])
        return time.monotonic() - began


@pytest.mark.mosquitto
@pytest.mark.timeout(180)
def test_exits_are_told_as_soon_while_a_mat_flips_as_without(tmp_path: Path, swift: Broker) -> None:
    (tmp_path / "home.yaml").write_text(home_of(ROOMS))
    assert nightwarden(tmp_path, "apply", "home.yaml").returncode == 0
    options = ("--http", "127.0.0.1:0", "--broker", swift.url)
    topics = f"nightwarden/v1/{HOME_ID}"
    with (
        Program(tmp_path, *options) as program,
        Ear(swift.url, f"{topics}/alert/+", client_id="mats and pager") as ear,
    ):
        program.watching()
        exits = Exits(ear, ROOMS)
        exits.say(occupied=True)
        calm = exits.longest_wait()
        exits.say(occupied=True)
        program.proves_itself()
        with flips(swift.url, f"{topics}/device/mat-1"):
            flooded = exits.longest_wait()
            exits.say(occupied=True)
            again = exits.longest_wait()
            [flipping] = [alert for alert in program.alerts() if alert["room"] == "1"]
            until(lambda: _steps_of(program, flipping) >= BURST)  # every one of them is kept
        worst = max(flooded, again)
        assert worst < max(SOON_S, 5 * calm), f"{flooded}, {again}, without {calm}"


def _steps_of(program: Program, alert: dict[str, Any]) -> int:
    return len(program.call("GET", f"/alerts/{alert['id']}")["events"])


def counted_of_strangers(program: Program) -> int:
    """How often quarantine says that strangers were passed over."""
    count: int = 0
    page = "/quarantine?limit=200"
    while True:
        body = program.call("GET", page)
        count += sum(row["times"] for row in body["items"] if row["topic"] == "nightwarden/#")
        if not body["next_cursor"]:
            return count
        page = f"/quarantine?limit=200&cursor={body['next_cursor']}"


@pytest.mark.mosquitto
@pytest.mark.timeout(180)
def test_a_stranger_who_invents_topics_delays_no_exit_and_is_shown(
    tmp_path: Path, swift: Broker
) -> None:
    (tmp_path / "home.yaml").write_text(home_of(1))
    assert nightwarden(tmp_path, "apply", "home.yaml").returncode == 0
    base = f"nightwarden/v1/{HOME_ID}/device"
    options = ("--http", "127.0.0.1:0", "--broker", swift.url)
    with (
        Program(tmp_path, *options) as program,
        Ear(swift.url, client_id="stranger") as stranger,
        Ear(swift.url, f"nightwarden/v1/{HOME_ID}/alert/+", client_id="mat and pager") as mat,
    ):
        program.watching()
        mat.say(f"{base}/mat-1", b'{"occupancy": true, "seq": 1}')
        for number in range(8_000):
            topic, body = INVENTED[number % len(INVENTED)]
            last = stranger.link.publish(topic.format(number), body.replace(b"#", b"%d" % number))
        last.result(PATIENCE_S)
        mat.say(f"{base}/mat-1", b'{"occupancy": false, "seq": 2}')
        began = time.monotonic()
        assert b'"bed_exit"' in mat.next().payload
        assert time.monotonic() - began < PROOF_HOLDS.total_seconds()

        def shown() -> bool:
            check = program.health()[1]["checks"]["gateway"]
            return "for no device of this home" in check["detail"]

        until(shown)
        until(lambda: counted_of_strangers(program) > 2_000)  # counted once a second
        program.proves_itself()


def test_a_device_with_impossible_readings_costs_its_own_quantity_and_not_its_room(
    tmp_path: Path, broker: Broker
) -> None:
    with Home(tmp_path / "data", broker) as home:
        mat = home.mat("mat-12")
        mat.press()
        for celsius in (85.0, -127, 900, '"hot"', "null", "NaN", 1e300, 45, 999, 45.1):
            home.publish("zigbee2mqtt/Room 12 radiator", f'{{"temperature": {celsius}}}')
        mat.release()
        home.pager.expects("Room 12", "out of bed", "raised")
        home.settle()
        doubted = [row for row in home.get("/quarantine")["items"] if row["topic"] != mat]
        assert doubted
        assert {row["topic"] for row in doubted} == {"zigbee2mqtt/Room 12 radiator"}
        believed = home.get("/readings?device=zigbee2mqtt:Room 12 radiator")["items"]
        assert {row["value"] for row in believed} <= {45, 45.1}
        mat.press()
        home.settle()
        home.pager.expects("Room 12", "cause_cleared")


def test_an_alert_whose_cause_comes_and_goes_tells_the_newest_of_it_and_keeps_all(
    tmp_path: Path, embedded_broker: Broker
) -> None:
    with (
        Home(tmp_path / "data", embedded_broker) as home,
        Ear(embedded_broker.url, f"nightwarden/v1/{HOME_ID}/alert/+", client_id="late") as pager,
    ):
        mat = home.mat("mat-12")
        mat.press()
        for _ in range(TO_AND_FRO_TOLD):
            mat.release()
            mat.press()
        home.settle()
        [alert] = home.alerts(kind="bed_exit")
        assert len(alert["events"]) == 2 * TO_AND_FRO_TOLD
        told: list[dict[str, Any]] = []

        def newest_told() -> bool:
            while not pager.inbox.empty():
                told.append(json.loads(pager.next().payload))
            return bool(told) and told[-1]["version"] == alert["version"]

        until(newest_told)
        assert [step["event"] for step in told[-1]["events"]].count("raised") == 1
        assert len(told[-1]["events"]) == TO_AND_FRO_TOLD + 1
        home.pager.ignores_the_rest()
