"""Whether a page fits its window. Asked of a page whose styles have come: before, nothing fits."""

from playwright.sync_api import Page

_TOO_WIDE = """() => {
    const root = document.documentElement;
    if (root.scrollWidth <= innerWidth) return null;
    const right = element => element.getBoundingClientRect().right;
    const widest = [...document.body.querySelectorAll('*')]
        .reduce((a, b) => right(b) > right(a) ? b : a, document.body);
    const label = widest.outerHTML.slice(0, 120);
    return `${root.scrollWidth} px in a window of ${innerWidth}; to ${right(widest)}: ${label}`;
}"""


def too_wide(page: Page) -> str | None:
    """What makes a page wider than its window, in words; None when it fits."""
    page.wait_for_load_state()
    found = page.evaluate(_TOO_WIDE)
    return None if found is None else f"{page.url}: {found}"


def assert_fits(page: Page) -> None:
    """Nothing is cut off at the side, and nobody has to scroll there.

    Say before what the page is waited for (``expect(...)``), where a click has led to it.
    """
    assert (found := too_wide(page)) is None, found
