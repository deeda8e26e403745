"""Passkeys over real HTTP, with a device in software: what opens, and everything that does not."""

import html
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from nightwarden.commands.user import user
from nightwarden.model.roles import Role
from nightwarden.store import guests, people, provider_people, second_steps
from nightwarden.store.provider_people import Identity
from tests.api_server import HOME, ApiUnderTest
from tests.authenticator import PRESENT, Authenticator, text_of

PIN, PASSWORD = "4071", "a lantern in the hall"
HOST = "nights.elm.example"
ORIGIN = f"https://{HOST}"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path_factory.mktemp("passkeys")) as api:
        api.apply(HOME)
        yield api


@pytest.fixture
def api(house: ApiUnderTest) -> ApiUnderTest:
    """The house on another day, with its people as they were."""
    house.clock.now = (house.clock.now + timedelta(days=1)).replace(hour=23, minute=0)
    with house.store.transaction(house.clock()) as tx:
        for person in people.everybody(tx):
            people.remove_user(tx, person.name, "test")
        people.add_user(tx, "Mary", Role.MANAGER, PASSWORD, "test")
        people.add_user(tx, "Ann", Role.CARER, PIN, "test")
    return house


class Browser(httpx.Client):
    """Sends forms as a page of ours does, and keeps cookies; behind a proxy that speaks https."""

    def __init__(self, api: ApiUnderTest, host: str = HOST) -> None:
        headers = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html", "Host": host}
        super().__init__(base_url=api.url, headers=headers, timeout=60, verify=False)

    def send_form(self, path: str, **fields: str) -> httpx.Response:
        return self.post(path, data=fields)

    def sign_in(self, name: str = "Mary", secret: str = PASSWORD) -> httpx.Response:
        return self.send_form("/signin", person=name, pin=secret)

    def options_for_new(self, secret: str = PASSWORD) -> str:
        page = self.send_form("/you/passkey", pin=secret)
        assert page.status_code == 200, page.text
        return html.unescape(re.findall(r'data-options="([^"]*)"', page.text)[0])

    def adds(self, device: Authenticator, secret: str = PASSWORD) -> httpx.Response:
        made = device.make(self.options_for_new(secret))
        return self.send_form("/you/passkey/confirm", name="My phone", credential=made)

    def asked(self) -> str:
        answer = self.post("/signin/passkey/begin")
        assert answer.status_code == 200, answer.text
        return answer.text

    def shows(self, device: Authenticator, **more: str) -> httpx.Response:
        return self.send_form("/signin/passkey", credential=device.prove(self.asked()), **more)

    def is_in(self) -> bool:
        return self.get("/you").status_code == 200


@pytest.fixture
def mary(api: ApiUnderTest) -> Iterator[Browser]:
    with Browser(api) as client:
        client.sign_in()
        yield client


@pytest.fixture
def other(api: ApiUnderTest) -> Iterator[Browser]:
    with Browser(api) as client:
        yield client


@pytest.fixture
def device(mary: Browser) -> Authenticator:
    """Mary's, with her passkey on it."""
    device = Authenticator(ORIGIN)
    added = mary.adds(device)
    assert (added.status_code, added.headers["location"]) == (303, "/you")
    return device


def audit(api: ApiUnderTest, action: str) -> list[dict[str, Any]]:
    with api.client(Role.MANAGER) as manager:
        entries = manager.get("/audit?limit=500").json()["items"]
    since = api.clock().replace(hour=0).isoformat()
    return [e for e in entries if e["action"] == action and e["at"] >= since[:10]]


