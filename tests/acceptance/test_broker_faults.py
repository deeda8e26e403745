"""The broker is killed, is away for ten minutes, or answers no more: no exit is lost, and it shows.

How the same looks when the gateway is killed is in ``test_kill.py``.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nightwarden.broker_url import BrokerUrl
from nightwarden.wire import rfc3339
from tests.acceptance.program import Program, nightwarden
from tests.acceptance.test_kill import home_of
from tests.brokers import Broker, Ear, Mosquitto, until
from tests.faults import SilentProxy
from tests.harness import HOME_ID, Home

ALERTS = f"nightwarden/v1/{HOME_ID}/alert/+"


@pytest.fixture
def home(tmp_path: Path, broker: Broker) -> Iterator[Home]:
    """Elm House at 23:00, both in bed."""
    with Home(tmp_path / "data", broker) as made:
        for address in ("mat-12", "mat-14"):
            made.mat(address).press()
        made.settle()
        yield made


def not_watching(home: Home) -> dict[str, Any]:
    """Wait until health says so; its checks."""
    found: list[dict[str, Any]] = []

    def look() -> bool:
        with home.api.client() as client:
            found[:] = [client.get("/health").json()]
        return bool(found[0]["status"] == "not_watching" and not found[0]["checks"]["broker"]["ok"])

    until(look)
    return dict(found[0]["checks"])


def watching(home: Home) -> bool:
    """Whether health says that alerts are raised."""
    with home.api.client() as client:
        return bool(client.get("/health").is_success)


def retained_alerts(broker: Broker, rooms: set[str]) -> None:
    """Wait until who comes on now finds the alerts of these rooms and no others."""
    found: set[str] = set()
    with Ear(broker.url, ALERTS, client_id="late") as late:

        def look() -> bool:
            while not late.inbox.empty():
                message = late.next()
                assert message.payload
                found.add(json.loads(message.payload)["room"])
            return found == rooms

        until(look)


def test_a_killed_broker_costs_no_exit_and_its_outage_is_shown_and_ends(
    home: Home, broker: Broker
) -> None:
    assert home.running is not None
    link = home.running.link
    home.mat("mat-12").say(occupancy=False, seq=2)
    home.pager.expects("Room 12", "out of bed", "raised")
    broker.kill()
    until(lambda: not link.connected)
    home.clock.advance(seconds=10)
    checks = not_watching(home)
    assert "broker at" in checks["broker"]["detail"]
    home.clock.advance(seconds=20)
    broker.start()
    home.devices_come_back()
    got_up = home.clock() - timedelta(seconds=5)  # the mat had no receipt, so it says it again
    home.mat("mat-14").say(occupancy=False, seq=2, at=got_up.isoformat())
    home.settle()
    home.fast_forward(seconds=20)
    exits = {alert["room"]: alert for alert in home.alerts(kind="bed_exit")}
    assert set(exits) == {"12", "14"}
    assert exits["14"]["while_not_watching"]
    assert exits["14"]["caused_at"] == rfc3339(got_up)
    retained_alerts(broker, {"12", "14"})
    until(lambda: watching(home))
    home.pager.ignores_the_rest()


@pytest.mark.mosquitto
def test_what_a_killed_mosquitto_had_taken_and_not_handed_over_is_raised(
    tmp_path: Path, mosquitto: Broker
) -> None:
    with Home(tmp_path / "data", mosquitto) as home:
        mat = home.mat("mat-12")
        mat.press()
        home.settle()
        home.stop_gateway()
        mat.release()
        said = mosquitto_memory(tmp_path)
        until(lambda: b'"occupancy": false' in said.read_bytes())
        mosquitto.kill()
        home.clock.advance(minutes=1)
        mosquitto.start()
        home.devices_come_back()
        home.start_gateway()
        [exit_] = home.alerts(kind="bed_exit")
        assert exit_["while_not_watching"]
        assert exit_["caused_at"] == "2026-11-01T23:00:00.000Z"
        home.pager.ignores_the_rest()


def mosquitto_memory(folder: Path) -> Path:
    return folder / "mosquitto" / "mosquitto.db"


@pytest.mark.mosquitto
def test_ten_minutes_without_the_broker_while_a_bridge_keeps_what_its_devices_say(
    home: Home, broker: Broker, tmp_path: Path
) -> None:
    folder = tmp_path / "bridge"
    folder.mkdir()
    bridge = Mosquitto(folder, lines=bridge_to(broker))
    bridge.start()
    try:
        with Ear(bridge.url, client_id="mats of the wing") as wing:

            def say(address: str, number: int, *, occupied: bool) -> None:
                body = {"occupancy": occupied, "seq": number, "at": home.clock().isoformat()}
                wing.say(f"nightwarden/v1/{HOME_ID}/device/{address}", json.dumps(body).encode())

            say("mat-12", 10, occupied=True)
            until(lambda: len(home.get("/readings?device=nightwarden:mat-12")["items"]) == 2)
            home.settle()
            broker.kill()
            for minute in range(1, 11):
                home.clock.advance(minutes=1)
                if minute == 3:
                    say("mat-12", 11, occupied=False)
                if minute in (5, 8):
                    say("mat-14", 10 + minute, occupied=minute == 8)
            not_watching(home)
            broker.start()
            until(lambda: len(home.alerts(kind="bed_exit")) == 2)
            exits = {alert["room"]: alert for alert in home.alerts(kind="bed_exit")}
            assert exits["12"]["caused_at"] == "2026-11-01T23:03:00.000Z"
            assert exits["14"]["caused_at"] == "2026-11-01T23:05:00.000Z"
            assert all(alert["while_not_watching"] for alert in exits.values())
            until(lambda: {a["room"] for a in home.alerts() if a["cleared_at"]} == {"14"})
            home.devices_come_back()
            home.fast_forward(seconds=3)
            until(lambda: watching(home))
            home.pager.ignores_the_rest()
    finally:
        bridge.stop()


def bridge_to(broker: Broker) -> tuple[str, ...]:
    """A Mosquitto that keeps what its own devices say until the home's broker has it."""
    there = BrokerUrl.parse(broker.url)
    return (
        "connection home",
        f"address {there.host}:{there.port}",
        "topic nightwarden/# out 1",
        "cleansession false",
        "bridge_protocol_version mqttv311",
        "notifications false",
        "try_private false",
        "restart_timeout 1",
    )


@pytest.mark.mosquitto
def test_a_connection_that_falls_silent_is_noticed_shown_and_made_anew(
    tmp_path: Path, mosquitto: Broker
) -> None:
    (tmp_path / "home.yaml").write_text(home_of(1))
    assert nightwarden(tmp_path, "apply", "home.yaml").returncode == 0
    with (
        SilentProxy(BrokerUrl.parse(mosquitto.url).port) as network,
        Program(tmp_path, "--http", "127.0.0.1:0", "--broker", network.url) as program,
        Ear(mosquitto.url, client_id="mats") as ear,
    ):
        program.watching()
        mat = f"nightwarden/v1/{HOME_ID}/device/mat-1"
        ear.say(mat, b'{"occupancy": true, "seq": 1}')
        until(lambda: program.call("GET", "/readings?device=nightwarden:mat-1")["items"])
        network.go_silent()
        until(lambda: program.health()[0] == 503)
        until(lambda: "went silent" in program.health()[1]["checks"]["broker"]["detail"])
        ear.say(mat, b'{"occupancy": false, "seq": 2}')
        network.heal()
        program.proves_itself()
        until(program.alerts)
        assert "uses our client id" not in program.err
