"""A night at the home, and browsers that look at it and complain about nothing."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import PATIENCE_MS, launch
from tests.browser.night import STORE, NightHome, furnish

SIZES = {"phone": (390, 844), "desktop": (1280, 800)}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, once for all tests of a module: while it runs, no other event loop can."""
    if shutil.which("chromium") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is not installed, and CI must run the browser tests.")
        pytest.skip("Chromium is not installed; the pages are not driven.")
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the home before the night begins, made once."""
    folder = tmp_path_factory.mktemp("home")
    furnish(folder)
    return folder


@pytest.fixture
def home(tmp_path: Path, furnished: Path) -> Iterator[NightHome]:
    """A home at ten past two, served and proved."""
    shutil.copy(furnished / STORE, tmp_path / STORE)
    with NightHome(tmp_path) as night:
        yield night


class Visitors:
    """Opens pages in browsers of their own, and keeps what their consoles complain of."""

    def __init__(self, browser: Browser, home: NightHome) -> None:
        self._browser = browser
        self._home = home
        self.complaints: list[str] = []

    def open(self, path: str = "/", size: str = "phone", **options: Any) -> Page:
        """A browser that nobody knows."""
        return self._open(path, size, None, options)

    def screen(self, path: str = "/", size: str = "phone", **options: Any) -> Page:
        """An enrolled screen."""
        return self._open(path, size, self._home.screen_cookie(), options)

    def person(self, name: str, path: str = "/", size: str = "phone", **options: Any) -> Page:
        """A browser in which somebody has signed in."""
        return self._open(path, size, self._home.session_cookie(name), options)

    def _open(
        self, path: str, size: str, cookie: dict[str, str] | None, options: dict[str, Any]
    ) -> Page:
        width, height = SIZES[size]
        context = self._browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(PATIENCE_MS)
        if cookie is not None:
            context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.on("console", lambda line: self._heard(line.type, line.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self._home.url + path)
        return page

    def _heard(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)

    def close(self) -> None:
        """Close every window."""
        for context in self._browser.contexts:
            context.close()


@contextmanager
def _visitors(browser: Browser, home: NightHome) -> Iterator[Visitors]:
    visitors = Visitors(browser, home)
    try:
        yield visitors
    finally:
        visitors.close()


@pytest.fixture
def visitors(browser: Browser, home: NightHome) -> Iterator[Visitors]:
    """Windows on the home. A page that complained to its console fails the test."""
    with _visitors(browser, home) as opened:
        yield opened
    assert opened.complaints == []


@pytest.fixture
def refused_visitors(browser: Browser, home: NightHome) -> Iterator[Visitors]:
    """As ``visitors``, where a refusal or a dead server is what the test is about."""
    with _visitors(browser, home) as opened:
        yield opened
    refusals = ("Failed to load resource", "net::ERR_")
    assert [said for said in opened.complaints if not any(r in said for r in refusals)] == []
