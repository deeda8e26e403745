"""The switch of language, over real HTTP: a person's own, a device's, a browser's."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from nightwarden.model.roles import Role
from nightwarden.store import people
from tests.api_server import HOME, ApiUnderTest

PIN = "4071"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path_factory.mktemp("languages")) as api:
        api.apply(HOME)
        api.proved()
        with api.store.transaction(api.clock()) as tx:
            for name in ("Ann", "Ewa"):
                people.add_user(tx, name, Role.CARER, PIN, "test")
        yield api


@contextmanager
def device(api: ApiUnderTest, accepts: str = "en-GB") -> Iterator[httpx.Client]:
    headers = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html", "Accept-Language": accepts}
    with httpx.Client(base_url=api.url, headers=headers, timeout=60, verify=False) as client:
        yield client


def speaks(device: httpx.Client) -> str:
    found = re.search(r'<html lang="([^"]+)"', device.get("/about").text)
    assert found is not None
    return found[1]


def choose(device: httpx.Client, language: str, goes_to: str = "/about") -> httpx.Response:
    return device.post("/language", data={"language": language, "goes_to": goes_to})


def sign_in(device: httpx.Client, name: str) -> None:
    assert device.post("/signin", data={"person": name, "pin": PIN}).status_code == 303


def chosen(api: ApiUnderTest, name: str) -> list[dict[str, str]]:
    """What the audit says of this person's choices, the oldest first."""
    with api.client(Role.MANAGER) as manager:
        entries = manager.get("/audit?limit=500").json()["items"]
    mine = [e for e in entries if (e["actor"], e["subject"]) == (name, f"person {name}")]
    return [e["detail"] for e in mine if e["action"] == "chose language"][::-1]


def test_a_page_speaks_as_the_browser_asks_until_somebody_chooses(house: ApiUnderTest) -> None:
    with device(house, "pl-PL,pl;q=0.9,en;q=0.8") as phone, device(house, "de-DE") as other:
        assert (speaks(phone), speaks(other)) == ("pl", "en-GB")
        answer = choose(phone, "ro")
        assert (answer.status_code, answer.headers["location"]) == (303, "/about")
        assert speaks(phone) == "ro"
        assert choose(phone, "pl", "https://elsewhere.example").headers["location"] == "/"


def test_a_persons_choice_goes_with_them_and_leaves_the_device_its_own(
    house: ApiUnderTest,
) -> None:
    with device(house) as shared, device(house) as own:
        choose(shared, "ro")
        sign_in(shared, "Ewa")
        assert speaks(shared) == "ro", "she has chosen nothing yet"
        choose(shared, "pl")
        sign_in(own, "Ewa")
        assert (speaks(shared), speaks(own)) == ("pl", "pl")
        assert chosen(house, "Ewa") == [{"language": "pl"}]
        shared.post("/signout")
        assert speaks(shared) == "ro", "the device speaks its own language again"
        sign_in(shared, "Ann")
        assert speaks(shared) == "ro", "and not the last one's"
        assert chosen(house, "Ann") == []


def test_a_language_that_we_do_not_speak_is_refused_with_those_that_we_do(
    house: ApiUnderTest,
) -> None:
    with device(house) as phone:
        sign_in(phone, "Ann")
        for unknown in ("xx", "", "en-GB"):
            refused = choose(phone, unknown)
            assert refused.status_code == 422
            assert "Choose one of these languages: English, Polski, Română." in refused.text
        assert speaks(phone) == "en-GB"
        phone.headers["Sec-Fetch-Site"] = "cross-site"
        assert choose(phone, "pl").status_code == 403, "no other site turns our pages Polish"
        assert chosen(house, "Ann") == []


def test_a_refusal_is_said_in_the_readers_language_and_to_programs_in_english(
    house: ApiUnderTest,
) -> None:
    english = "There is no notice 77."
    with device(house, "pl") as phone, house.client(Role.MANAGER) as program:
        sign_in(phone, "Ann")
        page = phone.get("/notices/77")
        assert (page.status_code, english in page.text, "77." in page.text) == (404, False, True)
        asked_by_script = phone.get("/notices/77", headers={"Accept": "application/json"})
        assert asked_by_script.json()["detail"] in page.text
        assert program.get("/notices/77").json()["detail"] == english
