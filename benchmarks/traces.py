"""One visit to a page as a slow phone makes it, and what Chromium's own trace says of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from benchmarks.viewers import Cookie
from nightwarden.errors import Invalid

CPU_SLOWER = 4
LATENCY_MS, DOWN_KBIT, UP_KBIT = 562.5, 1474.56, 675.0
"""What Lighthouse gives DevTools for its slow 4G: each request waits, the line is narrow."""

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
SETTLES_MS = 1_500
PATIENCE_MS = 60_000
LONG_TASK_MS = 50.0
_CATEGORIES = [
    "-*",
    "toplevel",
    "loading",
    "blink.user_timing",
    "devtools.timeline",
    "disabled-by-default-devtools.timeline",
]
_PAINTED = "performance.getEntriesByName('first-contentful-paint').length > 0"


@dataclass(frozen=True, slots=True)
class Visit:
    """Milliseconds from the start of the navigation; ``busy`` and ``blocked`` of the main thread
    until a second and a half after the page had loaded; bytes over the line, headers included."""

    first_paint: float
    first_contentful: float
    largest_contentful: float
    busy: float
    blocked: float
    received: float
    asked: float


def visit(browser: Browser, address: str, cookie: Cookie) -> Visit:
    """Load ``address`` once, with nothing in the browser's cache.

    Raises:
        Invalid: the trace does not have what a page that was painted leaves in it.
    """
    name, value = cookie
    context = browser.new_context(**PHONE)
    try:
        context.add_cookies([{"name": name, "value": value, "url": address}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto("about:blank")
        line = _slow(page)
        received: dict[str, float] = {}
        line.on("Network.responseReceived", lambda told: _note(received, told["response"] | told))
        line.on("Network.loadingFinished", lambda told: _note(received, told))
        browser.start_tracing(page=page, categories=_CATEGORIES)
        page.goto(address)
        page.wait_for_function(_PAINTED)
        page.wait_for_timeout(SETTLES_MS)
        trace = json.loads(browser.stop_tracing())
    finally:
        context.close()
    return _read(trace["traceEvents"], sum(received.values()), len(received))


def _note(received: dict[str, float], told: dict[str, Any]) -> None:
    received[told["requestId"]] = told["encodedDataLength"]


def _slow(page: Page) -> CDPSession:
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    conditions = {
        "offline": False,
        "latency": LATENCY_MS,
        "downloadThroughput": DOWN_KBIT * 1000 / 8,
        "uploadThroughput": UP_KBIT * 1000 / 8,
    }
    line.send("Network.emulateNetworkConditions", conditions)
    line.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
    return line


def _read(events: list[dict[str, Any]], received: float, asked: int) -> Visit:
    starts = [event for event in events if event["args"].get("data", {}).get("documentLoaderURL")]
    start = _last(starts, "navigationStart")
    where, began = (start["pid"], start["tid"]), float(start["ts"])
    here = [event for event in events if (event["pid"], event["tid"]) == where]

    def after(name: str) -> float:
        return (float(_last(here, name, began)["ts"]) - began) / 1000

    contentful = after("firstContentfulPaint")
    until = after("loadEventEnd") + SETTLES_MS
    tasks = list(_tasks(here, began, until))
    blocked = sum(max(0.0, took - LONG_TASK_MS) for ended, took in tasks if ended > contentful)
    return Visit(
        first_paint=after("firstPaint"),
        first_contentful=contentful,
        largest_contentful=after("largestContentfulPaint::Candidate"),
        busy=sum(took for _, took in tasks),
        blocked=blocked,
        received=received,
        asked=asked,
    )


def _tasks(
    events: list[dict[str, Any]], began: float, until: float
) -> Iterator[tuple[float, float]]:
    """When each task of the main thread ended and how long it took, both in milliseconds."""
    for event in events:
        if event["name"] == "RunTask" and event["ph"] == "X":
            at, took = (event["ts"] - began) / 1000, event.get("dur", 0) / 1000
            if 0 <= at <= until:
                yield at + took, took


def _last(events: list[dict[str, Any]], name: str, after: float = 0.0) -> dict[str, Any]:
    found = [event for event in events if event["name"] == name and event["ts"] >= after]
    if not found:
        raise Invalid(f"Chromium's trace of the page has no {name}.")
    return max(found, key=lambda event: float(event["ts"]))
