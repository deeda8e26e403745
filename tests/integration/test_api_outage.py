"""The heating is out: what proposes an outage, heaters for a time, and an end that accounts."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from nightwarden.model.alerts import AlertKind
from nightwarden.model.roles import Role
from nightwarden.store import lives
from nightwarden.store.plan import load_plan
from nightwarden.store.tables import ReadingRow
from nightwarden.wire import rfc3339
from tests.api_server import HOME as PLAIN
from tests.api_server import ApiUnderTest

HOME = PLAIN.replace(
    "residents:", '  - {id: "14", places: [{id: bed}, {id: door}]}\nresidents:', 1
) + (
    "  - {tag: AIR-14, kind: temperature_sensor, mount: room_air, at: 14/door,"
    " device: {dialect: nightwarden, address: air-14}}\n"
)


@pytest.fixture
def api(tmp_path: Any) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path) as api:
        api.apply(HOME)
        yield api


@pytest.fixture
def senior(api: ApiUnderTest) -> Iterator[httpx.Client]:
    with api.client(Role.SENIOR) as client:
        yield client


def heater(api: ApiUnderTest, hours: float = 4, **more: Any) -> dict[str, Any]:
    until = rfc3339(api.clock() + timedelta(hours=hours))
    told = {"equipment": "HTR-1", "at": "14/bed", "owner": "Sam", "made_safe": "1 m from the bed"}
    return told | {"until": until} | more


def test_rooms_that_grow_cold_together_propose_an_outage(
    api: ApiUnderTest, senior: httpx.Client
) -> None:
    api.raise_alert("12/bed", AlertKind.ROOM_TOO_COLD)
    assert senior.get("/outage").json()["proposed"] is False, "a window may be open"
    api.raise_alert("14/door", AlertKind.ROOM_TOO_COLD)
    with api.store.transaction(api.clock()) as tx:
        for minutes, celsius in ((170, 19.5), (90, 18.0), (5, 16.25)):
            at = tx.now - timedelta(minutes=minutes)
            tx.add(
                ReadingRow(
                    dialect="nightwarden",
                    address="air-14",
                    quantity="temperature",
                    number=celsius,
                    measured_at=at,
                    received_at=at,
                )
            )
    found = senior.get("/outage").json()
    assert (found["proposed"], found["cold_rooms"]) == (True, ["12", "14"])
    (room,) = found["rooms"]
    assert (room["room"], room["celsius"], room["change"]) == ("14", 16.25, -3.25)
    opened = senior.post("/outage", json={"why": "boiler"}).json()
    assert (opened["outage"]["opened_by"], opened["proposed"]) == ("test senior", False)
    assert senior.post("/outage", json={"why": "again"}).status_code == 409


def test_an_outage_ends_when_every_heater_is_accounted_for(
    api: ApiUnderTest, senior: httpx.Client
) -> None:
    senior.post("/outage", json={"why": "boiler"})
    stay = senior.post("/heaters", json=heater(api)).json()
    with api.store.reading(api.clock()) as tx:
        plan = load_plan(tx)
        assert plan is not None
        (item,) = (item for item in plan.items if item.tag == "HTR-1")
    assert (item.lent_to, rfc3339(item.due_back)) == ("Sam", stay["until"]), "the rules know"
    assert senior.post("/heaters", json=heater(api, at="12/bed")).status_code == 409
    assert senior.post("/heaters", json=heater(api, equipment="MAT-0012")).status_code == 422
    done = senior.post("/outage/steps/engineer", json={"note": "comes at 8"}).json()
    assert done["steps"][0]["done_by"] == "test senior"
    refused = senior.post("/outage/end", json={"why": "new pump"})
    assert refused.status_code == 409
    assert "HTR-1 (room 14)" in refused.json()["detail"]
    api.clock.advance(hours=5)
    assert senior.get("/heaters").json()["items"][0]["late"]
    longer = {"until": rfc3339(api.clock() + timedelta(hours=1)), "reason": "still cold"}
    assert senior.post(f"/heaters/{stay['id']}/extend", json=longer).json()["late"] is False
    gone = {"went_to": "store cupboard, cold"}
    assert senior.post(f"/heaters/{stay['id']}/take-away", json=gone).is_success
    assert senior.post("/outage/end", json={"why": "new pump"}).is_success
    (ended,) = senior.get("/outages").json()["items"]
    assert [each["went_to"] for each in ended["heaters"]] == [gone["went_to"]]
    shown = senior.get("/equipment/HTR-1").json()
    assert (shown["at"], shown["owner"]) == (None, "Sam")


def test_a_heater_without_an_end_or_beyond_two_weeks_is_refused(
    api: ApiUnderTest, senior: httpx.Client
) -> None:
    for hours in (-1, 15 * 24):
        assert senior.post("/heaters", json=heater(api, hours)).status_code == 422
    assert senior.get("/heaters").json()["items"] == []


def test_the_pages_work_without_javascript(api: ApiUnderTest) -> None:
    with api.client(Role.SENIOR) as senior:
        token = dict(senior.headers)
    with httpx.Client(base_url=api.url, headers=token, verify=False, timeout=60) as page:
        assert "The heating is out" in page.get("/outage").text
        assert page.post("/outage", data={"why": "boiler"}).status_code == 303
        form = heater(api) | {"until": "2026-11-02T08:00"}
        assert page.post("/heaters", data=form).status_code == 303
        shown = page.get("/outage").text
        assert "Sam looks after it" in shown
        assert "The heating is out" in page.get("/").text
        assert page.post("/outage/steps/frail", data={"note": "blankets"}).status_code == 303
        assert "blankets" in page.get("/outage").text


def test_uses_of_a_pad_are_counted_for_the_rules(api: ApiUnderTest) -> None:
    with api.store.transaction(api.clock()) as tx:
        lives.allow(tx, "MAT-0012", 2, "Ann")
        assert lives.use(tx, "MAT-0012", "room 12", "Ana") == 1
        plan = load_plan(tx)
        assert plan is not None
        assert {item.tag: item.uses_left for item in plan.items}["MAT-0012"] == 1
