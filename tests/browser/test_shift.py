"""A shift as it begins, goes on and is handed over; and the board as an app."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from nightwarden.homefile import plan as home_plan
from nightwarden.homefile.reader import read_home_file
from nightwarden.model.alerts import AlertEvent
from nightwarden.model.roles import Role
from nightwarden.store import alerts, people, receivers
from nightwarden.store.engine import open_store
from nightwarden.store.tables import DeviceState, ReadingRow
from tests.browser.conftest import SIZES, Visitors
from tests.browser.fitting import assert_fits
from tests.browser.night import NIGHT, PIN, STORE, NightHome, within

pytestmark = pytest.mark.browser


def listening(home: NightHome) -> int:
    with home.store.reading(home.now()) as tx:
        return receivers.staff(tx).listening


def events(home: NightHome, number: int) -> list[AlertEvent]:
    with home.store.reading(home.now()) as tx:
        return [step.event for step in alerts.events(tx, [number])[number]]


def press(page: Page, name: str) -> None:
    """Press a button with the keyboard alone."""
    page.get_by_role("button", name=name).focus()
    page.keyboard.press("Enter")


def test_a_screen_counts_once_somebody_has_heard_it(home: NightHome, visitors: Visitors) -> None:
    phone, wall = visitors.person("Maria Keane"), visitors.screen(size="desktop")
    for page in (phone, wall):
        expect(page.get_by_text("SOUND IS OFF on this screen")).to_be_visible()
    expect(wall.locator("#live > :first-child")).to_contain_text("NOBODY IS LISTENING")
    press(phone, "Turn sound on")
    expect(phone.get_by_text("SOUND IS OFF on this screen")).to_be_hidden()
    expect(phone.get_by_text("NOT COUNTED: nobody has heard this screen")).to_be_visible()
    within(20, lambda: _says_sound(home))
    assert listening(home) == 0, "sound that nobody has heard is no receiver"
    phone.get_by_role("button", name="No").click()
    expect(phone.get_by_text("Turn up the volume")).to_be_visible()
    press(phone, "Test the sound")
    press(phone, "Yes, I heard it")
    expect(phone.get_by_text("NOT COUNTED: nobody")).to_be_hidden()
    assert listening(home) == 1
    wall.reload()
    expect(wall.get_by_text("NOBODY IS LISTENING")).to_be_hidden()
    expect(wall.locator(".listening")).to_contain_text("1 can sound an alert now")
    expect(wall.locator(".listening")).to_contain_text("sound is off: Corridor upstairs")
    wall.goto(home.url + "/shift")
    expect(wall.get_by_label("Who hears")).to_contain_text("heard by Maria Keane at 02:1")


def _says_sound(home: NightHome) -> bool:
    with home.store.reading(home.now()) as tx:
        return any(row.sound for row in receivers.present(tx))


def test_a_wrong_press_is_undone_by_whoever_made_it(home: NightHome, visitors: Visitors) -> None:
    number = home.raise_alert("4/bed", "Ken", "out of bed")
    phone, other = visitors.person("Maria Keane"), visitors.person("Tom Abara")
    press(phone, "I'm going")
    expect(other.get_by_role("article")).to_contain_text("Maria Keane is going")
    expect(other.get_by_role("button", name="Undo: wrong press")).to_have_count(0)
    press(phone, "Undo: wrong press")
    expect(other.get_by_role("article")).not_to_contain_text("is going")
    expect(other.get_by_role("button", name="I'm going")).to_be_visible()
    said = events(home, number)
    assert [e for e in said if e in {AlertEvent.ACCEPTED, AlertEvent.TAKEN_BACK}] == [
        AlertEvent.ACCEPTED,
        AlertEvent.TAKEN_BACK,
    ]
    other.get_by_role("button", name="I'm going").click()
    expect(phone.get_by_role("article")).to_contain_text("Tom Abara is going")
    press(other, "I'm here")
    other.get_by_text("Close: what did you find?").click()
    press(other, "Helped")
    expect(other.get_by_label("Closed just now")).to_contain_text("Tom Abara closed: ")
    expect(phone.get_by_role("button", name="Undo: closed by mistake")).to_have_count(0)
    press(other, "Undo: closed by mistake")
    expect(phone.get_by_role("article")).to_contain_text("Tom Abara is there since")


def test_a_shift_begins_red_and_is_handed_over_by_two(home: NightHome, visitors: Visitors) -> None:
    home.raise_alert("4/bed", "Ken", "out of bed", ago_s=100)
    tablet = visitors.screen("/shift")
    expect(tablet.get_by_text("Not green yet")).to_be_visible()
    expect(tablet.locator(".points")).to_contain_text("Nobody has signed on")
    press(tablet, "I'm on this shift")
    dialog = tablet.get_by_role("dialog")
    dialog.get_by_text("Maria Keane").click()
    dialog.get_by_label("Your PIN or password").fill(PIN)
    dialog.get_by_role("button", name="OK").click()
    expect(tablet.get_by_label("Who is on")).to_contain_text("Maria Keane since 02:1")
    mat = tablet.locator(".ticks li", has_text="MAT-0001")
    expect(mat).to_contain_text("Missed")
    with home.store.transaction(home.now()) as tx:
        tx.get_one(DeviceState, ("nightwarden", "mat-1")).changed_at = tx.now
        for value in (0.0, 1.0):
            tx.add(
                ReadingRow(
                    dialect="nightwarden",
                    address="mat-1",
                    quantity="occupancy",
                    number=value,
                    measured_at=tx.now,
                    received_at=tx.now,
                )
            )
    expect(mat).to_contain_text("Late")
    for page in (tablet, visitors.person("Grace Lund", "/shift/handover?of=now", "desktop")):
        page.goto(home.url + "/shift/handover?of=now")
        expect(page.get_by_label("Open alerts")).to_contain_text("Ken")
        expect(page.get_by_label("Who was up most")).to_contain_text("Ken: 1 time")
        expect(page.get_by_label("Dead devices")).to_contain_text("MAT-0007")
        expect(page.get_by_label("What was missed")).to_contain_text("not pressed")
        assert_fits(page)
    page.get_by_label("A word with it").first.fill("Ken is restless")
    page.get_by_role("button", name="I hand over").click()
    expect(page.get_by_label("Signed")).to_contain_text("Grace Lund, 24 Nov 2026 02:1")
    morning = visitors.person("Tom Abara", "/shift/handover?of=now")
    expect(morning.get_by_label("Signed")).to_contain_text("Ken is restless")
    morning.get_by_role("button", name="I have read it and take over").click()
    expect(morning.get_by_role("heading", name="Signed by both")).to_be_visible()
    morning.emulate_media(media="print")
    expect(morning.get_by_role("button", name="I hand over")).to_be_hidden()
    expect(morning.get_by_label("Signed")).to_contain_text("Tom Abara")


def test_the_app_opens_without_the_network_and_says_that_it_is_blind(
    home: NightHome, refused_visitors: Visitors
) -> None:
    page = refused_visitors.screen()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    manifest = page.evaluate(
        "fetch(document.querySelector('link[rel=manifest]').href).then((a) => a.json())"
    )
    assert (manifest["display"], manifest["start_url"]) == ("standalone", "/")
    for icon in manifest["icons"]:
        assert page.request.get(home.url + icon["src"]).ok
    home.raise_alert("4/bed", "Ken", "out of bed")
    expect(page.get_by_role("article")).to_be_visible()
    home.stop_serving()
    page.reload()
    expect(page.get_by_role("alert")).to_have_text("NOT WATCHING")
    assert "Ken" not in page.content(), "an old board is worse than none"
    home.serve()
    expect(page.get_by_role("article")).to_contain_text("Ken")


ROOMS = 200
AN_HOUR_WRONG = """
  const Real = Date, off = 3_600_000;
  globalThis.Date = class extends Real {
    constructor(...given) { super(...(given.length ? given : [Real.now() + off])); }
    static now() { return Real.now() + off; }
  };
