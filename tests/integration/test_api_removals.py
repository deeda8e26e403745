"""Permits with more time, and controls that were taken away from where they are required."""

from collections.abc import Iterator
from typing import Any

import pytest

from nightwarden.model.roles import Role
from tests.api_server import HOME as PLAIN
from tests.api_server import ApiUnderTest

HOME = PLAIN + "  - {tag: CVR-0012, kind: radiator_cover, at: 12/radiator-window}\n"
WHY = {"reason": "it hurt her", "replacement": "low bed", "review_by": "2026-11-30"}
TERMS = {"reason": "painting", "made_safe_by": "Piotr: cold"}


@pytest.fixture
def api(tmp_path: Any) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path) as api:
        api.apply(HOME)
        yield api


def test_a_permit_gets_more_time_with_a_reason_and_never_beyond_a_week(api: ApiUnderTest) -> None:
    with api.client(Role.MAINTENANCE) as keeper:
        terms = TERMS | {"until": "2026-11-02T16:00:00Z"}
        permit = keeper.post("/equipment/CVR-0012/permits", json=terms).json()["permit"]
        path = f"/equipment/CVR-0012/permits/{permit['id']}/extend"
        longer = {"until": "2026-11-03T16:00:00Z", "reason": "paint is wet"}
        assert keeper.post(path, json=longer).json()["permit"]["until"].startswith("2026-11-03")
        for until in ("2026-11-03T15:00:00Z", "2026-11-09T00:00:00Z"):
            assert keeper.post(path, json=longer | {"until": until}).status_code == 422
        api.clock.advance(days=2)
        (shown,) = keeper.get("/permits").json()["items"]
        assert (shown["late"], shown["at"]) == (True, "12/radiator-window")
        assert shown["issued_by"] == "test maintenance"
        (more,) = shown["extensions"]
        assert (more["from"], more["reason"]) == ("2026-11-02T16:00:00.000Z", "paint is wet")


def test_what_is_required_goes_only_with_a_why(api: ApiUnderTest) -> None:
    with api.client(Role.MAINTENANCE) as keeper, api.client(Role.MANAGER) as manager:
        refused = keeper.post("/equipment/CVR-0012/retire")
        assert refused.status_code == 422
        assert "what is there instead" in refused.json()["detail"]
        past = WHY | {"review_by": "2026-10-01"}
        assert keeper.post("/equipment/CVR-0012/retire", json=past).status_code == 422
        assert keeper.post("/equipment/CVR-0012/retire", json=WHY).status_code == 204
        (gone,) = keeper.get("/removals").json()["items"]
        assert (gone["equipment"], gone["place"]) == ("CVR-0012", "radiator-window")
        assert (gone["open"], gone["red"], gone["still_required"]) == (True, False, True)
        assert gone["replacement"] == "low bed"
        api.clock.advance(days=30)
        path = f"/removals/{gone['id']}/review"
        assert keeper.get("/removals").json()["items"][0]["red"], "the day of its review is over"
        verdict = {"verdict": "the low bed does it"}
        assert keeper.post(path, json=verdict).status_code == 403
        again = manager.post(path, json=verdict | {"again_by": "2027-02-01"}).json()
        assert (again["open"], again["red"]) == (True, False)
        assert manager.post(path, json=verdict).json()["open"] is False
        assert manager.post(path, json=verdict).status_code == 409


def test_what_a_move_or_a_home_file_took_is_red_until_somebody_says_why(api: ApiUnderTest) -> None:
    with api.client(Role.MAINTENANCE) as keeper, api.client(Role.MANAGER) as manager:
        keeper.patch("/equipment/MAT-0012", json={"at": None})
        (moved,) = keeper.get("/removals").json()["items"]
        assert (moved["equipment"], moved["red"], moved["reason"]) == ("MAT-0012", True, None)
        early = manager.post(f"/removals/{moved['id']}/review", json={"verdict": "fine"})
        assert early.status_code == 409
        told = keeper.post(f"/removals/{moved['id']}/explain", json=WHY).json()
        assert (told["red"], told["explained_by"]) == (False, "test maintenance")
        keeper.patch("/equipment/MAT-0012", json={"at": "12/bed"})
        (back,) = keeper.get("/removals").json()["items"]
        assert (back["back"], back["open"]) == ("MAT-0012", False)
        without = HOME.replace(
            '      - {place: bed, needs: bed_mat, because: "falls assessment", '
            "review_by: 2027-01-01}\n",
            "",
        )
        assert without != HOME
        api.apply(without)
        ended, _ = keeper.get("/removals").json()["items"]
        assert (ended["equipment"], ended["because"]) == (None, "falls assessment")
        assert (ended["red"], ended["still_required"]) == (True, False)


def test_a_second_item_of_the_kind_or_a_resident_who_leaves_is_no_removal(
    api: ApiUnderTest,
) -> None:
    with api.client(Role.MAINTENANCE) as keeper:
        keeper.post("/equipment", json={"tag": "MAT-2", "kind": "bed_mat", "at": "12/bed"})
        assert keeper.post("/equipment/MAT-2/retire").status_code == 204
        api.apply(PLAIN[: PLAIN.index("residents:")] + PLAIN[PLAIN.index("equipment:") :])
        assert keeper.get("/removals").json()["items"] == []
