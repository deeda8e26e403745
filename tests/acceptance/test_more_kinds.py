"""Calls, chairs, floor mats, room air, hubs and batteries: from the wire to the pager and back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.brokers import Broker
from tests.harness import Home
from tests.no_surprise import assert_no_surprise

ROWAN_HOUSE = """
home: {id: elm-house, name: Rowan House, timezone: Europe/London}
rooms:
  - id: "12"
    places: [{id: bed}, {id: chair}, {id: bedside}, {id: wall}]
  - id: "14"
    places: [{id: bed}]
residents:
  - id: res-12
    shown_as: Joan
    room: "12"
    requirements:
      - {place: bed, needs: bed_mat, because: falls, review_by: 2027-01-01}
      - {place: bed, needs: call_button, because: falls, review_by: 2027-01-01}
      - {place: chair, needs: chair_mat, because: falls, review_by: 2027-01-01}
      - {place: bedside, needs: floor_mat, because: falls, review_by: 2027-01-01}
  - id: res-14
    shown_as: Ken
    room: "14"
    requirements:
      - {place: bed, needs: bed_mat, because: falls, review_by: 2027-01-01}
equipment:
  - tag: MAT-12
    kind: bed_mat
    at: 12/bed
    device: {dialect: zigbee2mqtt, address: Bed 12, supervision_s: 86400}
  - tag: MAT-14
    kind: bed_mat
    at: 14/bed
    device: {dialect: zigbee2mqtt, address: Bed 14, supervision_s: 86400}
  - tag: BTN-12
    kind: call_button
    at: 12/bed
    device: {dialect: nightwarden, address: button-12, supervision_s: 86400}
  - tag: CHR-12
    kind: chair_mat
    at: 12/chair
    device: {dialect: nightwarden, address: chair-12, supervision_s: 86400}
  - tag: FLR-12
    kind: floor_mat
    at: 12/bedside
    device: {dialect: nightwarden, address: floor-12, supervision_s: 86400}
  - tag: AIR-12
    kind: temperature_sensor
    mount: room_air
    at: 12/wall
    device: {dialect: nightwarden, address: air-12, supervision_s: 86400}
"""


@pytest.fixture
def home(tmp_path: Path, any_broker: Broker) -> Iterator[Home]:
    """Rowan House at 23:00, everybody well."""
    with Home(tmp_path / "data", any_broker, ROWAN_HOUSE) as made:
        yield made


def test_a_call_is_answered_cancelled_and_called_again(home: Home) -> None:
    button = home.mat("button-12")
    button.say(action="press")
    page = home.pager.expects("Room 12", "Joan", "call button pressed", "raised")
    assert (page["kind"], page["priority"]) == ("call_button", "high")
    home.fast_forward(seconds=5)
    button.say(action="press")
    home.settle()
    assert [alert["id"] for alert in home.alerts()] == [page["id"]], "it is open and says so"

    button.say(action="cancel")
    home.pager.expects("call button", "cause_cleared")
    assert home.alerts()[0]["state"] != "closed", "whoever pressed cancel, nobody has been there"
    button.say(action="help")
    home.pager.expects("calls for help", "reopened")


def test_a_call_by_hand_is_one_alert_however_often_it_is_tapped(home: Home) -> None:
    home.post("/places/12/bed/pause", {"minutes": 5, "reason": "care"})
    home.post("/rooms/12/call")
    second = home.post("/rooms/12/call")
    page = home.pager.expects("Room 12", "Joan", f"{second['by']} calls for help", "raised")
    assert (page["kind"], page["priority"], page["place"]) == ("call_button", "high", "room")
    called = [e for e in home.get("/audit")["items"] if e["action"] == "called for help"]
    assert [(e["actor"], e["subject"]) for e in called] == [(second["by"], "room 12")]
    home.fast_forward(seconds=15)
    home.post("/rooms/12/call")
    assert [alert["id"] for alert in home.alerts()] == [page["id"]], "it is open and says so"
    assert_no_surprise(home.api.store, home.clock())


def test_up_from_the_chair_and_onto_the_floor_mat_are_two_alerts(home: Home) -> None:
    chair, floor = home.mat("chair-12"), home.mat("floor-12")
    chair.press()
    floor.release()
    home.fast_forward(seconds=10)
    chair.release()
    home.pager.expects("Room 12", "Joan", "up from the chair", "raised")
    floor.press()
    home.pager.expects("Room 12", "Joan", "on the floor mat", "raised")
    floor.release()
    home.pager.expects("on the floor mat", "cause_cleared")
    assert {alert["kind"] for alert in home.alerts()} == {"chair_exit", "floor_mat"}


def test_half_an_hour_of_cold_is_raised_and_warmth_is_shown(home: Home) -> None:
    air = home.mat("air-12")
    air.say(temperature=16.5)
    home.fast_forward(minutes=29)
    assert home.alerts() == []
    home.fast_forward(minutes=1)
    page = home.pager.expects("the room is 16.5 °C, too cold", "raised")
    assert (page["kind"], page["priority"]) == ("room_too_cold", "medium")
    air.say(temperature=19.0)
    home.pager.expects("too cold", "cause_cleared")


def test_a_bridge_that_goes_off_is_one_alert_and_not_one_for_each_bed(home: Home) -> None:
    for bed in ("Bed 12", "Bed 14"):
        home.publish(f"zigbee2mqtt/{bed}", '{"occupancy": true}')
    home.publish("zigbee2mqtt/bridge/state", '{"state": "offline"}', retain=True)
    home.fast_forward(seconds=30)
    page = home.pager.expects("beds 12, 14 not watched", "raised")
    assert (page["kind"], page["priority"]) == ("hub_down", "technical")
    home.stop_gateway()
    home.fast_forward(minutes=1)
    home.start_gateway()
    home.fast_forward(minutes=1)
    assert [alert["kind"] for alert in home.alerts()] == ["hub_down"]
    home.publish("zigbee2mqtt/bridge/state", '{"state": "online"}', retain=True)
    home.settle()
    home.pager.expects("beds 12, 14 not watched", "cause_cleared")
    home.pager.ignores_the_rest()  # the ladder that nobody answered


def test_a_battery_is_asked_for_once_and_seen_when_it_is_changed(home: Home) -> None:
    home.publish("zigbee2mqtt/Bed 14", '{"battery": 19}')
    page = home.pager.expects("Room 14", "battery low, 19 %", "raised")
    assert (page["kind"], page["priority"]) == ("battery_low", "low")
    home.settle()
    for percent in (18, 17):
        home.fast_forward(seconds=10)
        home.publish("zigbee2mqtt/Bed 14", f'{{"battery": {percent}}}')
    home.settle()
    assert len(home.alerts()) == 1
    home.publish("zigbee2mqtt/Bed 14", '{"battery": 100}')
    home.pager.expects("battery low", "cause_cleared")
