"""The register, a room, signing in and screens."""

import pytest
from playwright.sync_api import expect

from nightwarden.store import calls
from tests.browser.conftest import SIZES, Visitors
from tests.browser.fitting import assert_fits
from tests.browser.night import PASSWORD, PIN, NightHome

pytestmark = pytest.mark.browser


def test_the_register_has_the_gaps_on_top_worst_first(home: NightHome, visitors: Visitors) -> None:
    for size in SIZES:
        page = visitors.person("Piotr Nowak", "/register", size)
        rows = page.get_by_label("Gaps").locator("tbody tr")
        expect(rows).to_have_count(5)
        states = [row.locator("td").first.inner_text() for row in rows.all()]
        assert states == ["Missing", "Missing", "Faulty", "Unassessed", "Unverified"]
        expect(rows.nth(0)).to_contain_text("No bed mat stands here")
        expect(rows.nth(0)).to_contain_text("Put a bed mat in place")
        assert_fits(page)


def test_a_search_finds_by_room_and_thing(home: NightHome, visitors: Visitors) -> None:
    page = visitors.person("Piotr Nowak", "/register")
    of_the_register = page.get_by_role("main")  # every page has another one for everything
    of_the_register.get_by_label("Find").fill("12 radiator")
    of_the_register.get_by_role("button", name="Find").click()
    expect(page.get_by_label("Room 12", exact=True).locator("tbody tr")).to_have_count(1)
    expect(page.get_by_label("Room 12", exact=True)).to_contain_text("Radiator cover")
    expect(page.get_by_label("Room 4", exact=True)).to_have_count(0)


def test_maintenance_confirms_a_cover_and_the_gap_is_gone(
    home: NightHome, visitors: Visitors
) -> None:
    page = visitors.person("Piotr Nowak", "/equipment/CVR-0003")
    expect(page.get_by_label("Now")).to_contain_text("Unverified")
    page.get_by_text("in place", exact=True).click()
    page.get_by_label("Note").fill("both screws tight")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_label("Now")).to_contain_text("In place")
    expect(page.get_by_label("History")).to_contain_text("both screws tight")


def test_a_fault_is_reported_shown_and_mended(home: NightHome, visitors: Visitors) -> None:
    page = visitors.person("Piotr Nowak", "/equipment/MAT-0004")
    page.get_by_text("Report a fault").click()
    page.get_by_label("What is wrong").fill("lead loose")
    page.get_by_role("button", name="Report").click()
    expect(page.get_by_label("Now")).to_contain_text("lead loose")
    page.get_by_role("link", name="See to it").click()
    expect(page.get_by_label("Now", exact=True)).to_contain_text("Nothing is done meanwhile")
    page.get_by_label("Who does what").fill("Ana looks in")
    page.get_by_role("button", name="That is done meanwhile").click()
    expect(page.get_by_label("Now", exact=True)).to_contain_text("Ana looks in")
    expect(page.get_by_role("link", name="Press it once")).to_be_visible()
    expect(page.get_by_role("button", name="it is mended")).to_have_count(0)


def test_a_permit_until_a_time_on_the_homes_clock(home: NightHome, visitors: Visitors) -> None:
    page = visitors.person("Piotr Nowak", "/equipment/CVR-0004")
    page.get_by_text("Take it off for work").click()
    page.get_by_label("Why").fill("painting")
    page.get_by_label("Room made safe").fill("Piotr: radiator off and cold")
    page.get_by_label("Back by").fill("2026-11-24T16:00")
    page.get_by_role("button", name="Issue the permit").click()
    expect(page.get_by_label("Now")).to_contain_text("Off on a permit until 16:00")


def test_a_carer_is_not_offered_what_a_carer_may_not_do(
    home: NightHome, visitors: Visitors
) -> None:
    page = visitors.person("Maria Keane", "/equipment/CVR-0003")
    expect(page.get_by_text("Report a fault")).to_be_visible()
    expect(page.get_by_role("button", name="Confirm")).to_have_count(0)
    expect(page.get_by_text("Take it off for work")).to_have_count(0)


def test_care_pauses_a_watch_for_a_while_in_somebodys_name(
    home: NightHome, visitors: Visitors
) -> None:
    page = visitors.screen("/rooms/4")
    page.get_by_text("Pause while care is given").first.click()
    page.get_by_role("button", name="Pause", exact=True).first.click()
    page.get_by_role("dialog").get_by_text("Maria Keane").click()
    page.get_by_label("Your PIN or password").fill(PIN)
    page.get_by_role("button", name="OK").click()
    expect(page.get_by_text("Paused by Maria Keane until 02:25: care in progress")).to_be_visible()
    home.watch_changed()
    page.goto(home.url)
    expect(page.locator('.tile[data-key="room-4"]')).to_contain_text("Paused")


def test_nobody_known_sees_what_to_do_and_no_data(
    home: NightHome, refused_visitors: Visitors
) -> None:
    home.raise_alert("4/bed", "Ken", "out of bed")
    page = refused_visitors.open()
    expect(page.get_by_text("ask a manager for an enrolment link")).to_be_visible()
    assert "Ken" not in page.content()
    page.goto(home.url + "/register")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "Maria" not in page.content(), "who works here is nobody's business"


