"""The rules change while the home is watched: no restart, and no running timer is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nightwarden.model.roles import Role
from tests.brokers import Broker
from tests.harness import ELM_HOUSE, Home


@pytest.fixture
def home(tmp_path: Path, embedded_broker: Broker) -> Iterator[Home]:
    """Elm House at 23:00 on 1 November 2026, nobody in bed yet."""
    with Home(tmp_path / "data", embedded_broker) as made:
        yield made


def apply(home: Home, text: str) -> None:
    """A manager puts a rules file in force; the gateway has heard of it."""
    with home.api.client(Role.MANAGER) as client:
        answer = client.post("/rules", content=f"{text}\nbecause: a test\n")
    assert answer.is_success, answer.text
    home.settle()


def test_the_next_exit_has_the_new_dwell_and_its_alert_the_new_version(home: Home) -> None:
    apply(home, "bed_exit: {dwell: 30s}")
    mat = home.mat("mat-12")
    mat.press()
    mat.release()
    home.fast_forward(seconds=20)
    assert home.alerts() == [], "20 s are within the new dwell"
    home.fast_forward(seconds=10)
    assert home.pager.expects("Room 12", "raised")["rule_version"] == 1


def test_an_alert_from_before_the_change_keeps_its_version(home: Home) -> None:
    for address, version in (("mat-12", 0), ("mat-14", 1)):
        mat = home.mat(address)
        mat.press()
        mat.release()
        home.fast_forward(seconds=10)  # room 14's requirement says 10 s, whatever the home's number
        room = address.replace("mat-", "Room ")
        assert home.pager.expects(room, "raised")["rule_version"] == version
        if version == 0:
            apply(home, "bed_exit: {dwell: 5m}")
    assert [alert["rule_version"] for alert in home.alerts()] == [1, 0]


@pytest.mark.parametrize("changed_to", ["0", "5m"])
def test_a_dwell_that_runs_keeps_its_start_and_its_end(home: Home, changed_to: str) -> None:
    apply(home, "bed_exit: {dwell: 30s}")
    mat = home.mat("mat-12")
    mat.press()
    mat.release()
    home.fast_forward(seconds=10)
    apply(home, f"bed_exit: {{dwell: {changed_to}}}")
    home.fast_forward(seconds=10)
    assert home.alerts() == []
    home.fast_forward(seconds=10)
    page = home.pager.expects("Room 12", "raised")
    assert page["caused_at"] == "2026-11-01T23:00:00.000Z"


def test_rules_survive_a_restart_of_the_gateway(home: Home) -> None:
    apply(home, "bed_exit: {dwell: 30s}")
    home.stop_gateway()
    home.start_gateway()
    mat = home.mat("mat-12")
    mat.press()
    mat.release()
    home.fast_forward(seconds=20)
    assert home.alerts() == []
    home.fast_forward(seconds=10)
    home.pager.expects("Room 12", "raised")


def test_an_open_alert_climbs_by_the_new_ladder_from_its_next_step(home: Home) -> None:
    mat = home.mat("mat-12")
    mat.press()
    mat.release()
    home.pager.expects("Room 12", "raised")
    apply(home, "escalation: {high: {everyone: 40s, senior: 50s}}")
    home.fast_forward(seconds=30)
    home.pager.expects("repeated")
    home.fast_forward(seconds=10)
    home.pager.expects("told_everyone")
    home.fast_forward(seconds=10)
    home.pager.expects("told_senior")


def test_a_lower_limit_finds_the_surface_that_is_hot_already(
    tmp_path: Path, embedded_broker: Broker
) -> None:
    touchable = ELM_HOUSE.replace("mount: under_cover", "mount: accessible_face")
    with Home(tmp_path / "data", embedded_broker, touchable) as home:
        apply(home, "hot_surface: {hold: 1m}")
        home.publish("zigbee2mqtt/Room 12 radiator", '{"temperature": 42}')
        home.fast_forward(minutes=4)
        apply(home, "hot_surface: {hold: 1m, limit_c: 41, clear_c: 39}")
        home.fast_forward(seconds=50)
        assert home.alerts() == [], "its hold begins with the new limit"
        home.fast_forward(seconds=10)
        assert home.pager.expects("42 °C", "raised")["rule_version"] == 2
