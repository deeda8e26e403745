"""Faults by HTTP: from a label without signing in, what is done meanwhile, and what mends them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from nightwarden.model.roles import Role
from nightwarden.store import printed_labels
from nightwarden.store.tables import DeviceState, ItemCheck
from tests.api_server import HOME as PLAIN
from tests.api_server import ApiUnderTest

HOME = PLAIN + "  - {tag: CVR-0012, kind: radiator_cover, at: 12/radiator-window}\n"
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def api(tmp_path: Any) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path) as api:
        api.apply(HOME)
        yield api


@pytest.fixture
def label(api: ApiUnderTest) -> str:
    with api.store.transaction(api.clock()) as tx:
        printed_labels.make_missing(tx, "Ann")
        found = printed_labels.of_item(tx, "CVR-0012")
    assert found is not None
    return found.code


def report(client: httpx.Client, what: str, **more: Any) -> dict[str, Any]:
    answer = client.post("/faults", json={"equipment": "CVR-0012", "what": what, **more})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_whoever_stands_at_a_label_reports_in_two_taps(api: ApiUnderTest, label: str) -> None:
    with httpx.Client(base_url=api.url, headers=OURS, verify=False, timeout=60) as phone:
        form = phone.get(f"/l/{label}/fault")
        assert "It is loose" in form.text
        sent = phone.post(f"/l/{label}/fault", data={"words": "It is loose"})
        assert sent.status_code == 303, sent.text
        again = phone.post(f"/l/{label}/fault", data={"words": "It is loose"})
        assert again.headers["location"] == sent.headers["location"], "a second tap is no second"
        assert "It is written down" in phone.get(sent.headers["location"]).text
        foreign = phone.post(
            f"/l/{label}/fault", data={"words": "x"}, headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert foreign.status_code == 403
    with api.client(Role.CARER) as carer:
        (fault,) = carer.get("/faults").json()["items"]
        assert (fault["signed_in"], fault["what"], fault["place"]) == (
            False,
            "It is loose",
            "radiator-window",
        )
        assert fault["red"], "nothing is done meanwhile"
        history = carer.get("/equipment/CVR-0012/history").json()["items"]
        assert history[-1]["by"] == "somebody at the label (not signed in)"


def test_a_phone_without_a_name_is_held_to_a_few(api: ApiUnderTest, label: str) -> None:
    with api.client(None) as phone:
        for number in range(6):
            assert phone.post(f"/labels/{label}/faults", json={"what": f"{number}"}).is_success
        held = phone.post(f"/labels/{label}/faults", json={"what": "more"})
        assert (held.status_code, held.headers["retry-after"]) == (429, "600")
    with api.client(Role.CARER) as carer:
        assert carer.post(f"/labels/{label}/faults", json={"what": "signed in"}).is_success
    api.clock.advance(minutes=10)
    with api.client(None) as phone:
        later = phone.post(f"/labels/{label}/faults", json={"what": "x", "name": "Bo"})
        assert later.is_success
        assert phone.post("/labels/ABCDE23456/faults", json={"what": "x"}).status_code == 404
        assert phone.post(f"/labels/{label}/faults", json={"what": "x" * 501}).status_code == 422


def test_a_fault_is_red_until_somebody_says_what_is_done_meanwhile(api: ApiUnderTest) -> None:
    with api.client(Role.CARER) as carer:
        one = report(carer, "loose")
        assert (one["red"], one["owner"]) == (True, None)
        said = {"interim": "Ana keeps the chair in front of it"}
        calm = carer.post(f"/faults/{one['id']}/interim", json=said).json()
        assert (calm["red"], calm["interim"]) == (False, said["interim"])
        assert calm["interim_by"] == "test carer"
        owned = carer.post(f"/faults/{one['id']}/owner", json={"owner": "Piotr"}).json()
        assert owned["owner"] == "Piotr"
        api.clock.advance(hours=13)
        (board,) = carer.get("/faults/queue").json()["items"]
        assert board["age_s"] == timedelta(hours=13).total_seconds()


def test_the_second_report_goes_before_everything_else(api: ApiUnderTest) -> None:
    with api.client(Role.MAINTENANCE) as keeper:
        old = keeper.post("/faults", json={"at": "12/bed", "what": "bed rail bent"}).json()
        first = report(keeper, "loose", interim="off limits")
        seen = {"how": "confirmation", "note": "new screws"}
        assert keeper.post(f"/faults/{first['id']}/mend", json=seen).is_success
        api.clock.advance(days=3)
        again = report(keeper, "loose once more", interim="off limits")
        assert (again["times"], again["repeats"]) == (2, first["id"])
        assert (again["failed_again"], again["red"]) == (True, True)
        queue = [each["id"] for each in keeper.get("/faults/queue").json()["items"]]
        assert queue == [again["id"], old["id"]]


def test_what_watches_a_person_is_mended_by_a_press_and_by_no_tick(api: ApiUnderTest) -> None:
    with api.client(Role.MAINTENANCE) as keeper:
        new = {"equipment": "MAT-0012", "what": "does not sound"}
        number = keeper.post("/faults", json=new).json()["id"]
        ticked = keeper.post(f"/faults/{number}/mend", json={"how": "confirmation"})
        assert ticked.status_code == 409
        assert "press it once" in ticked.json()["detail"]
        api.clock.advance(minutes=5)
        with api.store.transaction(api.clock()) as tx:
            state = DeviceState(dialect="nightwarden", address="mat-12", memory={})
            state.heard_at = state.changed_at = tx.now
            tx.add(state)
        shown = keeper.get(f"/faults/{number}").json()["evidence"]
        assert [each["how"] for each in shown] == ["press"]
        assert keeper.post(f"/faults/{number}/mend").json()["mended_how"] == "press"
        assert keeper.post(f"/faults/{number}/mend").status_code == 409


def test_a_check_that_was_passed_since_the_report_mends_it(api: ApiUnderTest) -> None:
    with api.client(Role.MAINTENANCE) as keeper:
        number = report(keeper, "loose")["id"]
        assert keeper.post(f"/faults/{number}/mend").status_code == 409
        api.clock.advance(minutes=5)
        with api.store.transaction(api.clock()) as tx:
            tx.add(
                ItemCheck(
                    key="from-a-phone",
                    equipment="CVR-0012",
                    kind="cover",
                    outcome="passed",
                    answers={},
                    by="Piotr",
                    at=tx.now,
                    recorded_at=tx.now,
                )
            )
        assert keeper.post(f"/faults/{number}/mend").json()["mended_how"] == "check"


def test_a_manager_may_close_one_by_decision_and_it_says_so(api: ApiUnderTest) -> None:
    with api.client(Role.MAINTENANCE) as keeper, api.client(Role.MANAGER) as manager:
        number = report(keeper, "scratched")["id"]
        decided = {"how": "decision", "note": "a scratch harms nobody"}
        assert keeper.post(f"/faults/{number}/mend", json=decided).status_code == 403
        assert manager.post(f"/faults/{number}/mend", json={"how": "decision"}).status_code == 422
        closed = manager.post(f"/faults/{number}/mend", json=decided).json()
        assert (closed["mended_how"], closed["mended_by"]) == ("decision", "test manager")


def test_a_fault_ends_with_its_item(api: ApiUnderTest) -> None:
    with api.client(Role.MAINTENANCE) as keeper:
        number = report(keeper, "cracked")["id"]
        gone = {"reason": "bent", "replacement": "radiator off", "review_by": "2026-12-01"}
        assert keeper.post("/equipment/CVR-0012/retire", json=gone).is_success
        assert keeper.get(f"/faults/{number}").json()["mended_how"] == "retired"
