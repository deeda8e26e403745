"""A night drill through the real broker to a pager, and what it leaves alone."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from nightwarden.model.roles import Role
from tests.brokers import Broker
from tests.harness import HOME_ID, Home


@pytest.fixture
def home(tmp_path: Path, any_broker: Broker) -> Iterator[Home]:
    with Home(tmp_path / "data", any_broker) as made:
        yield made


def test_a_drill_reaches_the_pager_is_measured_and_ends_by_itself(home: Home) -> None:
    asked = home.post("/drills", {"room": "12"}, role=Role.MANAGER)
    home.fast_forward(seconds=2)
    page = home.pager.expects("DRILL", "raised")
    assert page["kind"] == "drill"
    assert page["priority"] == "high"
    with home.api.client(Role.MANAGER) as client:
        again = client.post("/drills", json={"room": "14"})
        assert again.status_code == 409, "one at a time"
    home.fast_forward(seconds=40)
    home.pager.expects("DRILL", "repeated")  # it climbs like any other
    number = page["id"]
    home.post(f"/alerts/{number}/attend")
    home.fast_forward(seconds=2)
    [drill] = home.get("/drills")["items"]
    assert drill["id"] == asked["id"]
    assert drill["ended_why"] == "somebody came"
    assert drill["came_through_s"] <= 2
    assert drill["attended_s"] == pytest.approx(42, abs=3)
    assert home.alerts() == []
    assert home.get("/figures/waits")["items"] == [], "a drill is in no figure"
    home.pager.ignores_the_rest()


def test_a_drill_that_nobody_answers_ends_and_a_strangers_word_begins_none(home: Home) -> None:
    proof = f"nightwarden/v1/{HOME_ID}/proof"
    home.publish(proof, '{"token": "drill 1 0123456789abcdef"}')
    home.settle()
    assert home.alerts() == []
    home.post("/drills", {"room": "14"}, role=Role.MANAGER)
    home.publish(proof, '{"token": "drill 1 0123456789abcdef"}')
    home.fast_forward(seconds=2)
    home.pager.expects("DRILL", "raised")
    home.mat("mat-12").press()
    home.settle()
    home.mat("mat-12").release()
    home.settle()
    home.pager.expects("Joan", "raised")
    home.fast_forward(minutes=11)
    [drill] = home.get("/drills")["items"]
    assert drill["ended_why"] == "nobody came in time"
    assert drill["attended_s"] is None
    assert "bed_exit" in {alert["kind"] for alert in home.alerts()}
    home.pager.ignores_the_rest()


def test_a_clock_that_goes_back_does_not_make_a_drill_longer(home: Home) -> None:
    home.post("/drills", {"room": "12"}, role=Role.MANAGER)
    home.fast_forward(seconds=2)
    home.pager.expects("DRILL", "raised")
    home.clock.now -= timedelta(hours=1)
    home.settle()
    home.fast_forward(minutes=9)
    assert [alert["kind"] for alert in home.alerts()] == ["drill"]
    home.fast_forward(minutes=1)
    [drill] = home.get("/drills")["items"]
    assert drill["ended_why"] == "nobody came in time"
    assert home.alerts() == []
    home.pager.ignores_the_rest()
