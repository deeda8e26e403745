"""A board that cannot know must say so: no proof, and no server."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SIZES, Visitors
from tests.browser.night import NightHome

pytestmark = pytest.mark.browser

NOTE_WHEN = """words => new MutationObserver((_, observer) => {
    if (document.body.innerText.includes(words)) {
        window.shownAt = performance.now();
        observer.disconnect();
    }
}).observe(document.body,
           {subtree: true, childList: true, characterData: true, attributes: true})"""
"""On the page's own clock: what asks from outside looks once a second."""


def test_no_proof_turns_every_board_to_not_watching_within_ten_seconds(
    home: NightHome, visitors: Visitors
) -> None:
    boards = [(page, page.locator("#status")) for page in map(_board(visitors), SIZES)]
    for _, status in boards:
        expect(status).to_contain_text("s ago")
        expect(status).not_to_contain_text("NOT")
    for page, _ in boards:
        page.evaluate(NOTE_WHEN, "NOT WATCHING")
    home.stop_proving()
    begun = [page.evaluate("performance.now()") for page, _ in boards]
    for (page, status), stopped in zip(boards, begun, strict=True):
        expect(status).to_contain_text("NOT WATCHING")
        assert page.evaluate("window.shownAt") - stopped < 10_000
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
    page.evaluate(NOTE_WHEN, "This screen has lost the server")
    home.stop_serving()
    begun = page.evaluate("performance.now()")
    expect(page.get_by_text("This screen has lost the server since 02:1")).to_be_visible()
    assert page.evaluate("window.shownAt") - begun < 6_000
    assert "grayscale" in page.locator("#live").evaluate("e => getComputedStyle(e).filter")
    home.raise_alert("4/bed", "Ken", "out of bed")
    home.serve()
    expect(page.get_by_role("article")).to_contain_text("Room 4")
    expect(page.locator("#status")).not_to_contain_text("NOT")
