"""The manager's figures: waits without names, nuisance by mat, and minutes of silence."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from nightwarden.model.alerts import AlertKind
from nightwarden.model.roles import Role
from nightwarden.store import journal
from nightwarden.store.journal import InputKind
from tests.api_server import HOME, ApiUnderTest


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path) as api:
        api.apply(HOME)
        yield api


def answered(api: ApiUnderTest, client: httpx.Client, after_s: float, outcome: str) -> None:
    number = api.raise_alert()
    api.clock.advance(seconds=after_s)
    assert client.post(f"/alerts/{number}/attend").is_success
    assert client.post(f"/alerts/{number}/close", json={"outcome": outcome}).is_success


def test_waits_nuisance_and_outages_are_counted_and_nobody_is_named(api: ApiUnderTest) -> None:
    with api.client() as client:
        for seconds in (10, 20, 30, 40, 300):
            answered(api, client, seconds, "already_back")
        answered(api, client, 20, "helped")
        api.raise_alert()  # which nobody answers
        api.raise_alert("12/drill", AlertKind.DRILL)
        api.clock.advance(seconds=1)
        now = api.clock()
        with api.store.transaction(now) as tx:
            silent = {"since": "2026-11-01T22:00:00+00:00", "until": "2026-11-01T22:05:00+00:00"}
            journal.note(tx, InputKind.UNWATCHED, now, {"restarted": False, **silent})
        waits = client.get("/figures/waits").json()["items"]
        everything = next(one for one in waits if one["by"] == "all")
        assert everything["alerts"] == 7, "the drill is in no figure"
        assert everything["attended_median_s"] == 20
        assert everything["attended_p95_s"] == 300
        assert everything["never_attended"] == 1
        assert {one["group"] for one in waits if one["by"] == "shift"} == {"night"}
        assert {one["group"] for one in waits if one["by"] == "hour"} == {"23"}
        assert not any("test" in str(value) for one in waits for value in one.values())
        [mat] = client.get("/figures/mats").json()["items"]
        assert (mat["alerts"], mat["care"], mat["nuisance"]) == (7, 1, 5)
        assert mat["nuisance_share"] == pytest.approx(5 / 6, abs=0.001)
        assert "dwell" in mat["suggestion"]
        [outage] = client.get("/figures/outages").json()["items"]
        assert (outage["day"], outage["minutes"]) == ("2026-11-01", 5.0)
        csv = client.get("/figures/waits?format=csv").text
        assert csv.splitlines()[0].startswith("by,group,alerts")
        for path in ("/manager", "/manager/figures?days=7", "/manager/drills"):
            page = client.get(f"{api.url}{path}", headers={"Accept": "text/html"})
            assert page.status_code == 200, path
    with api.client(Role.CARER) as carer:
        assert carer.get("/figures/waits").status_code == 403
