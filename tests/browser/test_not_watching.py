"""A board that cannot know must say so: no proof, and no server."""

from collections.abc import Callable
from time import monotonic

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SIZES, Visitors
from tests.browser.night import NightHome

pytestmark = pytest.mark.browser


def test_no_proof_turns_every_board_to_not_watching_within_ten_seconds(
    home: NightHome, visitors: Visitors
) -> None:
    boards = [(page, page.locator("#status")) for page in map(_board(visitors), SIZES)]
    for _, status in boards:
        expect(status).to_contain_text("s ago")
        expect(status).not_to_contain_text("NOT")
    home.stop_proving()
    begun = monotonic()
    for page, status in boards:
        expect(status).to_contain_text("NOT WATCHING", timeout=11_000)
        assert monotonic() - begun < 10
        box = status.bounding_box()
        assert box is not None
        assert box["width"] >= page.evaluate("innerWidth"), "it goes across the whole screen"
        expect(page.locator(".tile").first).to_contain_text("Not known")
    plain = visitors.screen(java_script_enabled=False)
    expect(plain.locator("#status")).to_contain_text("NOT WATCHING")
    home.prove()
    for page, status in boards:
        expect(status).not_to_contain_text("NOT")
        expect(page.locator(".tile").first).not_to_contain_text("Not known")


def _board(visitors: Visitors) -> Callable[[str], Page]:
    return lambda size: visitors.screen(size=size)


def test_a_page_that_lost_the_server_says_so_within_six_seconds_and_comes_back(
    home: NightHome, refused_visitors: Visitors
) -> None:
    page = refused_visitors.screen()
    expect(page.locator("#status")).to_contain_text("s ago")
    home.stop_serving()
    begun = monotonic()
    expect(page.get_by_text("This screen has lost the server since 02:1")).to_be_visible(
        timeout=7_000
    )
    assert monotonic() - begun < 6
    assert "grayscale" in page.locator("#live").evaluate("e => getComputedStyle(e).filter")
    home.raise_alert("4/bed", "Ken", "out of bed")
    home.serve()
    expect(page.get_by_role("article")).to_contain_text("Room 4")
    expect(page.locator("#status")).not_to_contain_text("NOT")
