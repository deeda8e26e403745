"""No surprise: the rules of a recorded night, run again, raise exactly what was raised."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from nightwarden.model.roles import Role
from tests.brokers import Broker, until
from tests.harness import ELM_HOUSE, Home
from tests.no_surprise import assert_no_surprise

HOUSE = (
    ELM_HOUSE.replace("address: mat-14, supervision_s: 86400", "address: mat-14")
    + """
  - tag: AIR-14
    kind: temperature_sensor
    mount: room_air
    at: 14/bed
    device: {dialect: nightwarden, address: air-14, supervision_s: 86400}
  - tag: FACE-12
    kind: temperature_sensor
    mount: accessible_face
    at: 12/radiator-window
    device: {dialect: nightwarden, address: face-12, supervision_s: 86400}
  - tag: BTN-12
    kind: call_button
    at: 12/bed
    device: {dialect: nightwarden, address: button-12, supervision_s: 86400}
"""
)


@pytest.fixture
def home(tmp_path: Path, embedded_broker: Broker) -> Iterator[Home]:
    """A house at 23:00 on 1 November 2026, nobody in bed yet."""
    with Home(tmp_path / "data", embedded_broker, HOUSE) as made:
        made.fast_forward(seconds=2)  # the journal's first snapshot
        yield made
        made.pager.ignores_the_rest()


def answer(home: Home, kind: str, *steps: str) -> None:
    """A carer accepts, attends, closes the newest open alert of a kind."""
    alert = home.alerts(kind=kind)[0]
    for step in steps:
        body = {"outcome": "helped"} if step == "close" else None
        home.post(f"/alerts/{alert['id']}/{step}", body)


def wait(home: Home, **by: float) -> None:
    """Let time pass in one step."""
    home.clock.now += timedelta(**by)
    home.settle()


def rules(home: Home, text: str) -> None:
    """A manager puts a rules file in force."""
    with home.api.client(Role.MANAGER) as client:
        assert client.post("/rules", content=f"{text}\nbecause: a test\n").is_success
    home.settle()


@pytest.mark.timeout(120)
def test_a_whole_night_again(home: Home, embedded_broker: Broker) -> None:
    mat12, mat14 = home.mat("mat-12"), home.mat("mat-14")
    air, face, button = home.mat("air-14"), home.mat("face-12"), home.mat("button-12")
    for mat in (mat12, mat14):
        mat.press()
    air.say(temperature=20.5)
    face.say(temperature=38.0)
    home.fast_forward(minutes=1)

    # exits: one answered, one that comes back within its dwell, one that comes back too late
    mat12.release()
    home.fast_forward(seconds=20)
    answer(home, "bed_exit", "accept", "attend")
    mat12.press()
    home.settle()
    mat12.release()  # the same cause again, before anybody has closed it
    home.settle()
    mat12.press()
    home.fast_forward(seconds=10)
    answer(home, "bed_exit", "attend", "close")
    mat14.release()
    home.fast_forward(seconds=5)
    mat14.press()
    mat14.release()
    home.fast_forward(minutes=1)
    mat14.press()

    # pauses: one that ends by itself, one cut short
    home.post("/places/12/bed/pause", {"minutes": 2, "reason": "care in progress"})
    mat12.release()
    wait(home, minutes=3)
    answer(home, "bed_exit", "accept", "attend", "close")
    wait(home, minutes=6)  # it is still empty
    mat12.press()
    home.post("/places/14/bed/pause", {"minutes": 15, "reason": "care in progress"})
    mat14.release()
    home.fast_forward(minutes=1)
    home.post("/places/14/bed/resume")
    home.fast_forward(minutes=1)
    mat14.press()
    home.settle()

    # what is not believed, what comes twice, what comes late, what nobody can read
    face.say(temperature=85.0)
    face.say(temperature=84.0)  # the second one confirms it
    air.say(temperature=45.0)
    air.say(temperature=20.4)
    mat12.say(occupancy=False, at=(home.clock() - timedelta(minutes=30)).isoformat())
    home.publish("nightwarden/v1/elm-house/device/mat-12", '{"seq": 3, "occupancy": false}')
    home.publish("nightwarden/v1/elm-house/device/mat-14", "no JSON")
    home.publish("zigbee2mqtt/Room 12 radiator", '{"temperature": 61}')
    button.say(action="press")
    home.fast_forward(minutes=1)

    # other rules, and an exit that runs across the change
    mat12.release()
    rules(home, "bed_exit: {dwell: 40s}\nroom_too_cold: {hold: 10m}")
    mat12.press()
    home.settle()
    mat12.release()
    home.fast_forward(seconds=30)
    rules(home, "bed_exit: {dwell: 20s}\nroom_too_cold: {hold: 10m}")
    home.fast_forward(minutes=1)
    air.say(temperature=15.0)
    wait(home, minutes=12)

    # the gateway is off for a while; people answer, and somebody gets up
    home.stop_gateway()
    for kind in ("call_button", "room_too_cold"):
        answer(home, kind, "attend", "close")
    mat14.release()
    mat12.press()
    home.clock.now += timedelta(minutes=7)
    home.start_gateway()
    home.fast_forward(minutes=1)

    # the clock goes back, twice: under the gateway, and while it is off
    mat14.press()
    home.settle()
    mat14.release()
    home.settle()
    home.clock.now -= timedelta(hours=1)
    home.settle()
    wait(home, minutes=8)
    mat12.release()
    home.settle()
    home.stop_gateway()
    answer(home, "bed_exit", "attend", "close")
    home.clock.now -= timedelta(minutes=20)
    home.start_gateway()
    wait(home, minutes=10)

    # a broker that is lost, and mat 14 that falls silent
    embedded_broker.kill()
    home.clock.now += timedelta(minutes=5)
    embedded_broker.start()
    assert home.running is not None
    until(lambda: home.running is not None and home.running.link.connected)
    until(home._client.is_connected)
    home.settle()
    mat12.press()
    home.settle()
    wait(home, minutes=40)
    assert home.alerts(kind="device_silent")

    assert assert_no_surprise(home.api.store, home.clock(), timedelta(minutes=40)) >= 10
