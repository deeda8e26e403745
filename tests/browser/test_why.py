"""The pages that answer why, on a phone and on a desk, over a night that a real gateway decided."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from nightwarden.model.roles import Role
from tests.brokers import Broker
from tests.browser.conftest import SIZES
from tests.browser.fitting import assert_fits
from tests.harness import Home

pytestmark = pytest.mark.browser


@pytest.fixture
def elm(tmp_path: Path, embedded_broker: Broker) -> Iterator[Home]:
    """Elm House at 23:00."""
    with Home(tmp_path / "data", embedded_broker) as made:
        yield made


@contextmanager
def opened(browser: Browser, home: Home, path: str, size: str) -> Iterator[Page]:
    """A carer's page; it may not be wider than the window."""
    width, height = SIZES[size]
    token = {"Authorization": f"Bearer {home.api.token(Role.CARER)}"}
    context = browser.new_context(
        viewport={"width": width, "height": height}, extra_http_headers=token
    )
    page = context.new_page()
    page.goto(home.api.url + path)
    yield page
    assert_fits(page)
    if folder := os.environ.get("SHOTS"):
        name = path.strip("/").replace("/", "-").partition("?")[0] or "board"
        page.screenshot(path=f"{folder}/{name}-{size}.png", full_page=True)
    context.close()


def test_an_alert_s_page_is_a_tap_away_from_the_board_and_says_why(
    elm: Home, browser: Browser
) -> None:
    mat = elm.mat("mat-14")
    mat.press()
    elm.fast_forward(minutes=7)
    mat.release()
    elm.fast_forward(seconds=10)
    number = elm.pager.expects("Room 14", "raised")["id"]
    elm.fast_forward(minutes=2)
    elm.post(f"/alerts/{number}/accept")
    elm.pager.expects("Room 14", "accepted")
    elm.pager.ignores_the_rest()
    with opened(browser, elm, "/", "phone") as board:
        expect(board.get_by_role("link", name="why?")).to_have_attribute(
            "href", f"/alerts/{number}"
        )
    for size in SIZES:
        with opened(browser, elm, f"/alerts/{number}", size) as page:
            why = page.get_by_label("Why", exact=True)
            expect(why).to_contain_text("Its dwell of 10s had to pass.")
            expect(why.locator("svg .strip-raised")).to_have_count(1)
            expect(page.get_by_label("Settings")).to_contain_text("its requirement: falls")
            cause = page.get_by_label("Readings").locator(".part-cause")
            expect(cause).to_contain_text("nobody is on it")
            expect(page.get_by_label("Life")).to_contain_text("Everyone called")
            expect(page.get_by_label("Whom it calls")).to_contain_text("A senior is told")
            why.get_by_role("link", name="a second before").click()
            minds = page.get_by_label("Watches")
            expect(minds).to_contain_text("exit due 23:07:10 (dwell 10 s)")
            page.go_back()


def test_a_room_answers_why_it_was_silent_at_a_minute(elm: Home, browser: Browser) -> None:
    mat = elm.mat("mat-14")
    mat.press()
    elm.fast_forward(minutes=12)
    elm.post("/places/14/bed/pause", {"minutes": 15, "reason": "washing"})
    elm.fast_forward(minutes=1)
    mat.release()
    elm.fast_forward(minutes=6)
    mat.press()
    elm.fast_forward(minutes=10)
    for size in SIZES:
        with opened(browser, elm, "/rooms/14", size) as page:
            form = page.get_by_label("Why was it silent")
            form.get_by_label("At").fill("23:15")
            form.get_by_role("button", name="Ask").click()
            answer = page.get_by_label("Answer")
            expect(answer).to_contain_text("Bed mat: paused until 23:27 by test carer: washing.")
            expect(answer.locator("svg .strip-asked")).to_have_count(1)
            expect(page.get_by_label("Watches")).to_contain_text(
                "out of bed since 23:13:00", ignore_case=True
            )
            expect(page.get_by_label("Readings")).to_contain_text("nobody is on it")
            expect(page.get_by_label("Ask again").get_by_label("At")).to_have_value("23:15")
    with opened(browser, elm, "/rooms/14/why?place=bed", "phone") as page:
        expect(page.get_by_label("Answer")).to_contain_text("Somebody on the mat since 23:19:00")
