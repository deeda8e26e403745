"""Binding a mat on a phone, standing in the room: found by pressing it, bound, seen to work."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from api.deps import SESSION_COOKIE
from nightwarden.model.roles import Role
from nightwarden.store import people, sessions
from tests.brokers import EmbeddedForTests
from tests.browser.conftest import SIZES
from tests.browser.fitting import assert_fits
from tests.harness import ELM_HOUSE, HOME_ID, Home

pytestmark = pytest.mark.browser

UNPLUGGED = ELM_HOUSE.replace(
    "    device: {dialect: nightwarden, address: mat-14, supervision_s: 86400}\n", ""
)
SECRET = "a lantern in the hall"  # noqa: S105


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Elm House, where the mat of room 14 has no device."""
    assert UNPLUGGED != ELM_HOUSE
    with EmbeddedForTests() as broker, Home(tmp_path / "data", broker, UNPLUGGED) as made:
        yield made
        made.pager.ignores_the_rest()


def person(home: Home, browser: Browser, role: Role, path: str, size: str = "phone") -> Page:
    """A signed-in browser whose console must stay quiet."""
    with home.api.store.transaction(home.clock()) as tx:
        people.add_user(tx, f"{role} {size}", role, SECRET, "test")
        session = sessions.open_session(tx, people.check_secret(tx, f"{role} {size}", SECRET))
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    context.add_cookies([{"name": SESSION_COOKIE, "value": session, "url": home.api.url}])
    context.set_default_timeout(12_000)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(home.api.url + path)
    return page


def test_a_mat_is_found_by_pressing_it_bound_and_seen(home: Home, browser: Browser) -> None:
    page = person(home, browser, Role.MAINTENANCE, "/devices")
    expect(page.get_by_text("Nothing speaks that is not bound")).to_be_visible()
    mat = home.mat("fresh from the box")
    mat.release()
    line = page.locator(".speaker")
    expect(line).to_contain_text("fresh from the box")
    expect(line).to_contain_text("nobody is on it")
    mat.press()
    home.fast_forward(seconds=2)  # an unbound device is written down once a second
    expect(line).to_contain_text("somebody is on it")
    mat.release()
    home.fast_forward(seconds=2)
    expect(line).to_contain_text("nobody is on it")
    line.get_by_role("link", name="Bind").click()

    page.get_by_role("link", name="14 bed").click()
    expect(page.get_by_label("Bind")).to_contain_text("MAT-14")
    expect(page.get_by_text("As it speaks: now nobody is on it")).to_be_visible()
    assert_fits(page)
    page.get_by_role("button", name="Bind").click()

    press = page.get_by_role("status")
    expect(press).to_contain_text("Press the mat once and let go")
    home.settle()
    mat.press()
    expect(press).to_contain_text("Now let go")
    mat.release()
    expect(press).to_contain_text("Seen at 23:00:04")
    assert_fits(page)
    page.get_by_role("link", name="Next device").click()
    expect(page.get_by_label("Bound", exact=True).locator("tr", has_text="MAT-14")).to_contain_text(
        "Live"
    )
    gaps = home.get("/gaps")["items"]
    assert [gap["room"] for gap in gaps if gap["needs"] == "bed_mat"] == ["12"]


def test_a_contact_wired_to_a_mat_is_turned_round_by_who_stands_there(
    home: Home, browser: Browser
) -> None:
    topic = f"nightwarden/v1/{HOME_ID}/device/reed"
    home.publish(topic, '{"channels": {"1": {"contact": true}}}')
    home.settle()
    page = person(home, browser, Role.MAINTENANCE, "/devices", "desktop")
    page.get_by_role("link", name="Bind").click()
    page.get_by_role("link", name="14 bed").click()
    page.get_by_text("Now it is closed: nobody is on it").click()
    page.get_by_role("button", name="Bind").click()
    home.settle()
    home.publish(topic, '{"channels": {"1": {"contact": false}}}')
    expect(page.get_by_role("status")).to_contain_text("somebody is on it")


def test_the_second_of_two_people_reads_who_was_first(home: Home, browser: Browser) -> None:
    home.mat("wanted by two").release()
    home.settle()
    pages = [person(home, browser, role, "/devices") for role in (Role.MAINTENANCE, Role.MANAGER)]
    for page in pages:
        page.get_by_role("link", name="Bind").click()
        page.get_by_role("link", name="14 bed").click()
    pages[0].get_by_role("button", name="Bind").click()
    expect(pages[0].get_by_role("status")).to_contain_text("Press the mat")
    pages[1].get_by_role("button", name="Bind").click()
    expect(pages[1].get_by_role("alert")).to_contain_text("is bound to MAT-14 already")


def test_a_carer_sees_what_speaks_and_is_not_offered_to_bind_it(
    home: Home, browser: Browser
) -> None:
    home.mat("a stranger").release()
    home.settle()
    page = person(home, browser, Role.CARER, "/devices")
    expect(page.locator(".speaker")).to_contain_text("a stranger")
    expect(page.get_by_role("link", name="Bind")).to_have_count(0)
