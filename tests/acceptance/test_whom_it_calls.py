"""Whom an alert calls, how somebody was there, and what a pager hears: the whole program."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nightwarden.model.roles import Role
from tests.brokers import Broker
from tests.harness import Home

BEECH_HOUSE = """
home: {id: elm-house, name: Beech House, timezone: Europe/London}
rooms:
  - {id: "12", zone: top, places: [{id: bed}, {id: radiator, emitter: radiator}]}
  - {id: "14", places: [{id: bed}]}
residents:
  - id: res-12
    shown_as: Joan
    room: "12"
    requirements:
      - place: bed
        needs: bed_mat
        because: falls
        review_by: 2027-01-01
        action: Two carers, she holds on to the rail
      - {place: bed, needs: call_button, because: falls, review_by: 2027-01-01}
      - {place: radiator, needs: radiator_cover, because: burns, review_by: 2027-01-01}
  - id: res-14
    shown_as: Ken
    room: "14"
    requirements:
      - {place: bed, needs: bed_mat, because: falls, review_by: 2027-01-01, tell: Ken}
equipment:
  - tag: MAT-12
    kind: bed_mat
    at: 12/bed
    device: {dialect: nightwarden, address: mat-12, supervision_s: 86400}
  - tag: MAT-14
    kind: bed_mat
    at: 14/bed
    device: {dialect: nightwarden, address: mat-14, supervision_s: 86400}
  - tag: BTN-12
    kind: call_button
    at: 12/bed
    device: {dialect: nightwarden, address: button-12, supervision_s: 86400}
  - tag: CVR-12
    kind: radiator_cover
    at: 12/radiator
  - tag: TMP-12
    kind: temperature_sensor
    mount: under_cover
    at: 12/radiator
    device: {dialect: nightwarden, address: tmp-12, supervision_s: 86400}
"""
RULES = """
because: agreed
who_is_told:
  - {name: top at night, zones: [top], shifts: [night], raised: [senior], everyone: [carer, senior]}
  - {name: by day, shifts: [day], raised: [carer]}
  - {name: Ken, raised: [manager]}
