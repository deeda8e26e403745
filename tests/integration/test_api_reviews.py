"""Attendance with its evidence, the home's own outcomes, and the review after a fall."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from nightwarden.model.roles import Role
from nightwarden.store import people, sessions
from nightwarden.wire import rfc3339
from tests.api_server import HOME, ApiUnderTest

SECOND_ROOM = HOME.replace(
    "residents:", '  - {id: "14", zone: top, places: [{id: bed}]}\nresidents:'
)


@pytest.fixture
def api(tmp_path: Any) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path) as api:
        api.apply(SECOND_ROOM)
        yield api


def closed_as(api: ApiUnderTest, outcome: str) -> dict[str, Any]:
    number = api.raise_alert()
    with api.client(Role.CARER) as carer:
        carer.post(f"/alerts/{number}/attend")
        answer = carer.post(f"/alerts/{number}/close", json={"outcome": outcome})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


# --- evidence ---


@pytest.mark.parametrize(
    ("body", "evidence"),
    [
        (None, {"kind": "statement", "detail": None}),
        ({}, {"kind": "statement", "detail": None}),
        ({"detail": "with Ben"}, {"kind": "statement", "detail": "with Ben"}),
        ({"evidence": "scan", "detail": "12/bed"}, {"kind": "scan", "detail": "12/bed"}),
        ({"evidence": "scan", "detail": " MAT-0012 "}, {"kind": "scan", "detail": "MAT-0012"}),
        ({"evidence": "button", "detail": "BTN-1"}, {"kind": "button", "detail": "BTN-1"}),
    ],
)
def test_attendance_keeps_its_evidence(api: ApiUnderTest, body: Any, evidence: Any) -> None:
    number = api.raise_alert("12/radiator-window")
    with api.client(Role.CARER) as carer:
        attended = carer.post(f"/alerts/{number}/attend", json=body).json()
    assert attended["evidence"] == evidence
    [step] = [step for step in attended["events"] if step["event"] == "attended"]
    assert step["detail"]["evidence"] == evidence["kind"]
    assert step["detail"].get("detail") == evidence["detail"]


@pytest.mark.parametrize(
    ("label", "status", "says"),
    [
        ("14/bed", 409, 'The label "14/bed" is in room 14; this alert is in room 12.'),
        ("12/sofa", 422, '"12/sofa" is no label of this home'),
        ("MAT-9", 422, '"MAT-9" is no label of this home'),
        ("", 422, 'evidence "scan" needs the text of the label'),
        (None, 422, 'evidence "scan" needs the text of the label'),
    ],
)
def test_a_label_that_is_not_of_the_room_proves_nothing(
    api: ApiUnderTest, label: str | None, status: int, says: str
) -> None:
    number = api.raise_alert()
    with api.client(Role.CARER) as carer:
        body = {"evidence": "scan", "detail": label}
        answer = carer.post(f"/alerts/{number}/attend", json=body)
        assert carer.get(f"/alerts/{number}").json()["state"] == "raised"
    assert answer.status_code == status
    assert says in answer.json()["detail"]


def test_a_person_cannot_say_that_a_button_was_pressed(api: ApiUnderTest) -> None:
    number = api.raise_alert()
    with api.store.transaction(api.clock()) as tx:
        people.add_user(tx, "Ann", Role.CARER, "739105", "test")
    with api.store.transaction(api.clock()) as tx:
        cookie = sessions.open_session(tx, people.check_secret(tx, "Ann", "739105"))
    with api.client(None) as browser:
        browser.cookies["nightwarden_session"] = cookie
        browser.headers["Sec-Fetch-Site"] = "same-origin"
        answer = browser.post(f"/alerts/{number}/attend", json={"evidence": "button"})
    assert answer.status_code == 403


# --- outcomes ---


OUTCOMES = """
because: our own words
outcomes:
  helped: Helped
  taken_ill: {words: Taken ill, tell: [The doctor]}
  found_on_floor: {words: On the floor, tell: [Matron, Her son], review: after_fall}
