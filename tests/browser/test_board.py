"""The night board as the people before it see it."""

import re

import pytest
from playwright.sync_api import Page, expect

from nightwarden.model.alerts import AlertKind, AlertState, Priority
from nightwarden.store import alerts
from tests.browser.conftest import SIZES, Visitors
from tests.browser.fitting import assert_fits
from tests.browser.night import PIN, NightHome, within

pytestmark = pytest.mark.browser


def state_of(home: NightHome, number: int) -> AlertState:
    with home.store.reading(home.now()) as tx:
        return alerts.find(tx, number).state


def answer_as(page: Page, name: str, pin: str) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_text(name).click()
    dialog.get_by_label("Your PIN or password").fill(pin)
    dialog.get_by_role("button", name="OK").click()


def test_an_alert_comes_to_every_open_board_and_is_known_to_be_painted(
    home: NightHome, visitors: Visitors
) -> None:
    pages = [visitors.screen(size=size) for size in SIZES]
    for page in pages:
        expect(page.get_by_text("No open alerts")).to_be_visible()
        page.evaluate("window.sameDocument = true")
    number = home.raise_alert("4/bed", "Ken", "out of bed", ago_s=65)
    for page in pages:
        card = page.get_by_role("article")
        expect(card).to_contain_text("Room 4")
        expect(card).to_contain_text("Ken")
        expect(card).to_contain_text("Look at the floor by the bed first")
        expect(card.locator(".age")).to_have_text(re.compile(r"1:[0-5]\d"))
        first = card.locator(".age").inner_text()
        expect(card.locator(".age")).not_to_have_text(first)  # it counts
        assert page.evaluate("window.sameDocument"), "the page was loaded anew"
    within(15, lambda: state_of(home, number) is AlertState.DELIVERED)


def test_one_tap_by_somebody_signed_in_shows_the_name_on_every_board(
    home: NightHome, visitors: Visitors
) -> None:
    home.raise_alert("4/bed", "Ken", "out of bed")
    wall, phone = visitors.screen(size="desktop"), visitors.person("Maria Keane")
    phone.get_by_role("button", name="I'm going").click()
    for page in (wall, phone):
        expect(page.get_by_role("article")).to_contain_text("Maria Keane is going")
        expect(page.get_by_role("article")).to_contain_text("to get there")
    phone.get_by_role("button", name="I'm here").click()
    expect(wall.get_by_role("article")).to_contain_text("Maria Keane is there since")
    phone.get_by_text("Close: what did you find?").click()
    phone.get_by_role("button", name="Helped back").click()
    expect(wall.get_by_text("No open alerts")).to_be_visible()


def test_a_screen_asks_who_it_is_and_says_when_the_pin_is_wrong(
    home: NightHome, refused_visitors: Visitors
) -> None:
    home.raise_alert("4/bed", "Ken", "out of bed")
    page = refused_visitors.screen()
    page.get_by_role("button", name="I'm going").click()
    answer_as(page, "Maria Keane", "0000")
    expect(page.get_by_text("do not match")).to_be_visible()
    answer_as(page, "Maria Keane", PIN)
    expect(page.get_by_role("article")).to_contain_text("Maria Keane is going")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_the_keyboard_alone_accepts(home: NightHome, visitors: Visitors) -> None:
    home.raise_alert("4/bed", "Ken", "out of bed")
    page = visitors.screen(size="desktop")
    page.get_by_role("button", name="I'm going").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Space")  # the first name has the focus
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Maria Keane")).to_be_checked()
    page.get_by_label("Your PIN or password").focus()
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("article")).to_contain_text("Maria Keane is going")


def test_the_second_to_accept_is_told_who_is_going(
    home: NightHome, refused_visitors: Visitors
) -> None:
    number = home.raise_alert("4/bed", "Ken", "out of bed")
    late = refused_visitors.person("Tom Abara")
    # A tap that crosses with another's on the way: the board has not been renewed yet.
    late.route("**/board/fragment", lambda route: route.abort())
    first = refused_visitors.person("Maria Keane")
    first.get_by_role("button", name="I'm going").click()
    within(15, lambda: state_of(home, number) is AlertState.ACCEPTED)
    late.get_by_role("button", name="I'm going").click()
    expect(late.get_by_role("alert")).to_contain_text("Maria Keane is already going")