def test_a_passkey_is_both_steps_and_says_so_everywhere(
    api: ApiUnderTest, mary: Browser, other: Browser, device: Authenticator
) -> None:
    assert "My phone" in mary.get("/you").text
    with api.store.transaction(api.clock()) as tx:
        person = people.expected(tx, "Mary")
        person.totp_secret = second_steps.begin(tx, "Mary")
    entered = other.shows(device, goes_to="/people")
    assert (entered.status_code, entered.headers["location"]) == (303, "/people")
    assert other.is_in(), "neither a password nor a code was asked"
    assert "by a passkey" in other.get("/you").text
    assert "or 1 passkey" in mary.get("/people").text
    [one] = [p for p in mary.get("/api/v1/people").json()["items"] if p["name"] == "Mary"]
    assert one["passkeys"] == 1
    [signed_in] = [e for e in audit(api, "signed in") if e["detail"]["by"] == "passkey"]
    assert (signed_in["actor"], signed_in["detail"]["device"]) == ("Mary", "own")
    assert audit(api, "added passkey")[0]["detail"] == {"passkey": "My phone", "address": HOST}
    other.send_form("/signout")
    other.shows(device, shared="yes")
    assert "a shared device" in other.get("/you").text
    assert other.shows(device, goes_to="//evil.example").headers["location"] == "/"


def test_who_adds_or_removes_one_gives_the_password_again(api: ApiUnderTest, mary: Browser) -> None:
    assert mary.send_form("/you/passkey", pin="wrong").status_code == 422
    device = Authenticator(ORIGIN)
    made = device.make(mary.options_for_new())
    with Browser(api) as ann:
        ann.sign_in("Ann", PIN)
        ann.cookies.set("nightwarden_passkey", mary.cookies["nightwarden_passkey"])
        hers = ann.send_form("/you/passkey/confirm", name="x", credential=made)
        assert hers.status_code == 422, "the question was Mary's"
    assert mary.send_form("/you/passkey/confirm", name="x", credential=made).status_code == 422
    assert mary.adds(device).status_code == 303
    known = json.loads(mary.options_for_new())["excludeCredentials"]
    assert [key["id"] for key in known] == [text_of(device.id)]
    assert mary.adds(device).status_code == 409, "the same once more"
    [number] = re.findall(r'name="passkey" value="(\d+)"', mary.get("/you").text)
    assert mary.send_form("/you/passkey/remove", passkey=number, pin="no").status_code == 422
    with Browser(api) as stolen:
        stolen.shows(device)
        assert stolen.is_in()
        assert (
            mary.send_form("/you/passkey/remove", passkey=number, pin=PASSWORD).status_code == 303
        )
        assert not stolen.is_in()
        assert stolen.shows(device).status_code == 401
    assert mary.is_in()
    assert mary.send_form("/you/passkey/remove", passkey=number, pin=PASSWORD).status_code == 404
    assert [e["detail"] for e in audit(api, "removed passkey")] == [{"passkey": "My phone"}]


@pytest.mark.parametrize(
    "turn",
    [
        lambda device: setattr(device, "origin", "https://nights.elm.example.evil"),
        lambda device: setattr(device, "origin", f"http://{HOST}"),
        lambda device: setattr(device, "flags", PRESENT),
        lambda device: setattr(device, "flags", 0),
        lambda device: setattr(device, "count", device.count - 1),
        lambda device: setattr(device, "handle", b"somebody else"),
        lambda device: setattr(device, "key", Authenticator(ORIGIN).key),
        lambda device: setattr(device, "id", b"nobody's"),
    ],
    ids=["origin", "plain http", "not verified", "absent", "count", "handle", "key", "id"],
)
def test_what_does_not_fit_opens_nothing(
    api: ApiUnderTest,
    other: Browser,
    device: Authenticator,
    turn: Callable[[Authenticator], None],
) -> None:
    other.shows(device)
    other.send_form("/signout")
    turn(device)
    refused = other.shows(device)
    assert (refused.status_code, "does not open this home" in refused.text) == (401, True)
    assert not other.is_in()
    [entry] = audit(api, "refused sign-in")
    whom = "a passkey that nobody has" if device.id == b"nobody's" else "person Mary"
    assert (entry["subject"], entry["detail"]) == (whom, {"wrong": "passkey"})


