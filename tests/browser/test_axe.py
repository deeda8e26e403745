"""Every page that the house serves, read by axe-core: WCAG 2.2 AA, no violation.

The paths are the router's own: a page with a name in its path that is added has to be named in
``PAGES``, or the first test says which one is missing. All of them take two minutes, so that the
ordinary run reads those of the night staff; the others are among the slow tests.
"""

from datetime import datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, Page

from api.handover_kept import keep
from api.pages.router import pages_router
from nightwarden.maintenance import walks
from nightwarden.model.alerts import AlertKind, Priority
from nightwarden.model.notices import NoticeKind
from nightwarden.model.pace import Pace
from nightwarden.model.places import PlaceId
from nightwarden.model.readings import DeviceId, Quantity
from nightwarden.model.shifts import ShiftDeed
from nightwarden.store import check_rounds, faults, heard, notices, pauses, printed_labels, shifts
from nightwarden.store.faults import Reporter
from nightwarden.store.notices import NewNotice
from nightwarden.store.shifts import ShiftKey
from tests.browser.conftest import SIZES
from tests.browser.night import NIGHT, NightHome

pytestmark = pytest.mark.browser

STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NIGHT_STAFF = ("/", "/shift", "/shift/handover")
"""What night staff look at; ``test_every_page`` has every page, width and theme."""

PAGES: dict[str, str] = {
    "/alerts/{alert_id}": "/alerts/1",
    "/shift/handovers/{number}": "/shift/handovers/1",
    "/rooms/{room}/why": "/rooms/4/why?place=bed",
    "/rooms/{room}": "/rooms/4",
    "/residents/{resident}": "/residents/res-4",
    "/residents/{resident}/move": "/residents/res-4/move",
    "/personal/{resident}/erase": "/personal/res-4/erase",
    "/manager/trials/{room}/{place}/{needs}": "/manager/trials/4/bed/bed_mat",
    "/floors/{number}": "/floors/1",
    "/emitters/{room}/{place}": "/emitters/4/radiator-window",
    "/equipment/{tag}/edit": "/equipment/MAT-0004/edit",
    "/devices/bind": "/devices/bind?device=nightwarden:mat-4471",
    "/equipment/{tag}/press": "/equipment/MAT-0004/press",
    "/checks/rounds/{number}": "/checks/rounds/1",
    "/checks/rounds/{number}/receipt": "/checks/rounds/2/receipt",
    "/l/{code}": "/l/CODE",
    "/l/{code}/fault": "/l/CODE/fault",
    "/l/{code}/fault/thanks": "/l/CODE/fault/thanks",
    "/equipment/{tag}/check": "/equipment/MAT-0004/check",
    "/equipment/{tag}": "/equipment/MAT-0004",
    "/faults/{fault_id}": "/faults/1",
    "/notices/{notice_id}": "/notices/1",
    "/enrol/{code}": "/enrol/no-such-code",
}
"""What is opened for a path that has a name in it; others are opened as they are."""

NO_PAGES = frozenset(
    {
        "/l/worker.js",
        "/worker.js",
        "/manifest.webmanifest",
        "/photos/{number}",
        "/notices/{notice_id}/file",
        "/import/template",
        "/floors/{number}/picture",
        "/home-file/download",
        "/personal/{resident}/export",
        "/signin/openid",
        "/signin/openid/back",
    }
)


def addresses() -> list[str]:
    """What to open, in the router's order."""
    found = [
        route.path
        for route in pages_router().routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ())
    ]
    paths = [path for path in found if not path.endswith("/fragment") and path not in NO_PAGES]
    return [PAGES.get(path, path) for path in dict.fromkeys(paths)]


