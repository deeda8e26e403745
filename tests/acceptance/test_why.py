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


# --- silence --------------------------------------------------------------------------------------


def quiet(home: Home, place: str, at: str) -> dict[str, Any]:
    answer: dict[str, Any] = home.get(f"/places/{place}/why?at={at}", Role.CARER)
    return answer


def of_rule(answer: dict[str, Any], kind: str) -> dict[str, Any]:
    [found] = [one for one in answer["watches"] if kind in one["kinds"]]
    return dict(found)


def test_a_pause_at_03_12_is_why_it_was_silent_then(home: Home) -> None:
    mat = home.mat("mat-14")
    mat.press()
    home.fast_forward(hours=4, minutes=10)
    home.post("/places/14/bed/pause", {"minutes": 5, "reason": "washing"})
    home.fast_forward(minutes=1)
    mat.release()
    home.fast_forward(minutes=2)
    mat.press()
    home.fast_forward(minutes=50)
    mat.release()  # what came later changes nothing of what was
    home.fast_forward(minutes=1)
    home.pager.expects("Room 14", "out of bed")
    home.pager.ignores_the_rest()

    answer = quiet(home, "14/bed", "03:12")
    assert answer["at"] == "2026-11-02T03:12:00.000Z"
    assert answer["words"][0].startswith("Bed mat: paused until 03:15 by test carer: washing.")
    assert "out of bed since 03:11:00, in a pause" in answer["words"][0].lower()
    assert [state["state"] for state in answer["states"]] == ["paused"]
    bed = of_rule(answer, "bed_exit")
    assert bed["quieted_by"] == ["paused by test carer until 03:15: washing"]
    assert bed["due_at"] == "2026-11-02T03:15:00.000Z"
    assert {"at": "2026-11-02T03:11:00.000Z", "kind": "bed_exit", "reason": "paused"} in answer[
        "quiet"
    ]
    assert [(one["by"], one["reason"]) for one in answer["pauses"]] == [("test carer", "washing")]
    assert [one["value"] for one in answer["readings"]] == [True, False, True]
    assert (answer["watching"], answer["listening"], answer["alerts"]) == (True, 1, [])

    before = quiet(home, "14/bed", "03:09")
    assert before["words"] == [
        "Bed mat: watched, and had nothing to raise. Somebody on the mat since 1 Nov 23:00:00."
    ]
    after = quiet(home, "14/bed", "2026-11-02T04:04:00Z")
    assert after["words"][0].startswith("It was not silent: alert")
    assert of_rule(after, "bed_exit")["words"].startswith("out of bed since 04:03:00, exit raised")


def test_off_hours_an_unplugged_mat_and_a_dwell_that_ran(home: Home) -> None:
    mat = home.mat("mat-14")
    mat.press()
    home.fast_forward(minutes=5)
    mat.release()
    home.fast_forward(seconds=5)
    answer = quiet(home, "14/bed", "23:05:04")
    assert of_rule(answer, "bed_exit")["words"] == (
        "out of bed since 23:05:00, exit due 23:05:10 (dwell 10 s)"
    )
    mat.press()
    home.fast_forward(minutes=2)
    home.publish("nightwarden/v1/elm-house/device/mat-14/availability", "offline")
    home.fast_forward(minutes=5)
    home.pager.expects("MAT-14", "off or unplugged")
    answer = quiet(home, "14/bed", "23:10")
    assert "Bed mat: blind: MAT-14 is off or unplugged." in answer["words"][1]
    assert answer["words"][0].startswith("It was not silent")
    answer = quiet(home, "14/bed", "23:07:15")
    assert answer["words"][0].startswith("Bed mat: blind: MAT-14 is off or unplugged.")
    silence = of_rule(answer, "device_silent")
    assert silence["words"] == "nothing live: MAT-14 is off or unplugged since 23:07:05"

    number = home.alerts(kind="device_silent")[0]["id"]
    home.post(f"/alerts/{number}/attend")
    home.pager.expects("MAT-14", "attended")
    home.pager.ignores_the_rest()
    home.post(f"/alerts/{number}/close", {"outcome": "mended"})
    home.fast_forward(hours=10)
    assert quiet(home, "12/bed", "08:30")["words"][0].startswith(
        "Bed mat: off hours until 21:00 (required 21:00-07:00)."
    )
    home.somebody_listens = False
    home.fast_forward(minutes=1)
    alone = quiet(home, "12/bed", "")
    assert alone["listening"] == 0
    assert any(said.startswith("Nobody was listening") for said in alone["words"])


def test_nobody_watched_and_no_record_so_far_back(home: Home) -> None:
    home.mat("mat-14").press()
    home.fast_forward(minutes=5)
    home.stop_gateway()
    home.fast_forward(minutes=20)
    now = quiet(home, "14/bed", "")
    assert now["words"][0].startswith("The monitor is NOT WATCHING: nothing has been heard since")
    assert quiet(home, "14/bed", "23:15")["watching"] is False
    home.start_gateway()
    home.fast_forward(minutes=1)
    home.pager.ignores_the_rest()
    answer = quiet(home, "14/bed", "23:15")
    assert answer["watching"] is False
    assert answer["words"][0].startswith("Nobody watched: the monitor could hear nothing from 23:0")
    long_ago = quiet(home, "14/bed", "2026-10-01T03:12")
    assert long_ago["words"][0].startswith("What the rules had in mind then is not kept any more.")
    assert long_ago["watches"] == []


def test_who_may_not_see_may_not_ask_and_a_wrong_question_is_answered_in_a_sentence(
    home: Home,
) -> None:
    with home.api.client(None) as stranger:
        assert stranger.get("/places/14/bed/why").status_code == 401
        assert stranger.get("/alerts/1/why").status_code == 401
    with home.api.client(Role.CARER) as carer:
        assert "no place 14/moon" in carer.get("/places/14/moon/why").json()["detail"]
        assert "is no time" in carer.get("/places/14/bed/why?at=teatime").json()["detail"]
        late = carer.get("/places/14/bed/why?at=2030-01-01T00:00:00Z")
        assert (late.status_code, "future" in late.json()["detail"]) == (422, True)
        assert carer.get("/alerts/99/why").status_code == 404
