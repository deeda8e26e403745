"""Who comes under the gateway's client id takes its session: it is said, and not fought over."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gateway.contest import WITHIN_S, Contest
from gateway.mqtt import MqttLink
from gateway.rival import Identity, identity, rival
from nightwarden.alone import alone
from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import utc_now
from nightwarden.errors import Invalid
from nightwarden.wire import Topics
from tests.acceptance.program import FREE_PORTS, Program, nightwarden
from tests.brokers import IMPATIENT, Broker, Ear, until
from tests.own_mosquitto import HOME

HOME_ID = "elm-house"
OURS, THEIRS = Identity("0" * 16, "ours"), Identity("f" * 16, "the box in the cellar")
TOPICS = Topics(HOME_ID)


def watching(ear: Ear, who: Identity) -> None:
    """What a gateway keeps on the health topic."""
    body = json.dumps({"status": "watching", "gateway": who.name}).encode()
    ear.say(TOPICS.health, body, retain=True)


@contextmanager
def giving_signs_of_life(ear: Ear, who: Identity) -> Iterator[None]:
    """Loop tests of another gateway, somewhat faster than it would send them."""
    over = threading.Event()
    body = json.dumps({"token": "x", "gateway": who.name, "machine": who.machine}).encode()

    def speak() -> None:
        while not over.wait(0.2):
            ear.say(TOPICS.proof, body)

    thread = threading.Thread(target=speak)
    thread.start()
    yield
    over.set()
    thread.join()


class Thief:
    """A client under the gateway's id, which comes back each time it is thrown out."""

    def __init__(self, url: str, client_id: str) -> None:
        address = BrokerUrl.parse(url)
        self._paho = paho.Client(CallbackAPIVersion.VERSION2, client_id, clean_session=False)
        self._paho.reconnect_delay_set(1, 1)
        self._paho.connect(address.host, address.port, 30)
        self._paho.loop_start()

    def stop(self) -> None:
        self._paho.disconnect()
        self._paho.loop_stop()


def test_a_session_taken_again_and_again_is_said_also_while_it_is_ours(broker: Broker) -> None:
    link = MqttLink(
        BrokerUrl.parse(broker.url), "gateway", ("mats/#",), utc_now, id, backoff=IMPATIENT
    )
    with link:
        until(lambda: link.connected)
        thief = Thief(broker.url, "gateway")
        until(lambda: "somebody else uses our client id gateway" in (link.trouble or ""))
        thief.stop()
        until(lambda: link.connected)
        until(lambda: "somebody else uses our client id" in (link.trouble or ""))


def test_it_is_forgotten_after_a_while_and_a_broker_that_was_away_explains_it() -> None:
    contest = Contest(BrokerUrl.parse("mqtt://broker"), "gateway")
    for second in (10.0, 20.0):
        contest.lost(second)
    assert contest.sentence(20.0) is None
    contest.lost(30.0)
    assert contest.sentence(30.0) is not None
    assert contest.sentence(10.0 + WITHIN_S) is not None
    assert contest.sentence(10.1 + WITHIN_S) is None
    contest.unreachable()
    assert contest.sentence(30.0) is None


def test_a_network_that_goes_silent_is_no_contest() -> None:
    contest = Contest(BrokerUrl.parse("mqtt://broker"), "gateway")
    for silent in (True, False, False, True):
        contest.accepted()
        if silent:
            contest.network_is_silent()
        assert contest.lost(10.0) is None
    contest.accepted()
    assert contest.lost(10.0) is not None


def test_a_contested_session_is_left_to_another_gateway_while_that_watches() -> None:
    contest = Contest(BrokerUrl.parse("mqtt://broker"), "gateway")
    machines: list[str | None] = ["the box in the cellar"]
    contest.rival = lambda: machines[-1]
    assert contest.stand_by(0.0) is None, "nobody is asked as long as nothing was lost"
    for second in (10.0, 20.0, 30.0):
        contest.lost(second)
    for hours in range(24):
        said = contest.stand_by(30.0 + hours * WITHIN_S)
        assert said is not None
        assert "on the box in the cellar; this one stands by and does not watch" in said
    machines.append(None)
    assert contest.stand_by(30.0 + 24 * WITHIN_S) is None


def test_another_gateway_is_known_by_what_it_says_now(embedded_broker: Broker) -> None:
    address = BrokerUrl.parse(embedded_broker.url)
    look = partial(rival, address, HOME_ID, OURS)
    with Ear(embedded_broker.url, client_id="theirs") as ear:
        assert look() is None
        watching(ear, OURS)
        with giving_signs_of_life(ear, OURS):
            assert look() is None
        watching(ear, THEIRS)
        with giving_signs_of_life(ear, THEIRS):
            assert look() == THEIRS.machine
            assert rival(address, "oak-house", OURS) is None


def test_one_that_died_with_its_broker_stops_nobody(embedded_broker: Broker) -> None:
    with Ear(embedded_broker.url, client_id="theirs") as ear:
        watching(ear, THEIRS)
        assert rival(BrokerUrl.parse(embedded_broker.url), HOME_ID, OURS) is None


def test_a_gateway_keeps_its_name(tmp_path: Path) -> None:
    first = identity(tmp_path)
    assert identity(tmp_path) == first
    assert identity(tmp_path / "another").name != first.name


def test_the_second_monitor_of_a_home_refuses_with_one_line(
    tmp_path: Path, embedded_broker: Broker
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        (folder / "home.yaml").write_text(HOME)
        assert nightwarden(folder, "apply", "home.yaml").returncode == 0
    options = ("--http", "127.0.0.1:0", "--broker", embedded_broker.url)
    with Program(first, *options) as program:
        program.watching()
        ended = nightwarden(second, "up", *options)
        assert ended.returncode == 2
        assert ended.stderr.startswith(f"Another gateway watches {HOME_ID} through the broker at")
        assert ended.stderr.count("\n") == 1
    with Ear(embedded_broker.url, TOPICS.health, client_id="dashboard") as ear:
        assert json.loads(ear.next().payload) == {"status": "not_watching"}, "it has ended"


def test_two_gateway_processes_never_share_a_store(tmp_path: Path) -> None:
    second = alone(tmp_path, "gateway.lock", patience_s=0.2)
    with (
        alone(tmp_path, "gateway.lock"),
        pytest.raises(Invalid, match="Another Nightwarden runs on"),
        second,
    ):
        pass
    with alone(tmp_path, "gateway.lock"):
        pass


@pytest.mark.slow
def test_health_shows_that_a_stranger_takes_the_session(tmp_path: Path) -> None:
    (tmp_path / "home.yaml").write_text(HOME)
    assert nightwarden(tmp_path, "apply", "home.yaml").returncode == 0
    with Program(tmp_path, *FREE_PORTS) as program:
        program.watching()
        thief = Thief(program.broker, f"nightwarden-gateway-{HOME_ID}")

        def shown() -> bool:
            detail = str(program.health()[1]["checks"]["broker"]["detail"])
            return "somebody else uses our client id" in detail

        until(shown)
        thief.stop()
