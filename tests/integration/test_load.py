"""A load over a real broker: everything arrives, is timed, and what does not is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from click.testing import CliRunner

from gateway.listen_address import free_port
from nightwarden.broker_url import BrokerUrl
from nightwarden.cli import nightwarden_command
from nightwarden.clock import utc_now
from nightwarden.errors import Invalid, NightwardenError
from simulators.load.home import LoadHome
from simulators.load.run import Load, LoadPlan, Outcome, Progress
from simulators.load.summary import bar, summary
from tests.brokers import Broker, Ear, until

HOME = LoadHome(rooms=20, devices=60)
ROOT = "nightwarden/v1/load-house"


def loaded(url: str, plan: LoadPlan, *, monitored: bool = False) -> Outcome:
    stop = threading.Event()
    load = Load(HOME, plan, BrokerUrl.parse(url), utc_now, stop, lambda _progress: None)
    return load.run(monitored=monitored)


def test_everything_is_receipted_and_heard_once_in_the_words_of_the_dialect(
    broker: Broker,
) -> None:
    with Ear(broker.url, f"{ROOT}/device/#") as ear:
        # Slow, so that a machine at work on other tests is late by a part of the time alone.
        outcome = loaded(broker.url, LoadPlan(100, timedelta(seconds=2), window=400))
        messages = [ear.next() for _ in range(outcome.ledger.sent)]
    ledger = outcome.ledger
    assert 190 <= ledger.sent == ledger.receipted == ledger.heard
    assert (ledger.twice, ledger.strange, outcome.unreceipted, outcome.falls) == (0, 0, 0, 0)
    assert outcome.fine(monitored=False)
    assert ledger.to_receiver.count == ledger.sent
    assert 0 < ledger.to_receiver.percentile(0.5) <= ledger.to_receiver.longest < 10
    said = [json.loads(message.payload) for message in messages]
    assert {m.topic for m in messages} == {HOME.topic(n) for n in range(HOME.devices)}
    assert len({one["seq"] for one in said}) == len(said)
    assert all(one.get("occupancy") is True or 19 < one["temperature"] < 26 for one in said)


def test_the_window_holds_back_what_the_broker_has_not_receipted(mosquitto: Broker) -> None:
    seen: list[Progress] = []
    plan = LoadPlan(None, timedelta(seconds=1.2), window=40, connections=4)
    load = Load(HOME, plan, BrokerUrl.parse(mosquitto.url), utc_now, threading.Event(), seen.append)
    outcome = load.run(monitored=False)
    assert outcome.ledger.sent == outcome.ledger.receipted > 40
    assert outcome.kept_up
    assert seen
    assert all(progress.unreceipted <= 40 for progress in seen)
    assert bar(seen[0]).startswith("[####")
    slow = LoadPlan(500_000, timedelta(seconds=0.3), window=8)
    late = loaded(mosquitto.url, slow)
    assert not late.fine(monitored=False)
    assert "the rate was not reached" in "\n".join(summary(late, monitored=False))


@contextmanager
def monitor(url: str, deaf_to: str) -> Iterator[None]:
    """Raises an alert for everybody who gets up, but in one room."""
    over = threading.Event()

    def raises() -> None:
        with Ear(url, f"{ROOT}/device/+") as ear:
            ready.set()
            while not over.is_set():
                message = ear.next()
                room = message.topic.rpartition("-")[2]
                if b"false" in message.payload and room != deaf_to:
                    alert = json.dumps({"kind": "bed_exit", "room": room}).encode()
                    ear.say(f"{ROOT}/alert/{room}", alert)

    ready = threading.Event()
    thread = threading.Thread(target=raises)
    thread.start()
    assert ready.wait(60)
    try:
        yield
    finally:
        over.set()
        with Ear(url, client_id="end") as ear:
            ear.say(f"{ROOT}/device/end-0", b"{}")
            thread.join(60)


def test_a_bed_exit_is_timed_to_its_alert_and_one_that_is_not_raised_is_told(
    mosquitto: Broker,
) -> None:
    plan = LoadPlan(60, timedelta(seconds=2.5), exits=1_000, linger_s=2)
    with monitor(mosquitto.url, deaf_to="0007"):
        outcome = loaded(mosquitto.url, plan, monitored=True)
    ledger = outcome.ledger
    assert (ledger.exits, ledger.to_alert.count, ledger.alerts_due) == (20, 19, 1)
    assert not outcome.fine(monitored=True)
    assert "bed exits: 20; without an alert: 1; from" in "\n".join(summary(outcome, monitored=True))


def test_a_broker_that_restarts_gets_what_it_had_not_receipted(embedded_broker: Broker) -> None:
    plan = LoadPlan(300, timedelta(seconds=3), window=50, connections=2, linger_s=0.5)
    seen: list[Progress] = []
    load = Load(
        HOME, plan, BrokerUrl.parse(embedded_broker.url), utc_now, threading.Event(), seen.append
    )
    found: list[Outcome] = []
    thread = threading.Thread(target=lambda: found.append(load.run(monitored=False)))
    thread.start()
    until(lambda: seen)
    embedded_broker.kill()
    embedded_broker.start()
    thread.join(60)
    [outcome] = found
    assert outcome.falls == 3
    assert outcome.unreceipted == 0
    assert outcome.ledger.receipted == outcome.ledger.sent > 100


def run(*arguments: str) -> tuple[int, str]:
    command = ["simulate", "--rooms", "5", "--devices", "20", *arguments]
    done = CliRunner().invoke(nightwarden_command, command, standalone_mode=False)
    if isinstance(done.exception, NightwardenError):
        raise done.exception
    return done.return_value, done.output


def test_the_command_plays_a_load_and_prints_its_home(embedded_broker: Broker) -> None:
    code, told = run("--broker", embedded_broker.url, "--rate", "200", "--for", "1s")
    assert code == 0, told
    assert "20 devices in 5 rooms of load-house, 200 messages a second" in told
    assert "; lost: 0; heard twice: 0" in told
    assert "bed exits: none" in told
    code, told = run("--print-home")
    assert code == 0
    assert told.startswith("home: {id: load-house")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rate", "fast"], '--rate "fast" is no number of messages a second'),
        (["--rate", "0"], "--rate 0 cannot be played"),
        (["--speed", "60"], "takes no --fault"),
        (["--fault", "loss=1"], "takes no --fault"),
        (["--home", "mine.yaml"], "leave out --home"),
        (["--broker", f"mqtt://127.0.0.1:{free_port()}"], "cannot be reached"),
    ],
)
def test_what_cannot_be_played_is_one_sentence(arguments: list[str], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        run(*arguments)