"""
STAFF = (Role.CARER, Role.SENIOR, Role.MANAGER)


@pytest.fixture
def home(tmp_path: Path, embedded_broker: Broker) -> Iterator[Home]:
    """Beech House at 23:00, its staff known."""
    with Home(tmp_path / "data", embedded_broker, BEECH_HOUSE) as made:
        for role in STAFF:
            made.api.token(role)
        with made.api.client(Role.MANAGER) as manager:
            assert manager.post("/rules", content=RULES).status_code == 200
        made.settle()
        yield made
        made.pager.ignores_the_rest()


def up(home: Home, room: str) -> dict[str, Any]:
    mat = home.mat(f"mat-{room}")
    mat.press()
    mat.release()
    return home.pager.expects(f"Room {room}", "out of bed", "raised")


def test_an_alert_calls_by_zone_and_shift_and_adds_roles_rung_by_rung(home: Home) -> None:
    page = up(home, "12")
    assert page["told"] == {"roles": ["senior"], "policy": "top at night"}
    assert page["action"].startswith("Two carers, she holds on to the rail. Go now.")
    home.fast_forward(seconds=90)
    everyone = home.pager.expects("out of bed", "told_everyone")
    assert everyone["told"] == {"roles": ["senior", "carer"], "policy": "top at night"}
    assert everyone["events"][-1]["detail"]["told"] == "carer"
    home.fast_forward(seconds=270)
    home.pager.expects("out of bed", "told_manager")
    [alert] = home.alerts(kind="bed_exit")
    assert alert["told"]["roles"] == ["senior", "carer", "manager"]
    home.fast_forward(hours=9)  # 08:06: another shift, and the ladder goes on repeating
    assert home.alerts(kind="bed_exit")[0]["told"] == alert["told"]


def test_a_requirement_has_its_own_policy_and_a_gap_says_where_none_fits(home: Home) -> None:
    assert up(home, "14")["told"] == {"roles": ["manager"], "policy": "Ken"}
    lacking = [gap for gap in home.get("/gaps")["items"] if gap["state"] == "no_escalation"]
    assert lacking == [], "a policy without zones or shifts fits every place"
    with home.api.client(Role.MANAGER) as manager:
        rules = RULES.replace("name: Ken,", "name: Kenn, shifts: [day],")
        assert manager.post("/rules", content=rules).status_code == 200
    home.settle()
    lacking = [gap for gap in home.get("/gaps")["items"] if gap["state"] == "no_escalation"]
    [gap] = lacking
    assert (gap["room"], gap["because"].split("; ")) == (
        "14",
        [
            'the plan names the policy "Ken", which who_is_told does not have',
            "no policy of who_is_told fits in the night shift",
        ],
    )
    home.fast_forward(seconds=90)
    told = home.pager.expects("Room 14", "told_everyone")["told"]
    assert told["policy"] is None
    assert {"carer", "senior", "maintenance", "manager"} <= set(told["roles"]), "never nobody"


def accepted(home: Home) -> str:
    number: str = up(home, "12")["id"]
    home.fast_forward(seconds=5)
    home.post(f"/alerts/{number}/accept")
    return number


@pytest.mark.parametrize("action", ["press", "help"])
def test_a_call_for_help_attends_nothing(home: Home, action: str) -> None:
    number = accepted(home)
    home.fast_forward(seconds=5)
    home.mat("button-12").say(action=action)
    home.settle()
    home.pager.expects("help" if action == "help" else "call button", "raised")
    assert home.get(f"/alerts/{number}")["state"] == "accepted"


def test_cancel_in_the_room_attends_what_somebody_promised_to_go_to(home: Home) -> None:
    number = accepted(home)
    other = up(home, "14")["id"]
    home.fast_forward(seconds=20)
    home.mat("button-12").say(action="cancel")
    home.settle()
    alert = home.get(f"/alerts/{number}")
    assert (alert["state"], alert["attended_by"]) == ("attended", alert["accepted_by"])
    assert alert["evidence"] == {"kind": "button", "detail": "BTN-12"}
    assert home.get(f"/alerts/{other}")["state"] == "raised", "that is another room"
    record = [(e["action"], e["detail"].get("detail")) for e in home.get("/audit")["items"]]
    assert ("attended", "BTN-12") in record


def test_cancel_attends_nothing_that_nobody_has_promised_to_go_to(home: Home) -> None:
    number = up(home, "12")["id"]
    home.mat("button-12").say(action="cancel")
    home.settle()
    assert home.get(f"/alerts/{number}")["attended_at"] is None


def test_a_press_from_before_the_promise_is_no_evidence_for_it(home: Home) -> None:
    number = up(home, "12")["id"]
    pressed_at = home.clock()
    home.fast_forward(seconds=5)
    home.post(f"/alerts/{number}/accept")
    home.mat("button-12").say(at=pressed_at.isoformat(), action="cancel")
    home.settle()
    assert home.get(f"/alerts/{number}")["state"] == "accepted"


def test_a_hot_radiator_whose_cover_is_found_off_becomes_urgent(home: Home) -> None:
    probe = home.mat("tmp-12")
    for celsius in (38, 55, 56):
        probe.say(temperature=celsius)
        home.fast_forward(seconds=10)
    home.fast_forward(minutes=5)
    doubt = home.pager.expects("radiator is 56 °C, cover not confirmed", "raised")
    assert doubt["priority"] == "medium"
    home.post("/equipment/CVR-12/confirmations", {"state": "off"}, Role.MANAGER)
    found = home.pager.expects("radiator is 56 °C, not covered", "worsened")
    assert (found["id"], found["priority"], found["escalation"]) == (doubt["id"], "high", 0)
    home.fast_forward(seconds=30)
    home.pager.expects("not covered", "repeated")


def test_a_letter_whose_sender_was_killed_comes_again_under_its_own_number(home: Home) -> None:
    home.stop_gateway()
    home.api.raise_alert("14/bed")
    killed = subprocess.run(
        [
            *(sys.executable, "-m", "tests.killed_sender"),
            *(str(home.api.path), home.broker_url, home.clock().isoformat()),
        ],
        check=False,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL
    first = home.pager.expects("Room 14", "raised")
    home.clock.advance(seconds=11)  # the lease has run out
    home.start_gateway()
    twin = home.pager.expects("Room 14", "raised")
    assert first["delivery"]["id"] == twin["delivery"]["id"]
    assert (first["delivery"]["repeat"], twin["delivery"]["repeat"]) == (False, True)
    assert twin["delivery"]["attempt"] > first["delivery"]["attempt"]
    assert {**first, "delivery": None} == {**twin, "delivery": None}
