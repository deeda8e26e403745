"""Why: of an alert, and of a silence, from the wire to the answer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nightwarden.model.roles import Role
from tests.brokers import Broker
from tests.harness import Home


@pytest.fixture
def home(tmp_path: Path, embedded_broker: Broker) -> Iterator[Home]:
    """Elm House at 23:00, everybody well."""
    with Home(tmp_path / "data", embedded_broker) as made:
        yield made


def setting(why: dict[str, Any], name: str) -> dict[str, Any]:
    [found] = [one for one in why["settings"] if one["name"] == name]
    return dict(found)


def test_an_alert_names_its_reading_its_dwell_and_where_that_came_from(home: Home) -> None:
    mat = home.mat("mat-14")
    mat.press()
    home.fast_forward(minutes=1)
    mat.release()
    left_at = home.clock()
    home.fast_forward(seconds=20)
    page = home.pager.expects("Room 14", "out of bed", "raised")
    home.post(f"/alerts/{page['id']}/accept")
    home.pager.expects("Room 14", "accepted")
    home.pager.ignores_the_rest()

    why = home.get(f"/alerts/{page['id']}/why", Role.CARER)
    assert why["alert"]["id"] == page["id"]
    assert why["rule"]["kind"] == "bed_exit"
    assert "empty" in why["words"][0]
    dwell = setting(why, "bed_exit.dwell")
    assert dwell["value"] == "10s"
    assert "its requirement: falls" in dwell["origin"]
    assert setting(why, "hours")["value"] == "00:00-24:00"
    parts = [(one["part"], one["reading"]["value"]) for one in why["readings"]]
    assert parts == [("before", True), ("cause", False)]
    assert why["readings"][1]["reading"]["equipment"] == "MAT-14"
    [timer] = why["timers"]
    assert (timer["length"], timer["due_at"]) == ("10s", why["alert"]["raised_at"])
    assert timer["began_at"].startswith(f"{left_at:%Y-%m-%dT%H:%M:%S}")
    first, *_ = why["steps"]
    assert (first["step"], first["taken_at"]) == ("repeat", None)
    assert "not needed: accepted by" in first["why_not"]
    assert all(one["receipted_at"] for one in why["deliveries"])
    assert why["while_not_watching"] is False
    assert why["from_journal"] is True


def test_a_rule_of_the_home_is_named_with_its_version_and_who_applied_it(home: Home) -> None:
    with home.api.client(Role.MANAGER) as client:
        assert client.post(
            "/rules", content="bed_exit: {dwell: 20s}\nbecause: too many\n"
        ).is_success
    home.fast_forward(seconds=10)
    home.mat("mat-12").press()
    home.fast_forward(minutes=1)
    home.mat("mat-12").release()
    home.fast_forward(seconds=30)
    page = home.pager.expects("Room 12", "out of bed", "raised")
    home.pager.ignores_the_rest()
    dwell = setting(home.get(f"/alerts/{page['id']}/why"), "bed_exit.dwell")
    assert dwell["value"] == "20s"
    assert "rules file, version 1, applied by test manager on" in dwell["origin"]
    assert "too many" in dwell["origin"]
