"""The pages of the night in the language of whoever reads them, at the width of a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitors
from tests.browser.fitting import assert_fits
from tests.browser.night import PIN, NightHome

pytestmark = pytest.mark.browser

OF_THE_NIGHT = (
    "/", "/shift", "/shift/handover", "/tonight", "/alerts/{alert}", "/equipment/MAT-0012/press",
    "/rooms/12/why?place=bed", "/signin",
)  # fmt: skip
"""What is opened most; ``test_every_page`` walks through all of them."""


def test_a_carers_polish_goes_with_her_and_is_nobody_elses(
    visitors: Visitors, home: NightHome
) -> None:
    alert = home.raise_alert("12/bed", "Stanley", "out of bed", ago_s=150)
    page = visitors.open("/signin")
    _sign_in(page, "Maria Keane")
    expect(page.get_by_role("button", name="I'm going")).to_be_visible()
    page.get_by_role("contentinfo").get_by_role("button", name="Polski").click()
    _is_polish(page)
    page.goto(f"{home.url}/shift")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Zmiana nocna, "))
    expect(page.get_by_text("Naciśnij raz każdą matę i puść")).to_be_visible()
    page.get_by_role("link", name="Przekazanie").click()
    expect(page.get_by_role("heading", name="Otwarte alerty")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Poza łóżkiem")).to_be_visible()

    elsewhere = visitors.open("/signin")
    _sign_in(elsewhere, "Maria Keane")
    _is_polish(elsewhere)
    elsewhere.get_by_role("button", name="Idę").click()
    expect(elsewhere.get_by_text("Maria Keane idzie")).to_be_visible()
    _everything_fits(page, home, alert, "pl")

    page.goto(home.url)
    page.get_by_role("button", name="Wyloguj się").click()
    expect(page.locator("html")).to_have_attribute("lang", "en-GB")
    page.goto(f"{home.url}/signin")
    _sign_in(page, "Tom Abara")
    expect(page.get_by_text("Maria Keane is going")).to_be_visible()
    page.get_by_role("button", name="Română").click()
    _everything_fits(page, home, alert, "ro")


def test_a_screen_has_a_language_of_its_own(visitors: Visitors, home: NightHome) -> None:
    home.raise_alert("12/bed", "Stanley", "out of bed")
    page = visitors.screen()
    page.get_by_role("button", name="Română").click()
    expect(page.get_by_text("SUPRAVEGHEAZĂ", exact=True)).to_be_visible()
    page.get_by_role("button", name="Mă duc").click()
    asked = page.get_by_role("dialog", name="Cine ești?")
    expect(asked.get_by_text("Camera 12: mă duc")).to_be_visible()
    asked.get_by_text("Tom Abara").click()
    asked.get_by_label("PIN-ul sau parola ta").fill(PIN)
    asked.get_by_role("button", name="OK").click()
    expect(page.get_by_text("Tom Abara se duce")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "ro")


def _sign_in(page: Page, name: str) -> None:
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your PIN or password").fill(PIN)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()


def _is_polish(page: Page) -> None:
    expect(page.locator("html")).to_have_attribute("lang", "pl")
    expect(page.get_by_text("CZUWA", exact=True)).to_be_visible()
    card = page.get_by_role("article")
    expect(card.get_by_role("heading")).to_have_text("Pokój 12 Stanley")
    expect(card.get_by_text("Poza łóżkiem")).to_be_visible()


def _everything_fits(page: Page, home: NightHome, alert: int, language: str) -> None:
    for path in OF_THE_NIGHT:
        page.goto(home.url + path.format(alert=alert))
        expect(page.locator("html")).to_have_attribute("lang", language)
        assert_fits(page)