def test_signing_in_says_what_is_wrong_and_goes_on_to_the_page(
    home: NightHome, refused_visitors: Visitors
) -> None:
    page = refused_visitors.open("/register")
    page.get_by_label("Your name").fill("Maria Keane")
    page.get_by_label("Your PIN or password").fill("9999")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not match")
    page.get_by_label("Your PIN or password").fill(PIN)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Register")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("this browser is not known")).to_be_visible()


def test_help_is_called_with_one_tap_and_no_way_is_cut_off(
    home: NightHome, visitors: Visitors
) -> None:
    office = visitors.person("Anna Shaw", "/rooms/3")
    last = office.locator("nav.ways a").last.bounding_box()
    assert last is not None
    assert last["x"] + last["width"] <= 390
    office.get_by_role("button", name="Call for help here").click()
    expect(office.get_by_text("Anna Shaw called for help at 02:1")).to_be_visible()
    with home.store.reading(home.now()) as tx:
        assert [(call.room, call.by) for call in calls.planned(tx)] == [("3", "Anna Shaw")]


def test_a_manager_enrols_a_screen_with_a_link_and_removes_it(
    home: NightHome, refused_visitors: Visitors
) -> None:
    office = refused_visitors.open("/signin", "desktop")
    office.get_by_label("Your name").fill("Anna Shaw")
    office.get_by_label("Your PIN or password").fill(PASSWORD)
    office.get_by_role("button", name="Sign in").click()
    office.get_by_role("link", name="Screens").click()
    office.get_by_label("Name of the screen").fill("Dining room")
    office.get_by_role("button", name="Make a link").click()
    link = office.locator("code.link").inner_text()
    wall = refused_visitors.open(link.removeprefix(home.url), "desktop")
    wall.get_by_role("button", name="Enrol this screen").click()
    expect(wall.get_by_text("No open alerts")).to_be_visible()
    office.get_by_role("link", name="Screens").click()
    office.get_by_role("button", name="Remove").click()
    expect(office.get_by_text("None yet.")).to_be_visible()
    wall.reload()
    expect(wall.get_by_text("this browser is not known")).to_be_visible()


def test_night_or_day_is_a_choice_that_is_kept(home: NightHome, visitors: Visitors) -> None:
    page = visitors.screen()
    assert page.locator("html").get_attribute("data-theme") == "night", "it is ten past two"
    page.get_by_role("button", name="Day").click()
    page.wait_for_url(home.url + "/")
    expect(page.locator("html")).to_have_attribute("data-theme", "day")


def test_a_wrong_address_is_a_page_in_words(home: NightHome, refused_visitors: Visitors) -> None:
    page = refused_visitors.screen("/rooms/99")
    expect(page.get_by_role("alert")).to_have_text("There is no room 99 in this home.")
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_text("No open alerts")).to_be_visible()


def test_the_shift_sees_whether_the_home_is_covered_and_a_manager_decides(
    home: NightHome, visitors: Visitors
) -> None:
    board = visitors.screen("/")
    board.get_by_role("link", name="Are we covered tonight?").click()
    expect(board.get_by_role("heading", level=1)).to_have_text("Are we covered tonight?")
    first = board.get_by_label("Gaps tonight").locator(".gap-lines > li").first
    expect(first).to_contain_text("Missing")
    expect(first).to_contain_text("whose: maintenance")
    board.get_by_role("link", name="Print a round sheet").click()
    expect(board.locator(".round-sheet tbody")).to_contain_text("bed mat missing")
    page = visitors.person("Anna Shaw", "/tonight", "phone")
    gap = page.get_by_label("Gaps tonight").locator(".gap-lines > li").first
    gap.get_by_text("Name somebody, or decide").click()
    gap.get_by_label("Leave it so, because").fill("a mat is on order")
    gap.get_by_label("Look at it again by").fill("2026-12-01")
    gap.get_by_role("button", name="Leave it so until then").click()
    left = page.get_by_label("Left so by a decision")
    expect(left).to_contain_text("Left so by Anna Shaw until 1 Dec 2026: a mat is on order")
    expect(page.locator(".answer")).to_contain_text("Not everywhere")
    assert_fits(page)


def test_who_describes_an_item_second_sees_both_and_loses_nothing(
    home: NightHome, refused_visitors: Visitors
) -> None:
    visitors = refused_visitors
    mine = visitors.person("Piotr Nowak", "/equipment/MAT-0004/edit")
    theirs = visitors.person("Anna Shaw", "/equipment/MAT-0004/edit")
    theirs.get_by_label("Make").fill("Acme")
    theirs.get_by_role("button", name="Keep it").click()
    expect(theirs.get_by_role("heading", level=1)).to_contain_text("MAT-0004")
    mine.get_by_label("Make").fill("Apex")
    mine.get_by_role("button", name="Keep it").click()
    expect(mine.get_by_role("alert")).to_contain_text('make is now "Acme"')
    expect(mine.get_by_label("Make")).to_have_value("Apex")
    expect(mine.locator(".theirs")).to_contain_text("Anna Shaw has written: Acme")
    mine.get_by_role("button", name="Keep mine").click()
    expect(mine.get_by_label("Now", exact=True)).to_contain_text("Apex")