"""


def test_two_hundred_rooms_on_a_tablet_whose_clock_is_an_hour_wrong(
    tmp_path: Path, browser: Browser
) -> None:
    store = open_store(tmp_path / STORE)
    rooms = "".join(f'  - {{id: "{n}", places: [{{id: bed}}]}}\n' for n in range(1, ROOMS + 1))
    file = f"home: {{id: elm, name: Elm House, timezone: Europe/London}}\nrooms:\n{rooms}"
    with store.transaction(NIGHT) as tx:
        home_plan.apply(tx, read_home_file(file.encode(), "a home", NIGHT), "test")
        people.add_user(tx, "Maria Keane", Role.CARER, PIN, "test")
    store.close()
    with NightHome(tmp_path) as home:
        width, height = SIZES["desktop"]
        context = browser.new_context(viewport={"width": width, "height": height})
        context.add_init_script(AN_HOUR_WRONG)
        context.add_cookies([home.session_cookie("Maria Keane")])  # type: ignore[list-item]
        page = context.new_page()
        page.goto(home.url)
        expect(page.locator(".tile")).to_have_count(ROOMS)
        home.raise_alert("150/bed", "Ken", "out of bed", ago_s=65)
        expect(page.get_by_role("article").locator(".age")).to_contain_text("1:")
        expect(page.locator("#clock")).to_have_text("02:10")
        expect(page.locator("#status")).to_contain_text("s ago")
        weight = """[...performance.getEntriesByType("navigation"),
                     ...performance.getEntriesByType("resource")]
                    .filter((one) => !one.name.includes("fragment") && !one.name.includes("icon-"))
                    .reduce((sum, entry) => sum + entry.encodedBodySize, 0)"""
        assert page.evaluate(weight) < 150_000
        page.get_by_role("button", name="I'm going").click()
        left = re.compile(r"2:[0-5]\d")  # to get there, by the server's time
        expect(page.get_by_role("article")).to_contain_text(left)
        context.close()
