"""Signing in as people do it: locks, sessions, second steps and guests, over real HTTP."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pyotp
import pytest

from nightwarden.model.roles import Role
from nightwarden.store import people
from tests.api_server import HOME, ApiUnderTest

PIN, PASSWORD = "4071", "a lantern in the hall"
STAFF = {"Ann": Role.CARER, "Grace": Role.SENIOR, "Mary": Role.MANAGER}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path_factory.mktemp("signing")) as api:
        api.apply(HOME)
        yield api


@pytest.fixture
def api(house: ApiUnderTest) -> ApiUnderTest:
    """The house at eleven in the evening of another day, with its people as they were."""
    house.clock.now = (house.clock.now + timedelta(days=1)).replace(hour=23, minute=0)
    house.proved()
    with house.store.transaction(house.clock()) as tx:
        for user in people.everybody(tx):
            people.remove_user(tx, user.name, "test")
        for name, role in STAFF.items():
            secret = PASSWORD if role is Role.MANAGER else PIN
            people.add_user(tx, name, role, secret, "test")
    return house


class Browser(httpx.Client):
    """Sends forms as a page of ours does, and keeps cookies."""

    def send_form(self, path: str, **fields: str) -> httpx.Response:
        return self.post(path, data=fields)

    def sign_in(self, name: str, secret: str, **more: str) -> httpx.Response:
        return self.send_form("/signin", person=name, pin=secret, **more)

    def page(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text


@contextmanager
def browser(api: ApiUnderTest, screen: str = "") -> Iterator[Browser]:
    headers = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    with Browser(base_url=api.url, headers=headers, timeout=60, verify=False) as client:
        if screen:
            with api.store.transaction(api.clock()) as tx:
                code = people.enrol_code(tx, screen, "test")
            client.post(f"/enrol/{code}")
        yield client


def audit(api: ApiUnderTest) -> list[tuple[str, str, str]]:
    with api.client(Role.MANAGER) as manager:
        entries = manager.get("/audit?limit=500").json()["items"]
    return [(entry["actor"], entry["action"], entry["subject"]) for entry in entries]


def on(browser: Browser) -> bool:
    return browser.get("/you").status_code == 200


def test_five_wrong_pins_lock_and_a_manager_unlocks_on_the_page(api: ApiUnderTest) -> None:
    with browser(api) as ann, browser(api) as mary:
        for _ in range(5):
            assert ann.sign_in("Ann", "0000").status_code == 401
        locked = ann.sign_in("Ann", PIN)
        assert locked.status_code == 429
        assert "try again in 5 min, or ask a manager" in locked.text
        assert mary.sign_in("Mary", PASSWORD).status_code == 303
        assert "locked until" in mary.page("/people")
        assert mary.send_form("/people/unlock", person="Ann").status_code == 303
        assert mary.send_form("/people/unlock", person="Ann").status_code == 409
        assert ann.sign_in("Ann", PIN).status_code == 303
        assert ann.get("/people").status_code == 403
        assert ann.send_form("/people/unlock", person="Ann").status_code == 403
    seen = audit(api)
    assert seen.count(("nightwarden", "refused sign-in", "person Ann")) == 5
    assert ("nightwarden", "locked", "person Ann") in seen
    assert ("Mary", "unlocked", "person Ann") in seen


def test_one_address_cannot_try_one_pin_on_everybody_and_a_screen_is_not_kept_out(
    api: ApiUnderTest,
) -> None:
    with browser(api) as guesser, browser(api, "Corridor") as screen:
        for number in range(20):
            assert guesser.sign_in(f"Person {number}", PIN).status_code == 401
        refused = guesser.sign_in("Ann", PIN)
        assert (refused.status_code, "from here" in refused.text) == (429, True)
        assert screen.sign_in("Ann", PIN).status_code == 303
        api.clock.advance(minutes=11)
        assert guesser.sign_in("Ann", PIN).status_code == 303
    assert not any("Person" in subject for _, _, subject in audit(api))


def test_a_shared_device_is_left_soon_and_its_own_renewing_does_not_keep_it(
    api: ApiUnderTest,
) -> None:
    with browser(api, "Corridor") as shared, browser(api) as own:
        cookie = shared.sign_in("Ann", PIN).headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        own.sign_in("Ann", PIN)
        for _ in range(3):
            api.clock.advance(minutes=9)
            assert on(shared), "a person did something nine minutes ago"
        own.get("/alerts", headers={"Sec-Fetch-Mode": "cors"})
        for _ in range(2):
            api.clock.advance(minutes=6)
            shared.get("/board/fragment", headers={"Sec-Fetch-Mode": "cors"})
        assert not on(shared)
        assert "Screen: <strong>Corridor" in shared.page("/"), "the board goes on"
        api.clock.advance(hours=5)
        own.get("/board/fragment", headers={"Sec-Fetch-Mode": "cors"})
        api.clock.advance(hours=5)
        assert on(own), "a phone in a pocket that keeps its board fresh"
        api.clock.advance(hours=4)
        assert not on(own), "thirteen hours are over"


def test_sessions_are_listed_and_ended_by_their_owner_and_by_a_manager(api: ApiUnderTest) -> None:
    with browser(api) as phone, browser(api) as tablet, browser(api) as mary:
        phone.headers["User-Agent"] = "Mozilla/5.0 (Linux; Android 14) Chrome/130 Safari/537"
        phone.sign_in("Ann", PIN)
        tablet.sign_in("Ann", PIN, shared="yes")
        listed = tablet.page("/you")
        assert "Chrome, Android" in listed
        assert "a shared device, this one" in listed
        [other] = re.findall(r'own device.*?name="session" value="(\w+)"', listed, re.DOTALL)
        assert "Mary" not in listed
        assert tablet.send_form("/you/sessions/end", session=other).status_code == 303
        assert not on(phone)
        assert on(tablet)
        phone.sign_in("Grace", PIN)
        mary.sign_in("Mary", PASSWORD)
        everybody = mary.page("/people")
        row = r'<td><strong>(\w+)</strong></td>.{,900}?session" value="(\w+)"'
        handles = dict(re.findall(row, everybody, re.DOTALL))
        assert tablet.send_form("/you/sessions/end", session=handles["Grace"]).status_code == 404
        assert on(phone)
        assert mary.send_form("/people/sessions/end", session=handles["Grace"]).status_code == 303
        assert not on(phone)
    assert ("Mary", "ended session", "person Grace") in audit(api)


def test_the_live_board_of_an_ended_session_ends_with_it(api: ApiUnderTest) -> None:
    with browser(api) as phone, browser(api) as tablet:
        phone.sign_in("Ann", PIN)
        tablet.sign_in("Ann", PIN, shared="yes")
        with phone.stream("GET", "/api/v1/stream") as stream:
            lines = stream.iter_lines()
            assert next(lines).startswith("retry")
            row = r'own device.*?name="session" value="(\w+)"'
            [phones] = re.findall(row, tablet.page("/you"), re.DOTALL)
            tablet.send_form("/you/sessions/end", session=phones)
            assert [*lines], "it ends, and not only when the hour does"
        assert phone.get("/api/v1/stream").status_code == 401


def test_behind_https_the_cookie_is_for_https_alone(api: ApiUnderTest) -> None:
    with browser(api) as proxied, browser(api) as plain:
        proxied.headers["X-Forwarded-Proto"] = "https"
        assert "; Secure" in proxied.sign_in("Ann", PIN).headers["set-cookie"]
        assert "Secure" not in plain.sign_in("Ann", PIN).headers["set-cookie"]


def test_a_new_pin_ends_every_other_session_and_wants_the_old_one(api: ApiUnderTest) -> None:
    with browser(api) as here, browser(api) as there:
        here.sign_in("Ann", PIN)
        there.sign_in("Ann", PIN)
        wrong = here.send_form("/you/secret", pin="9999", new="6182", again="6182")
        assert wrong.status_code == 422
        assert on(there)
        new = {"pin": PIN, "new": "6182", "again": "6182"}
        assert here.send_form("/you/secret", **new).status_code == 303
        assert on(here)
        assert not on(there)
        assert there.sign_in("Ann", PIN).status_code == 401
        assert there.sign_in("Ann", "6182").status_code == 303


def enrolled(api: ApiUnderTest, mary: Browser) -> tuple[pyotp.TOTP, list[str]]:
    mary.sign_in("Mary", PASSWORD)
    page = mary.send_form("/you/second-step", pin=PASSWORD).text
    assert "<svg" in page
    assert "style=" not in page
    phone = pyotp.TOTP(re.findall(r"<code class=\"link\">(\w+)</code>", page)[0])
    assert "not right" in mary.send_form("/you/second-step/confirm", code="000000").text
    done = mary.send_form("/you/second-step/confirm", code=phone.at(api.clock())).text
    return phone, re.findall(r"<code>([\w-]+)</code>", done)


def test_a_manager_with_a_second_step_needs_a_fresh_code(api: ApiUnderTest) -> None:
    with browser(api) as mary, browser(api) as other, browser(api, "Corridor") as screen:
        phone, codes = enrolled(api, mary)
        assert len(codes) == 10

        def attempt(code: str) -> int:
            asked = other.sign_in("Mary", PASSWORD)
            assert asked.headers["location"].startswith("/signin/code")
            assert not on(other), "a password alone opens nothing"
            return other.send_form("/signin/code", code=code).status_code

        used = phone.at(api.clock())
        assert attempt(used) == 401, "the code that turned it on is not taken again"
        api.clock.advance(seconds=60)
        code = phone.at(api.clock())
        assert attempt(code) == 303
        assert on(other)
        other.send_form("/signout")
        assert attempt(code) == 401, "replayed"
        assert attempt(codes[0]) == 303
        other.send_form("/signout")
        assert attempt(codes[0]) == 401, "a recovery code opens once"
        alert = api.raise_alert()
        acted = screen.send_form(f"/alerts/{alert}/accept", person="Mary", pin=PASSWORD)
        assert (acted.status_code, "second step" in acted.text) == (401, True)
        assert "9 recovery codes left" in mary.page("/you")
        api.clock.advance(seconds=60)
        assert mary.send_form("/you/second-step/off", code=phone.at(api.clock())).status_code == 303
        other.sign_in("Mary", PASSWORD)
        assert on(other)
    seen = {(action, subject) for _, action, subject in audit(api)}
    assert {
        ("turned on second step", "person Mary"),
        ("used recovery code", "person Mary"),
        ("turned off second step", "person Mary"),
    } <= seen


def test_who_has_the_password_has_few_codes_and_a_wait_ends(api: ApiUnderTest) -> None:
    with browser(api) as mary, browser(api) as other:
        phone, _ = enrolled(api, mary)
        api.clock.advance(seconds=60)
        for _ in range(5):
            assert other.sign_in("Mary", PASSWORD).status_code == 303
            assert other.send_form("/signin/code", code="000000").status_code == 401
        assert other.sign_in("Mary", PASSWORD).status_code == 429
        late = other.send_form("/signin/code", code=phone.at(api.clock()))
        assert late.status_code == 429
        api.clock.advance(minutes=6)
        gone = other.send_form("/signin/code", code=phone.at(api.clock()))
        assert (gone.status_code, "too long" in gone.text) == (401, True)
        other.sign_in("Mary", PASSWORD)
        assert other.send_form("/signin/code", code=phone.at(api.clock())).status_code == 303


def test_a_guest_is_in_within_a_minute_and_out_when_the_shift_ends(api: ApiUnderTest) -> None:
    with browser(api, "Corridor") as screen, browser(api) as phone:
        offered = re.findall(r'name="until" value="([^"]+)".*?>Until (\S+)', screen.page("/guests"))
        assert offered, "the night shift that runs"
        until, shown = offered[0]
        assert "Who are you" in screen.send_form("/guests", until=until).text
        refused = screen.send_form("/guests", until=until, person="Ann", pin=PIN)
        assert refused.status_code == 403, "a carer lets nobody in"
        given = screen.send_form("/guests", until=until, person="Grace", pin=PIN).text
        [code] = re.findall(r"guest\?code=(\d{8})", given)
        assert "<svg" in given
        assert (
            "Ann here already" in phone.send_form("/guest", code=code, name="Ann", pin="8302").text
        )
        assert phone.send_form("/guest", code=code, name="Bo Lee", pin="1234").status_code == 422
        assert phone.send_form("/guest", code=code, name="Bo Lee", pin="8302").status_code == 303
        assert phone.send_form("/guest", code=code, name="Cy", pin="8302").status_code == 401
        assert f"guest until {shown}" in phone.page("/you")
        alert = api.raise_alert("12/radiator-window")
        acted = screen.send_form(f"/alerts/{alert}/accept", person="Bo Lee", pin="8302")
        assert acted.status_code == 303
        assert phone.get("/residents").status_code == 403
        with api.store.reading(api.clock()) as tx:
            [guest] = [user for user in people.everybody(tx) if user.guest_until]
        assert guest.guest_until is not None
        assert guest.guest_until.isoformat() == until
        api.clock.advance(hours=5)
        assert on(phone)
        api.clock.now = guest.guest_until - timedelta(seconds=1)
        assert on(phone)
        api.clock.now = guest.guest_until
        assert not on(phone)
        assert phone.sign_in("Bo Lee", "8302").status_code == 401
        assert "Bo Lee" not in screen.page("/signin")
    seen = audit(api)
    assert ("Grace", "gave guest code", "guest") in seen
    assert ("Grace", "let in guest", "person Bo Lee") in seen
    assert ("Bo Lee", "signed in", "person Bo Lee") in seen


def test_a_guest_code_is_soon_too_old_and_a_guest_may_be_sent_home(api: ApiUnderTest) -> None:
    with browser(api) as grace, browser(api) as phone:
        grace.sign_in("Grace", PIN)
        until = re.findall(r'name="until" value="([^"]+)"', grace.page("/guests"))[0]

        def code() -> str:
            given = grace.send_form("/guests", until=until).text
            [shown] = re.findall(r"guest\?code=(\d{8})", given)
            return str(shown)

        old = code()
        api.clock.advance(minutes=10)
        assert phone.send_form("/guest", code=old, name="Bo", pin="8302").status_code == 401
        fresh = code()
        with api.store.transaction(api.clock()) as tx:
            people.remove_user(tx, "Ann", "test")
        was = phone.send_form("/guest", code=fresh, name="Ann", pin="8302")
        assert was.status_code == 409
        assert "has worked here" in was.text
        assert phone.send_form("/guest", code=fresh, name="Bo", pin="8302").status_code == 303
        assert phone.send_form("/you/second-step", pin="8302").status_code == 409
        assert grace.send_form("/guests/end", guest="Bo").status_code == 303
        assert not on(phone)
        assert phone.send_form("/guest", code=code(), name="Bo", pin="5093").status_code == 303


def test_people_sessions_and_guests_over_json_as_on_the_pages(api: ApiUnderTest) -> None:
    v1 = "/api/v1"
    with browser(api) as ann, browser(api) as mary, api.client(Role.SENIOR) as grace:
        ann.sign_in("Ann", PIN)
        mary.sign_in("Mary", PASSWORD)
        assert {p["name"] for p in mary.get(f"{v1}/people").json()["items"]} == set(STAFF)
        assert "secret" not in mary.get(f"{v1}/people").text
        new = {"name": "Tom", "role": "carer", "secret": "5826"}
        assert mary.post(f"{v1}/people", json=new).status_code == 201
        assert mary.post(f"{v1}/people", json={**new, "role": "integrator"}).status_code == 422
        assert mary.post(f"{v1}/people/Mary/remove").status_code == 409
        assert mary.post(f"{v1}/people/Tom/remove").status_code == 204

        own = ann.get(f"{v1}/sessions").json()["items"]
        assert [(s["person"], s["here"]) for s in own] == [("Ann", True)]
        everybodys = mary.get(f"{v1}/sessions").json()["items"]
        assert {s["person"] for s in everybodys} == {"Ann", "Mary"}
        of_mary = next(s["id"] for s in everybodys if s["person"] == "Mary")
        assert ann.post(f"{v1}/sessions/{of_mary}/end").status_code == 404
        assert mary.post(f"{v1}/sessions/{own[0]['id']}/end").status_code == 204
        assert ann.get(f"{v1}/sessions").status_code == 401

        [stay, *_] = grace.get("/guests").json()["stays"]
        given = grace.post("/guests", json={"until": stay["until"]}).json()
        assert grace.post("/guests", json={"until": "2026-01-01T00:00:00Z"}).status_code == 422
        ann.send_form("/guest", code=given["code"], name="Kim", pin=PIN)
        assert [g["name"] for g in grace.get("/guests").json()["items"]] == ["Kim"]
        assert grace.post("/guests/Kim/end").status_code == 204
        assert grace.get("/guests").json()["items"] == []
        assert not on(ann)
