"""Plans, papers and items that change, over HTTP: what is a gap then, and what is refused."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from nightwarden.errors import Invalid
from nightwarden.model.roles import Role
from nightwarden.store.plan import plan_and_papers
from nightwarden.store.tables import DeviceState
from tests.api_server import ApiUnderTest

HOME = """
home: {id: elm-house, name: Elm House, timezone: Europe/London}
rooms:
  - id: "12"
    kind: bedroom
    places: [{id: bed}, {id: radiator-window, emitter: radiator}]
  - id: "14"
    places: [{id: bed}, {id: heater, emitter: portable_heater}]
residents:
  - id: res-12
    shown_as: Joan
    room: "12"
    consent: {basis: consent, by: Joan, on: 2026-10-01, review_by: 2026-11-02}
    assessments:
      - {id: falls, kind: falls, by: B. Jones, on: 2026-10-01, review_by: 2026-11-02, capacity: yes}
    requirements:
      - {place: bed, needs: bed_mat, because: "falls assessment", review_by: 2027-01-01, assessment: falls}
models:
  - {make: Acme, model: Pad 90, service_life_days: 90, reorder_level: 2}
equipment:
  - {tag: MAT-0012, kind: bed_mat, at: 12/bed, make: Acme, model: Pad 90, in_service: 2026-10-01, device: {dialect: nightwarden, address: mat-12}}
  - {tag: CVR-1, kind: radiator_cover}
