"""Nights as they happen: mats, a gateway, an api, a pager, and a clock that the test turns."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from nightwarden.model.roles import Role
from tests.brokers import Broker
from tests.harness import Home


@pytest.fixture
def home(tmp_path: Path, any_broker: Broker) -> Iterator[Home]:
    """Elm House at 23:00 on 1 November 2026, nobody in bed yet."""
    with Home(tmp_path / "data", any_broker) as made:
        yield made


def test_an_exit_reaches_pager_and_api_and_is_answered_by_name(home: Home) -> None:
    mat = home.mat("mat-12")
    mat.press()
    home.fast_forward(minutes=5)
    mat.release()
    page = home.pager.expects("Room 12", "Joan", "out of bed", "raised")
    assert page["priority"] == "high"
    assert page["action"]

    home.post(f"/alerts/{page['id']}/accept")
    home.pager.expects("Room 12", "accepted")
    home.post(f"/alerts/{page['id']}/attend")
    home.pager.expects("Room 12", "attended")
    mat.press()
    home.settle()
    home.pager.expects("Room 12", "cause_cleared")
    [still_open] = home.alerts()
    assert still_open["cleared_at"], "a return to bed is shown"
    assert still_open["state"] == "attended", "and closes nothing"

    home.post(f"/alerts/{page['id']}/close", {"outcome": "helped"})
    assert home.alerts() == []
    [closed] = home.alerts("closed")
    assert closed["outcome"] == "helped"
    assert [step["event"] for step in closed["events"]] == [
        "raised",
        "accepted",
        "attended",
        "cause_cleared",
        "closed",
    ]


def test_an_unanswered_exit_climbs_to_the_manager(home: Home) -> None:
    mat = home.mat("mat-12")
    mat.press()
    mat.release()
    home.pager.expects("out of bed", "raised")
    home.fast_forward(seconds=30)
    home.pager.expects("out of bed", "repeated")
    home.fast_forward(seconds=60)
    home.pager.expects("out of bed", "told_everyone")
    home.fast_forward(seconds=90)
    home.pager.expects("out of bed", "told_senior")
    home.fast_forward(minutes=3)
    home.pager.expects("out of bed", "told_manager")
    home.pager.expects("not back in bed since 23:00", "raised")


def test_a_promise_that_nobody_keeps_comes_back_to_everyone(home: Home) -> None:
    mat = home.mat("mat-12")
    mat.press()
    mat.release()
    page = home.pager.expects("out of bed", "raised")
    home.post(f"/alerts/{page['id']}/accept")
    home.pager.expects("accepted")
    home.fast_forward(minutes=2, seconds=50)
    assert home.alerts()[0]["accepted_by"]
    home.fast_forward(seconds=10)
    home.pager.expects("acceptance_expired")
    [alert] = home.alerts()
    assert alert["accepted_by"] is None
    assert alert["state"] == "delivered"


def test_a_short_roll_off_the_mat_within_the_dwell_is_counted_and_quiet(home: Home) -> None:
    mat = home.mat("mat-14")  # its requirement waits 10 s
    mat.press()
    mat.release()
    home.fast_forward(seconds=5)
    mat.press()
    home.fast_forward(seconds=30)
    assert home.alerts() == []


def test_an_exit_whose_dwell_ran_out_while_down_is_raised_at_start(home: Home) -> None:
    mat = home.mat("mat-14")
    mat.press()
    mat.release()
    home.settle()
    home.stop_gateway()
    home.fast_forward(minutes=3)
    home.start_gateway()
    page = home.pager.expects("Room 14", "out of bed", "while not watching")
    assert page["while_not_watching"]
    assert page["caused_at"] == "2026-11-01T23:00:00.000Z"
    home.pager.ignores_the_rest()


def test_what_a_mat_said_while_the_gateway_was_down_is_raised_after_it(home: Home) -> None:
    mat = home.mat("mat-12")
    mat.press()
    home.settle()
    home.stop_gateway()
    home.fast_forward(minutes=1)
    mat.release()
    home.fast_forward(minutes=1)
    home.start_gateway()
    page = home.pager.expects("out of bed", "while not watching")
    assert page["caused_at"] == "2026-11-01T23:01:00.000Z", "its true time"
    home.pager.ignores_the_rest()


def test_a_retained_state_that_has_not_changed_raises_nothing_and_one_that_has_does(
    home: Home,
) -> None:
    topic = "nightwarden/v1/elm-house/device/mat-12"
    home.publish(topic, '{"occupancy": true}', retain=True)
    home.settle()
    home.stop_gateway()
    home.fast_forward(minutes=1)
    home.start_gateway()
    assert home.alerts() == []
    home.stop_gateway()
    home.publish(topic, '{"occupancy": false}', retain=True)
    home.fast_forward(minutes=1)
    home.start_gateway()
    home.pager.expects("out of bed", "while not watching")


def test_a_pause_holds_the_alert_back_and_asks_after_the_resident_at_its_end(home: Home) -> None:
    mat = home.mat("mat-12")
    mat.press()
    home.settle()
    home.post("/places/12/bed/pause", {"minutes": 10, "reason": "bath"})
    mat.release()
    home.fast_forward(minutes=9, seconds=50)
    assert home.alerts() == []
    home.fast_forward(seconds=10)
    home.pager.expects("Room 12", "not back in bed after the pause")


def test_out_of_hours_a_bed_may_be_left(home: Home) -> None:
    mat = home.mat("mat-12")  # required 21:00 to 07:00
    mat.press()
    home.fast_forward(hours=8)
    mat.release()
    home.fast_forward(minutes=10)
    assert home.alerts() == []


def test_a_covered_panel_is_quiet_until_somebody_finds_the_cover_off(home: Home) -> None:
    def says(celsius: float) -> None:
        home.publish("zigbee2mqtt/Room 12 radiator", f'{{"temperature": {celsius}}}')

    says(60)
    home.fast_forward(minutes=10)
    says(62)
    home.settle()
    assert home.alerts() == []
    home.post(
        "/equipment/CVR-12/confirmations", {"state": "off", "on": "2026-11-01"}, Role.MAINTENANCE
    )
    home.pager.expects("radiator-window is 62 °C", "raised")
    home.pager.expects("radiator cover required, not in place")
    says(39.5)
    says(39.4)
    home.settle()
    home.pager.expects("radiator-window", "cause_cleared")


def test_a_silent_mat_is_raised_in_its_hours(tmp_path: Path, mosquitto: Broker) -> None:
    with Home(tmp_path / "data", mosquitto) as home:
        mat = home.mat("mat-14")
        mat.press()
        home.fast_forward(hours=23)
        assert home.alerts() == []
        home.clock.now += timedelta(hours=1)
        home.settle()
        home.pager.expects("Room 14", "MAT-14 silent")
        home.pager.expects("Room 12", "TMP-12 has never spoken")
        home.pager.expects("Room 12", "MAT-12 has never spoken")
        mat.press()
        home.settle()
        home.pager.expects("MAT-14", "cause_cleared")


def test_a_second_exit_opens_the_same_alert_again(home: Home) -> None:
    mat = home.mat("mat-12")
    mat.press()
    mat.release()
    page = home.pager.expects("out of bed", "raised")
    home.post(f"/alerts/{page['id']}/attend")
    home.pager.expects("attended")
    mat.press()
    home.settle()
    home.pager.expects("cause_cleared")
    home.fast_forward(minutes=1)
    mat.release()
    home.pager.expects("out of bed", "reopened")
    [alert] = home.alerts()
    assert alert["id"] == page["id"], "one alert for one cause"
    assert alert["state"] == "raised"
    assert alert["attended_by"] is None


def test_a_mat_that_says_the_same_twice_a_second_is_still_heard(home: Home) -> None:
    topic = "nightwarden/v1/elm-house/device/mat-12"
    for _ in range(4):
        home.publish(topic, '{"occupancy": true}')
        home.settle()
        home.clock.now += timedelta(seconds=0.6)
    [device] = [d for d in home.get("/devices")["items"] if d["address"] == "mat-12"]
    assert device["heard_at"] >= "2026-11-01T23:00:01.200Z", "a repeat is no silence"
    assert device["duplicates"] >= 1, "and is counted"
