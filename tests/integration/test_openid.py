"""Signing in through a provider: a real one on this machine, over HTTP, honest and dishonest."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from joserfc.jwk import OctKey, RSAKey

from nightwarden.errors import Invalid
from nightwarden.model.roles import Role
from nightwarden.openid_settings import OpenIdSettings, read_roles
from nightwarden.store import people, sessions
from tests.api_server import HOME, NIGHT, ApiUnderTest
from tests.integration.test_signing_in import PASSWORD, PIN, Browser, audit, browser, on
from tests.openid_provider import CLIENT, SECRET, OpenIdProvider

ROLES = "managers=manager;cn=seniors,ou=care=senior;night=carer"


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[ApiUnderTest, OpenIdProvider]]:
    folder = tmp_path_factory.mktemp("openid")
    with OpenIdProvider(NIGHT) as provider:
        settings = OpenIdSettings(provider.issuer, CLIENT, SECRET, read_roles(ROLES))
        with ApiUnderTest(folder, openid=settings) as api:
            api.apply(HOME)
            api.proved()
            with api.store.transaction(api.clock()) as tx:
                people.add_user(tx, "Ann", Role.CARER, PIN, "test")
                people.add_user(tx, "Mary", Role.MANAGER, PASSWORD, "test")
            yield api, provider


def go(browser: Browser, start: str = "/signin/openid?goes_to=/you") -> httpx.Response:
    """From the link to the provider and back; what our page says then."""
    there = browser.get(start)
    assert there.status_code == 303, there.text
    back = httpx.get(there.headers["location"], verify=False, timeout=60).headers["location"]
    return browser.get(back)


def test_a_persons_groups_give_their_role_at_each_sign_in_anew(
    world: tuple[ApiUnderTest, OpenIdProvider],
) -> None:
    api, provider = world
    with browser(api) as olga, browser(api) as again:
        answer = go(olga)
        assert (answer.status_code, answer.headers["location"]) == (303, "/you")
        assert "carer" in olga.page("/you")
        assert olga.sign_in("Olga Berg", "").status_code == 401, "she has no PIN"
        provider.person["name"] = "Olga Lind"  # names change; she is who she was
        provider.person["groups"] = ["x", "cn=seniors,ou=care"]
        assert go(again).status_code == 303
        page = again.page("/you")
        assert "Olga Berg" in page
        assert "senior" in page
        assert not on(olga), "what she could do as a carer ended"
        assert olga.send_form("/signin", person="Ann", pin=PIN).status_code == 303
        provider.person["groups"] = ["elsewhere"]
        refused = go(olga)
        assert (refused.status_code, "none of your groups" in refused.text) == (401, True)
        assert not on(again), "without a role nothing goes on"
        provider.person["groups"] = ["night"]
        with api.store.transaction(api.clock()) as tx:
            people.remove_user(tx, "Olga Berg", "Mary")
        assert "may no longer sign in" in go(again).text
    seen = audit(api)
    assert ("Olga Berg", "came by provider", "person Olga Berg") in seen
    assert ("Olga Berg", "signed in", "person Olga Berg") in seen
    assert ("Olga Berg", "changed role", "person Olga Berg") in seen
    assert ("nightwarden", "refused sign-in", "person Olga Berg") in seen


def test_a_name_that_is_here_is_not_taken_over_but_linked_by_its_owner(
    world: tuple[ApiUnderTest, OpenIdProvider],
) -> None:
    api, provider = world
    provider.person = {"sub": "u-2", "name": "Ann", "groups": ["managers"]}
    with browser(api) as ann:
        taken = go(ann)
        assert (taken.status_code, "There is a Ann here already" in taken.text) == (409, True)
        assert not on(ann)
        ann.sign_in("Ann", PIN)
        assert ann.send_form("/you/provider", pin="9999").status_code == 422
        page = ann.send_form("/you/provider", pin=PIN).text
        link = page.split('class="button main" href="')[1].split('"')[0].replace("&amp;", "&")
        back = httpx.get(link, verify=False, timeout=60).headers["location"]
        assert ann.get(back).status_code == 303
        ann.send_form("/signout")
        assert go(ann).status_code == 303
        assert "manager" in ann.page("/you")
        ann.send_form("/signout")
        assert ann.sign_in("Ann", PIN).status_code == 401, "four digits are no manager's password"


def _other_key(provider: OpenIdProvider) -> None:
    provider.signing = RSAKey.generate_key(2048, {"kid": "k1"})


def _our_secret_as_key(provider: OpenIdProvider) -> None:
    provider.algorithm, provider.signing = "HS256", OctKey.import_key(SECRET, {"kid": "k1"})


def _claims(**over: Any) -> Callable[[OpenIdProvider], None]:
    return lambda provider: provider.over.update(over)


@pytest.mark.parametrize(
    "lie",
    [
        _claims(iss="https://elsewhere.example"),
        _claims(aud="another"),
        _claims(aud=[CLIENT, "another"], azp="another"),
        _claims(nonce="another"),
        _claims(nonce=None),
        _claims(exp=1),
        _claims(exp=None),
        _claims(sub=None),
        _other_key,
        _our_secret_as_key,
    ],
)
def test_a_token_that_does_not_fit_lets_nobody_in(
    world: tuple[ApiUnderTest, OpenIdProvider], lie: Callable[[OpenIdProvider], None]
) -> None:
    api, provider = world
    provider.person = {"sub": "u-3", "name": "Per", "groups": ["night"]}
    honest = provider.signing
    try:
        lie(provider)
        with browser(api) as per:
            answer = go(per)
            assert (answer.status_code, "cannot be believed" in answer.text) == (401, True)
            assert not on(per)
    finally:
        provider.over.clear()
        provider.signing, provider.algorithm = honest, "RS256"


def test_an_answer_belongs_to_one_browser_and_one_sign_in(
    world: tuple[ApiUnderTest, OpenIdProvider],
) -> None:
    api, provider = world
    provider.person = {"sub": "u-4", "name": "Quin", "groups": ["night"]}
    with browser(api) as quin, browser(api) as victim:
        there = quin.get("/signin/openid").headers["location"]
        back = httpx.get(there, verify=False, timeout=60).headers["location"]
        before = provider.tokens
        assert victim.get(back).status_code == 401, "a link that somebody sent"
        victim.get("/signin/openid")
        assert victim.get(back).status_code == 401, "another's state"
        assert provider.tokens == before, "the code was not even shown to the provider"
        assert quin.get(back).status_code == 303
        assert quin.get(back).status_code == 401, "a second time"
        there = quin.get("/signin/openid").headers["location"]
        back = httpx.get(there, verify=False, timeout=60).headers["location"]
        assert quin.get(f"{back}&iss=https://elsewhere.example").status_code == 401
        there = quin.get("/signin/openid").headers["location"]
        back = httpx.get(there, verify=False, timeout=60).headers["location"]
        api.clock.advance(minutes=10)
        assert "too long ago" in quin.get(back).text


def test_when_the_provider_is_down_people_sign_in_here(
    world: tuple[ApiUnderTest, OpenIdProvider],
) -> None:
    api, provider = world
    provider.down = True
    with browser(api) as mary:
        answer = mary.get("/signin/openid")
        assert (answer.status_code, "does not answer" in answer.text) == (503, True)
        assert mary.sign_in("Mary", PASSWORD).status_code == 303
    provider.down = False
    with api.store.reading(api.clock()) as tx:
        assert {each.user.name for each in sessions.running(tx)} >= {"Mary"}


def test_without_a_provider_there_is_no_such_way(tmp_path_factory: pytest.TempPathFactory) -> None:
    with ApiUnderTest(tmp_path_factory.mktemp("none")) as api, browser(api) as nobody:
        assert "openid" not in nobody.page("/signin")
        assert nobody.get("/signin/openid").status_code == 404


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"NIGHTWARDEN_OPENID": "http://login.example"}, "has to be https"),
        ({"NIGHTWARDEN_OPENID": "https://login.example"}, "needs --openid-client"),
        ({"NIGHTWARDEN_OPENID_ROLES": ""}, "needs --openid-roles"),
        ({"NIGHTWARDEN_OPENID_ROLES": "a=owner"}, "is not GROUP=ROLE"),
    ],
)
def test_settings_that_are_incomplete_are_one_sentence(given: dict[str, str], said: str) -> None:
    whole = {
        "NIGHTWARDEN_OPENID": "https://login.example",
        "NIGHTWARDEN_OPENID_CLIENT": "x",
        "NIGHTWARDEN_OPENID_SECRET": "y",
        "NIGHTWARDEN_OPENID_ROLES": ROLES,
    }
    assert OpenIdSettings.of({}) is None
    read = OpenIdSettings.of(whole)
    assert read is not None
    assert OpenIdSettings.of(read.environment()) == read
    if "CLIENT" in said.upper():
        whole = {}
    with pytest.raises(Invalid, match=said):
        OpenIdSettings.of(whole | given)