"""  # noqa: E501


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path) as api:
        api.apply(HOME)
        for role in (Role.SENIOR, Role.MANAGER):
            api.token(role)  # there is somebody to call
        yield api


@pytest.fixture
def manager(api: ApiUnderTest) -> Iterator[httpx.Client]:
    with api.client(Role.MANAGER) as client:
        yield client


def pressed(api: ApiUnderTest, address: str = "mat-12") -> None:
    """The gateway has just seen the mat change."""
    now = api.clock()
    with api.store.transaction(now) as tx:
        state = DeviceState(dialect="nightwarden", address=address, memory={})
        state.heard_at = state.changed_at = now
        tx.merge(state)


def gaps(client: httpx.Client) -> dict[tuple[str, str, str], str]:
    """State and next step by room, place and what is lacking."""
    items = client.get("/gaps").json()["items"]
    return {(gap["room"], gap["place"], gap["needs"]): gap["state"] for gap in items}


def gap(client: httpx.Client, needs: str) -> dict[str, Any]:
    (found,) = [one for one in client.get("/gaps").json()["items"] if one["needs"] == needs]
    return dict(found)


def test_somebody_new_is_a_gap_tonight_until_their_night_is_planned(
    api: ApiUnderTest, manager: httpx.Client
) -> None:
    new = {"id": "res-14", "shown_as": "Ada", "room": "14", "admitted_on": "2026-11-01"}
    assert manager.post("/residents", json=new).status_code == 201
    api.clock.advance(minutes=5)
    red = gap(manager, "night plan")
    assert (red["state"], red["resident"], red["owner"]) == ("no_night_plan", "Ada", "manager")
    assert red["age_s"] == 300
    assert red["closes_by"] == "an assessment or a requirement"
    falls = {"kind": "falls", "on": "2026-11-01", "review_by": "2027-02-01", "mobility": "walks"}
    told = manager.post("/residents/res-14/assessments", json=falls).json()
    assert told["assessments"][0]["mobility"] == "walks"
    assert "night plan" not in {one[2] for one in gaps(manager)}
    with api.client(Role.CARER) as carer:  # the answers are for whoever makes the plan
        seen = carer.get("/residents/res-14").json()["assessments"][0]
        assert "mobility" not in seen
        assert seen["review_by"] == "2027-02-01"
        assert carer.post("/residents/res-14/assessments", json=falls).status_code == 403


def test_a_watch_without_consent_goes_on_and_is_a_gap(
    api: ApiUnderTest, manager: httpx.Client
) -> None:
    assert "consent" not in {one[2] for one in gaps(manager)}
    manager.post("/residents/res-12/consent/withdraw", json={"why": "she asked"})
    assert gap(manager, "consent")["state"] == "consent_missing"
    refused = {"basis": "refused", "by": "Joan", "on": "2026-11-01"}
    manager.post("/residents/res-12/consent", json=refused)
    assert gap(manager, "consent")["because"].startswith("refused, recorded by Joan on 1 Nov")
    assert gap(manager, "bed_mat")["state"] == "unverified", "still required, and still watched"
    best = {"basis": "best_interests", "by": "Dr Lee", "on": "2026-11-01"}
    kept = manager.post("/residents/res-12/consent", json=best).json()
    assert kept["consent"]["basis"] == "best_interests"
    assert "consent" not in {one[2] for one in gaps(manager)}


def test_reviews_are_overdue_from_the_day_after(api: ApiUnderTest, manager: httpx.Client) -> None:
    api.clock.advance(hours=1)  # 2 November begins
    assert "review_overdue" not in gaps(manager).values()
    api.clock.advance(days=1)
    late = {one for one, state in gaps(manager).items() if state == "review_overdue"}
    assert late == {("12", "assessment", "falls assessment"), ("12", "bed", "consent")}
    api.clock.advance(days=70)  # the requirement's own date: told once, with its assessment
    assert ("12", "bed", "bed_mat") not in {
        one for one, state in gaps(manager).items() if state == "review_overdue"
    }


def test_a_resident_and_her_mat_move_in_one_step_and_prove_themselves_anew(
    api: ApiUnderTest, manager: httpx.Client
) -> None:
    pressed(api)
    assert ("12", "bed", "bed_mat") not in gaps(manager)
    api.clock.advance(minutes=1)
    with api.client(Role.CARER) as carer:
        assert carer.post("/residents/res-12/move", json={"room": "14"}).status_code == 403
    with api.client(Role.SENIOR) as senior:
        there = senior.post("/residents/res-12/move", json={"room": "14"}).json()
    assert there["room"] == "14"
    assert manager.get("/equipment/MAT-0012").json()["at"] == "14/bed"
    assert gaps(manager)["14", "bed", "bed_mat"] == "unverified"
    assert ("12", "bed", "bed_mat") not in gaps(manager)
    api.clock.advance(minutes=1)
    pressed(api)
    assert ("14", "bed", "bed_mat") not in gaps(manager)
    no_such_place = manager.post(
        "/residents/res-12/move", json={"room": "12", "places": {"bed": "sofa"}}
    )
    assert no_such_place.status_code == 422
    assert "Room 12 has no sofa" in no_such_place.json()["detail"]
    assert manager.get("/equipment/MAT-0012").json()["at"] == "14/bed", "all of it or nothing"


def test_what_failed_its_test_is_put_nowhere(api: ApiUnderTest, manager: httpx.Client) -> None:
    pressed(api)
    torn = {"kind": "functional", "passed": False, "note": "does not trigger"}
    manager.post("/equipment/MAT-0012/tests", json=torn)
    assert gap(manager, "bed_mat")["state"] == "faulty"
    aside = {"status": "quarantined", "why": "does not trigger"}
    assert manager.post("/equipment/MAT-0012/status", json=aside).json()["status"] == "quarantined"
    assert gap(manager, "bed_mat")["state"] == "missing"
    refused = manager.patch("/equipment/MAT-0012", json={"at": "12/bed"})
    assert refused.status_code == 409
    assert "quarantined (does not trigger)" in refused.json()["detail"]
    api.clock.advance(minutes=1)
    back = {"status": "in_store", "why": "new lead"}
    assert manager.post("/equipment/MAT-0012/status", json=back).json()["status"] == "in_store"
    refused = manager.patch("/equipment/MAT-0012", json={"at": "12/bed"})
    assert "failed its last test" in refused.json()["detail"]
    manager.post("/equipment/MAT-0012/tests", json={"kind": "functional", "passed": True})
    assert manager.patch("/equipment/MAT-0012", json={"at": "12/bed"}).status_code == 200
    lines = [line["what"] for line in manager.get("/equipment/MAT-0012/history").json()["items"]]
    assert lines.count("tested") == 2
    assert "quarantined" in lines


def test_a_pad_and_its_transmitter_are_signed_off_together_and_a_hot_cover_is_not(
    api: ApiUnderTest, manager: httpx.Client
) -> None:
    pressed(api)
    api.clock.advance(minutes=1)
    manager.post("/equipment/MAT-0012/pairing", json={"model": "TX-2", "serial": "77"})
    pad = gap(manager, "bed_mat")
    assert (pad["state"], pad["because"]) == (
        "unverified",
        "falls assessment: nobody has tested this pad with its transmitter",
    )
    passed = {"kind": "commissioning", "passed": True}
    refused = manager.post("/equipment/MAT-0012/tests", json=passed)
    assert refused.status_code == 409
    assert "press it, then sign" in refused.json()["detail"]
    pressed(api)
    signed = manager.post("/equipment/MAT-0012/tests", json=passed).json()
    assert signed["transmitter"]["signed_off_at"] == "2026-11-01T23:01:00.000Z"
    assert ("12", "bed", "bed_mat") not in gaps(manager)
    hot = passed | {"surface_c": 47.5}
    judged = manager.post("/equipment/CVR-1/tests", json=hot).json()["test"]
    assert judged["passed"] is False
    assert judged["why"] == "the surface was 47.5 °C, over the limit of 43 °C"
    refused = manager.patch("/equipment/CVR-1", json={"at": "12/radiator-window"})
    assert refused.status_code == 409


def test_a_model_says_how_long_its_items_may_be_used(
    api: ApiUnderTest, manager: httpx.Client
) -> None:
    pressed(api)
    assert "past_service_life" not in gaps(manager).values()
    put = {"make": "Acme", "model": "Pad 90", "service_life_days": 14}
    kept = manager.put("/models", json=put).json()
    assert (kept["service_life_days"], kept["reorder_level"]) == (14, 2)
    assert gaps(manager)["12", "bed", "bed_mat"] == "past_service_life"
    stale = manager.put("/models", json=put | {"version": 0, "note": "mine"})
    assert stale.status_code == 409
    assert stale.json()["changes"][0]["field"] == "service_life_days"


def test_every_emitter_is_in_the_survey_until_somebody_stood_there(
    api: ApiUnderTest, manager: httpx.Client
) -> None:
    rows = manager.get("/emitters").json()["items"]
    assert [(row["room"], row["place"], row["state"]) for row in rows] == [
        ("12", "radiator-window", "unassessed"),
        ("14", "heater", "unassessed"),
    ]
    found = {"finding": "low surface", "answers": {"panel": True, "valves": False}}
    done = manager.post("/emitters/12/radiator-window/assessments", json=found).json()
    assert (done["state"], done["assessed_by"]) == ("assessed", "test manager")
    assert done["assessments"][0]["answers"] == {"panel": True, "valves": False}
    manager.post("/emitters/14/heater/assessments", json={"finding": "out of reach"})
    lacking = gaps(manager)["14", "heater", "portable_heater"]
    assert lacking == "undocumented", "nobody answers for it"
    manager.post("/emitters/14/heater/stay", json={"owner": "Tom", "use_until": "2026-11-02"})
    assert ("14", "heater", "portable_heater") not in gaps(manager)
    api.clock.advance(days=2)
    assert gaps(manager)["14", "heater", "portable_heater"] == "past_end_date"


def test_a_gap_has_an_owner_and_a_decision_never_covers_it(
    api: ApiUnderTest, manager: httpx.Client
) -> None:
    manager.patch("/equipment/MAT-0012", json={"at": None})
    which = {"room": "12", "place": "bed", "needs": "bed_mat", "state": "missing"}
    given = manager.post("/gaps/owner", json=which | {"owner": "Tom"}).json()
    assert given["owner"] == "Tom"
    why = {"reason": "on order", "review_by": "2026-11-03"}
    with api.client(Role.MAINTENANCE) as keeper:
        assert keeper.post("/gaps/decision", json=which | why).status_code == 403
    decided = manager.post("/gaps/decision", json=which | why).json()
    assert decided["decision"]["by"] == "test manager"
    listed = manager.get("/gaps").json()["items"]
    assert listed[-1]["needs"] == "bed_mat", "below what nobody has decided on, and there still"
    api.clock.advance(days=3)
    again = gap(manager, "bed_mat")
    assert again["decision"] is None
    assert "the decision of test manager ran out on 3 Nov 2026" in again["because"]
    none = manager.post("/gaps/decision", json=which | why | {"state": "faulty"})
    assert none.status_code == 404


def test_the_second_of_two_editors_is_told_what_the_first_has_changed(
    api: ApiUnderTest, manager: httpx.Client
) -> None:
    version = manager.get("/equipment/MAT-0012").json()["version"]
    with api.client(Role.MAINTENANCE) as keeper:
        keeper.patch("/equipment/MAT-0012", json={"serial": "K-1", "version": version})
    mine = manager.patch("/equipment/MAT-0012", json={"serial": "M-9", "version": version})
    assert mine.status_code == 409
    told = mine.json()
    assert told["changes"] == [
        {
            "field": "serial",
            "value": "K-1",
            "by": "test maintenance",
            "at": api.clock().isoformat(),
        }
    ]
    assert 'serial is now "K-1"' in told["detail"]
    saved = {"serial": "M-9", "version": told["version"]}
    assert manager.patch("/equipment/MAT-0012", json=saved).json()["serial"] == "M-9"
    plan = manager.get("/residents/res-12").json()["version"]
    manager.patch("/residents/res-12", json={"shown_as": "J.", "version": plan})
    need = {"place": "bed", "needs": "bed_mat", "because": "x", "review_by": "2027-01-01"}
    late = manager.post("/residents/res-12/requirements", json=need | {"version": plan})
    assert late.status_code == 409
    assert "shown_as is now" in late.json()["detail"]


def test_a_requirement_keeps_its_age_when_worded_anew_and_says_why_it_ends(
    api: ApiUnderTest, manager: httpx.Client
) -> None:
    before = manager.get("/residents/res-12").json()["requirements"][0]
    api.clock.advance(days=1)
    need = {
        "place": "bed",
        "needs": "bed_mat",
        "because": "falls",
        "review_by": "2027-02-01",
        "hours": "20:00-08:00",
    }
    kept = manager.post("/residents/res-12/requirements", json=need).json()["requirements"][0]
    assert kept["since"] == before["since"]
    assert kept["hours"] == "20:00-08:00"
    ended = f"/residents/res-12/requirements/{kept['id']}/end"
    assert manager.post(ended, json={"why": "walks well"}).json()["requirements"] == []
    assert gaps(manager)["12", "bed", "bed_mat"] == "undocumented"
    detail = manager.get("/audit?limit=1").json()["items"][0]["detail"]
    assert detail["why"] == "walks well"
    twice = manager.post(ended, json={"why": "walks well"})
    assert twice.status_code == 409


def test_training_is_recorded_and_taken_back(api: ApiUnderTest, manager: httpx.Client) -> None:
    shown = {"person": "Ana", "kind": "bed_mat", "on": "2026-10-30"}
    row = manager.post("/training", json=shown).json()
    assert (row["person"], row["shown_by"]) == ("Ana", "test manager")
    ahead = manager.post("/training", json=shown | {"on": "2026-12-01"})
    assert ahead.status_code == 422
    manager.post(f"/training/{row['id']}/take-back", json={"why": "another Ana"})
    assert manager.get("/training").json()["items"] == []


def test_what_a_file_puts_at_a_bed_must_be_fit(api: ApiUnderTest, manager: httpx.Client) -> None:
    aside = {"status": "in_repair", "why": "lead"}
    manager.post("/equipment/MAT-0012/status", json=aside)
    api.clock.advance(minutes=1)
    with pytest.raises(Invalid, match="MAT-0012 is to stand at 12/bed: MAT-0012 is in repair"):
        api.apply(HOME)
    manager.post("/equipment/MAT-0012/retire")  # nor is it fit by coming back
    with pytest.raises(Invalid, match="MAT-0012 is in repair"):
        api.apply(HOME)


def test_a_plan_that_was_kept_is_never_that_of_another_change(
    api: ApiUnderTest, manager: httpx.Client
) -> None:
    """What one item alone has changed is read alone; the rest as it was, and never too old."""
    assert gap(manager, "bed_mat")["state"] == "unverified"
    pressed(api)
    for n in range(40):  # more than lie between two looks
        manager.post("/equipment/MAT-0012/faults", json={"what": f"loose {n}"})
    assert gap(manager, "bed_mat")["because"] == "falls assessment: fault: loose 0"
    api.clock.advance(minutes=1)
    why = {"reason": "torn", "replacement": "a look every hour", "review_by": "2026-12-01"}
    manager.post("/equipment/MAT-0012/retire", json=why)
    assert gap(manager, "bed_mat")["state"] == "missing"
    assert timedelta(seconds=gap(manager, "bed_mat")["age_s"]) < timedelta(hours=1)


def test_what_is_read_of_single_items_is_what_reading_everything_gives(
    api: ApiUnderTest, manager: httpx.Client
) -> None:
    mat = "/equipment/MAT-0012"
    changes: list[tuple[str, str, dict[str, Any] | None]] = [
        ("POST", f"{mat}/faults", {"what": "loose"}),
        ("POST", "/equipment/CVR-1/confirmations", {"state": "in_place"}),
        ("PATCH", "/equipment/CVR-1", {"at": "12/radiator-window", "serial": "9"}),
        ("POST", f"{mat}/pairing", {"serial": "77"}),
        ("PATCH", mat, {"at": "14/bed"}),
        ("POST", f"{mat}/tests", {"kind": "functional", "passed": False}),
        ("POST", f"{mat}/status", {"status": "in_repair", "why": "lead"}),
        ("POST", "/equipment/CVR-1/retire", None),
        ("POST", "/residents/res-12/move", {"room": "14"}),
    ]
    for method, path, body in changes:
        api.clock.advance(minutes=1)
        answer = manager.request(method, path, json=body)
        assert answer.status_code < 300, answer.text
        with api.store.reading(api.clock()) as tx:
            kept = plan_and_papers(tx)
        with api.store.transaction(api.clock()) as tx:  # which keeps nothing and reads it all
            assert plan_and_papers(tx) == kept, path
