"""Boards in Chromium, each a window of its own, that say when an alert was painted.

A card that comes into the document is looked for by a MutationObserver; the frame that shows it is
awaited by ``requestAnimationFrame``, and a task behind it runs when that frame has been made. Its
instant is on the machine's wall clock.
"""

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from benchmarks.viewers import Cookie
from nightwarden.errors import Invalid

LOOK_EVERY_MS = 50
ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SCREEN: ViewportSize = {"width": 1280, "height": 800}
_WATCH = """
window.painted = {};
const look = () => {
  for (const card of document.querySelectorAll("[data-alert]")) {
    const id = card.dataset.alert;
    if (id in window.painted) continue;
    window.painted[id] = null;
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => (window.painted[id] = performance.timeOrigin + performance.now());
      port2.postMessage(0);
    });
  }
};
new MutationObserver(look).observe(document, { childList: true, subtree: true });
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium without a window.

    Raises:
        Invalid: there is none on this machine.
    """
    path = shutil.which("chromium")
    if path is None:
        raise Invalid("There is no chromium on this machine; install it to measure pages.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGS))
        try:
            yield browser
        finally:
            browser.close()


class RealBoards:
    """Open boards."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._pages = pages

    def rest(self, seconds: float) -> None:
        """Let time pass."""
        if self._pages:
            self._pages[0].wait_for_timeout(seconds * 1000)
        else:
            time.sleep(seconds)

    def painted(self, alerts: Sequence[int], within_s: float) -> list[dict[int, float]]:
        """By page, when each of these alerts was painted, in seconds since 1970.

        Raises:
            Invalid: one was not painted in time.
        """
        found = []
        deadline = time.monotonic() + within_s
        for page in self._pages:
            while True:
                told = page.evaluate("window.painted")
                at = {number: told.get(str(number)) for number in alerts}
                if all(at.values()):
                    break
                if time.monotonic() > deadline:
                    raise Invalid(f"Chromium has painted {at} and no more in {within_s:.0f} s.")
                page.wait_for_timeout(LOOK_EVERY_MS)
            found.append({number: ms / 1000 for number, ms in at.items()})
        return found


@contextmanager
def real_boards(browser: Browser, port: int, cookies: Sequence[Cookie]) -> Iterator[RealBoards]:
    """A board for each cookie, loaded and following the live stream."""
    pages = []
    for name, value in cookies:
        context = browser.new_context(viewport=SCREEN)
        context.add_init_script(_WATCH)
        context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{port}"}])
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}/")
        page.wait_for_selector("#status[data-state=watching]")
        pages.append(page)
    try:
        yield RealBoards(pages)
    finally:
        for page in pages:
            page.context.close()