def test_a_question_is_answered_once_in_time_and_in_its_browser(
    api: ApiUnderTest, other: Browser, device: Authenticator
) -> None:
    proof = device.prove(other.asked())
    with Browser(api) as thief:
        thief.asked()
        assert thief.send_form("/signin/passkey", credential=proof).status_code == 401
    assert other.send_form("/signin/passkey", credential=proof).status_code == 303
    assert other.send_form("/signin/passkey", credential=proof).status_code == 401, "replayed"
    late = device.prove(other.asked())
    api.clock.advance(minutes=5)
    refused = other.send_form("/signin/passkey", credential=late)
    assert (refused.status_code, "too long" in refused.text) == (401, True)
    with Browser(api, "elsewhere.elm.example") as elsewhere:
        device.origin = "https://elsewhere.elm.example"
        assert elsewhere.shows(device).status_code == 401, "it works at its own address alone"


def test_the_locked_the_removed_and_guests_stay_out(
    api: ApiUnderTest, mary: Browser, other: Browser, device: Authenticator
) -> None:
    for _ in range(5):
        assert other.sign_in("Mary", "wrong").status_code == 401
    assert other.shows(device).status_code == 429
    api.clock.advance(minutes=6)
    assert other.shows(device).status_code == 303
    with api.store.transaction(api.clock()) as tx:
        people.remove_user(tx, "Mary", "test")
        people.add_user(tx, "Mary", Role.MANAGER, PASSWORD, "test")
    assert other.shows(device).status_code == 401, "another person may have that name now"
    with api.store.transaction(api.clock()) as tx:
        code = guests.give_code(tx, tx.now + timedelta(hours=5), "Mary")
    assert other.send_form("/guest", code=code, name="Bo", pin="8302").status_code == 303
    assert "Passkeys" not in other.get("/you").text
    assert other.send_form("/you/passkey", pin="8302").status_code == 409


def test_what_a_pin_was_enough_for_does_not_open_a_managers_account(
    api: ApiUnderTest, other: Browser
) -> None:
    phone, account = Authenticator(ORIGIN), Identity("https://login.example", "7", "Ann")
    with Browser(api) as ann:
        ann.sign_in("Ann", PIN)
        ann.adds(phone, PIN)
    assert other.shows(phone).status_code == 303
    with api.store.transaction(api.clock()) as tx:
        provider_people.link(tx, "Ann", account)
        provider_people.person_of(tx, account, Role.MANAGER)
    assert other.shows(phone).status_code == 401


def test_a_lost_phone_is_ended_by_a_manager_and_at_the_machine(
    api: ApiUnderTest, mary: Browser, other: Browser
) -> None:
    ann, phone = Browser(api), Authenticator(ORIGIN)
    ann.sign_in("Ann", PIN)
    for end in ("page", "command"):
        ann.sign_in("Ann", PIN)
        phone = Authenticator(ORIGIN)
        ann.adds(phone, PIN)
        other.shows(phone)
        assert other.is_in()
        if end == "page":
            assert "Phone lost: remove the passkeys" in mary.get("/people").text
            assert mary.send_form("/people/second-step-off", person="Ann").status_code == 303
            assert mary.send_form("/people/second-step-off", person="Ann").status_code == 409
        else:
            command = ["second-step-off", "Ann", "--data", str(api.path.parent)]
            said = CliRunner().invoke(user, command, catch_exceptions=False)
            assert "1 passkey removed, signed out" in said.output
        assert not other.is_in()
        assert other.shows(phone).status_code == 401
    ann.close()


def test_an_address_of_digits_is_told_so_and_guesses_are_few(
    api: ApiUnderTest, other: Browser
) -> None:
    with Browser(api, f"127.0.0.1:{api.port}") as digits:
        refused = digits.post("/signin/passkey/begin", headers={"Accept": "application/json"})
        assert (refused.status_code, "a name" in refused.json()["detail"]) == (422, True)
    outside = {"Sec-Fetch-Site": "cross-site"}
    assert other.post("/signin/passkey/begin", headers=outside).status_code == 403
    assert other.post("/signin/passkey", headers=outside).status_code == 403
    answers = [other.send_form("/signin/passkey").status_code for _ in range(21)]
    assert answers == [401] * 20 + [429]


def test_what_a_device_says_of_its_make_is_not_read(mary: Browser) -> None:
    device = Authenticator(ORIGIN)
    device.attestation = {"fmt": "tpm", "attStmt": {"ver": "2.0", "x5c": [b"not a certificate"]}}
    assert mary.adds(device).status_code == 303
