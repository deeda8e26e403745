"""Debian's Chromium under Playwright: nothing is downloaded, and nothing leaves the machine."""

import shutil

from playwright.sync_api import Browser, Playwright, expect

PATIENCE_MS = 15_000
ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launch(playwright: Playwright) -> Browser:
    """A headless Chromium. What is expected of its pages has time on a machine that is busy."""
    expect.set_options(timeout=PATIENCE_MS)
    return playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(ARGS))