"""


def apply_rules(api: ApiUnderTest, text: str) -> None:
    with api.client(Role.MANAGER) as manager:
        answer = manager.post("/rules", content=text)
        assert answer.status_code == 200, answer.text


def test_the_home_s_own_outcomes_are_the_ones_to_close_with(api: ApiUnderTest) -> None:
    apply_rules(api, OUTCOMES)
    with api.client(Role.CARER) as carer:
        items = carer.get("/outcomes").json()["items"]
        number = api.raise_alert()
        carer.post(f"/alerts/{number}/attend")
        refused = carer.post(f"/alerts/{number}/close", json={"outcome": "with_carer"})
        closed = carer.post(f"/alerts/{number}/close", json={"outcome": "taken_ill"})
    assert [(one["id"], one["text"], one["tell"], one["review"]) for one in items] == [
        ("helped", "Helped", [], None),
        ("taken_ill", "Taken ill", ["The doctor"], None),
        ("found_on_floor", "On the floor", ["Matron", "Her son"], "after_fall"),
    ]
    assert refused.status_code == 422
    assert "use one of helped, taken_ill, found_on_floor" in refused.json()["detail"]
    assert (closed.json()["outcome"], closed.json()["tell"]) == ("taken_ill", ["The doctor"])
    assert "review" not in closed.json()


def test_what_a_file_changes_in_a_list_is_a_version_with_its_reason(api: ApiUnderTest) -> None:
    apply_rules(api, OUTCOMES)
    with api.client(Role.MANAGER) as manager:
        rules = manager.get("/rules").json()
        [entry] = [e for e in manager.get("/audit").json()["items"] if "rules" in e["action"]]
        again = manager.post("/rules", content=rules["text"]).json()
    assert rules["version"] == 1
    assert rules["lists"]["outcomes"]["value"]["helped"] == "Helped"
    assert entry["detail"]["changes"][0].startswith("outcomes: {")
    assert again["changes"] == []


# --- reviews ---


def test_found_on_the_floor_opens_a_review_that_ends_when_all_is_answered_and_told(
    api: ApiUnderTest,
) -> None:
    opened_at = api.clock()
    number = closed_as(api, "found_on_floor")["review"]
    api.clock.advance(hours=2)
    with api.client(Role.CARER) as carer:
        [review] = carer.get("/reviews").json()["items"]
        body = {"answers": {"bed_height": "low"}}
        assert carer.post(f"/reviews/{number}/answers", json=body).status_code == 403
    assert (review["id"], review["resident"], review["room"]) == (number, "Joan", "12")
    assert (review["for_manager"], review["done_at"]) == (False, None)
    assert review["due_by"] == rfc3339(opened_at + timedelta(days=1))
    asked = [question["id"] for question in review["questions"]]
    assert asked == ["mat_position", "mat_type", "mat_heard", "bed_height", "plan_changed"]
    whom = [tick["whom"] for tick in review["tell"]]
    with api.client(Role.SENIOR) as senior:
        for name in whom:
            told = senior.post(f"/reviews/{number}/told", json={"whom": name}).json()
        assert all(
            t["by"] == "test senior" and t["at"] == rfc3339(api.clock()) for t in told["tell"]
        )
        again = senior.post(f"/reviews/{number}/told", json={"whom": whom[0]})
        assert (again.status_code, told["done_at"]) == (409, None)
        answers = dict.fromkeys(asked, "as it should be")
        done = senior.post(f"/reviews/{number}/answers", json={"answers": answers}).json()
        assert done["done_by"] == "test senior"
        late = senior.post(f"/reviews/{number}/answers", json={"answers": {"bed_height": "x"}})
        assert late.status_code == 409
        assert senior.get("/reviews").json()["items"] == []
        assert senior.get("/reviews?state=done").json()["items"] == [done]
        record = [e["action"] for e in senior.get("/audit").json()["items"]]
    assert record.count("told of review") == len(whom)
    assert {"opened review", "answered review"} <= set(record)


def test_a_second_fall_within_six_months_is_the_manager_s(api: ApiUnderTest) -> None:
    first = closed_as(api, "found_on_floor")["review"]
    api.clock.advance(days=180)
    second = closed_as(api, "found_on_floor")["review"]
    api.clock.advance(days=184)
    third = closed_as(api, "found_on_floor")["review"]
    with api.client(Role.MANAGER) as manager:
        found = {r["id"]: r for r in manager.get("/reviews").json()["items"]}
        assert found[second]["similar_to"] == first
        assert [found[n]["for_manager"] for n in (first, second, third)] == [False, True, False]
        body = {"answers": {"plan_changed": "a bed mat as well"}}
        with api.client(Role.SENIOR) as senior:
            refused = senior.post(f"/reviews/{second}/answers", json=body)
            assert refused.status_code == 403
            assert "manager" in refused.json()["detail"]
            assert senior.post(f"/reviews/{first}/answers", json=body).status_code == 200
        assert manager.post(f"/reviews/{second}/answers", json=body).status_code == 200


def test_the_page_answers_and_ticks_off_in_a_person_s_name(api: ApiUnderTest) -> None:
    number = closed_as(api, "found_on_floor")["review"]
    with api.store.transaction(api.clock()) as tx:
        people.add_user(tx, "Mo", Role.MANAGER, "a long password 7", "test")
        people.add_user(tx, "Ann", Role.CARER, "739105", "test")
    base = api.url
    for name, secret, status, offered in (
        ("Ann", "739105", 403, False),
        ("Mo", "a long password 7", 303, True),
    ):
        with api.store.transaction(api.clock()) as tx:
            cookie = sessions.open_session(tx, people.check_secret(tx, name, secret))
        with api.client(None) as browser:
            browser.cookies["nightwarden_session"] = cookie
            browser.headers["Sec-Fetch-Site"] = "same-origin"
            assert ("To do" in browser.get(f"{base}/").text) is offered
            form = {"question": "bed_height", "answer": "as low as it goes"}
            answer = browser.post(f"{base}/reviews/{number}/answers", data=form)
            assert answer.status_code == status
            told = browser.post(f"{base}/reviews/{number}/told", data={"whom": "The manager"})
            assert told.status_code == status
            shown = browser.get(f"{base}/reviews").text
            assert ("as low as it goes (Mo)" in shown) is offered
            assert ("told by Mo" in shown) is offered


def test_the_time_within_which_a_fall_is_similar_is_the_home_s(api: ApiUnderTest) -> None:
    apply_rules(api, "because: agreed\nafter_fall: {similar_within: 30d, due_within: 2h}")
    closed_as(api, "found_on_floor")
    api.clock.advance(days=31)
    closed_as(api, "found_on_floor")
    with api.client(Role.MANAGER) as manager:
        latest = manager.get("/reviews").json()["items"][0]
    assert not latest["for_manager"]
    assert latest["due_by"] == rfc3339(api.clock() + timedelta(hours=2))


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/reviews/99/answers", {"answers": {"bed_height": "low"}}, 404),
        ("/reviews/x/told", {"whom": "me"}, 404),
        ("/reviews/1/answers", {"answers": {"colour": "red"}}, 422),
        ("/reviews/1/answers", {"answers": {"bed_height": " "}}, 422),
        ("/reviews/1/answers", {"answers": {}}, 422),
        ("/reviews/1/told", {"whom": "the neighbour"}, 422),
    ],
)
def test_what_a_review_does_not_ask_is_refused(
    api: ApiUnderTest, path: str, body: Any, status: int
) -> None:
    closed_as(api, "found_on_floor")
    with api.client(Role.MANAGER) as manager:
        answer = manager.post(path, json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"].endswith(".")
