"""A senior lets agency staff in on the corridor's screen; a manager sets up a code on a phone."""

import re

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitors
from tests.browser.fitting import assert_fits
from tests.browser.night import PASSWORD, PIN, NightHome

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}


def well_made(page: Page) -> None:
    """Nothing is wider than the window, and axe finds nothing that keeps somebody out."""
    assert_fits(page)
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def test_a_guest_comes_in_on_the_shared_screen_and_acts(
    refused_visitors: Visitors, home: NightHome
) -> None:
    page = refused_visitors.screen("/guests")
    well_made(page)
    page.get_by_role("button", name=re.compile("^Until")).first.press("Enter")
    page.get_by_text("Grace Lund").click()
    page.get_by_label("Your PIN").fill(PIN)
    page.get_by_label("Your PIN").press("Enter")
    expect(page.get_by_role("heading", name="A code for one guest")).to_be_visible()
    well_made(page)
    page.get_by_role("link", name="On this device").press("Enter")
    expect(page.get_by_label("The code from the senior")).to_have_value(re.compile(r"^\d{8}$"))
    well_made(page)
    page.get_by_label("Your name").fill("Bo Lee")
    page.get_by_label("Choose a PIN").fill("8302")
    page.get_by_label("Choose a PIN").press("Enter")
    expect(page.get_by_text("Signed in: Bo Lee, carer")).to_be_visible()
    page.get_by_role("link", name="Bo Lee").click()
    expect(page.get_by_text("You are here as a guest until")).to_be_visible()
    well_made(page)
    page.get_by_role("button", name="Sign out").click()
    home.raise_alert("12/bed", "Stanley", "out of bed")
    page.reload()
    page.get_by_role("button", name="I'm going").click()
    page.get_by_role("dialog").get_by_text("Bo Lee").click()
    page.get_by_label("Your PIN").fill("8302")
    page.get_by_label("Your PIN").press("Enter")
    expect(page.get_by_text("Bo Lee is going")).to_be_visible()


def test_a_manager_turns_on_a_code_and_signs_in_with_it(
    visitors: Visitors, home: NightHome
) -> None:
    page = visitors.person("Anna Shaw", "/you", "desktop")
    well_made(page)
    step = page.get_by_role("region", name="Second step")
    step.get_by_label("Your PIN or password").fill(PASSWORD)
    step.get_by_role("button", name="Set it up").click()
    expect(page.get_by_label("Six digits")).to_be_visible()
    well_made(page)
    phone = pyotp.TOTP(page.locator("code.link").inner_text())
    page.get_by_label("Six digits").fill(phone.at(home.now()))
    page.get_by_role("button", name="Turn it on").click()
    codes = page.locator(".codes code")
    expect(codes).to_have_count(10)
    well_made(page)
    spare = codes.first.inner_text()
    page.goto(home.url + "/people")
    expect(page.get_by_text("and a code")).to_be_visible()
    well_made(page)

    page = visitors.open("/signin")
    page.get_by_label("Your name").fill("Anna Shaw")
    page.get_by_label("Your PIN or password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Six digits")).to_be_visible()
    well_made(page)
    page.get_by_label("Six digits").fill(spare)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Signed in: Anna Shaw, manager")).to_be_visible()
    page.goto(home.url + "/people")
    well_made(page)


def with_passkeys(page: Page) -> None:
    """Give this browser a device that keeps passkeys and finds its owner's finger at once."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_manager_adds_a_passkey_and_signs_in_with_it_alone(
    visitors: Visitors, home: NightHome
) -> None:
    page = visitors.open("/signin")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    named = home.url.replace("127.0.0.1", "localhost")
    with_passkeys(page)
    page.goto(named + "/signin")
    well_made(page)
    page.get_by_label("Your name").fill("Anna Shaw")
    page.get_by_label("Your PIN or password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Anna Shaw").click()
    own = page.get_by_role("region", name="Passkeys")
    own.get_by_label("Your PIN or password").fill(PASSWORD)
    own.get_by_role("button", name="Add a passkey").click()
    page.get_by_label("A name, to know it by").fill("Anna's tablet")
    well_made(page)
    page.get_by_role("button", name="Make the passkey").click()
    expect(own.get_by_text("Anna's tablet")).to_be_visible()
    expect(own.get_by_text("not used yet")).to_be_visible()
    well_made(page)

    page.get_by_role("button", name="Sign out").click()
    page.goto(named + "/signin")
    page.get_by_label("Others use this device too").check()
    page.get_by_role("button", name="Sign in with a passkey").press("Enter")
    expect(page.get_by_text("Signed in: Anna Shaw, manager")).to_be_visible()
    page.goto(named + "/you")
    expect(page.get_by_text("by a passkey")).to_be_visible()
    expect(page.get_by_text("a shared device")).to_be_visible()
    page.goto(named + "/people")
    expect(page.get_by_text("or 1 passkey")).to_be_visible()
    well_made(page)
