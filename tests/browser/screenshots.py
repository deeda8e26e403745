"""``make screenshots``: the pages of a realistic night, into ``docs/screenshots``."""

import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from nightwarden.model.alerts import AlertEvent, AlertKind, Priority
from nightwarden.model.pace import Pace
from nightwarden.model.places import PlaceId
from nightwarden.model.readings import DeviceId, Quantity
from nightwarden.store import alerts, heard, pauses
from rules.alert_life import change
from rules.escalation import DEFAULT_ESCALATION
from tests.browser.chromium import launch
from tests.browser.night import NightHome, furnish

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"


def a_busy_hour(home: NightHome) -> None:
    """One resident is up, another is looked after, one mat is dead, one watch is paused."""
    home.raise_alert("4/bed", "Ken", "out of bed", ago_s=134, escalation=2)
    silent = "bed mat MAT-0007 silent for 9 hours"
    home.raise_alert(
        "7/bed",
        "Sheila",
        silent,
        AlertKind.DEVICE_SILENT,
        priority=Priority.TECHNICAL,
        ago_s=900,
        escalation=1,
    )
    going = home.raise_alert("12/bed", "Stanley", "out of bed", ago_s=71)
    with home.store.transaction(home.now()) as tx:
        alert = alerts.find(tx, going)
        steps = ((AlertEvent.ACCEPTED, "Maria Keane"), (AlertEvent.CAUSE_CLEARED, "nightwarden"))
        for event, actor in steps:
            after = change(alert, event, actor, tx.now, DEFAULT_ESCALATION)
            alert = alerts.save(tx, alert, after, event, actor)
        pauses.pause(tx, PlaceId("8", "bed"), 15, "care in progress", "Tom Abara")
    home.watch_changed()


def take(folder: Path) -> None:
    """Every picture, from one home."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as store,
        sync_playwright() as playwright,
        _home(Path(store)) as home,
    ):
        browser = launch(playwright)
        a_busy_hour(home)
        for name, size, theme, path in (
            ("board-phone", PHONE, "auto", "/"),
            ("board-desktop", DESKTOP, "auto", "/"),
            ("board-desktop-day", DESKTOP, "day", "/"),
            ("register-desktop", DESKTOP, "day", "/register"),
            ("room-phone", PHONE, "night", "/rooms/4"),
            ("shift-phone", PHONE, "night", "/shift"),
            ("handover-desktop", DESKTOP, "day", "/shift/handover?of=now"),
        ):
            page = _open(browser, home, size, theme, path)
            page.screenshot(path=folder / f"{name}.png")
            page.context.close()
        _devices(browser, home, folder)
        _who(browser, home, folder)
        _not_watching(browser, home, folder)
        browser.close()


def _devices(browser: Browser, home: NightHome, folder: Path) -> None:
    """Maintenance with a new mat in hand, among what else speaks and is bound to nothing."""
    now = home.now()
    steady = Pace(messages=40, beats=31, longest_s=64, gaps_s=[30.0, 31.0, 64.0, 30.0, 29.0])
    with home.store.transaction(now) as tx:
        for ago_s, device, said, pace in (
            (1, DeviceId("nightwarden", "mat-4471"), {Quantity.OCCUPANCY: True}, steady),
            (
                95,
                DeviceId("tasmota", "corridor_2").at_channel("Switch2"),
                {Quantity.CONTACT: False, Quantity.LINK: True},
                Pace(messages=9),
            ),
            (
                1800,
                DeviceId("zigbee2mqtt", "0x00158d0001a2b3c4"),
                {Quantity.TEMPERATURE: 21.4, Quantity.BATTERY: 88.0},
                Pace(messages=4, gaps_s=[1790.0, 1810.0, 1800.0], longest_s=1810),
            ),
        ):
            at = now - timedelta(seconds=ago_s)
            values: dict[Quantity, tuple[heard.Value, datetime]] = {
                quantity: (value, at) for quantity, value in said.items()
            }
            first_at = now - timedelta(hours=2)
            heard.save(tx, [heard.Heard(device, first_at, at, values, pace)])
    context = browser.new_context(viewport=PHONE, color_scheme="light")  # type: ignore[arg-type]
    context.add_cookies([home.session_cookie("Piotr Nowak")])  # type: ignore[list-item]
    page = context.new_page()
    page.goto(home.url + "/devices")
    page.screenshot(path=folder / "devices-phone.png")
    context.close()


def _home(folder: Path) -> NightHome:
    furnish(folder)
    return NightHome(folder)


def _open(browser: Browser, home: NightHome, size: dict[str, int], theme: str, path: str) -> Page:
    context = _context(browser, home, size, theme)
    page = context.new_page()
    page.goto(home.url + path)
    if path == "/":
        page.get_by_role("button", name="Turn sound on").click()
        page.get_by_role("button", name="Yes, I heard it").click()
        page.wait_for_selector("#sound.on.heard")
    return page


def _context(browser: Browser, home: NightHome, size: dict[str, int], theme: str) -> BrowserContext:
    context = browser.new_context(viewport=size, device_scale_factor=1)  # type: ignore[arg-type]
    chosen = {"name": "nightwarden_theme", "value": theme, "url": home.url}
    context.add_cookies([home.session_cookie("Maria Keane"), chosen])  # type: ignore[list-item]
    return context


def _who(browser: Browser, home: NightHome, folder: Path) -> None:
    context = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    context.add_cookies([home.screen_cookie()])  # type: ignore[list-item]
    page = context.new_page()
    page.goto(home.url)
    page.get_by_role("button", name="I'm going").first.click()
    page.screenshot(path=folder / "who-phone.png")
    context.close()


def _not_watching(browser: Browser, home: NightHome, folder: Path) -> None:
    page = _open(browser, home, PHONE, "auto", "/")
    home.stop_proving()
    page.get_by_text("NOT WATCHING").wait_for(timeout=15_000)
    page.wait_for_selector(".t-unknown", state="attached")
    page.screenshot(path=folder / "not-watching-phone.png")


if __name__ == "__main__":
    take(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