def a_full_night(home: NightHome) -> str:
    """Something on every page; gives the code of a label."""
    number = home.raise_alert("4/bed", "Ken", "out of bed", ago_s=134, escalation=2)
    assert number == 1
    silent = AlertKind.DEVICE_SILENT
    home.raise_alert("7/bed", "Sheila", "silent", silent, priority=Priority.TECHNICAL)
    home.raise_alert("2/bed", "Arthur", "out of bed", priority=Priority.MEDIUM)
    home.raise_alert("3/bed", "Mavis", "out of bed", priority=Priority.LOW)
    with home.store.transaction(home.now()) as tx:
        pauses.pause(tx, PlaceId("8", "bed"), 15, "care in progress", "Tom Abara")
        faults.report(tx, "MAT-0004", "lead loose", None, Reporter("Tom Abara", signed_in=True))
        dated = (NIGHT - timedelta(days=3)).date()
        told = ("2026/7", NoticeKind.ALERT, "the authority", "Bed rails", "Look at each.", dated)
        notices.record(tx, NewNotice(*told), None, "Anna Shaw")
        for _ in range(2):
            check_rounds.begin(tx, "All of it", check_rounds.Scope(), [], "Piotr Nowak")
        walks.end(tx, 2, "Piotr Nowak")
        printed_labels.make_missing(tx, "Anna Shaw")
        new: dict[Quantity, tuple[heard.Value, datetime]] = {Quantity.OCCUPANCY: (True, tx.now)}
        device = DeviceId("nightwarden", "mat-4471")
        heard.save(tx, [heard.Heard(device, tx.now, tx.now, new, Pace(messages=40))])
        since = NIGHT.replace(hour=21, minute=0) - timedelta(days=1)
        shifts.say(tx, ShiftKey("night", since), ShiftDeed.ON, "Maria Keane")
        keep(tx, "now", "handed over", "Maria Keane")
    home.watch_changed()
    with home.store.reading(home.now()) as tx:
        label = printed_labels.of_item(tx, "MAT-0004")
    assert label is not None
    return label.code


def look(page: Page, url: str) -> list[str]:
    """What axe-core complains of on one page, a line each."""
    page.goto(url)
    found = Axe().run(page, options={"runOnly": STANDARD, "resultTypes": ["violations"]})
    return [
        f"{url.split('/', 3)[3]}: {one['id']}: {one['help']}: {one['nodes'][0]['html'][:160]}"
        for one in found.response["violations"]
    ]


def test_every_page_of_the_router_has_an_address() -> None:
    unnamed = [path for path in addresses() if "{" in path]
    assert unnamed == [], "name what is to be opened for it in PAGES"


BY_NIGHT, AT_THE_DESK = ("phone", "night"), ("desktop", "day")


def test_the_board_and_the_shift_shut_nobody_out(home: NightHome, browser: Browser) -> None:
    code = a_full_night(home)
    complaints = []
    for size, theme in (BY_NIGHT, AT_THE_DESK):
        page = _page(home, browser, size, theme)
        for path in NIGHT_STAFF:
            complaints += look(page, home.url + path.replace("CODE", code))
        page.context.clear_cookies(name="nightwarden_session")
        page.context.add_cookies([home.screen_cookie()])  # type: ignore[list-item]
        complaints += look(page, home.url + "/")
        page.context.close()
    assert complaints == [], "\n".join(complaints)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("size", "theme"), [BY_NIGHT, AT_THE_DESK])
def test_no_page_shuts_anybody_out(
    home: NightHome, browser: Browser, size: str, theme: str
) -> None:
    code = a_full_night(home)
    page, complaints = _page(home, browser, size, theme), []
    for path in addresses():
        complaints += look(page, home.url + path.replace("CODE", code))
    page.context.close()
    assert complaints == [], "\n".join(complaints)


def _page(home: NightHome, browser: Browser, size: str, theme: str) -> Page:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    chosen = {"name": "nightwarden_theme", "value": theme, "url": home.url}
    context.add_cookies([home.session_cookie("Anna Shaw"), chosen])  # type: ignore[list-item]
    return context.new_page()
