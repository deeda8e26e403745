"""Answering an alert over HTTP: one promise, one outcome, and a plain word where it cannot be."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier

import pytest

from nightwarden.model.roles import Role
from nightwarden.wire import rfc3339
from tests.api_server import ApiUnderTest


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path_factory.mktemp("alerts")) as api:
        yield api


_rooms = count(1)


def alert_in_a_new_room(api: ApiUnderTest) -> int:
    return api.raise_alert(f"{next(_rooms)}/bed")


def test_an_alert_is_accepted_attended_and_closed_by_name(api: ApiUnderTest) -> None:
    number = alert_in_a_new_room(api)
    with api.client(Role.CARER) as carer:
        shown = carer.get("/alerts").json()["items"][0]
        assert (shown["id"], shown["state"], shown["kind"]) == (str(number), "raised", "bed_exit")
        assert shown["rule"] == shown["kind"]
        answered_at = rfc3339(api.clock())
        accepted = carer.post(f"/alerts/{number}/accept").json()
        assert accepted["accepted_by"] == "test carer"
        assert accepted["accepted_at"] == answered_at
        api.clock.advance(seconds=40)
        assert carer.post(f"/alerts/{number}/attend").json()["state"] == "attended"
        closed = carer.post(f"/alerts/{number}/close", json={"outcome": "helped"}).json()
        assert (closed["state"], closed["outcome"]) == ("closed", "helped")
        steps = [(step["event"], step["actor"]) for step in closed["events"]]
        assert steps == [
            ("raised", "nightwarden"),
            ("accepted", "test carer"),
            ("attended", "test carer"),
            ("closed", "test carer"),
        ]
        assert closed not in carer.get("/alerts").json()["items"]
        assert closed in carer.get("/alerts?state=closed").json()["items"]
        assert carer.get(f"/alerts/{number}").json() == closed
    with api.client(Role.MANAGER) as manager:
        record = [(e["action"], e["subject"]) for e in manager.get("/audit").json()["items"]]
    assert ("closed", f"alert {number}") in record


def test_a_close_by_mistake_is_taken_back_by_whoever_closed_it_and_within_a_minute(
    api: ApiUnderTest,
) -> None:
    number = alert_in_a_new_room(api)
    back = f"/alerts/{number}/take-back"
    with api.client(Role.CARER) as carer, api.client(Role.SENIOR) as senior:
        carer.post(f"/alerts/{number}/attend")
        carer.post(f"/alerts/{number}/close", json={"outcome": "found_on_floor"})
        assert senior.post(back).status_code == 409
        again = carer.post(back).json()
        assert (again["state"], again["outcome"], again["closed_at"]) == ("attended", None, None)
        assert again["events"][-1]["event"] == "closed_by_mistake"
        closed = carer.post(f"/alerts/{number}/close", json={"outcome": "found_on_floor"}).json()
        reviews = senior.get("/reviews").json()["items"]
        assert [r["id"] for r in reviews if r["alert"] == str(number)] == [closed["review"]]
        room = closed["room"]
        api.raise_alert(f"{room}/bed")
        assert "has been raised again" in carer.post(back).json()["detail"]
        api.clock.advance(seconds=61)
        assert "60 seconds" in carer.post(back).json()["detail"]


def test_what_the_state_does_not_allow_is_409_with_the_reason(api: ApiUnderTest) -> None:
    number = alert_in_a_new_room(api)
    with api.client(Role.CARER) as carer:
        early = carer.post(f"/alerts/{number}/close", json={"outcome": "helped"})
        assert early.status_code == 409
        assert "attend it first" in early.json()["detail"]
        assert carer.post(f"/alerts/{number}/accept").status_code == 200
        again = carer.post(f"/alerts/{number}/accept")
        assert (again.status_code, again.headers["content-type"]) == (
            409,
            "application/problem+json",
        )
        assert again.json()["detail"].endswith("test carer is already going.")


def test_of_two_who_tap_at_once_one_goes(api: ApiUnderTest) -> None:
    roles = (Role.CARER, Role.SENIOR)
    for role in roles:
        api.token(role)
    for _ in range(5):
        number = alert_in_a_new_room(api)
        together = Barrier(2)

        def tap(role: Role, number: int = number, together: Barrier = together) -> int:
            with api.client(role) as person:
                person.get("/outcomes")  # connected before both go
                together.wait(60)
                return person.post(f"/alerts/{number}/accept").status_code

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(tap, roles)) == [200, 409]
        with api.client(Role.CARER) as carer:
            carer.post(f"/alerts/{number}/attend")
            carer.post(f"/alerts/{number}/close", json={"outcome": "test"})


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({}, 422, '"outcome" is missing'),
        ({"outcome": "fine"}, 422, "use one of helped"),
        ({"outcome": "helped", "by": "me"}, 422, 'no field "by"'),
        ([], 422, "JSON object"),
    ],
)
def test_an_outcome_that_is_none_is_told_what_would_be(
    api: ApiUnderTest, body: object, status: int, says: str
) -> None:
    number = alert_in_a_new_room(api)
    with api.client(Role.CARER) as carer:
        answer = carer.post(f"/alerts/{number}/close", json=body)
    assert answer.status_code == status
    assert says in answer.json()["detail"]


@pytest.mark.parametrize("number", ["70000", "0", "x", "-1", "1.0", "9" * 30, "%F0%9F%92%A5"])
def test_an_alert_that_is_not_there_is_404(api: ApiUnderTest, number: str) -> None:
    with api.client(Role.CARER) as carer:
        assert carer.get(f"/alerts/{number}").status_code == 404
        assert carer.post(f"/alerts/{number}/accept").status_code == 404


def test_a_board_says_once_that_it_has_painted_an_alert(api: ApiUnderTest) -> None:
    number = alert_in_a_new_room(api)
    with api.client(Role.CARER) as board:
        first = board.post(f"/alerts/{number}/delivered").json()
        assert (first["state"], first["delivered_at"]) == ("delivered", rfc3339(api.clock()))
        assert board.post(f"/alerts/{number}/delivered").json() == first


def test_pages_hold_every_alert_once_while_new_ones_arrive(api: ApiUnderTest) -> None:
    numbers = [str(alert_in_a_new_room(api)) for _ in range(7)]
    seen: list[str] = []
    with api.client(Role.CARER) as carer:
        cursor: str | None = ""
        while len(seen) < 7:
            asked = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
            page = carer.get("/alerts", params=asked).json()
            seen += [alert["id"] for alert in page["items"]]
            cursor = page["next_cursor"]
            alert_in_a_new_room(api)
    assert seen[:7] == numbers[::-1]


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "cursor=x", "state=some"])
def test_a_query_that_cannot_be_is_400_in_a_sentence(api: ApiUnderTest, query: str) -> None:
    with api.client(Role.CARER) as carer:
        answer = carer.get(f"/alerts?{query}")
    assert answer.status_code == 400
    assert answer.json()["detail"].endswith(".")


def test_a_cursor_serves_its_own_list_only(api: ApiUnderTest) -> None:
    for _ in range(3):
        alert_in_a_new_room(api)
    with api.client() as manager:
        cursor = manager.get("/alerts?limit=1").json()["next_cursor"]
        assert manager.get("/audit", params={"cursor": cursor}).status_code == 400