def test_a_renewed_board_keeps_the_focus_and_what_is_open(
    home: NightHome, visitors: Visitors
) -> None:
    home.raise_alert("4/bed", "Ken", "out of bed")
    page = visitors.person("Maria Keane")
    page.get_by_role("button", name="I'm here").click()
    page.get_by_text("Close: what did you find?").click()
    home.raise_alert("6/bed", "Winston", "out of bed")
    expect(page.get_by_role("article")).to_have_count(2)
    expect(page.get_by_role("button", name="Found on the floor")).to_be_visible()
    assert page.evaluate("document.activeElement.localName") == "summary"


def test_ten_alerts_at_once_are_all_there_worst_first(home: NightHome, visitors: Visitors) -> None:
    home.listen()  # else a bar says that nobody does, above all cards
    pages = {size: visitors.screen(size=size) for size in SIZES}
    silent = AlertKind.DEVICE_SILENT
    home.raise_alert("7/bed", "Sheila", "silent", silent, priority=Priority.TECHNICAL, ago_s=9000)
    for room in range(1, 10):
        home.raise_alert(f"{room}/bed", f"Resident {room}", "out of bed", ago_s=room * 10)
    for size, page in pages.items():
        cards = page.get_by_role("article")
        expect(cards).to_have_count(10)
        rooms = [card.get_by_role("heading").inner_text() for card in cards.all()]
        assert "Resident 9" in rooms[0], "who waits longest is first"
        assert "Sheila" in rooms[9], "kit is last, however old"
        expect(page.get_by_role("button", name="I'm going")).to_have_count(10)
        bottoms = "cards => cards.map(card => card.getBoundingClientRect().bottom)"
        if size == "desktop":
            assert max(cards.evaluate_all(bottoms)) <= SIZES[size][1], "no scrolling on the wall"
        assert_fits(page)


def test_sound_is_off_in_red_until_it_is_turned_on(home: NightHome, visitors: Visitors) -> None:
    page = visitors.screen()
    expect(page.get_by_text("SOUND IS OFF on this screen")).to_be_visible()
    page.get_by_role("button", name="Turn sound on").click()
    expect(page.get_by_text("SOUND IS OFF on this screen")).to_be_hidden()


def test_the_rooms_say_what_is_watched_and_what_is_not(home: NightHome, visitors: Visitors) -> None:
    page = visitors.screen(size="desktop")
    tile = page.locator(".tile")
    expect(tile).to_have_count(13)
    for room, words in {
        "1": "Watched",
        "5": "Blind bed: no bed mat stands here",
        "7": "Blind bed: MAT-0007 is silent",
        "9": "Gap radiator window: radiator cover missing",
        "10": "To check",
        "11": "Off hours",
    }.items():
        text = page.locator(f'.tile[data-key="room-{room}"]').inner_text()
        assert " ".join(text.split()).startswith(f"{room} {words}"), text


def test_without_javascript_an_alert_is_accepted_with_a_name(
    home: NightHome, refused_visitors: Visitors
) -> None:
    home.raise_alert("4/bed", "Ken", "out of bed")
    page = refused_visitors.screen(java_script_enabled=False)
    expect(page.get_by_text(re.compile(r"proof \d s ago"))).to_be_visible()
    page.get_by_role("button", name="I'm going").click()
    page.get_by_text("Tom Abara").click()
    page.get_by_label("Your PIN or password").fill(PIN)
    page.get_by_role("button", name="OK").click()
    expect(page.get_by_role("article")).to_contain_text("Tom Abara is going")


def test_a_page_weighs_less_than_150_kb(home: NightHome, visitors: Visitors) -> None:
    loaded = """[...performance.getEntriesByType("navigation"),
                 ...performance.getEntriesByType("resource")]
                .reduce((sum, entry) => sum + entry.encodedBodySize, 0)"""
    for path in ("/", "/register", "/rooms/4", "/equipment/MAT-0004"):
        page = visitors.screen(path)  # with nothing kept from the page before
        assert 10_000 < page.evaluate(loaded) < 150_000, path
