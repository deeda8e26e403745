"""The main pages as a slow phone sees them, beside the barest answer of the same server."""

import time
from contextlib import ExitStack, closing
from dataclasses import fields
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser

from benchmarks.big_home import room
from benchmarks.boards import BEDS
from benchmarks.figures import Row, Table
from benchmarks.latency import answer_all
from benchmarks.load import Devices, devices
from benchmarks.mosquitto import mosquitto
from benchmarks.real_boards import chromium
from benchmarks.running_home import RunningHome, furnish, running_home
from benchmarks.sizes import Sizes
from benchmarks.traces import CPU_SLOWER, Visit, visit
from benchmarks.viewers import Cookie, signed_in
from nightwarden.clock import utc_now
from nightwarden.commands.options import store_file
from nightwarden.model.roles import Role
from nightwarden.store import printed_labels
from nightwarden.store.engine import open_store

BARE = "/api/v1/health"
"""A line of JSON, which Chromium shows as text: no style, no script."""

PAGES = {
    "board": "/",
    "shift": "/shift",
    "evening": "/rooms/000?hours=evening",
    "register": "/register",
    "checks": "/checks",
    "label": "/l/{label}",
    "figures": "/manager/figures",
}
_ROWS = {
    "first_paint": ("first paint", "ms", 1.0),
    "first_contentful": ("first contentful paint", "ms", 1.0),
    "largest_contentful": ("largest contentful paint", "ms", 1.0),
    "busy": ("main thread busy", "ms", 1.0),
    "blocked": ("main thread blocked", "ms", 1.0),
    "received": ("received", "kB", 1000.0),
    "asked": ("requests", "", 1.0),
}


def run(folder: Path, sizes: Sizes) -> Table:
    """Medians of visits, each with an empty cache, to a home of 60 beds with open alerts."""
    token = furnish(folder, BEDS)
    manager = signed_in(folder, "Mary Manager", Role.MANAGER)
    label = _label(folder)
    with ExitStack() as stack:
        broker = stack.enter_context(mosquitto(folder / "broker"))
        home = stack.enter_context(running_home(folder, token, broker))
        _evening(home, stack.enter_context(devices(broker)), sizes)
        browser = stack.enter_context(chromium())
        bare = _median(browser, home, BARE, manager, sizes.page_visits)
        seen = {
            name: _median(browser, home, path.format(label=label), manager, sizes.page_visits)
            for name, path in PAGES.items()
        }
    return Table(
        f"Pages: as a slow phone sees them, {BEDS} beds, a manager",
        f"the same server's {BARE}, shown as text",
        tuple(row for name, found in seen.items() for row in _rows(name, found, bare)),
        (
            f"Medians of {sizes.page_visits} visits with an empty cache, by Chromium's own traces;",
            f"a processor {CPU_SLOWER} times slower and Lighthouse's slow 4G. Blocked: the part of",
            "each task beyond 50 ms, after the first contentful paint. Received: with the headers.",
        ),
    )


def _label(data: Path) -> str:
    with closing(open_store(store_file(data))) as store, store.transaction(utc_now()) as tx:
        printed_labels.make_missing(tx, "benchmark")
        found = printed_labels.of_item(tx, f"MAT-{room(0)}")
    assert found is not None
    return found.code


def _evening(home: RunningHome, mats: Devices, sizes: Sizes) -> None:
    """Everybody was in bed and up once; three are up now."""
    beds = [room(bed) for bed in range(BEDS)]
    mats.press(beds)
    time.sleep(sizes.settle_s)
    mats.exits(beds, 0.01, seed=0)
    time.sleep(sizes.settle_s * 4)
    answer_all(home, mats, beds, sizes.settle_s)
    mats.exits(beds[:3], 0.0, seed=1)
    time.sleep(sizes.settle_s)


def _median(browser: Browser, home: RunningHome, path: str, cookie: Cookie, visits: int) -> Visit:
    address = f"http://127.0.0.1:{home.port}{path}"
    made = [visit(browser, address, cookie) for _ in range(visits)]
    return Visit(*(median(getattr(one, field.name) for one in made) for field in fields(Visit)))


def _rows(page: str, found: Visit, bare: Visit) -> list[Row]:
    return [
        Row(
            f"{page}: {words}",
            getattr(found, name) / divisor,
            unit,
            getattr(bare, name) / divisor,
        )
        for name, (words, unit, divisor) in _ROWS.items()
    ]
