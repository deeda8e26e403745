"""Kit that lets people down, from the wire and the register to the pager: M5, M6, H9, A12."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from nightwarden.model.roles import Role
from tests.brokers import Broker
from tests.harness import Home

BIRCH_HOUSE = """
home: {id: elm-house, name: Birch House, timezone: Europe/London}
rooms:
  - id: "1"
    places: [{id: bed}, {id: radiator, emitter: radiator}]
  - {id: "2", places: [{id: bed}]}
  - {id: "3", places: [{id: bed}]}
residents:
  - id: res-1
    shown_as: Joan
    room: "1"
    requirements: [{place: bed, needs: bed_mat, because: falls, review_by: 2027-01-01}]
  - id: res-2
    shown_as: Ken
    room: "2"
    requirements: [{place: bed, needs: bed_mat, because: falls, review_by: 2027-01-01}]
  - id: res-3
    shown_as: May
    room: "3"
    requirements: [{place: bed, needs: bed_mat, because: falls, review_by: 2027-01-01}]
equipment:
  - {tag: MAT-1, kind: bed_mat, at: 1/bed, device: {dialect: nightwarden, address: mat-1, supervision_s: 86400}}
  - {tag: MAT-2, kind: bed_mat, at: 2/bed, device: {dialect: nightwarden, address: mat-2, supervision_s: 86400}}
  - {tag: MAT-3, kind: bed_mat, at: 3/bed, device: {dialect: nightwarden, address: mat-3, supervision_s: 86400}}
  - {tag: TMP-1, kind: temperature_sensor, mount: under_cover, at: 1/radiator, device: {dialect: nightwarden, address: probe-1, supervision_s: 86400}}
  - {tag: CVR-1, kind: radiator_cover, at: 1/radiator, confirmed: {by: A. Smith, on: 2026-11-01, state: in_place}}
"""  # noqa: E501


@pytest.fixture
def home(tmp_path: Path, any_broker: Broker) -> Iterator[Home]:
    """Birch House at 23:00, everybody in bed."""
    with Home(tmp_path / "data", any_broker, BIRCH_HOUSE) as made:
        for role in (Role.CARER, Role.SENIOR, Role.MANAGER):
            made.get("/alerts", role)  # somebody has it, so that it can be called
        for room in "123":
            made.mat(f"mat-{room}").press()
        made.settle()
        yield made


def unplug(home: Home, room: str) -> None:
    home.publish(f"nightwarden/v1/elm-house/device/mat-{room}/availability", "offline")
    home.settle()


@pytest.fixture(autouse=True)
def nobody_answers(home: Home) -> Iterator[None]:
    """What climbs its ladder beside what a test is about is not looked at."""
    yield
    home.pager.ignores_the_rest()


def test_three_mats_unplugged_together_call_the_manager_from_the_first(home: Home) -> None:
    for room in "123":
        unplug(home, room)
        home.fast_forward(minutes=1)
    page = home.pager.expects("mats of rooms 1, 2, 3 fell silent together", "raised")
    assert (page["kind"], page["priority"]) == ("mats_silent_together", "high")
    assert "manager" in page["told"]["roles"]
    alone = [alert for alert in home.alerts() if alert["kind"] == "device_silent"]
    assert {alert["room"] for alert in alone} == {"1", "2", "3"}
    assert all("manager" not in alert["told"]["roles"] for alert in alone)


def test_a_mat_that_stays_off_after_care_is_asked_about_by_name(home: Home) -> None:
    home.post("/places/1/bed/pause", {"minutes": 10, "reason": "bath"})
    unplug(home, "1")
    home.fast_forward(minutes=15)
    page = home.pager.expects("Room 1", "Joan", "bed mat MAT-1 not back after care by", "raised")
    assert page["priority"] == "medium"
    home.mat("mat-1").say(occupancy=True, seq=2)
    home.fast_forward(minutes=1)
    home.pager.expects("not back after care", "cause_cleared")


def test_a_cover_that_is_off_past_its_permit_is_late_and_its_panel_within_reach(
    home: Home,
) -> None:
    terms = {"reason": "painting", "made_safe_by": "radiator off"}
    until = (home.clock() + timedelta(minutes=10)).isoformat()
    home.post("/equipment/CVR-1/permits", terms | {"until": until}, Role.MAINTENANCE)
    home.fast_forward(minutes=10)
    page = home.pager.expects("radiator cover CVR-1 off for work, due back at", "raised")
    assert (page["kind"], page["priority"]) == ("permit_overdue", "medium")
    for celsius in (40.0, 52.0):
        home.mat("probe-1").say(temperature=celsius)
    home.pager.expects("radiator is 52 °C, not covered", "raised")
    found = {"state": "in_place"}
    home.post("/equipment/CVR-1/confirmations", found, Role.MAINTENANCE)
    home.settle()
    home.pager.expects("off for work", "cause_cleared")
    home.pager.expects("radiator is 52 °C", "cause_cleared")


def test_a_resident_who_moves_without_their_mat_shows_at_once(home: Home) -> None:
    with home.api.client(Role.MAINTENANCE) as keeper:
        assert keeper.patch("/equipment/MAT-1", json={"meant_for": "res-2"}).is_success
    home.settle()
    page = home.pager.expects("Room 1", "bed mat MAT-1 is Ken's, who lives in room 2", "raised")
    assert page["priority"] == "technical"
    assert ["1", "wrong_room"] in [[g["room"], g["state"]] for g in home.get("/gaps")["items"]]
