"""Every page that the house serves: each width, both themes, each language, the keyboard alone.

Nobody is shut out (axe-core, WCAG 2.2 AA), nothing is wider than the screen, no script fails, and
whoever has no mouse comes to everything that can be pressed and sees where they are. It is a walk
of minutes, so it is among the slow campaigns; ``test_axe`` is its short form.
"""

import pytest
from playwright.sync_api import Browser, Page

from nightwarden.languages import LANGUAGES
from tests.browser.conftest import SIZES
from tests.browser.fitting import too_wide
from tests.browser.night import NightHome
from tests.browser.test_axe import a_full_night, addresses, look

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

THEMES = ("night", "day")
WALKS = [(size, theme, "en") for size in SIZES for theme in THEMES] + [
    ("phone", "night", code) for code in LANGUAGES if code != "en"
]

CAN_BE_PRESSED = """() => [...document.querySelectorAll(
  'a[href], button, input:not([type=hidden]), select, textarea, summary')]
  .filter(e => !e.disabled && e.checkVisibility({visibilityProperty: true})
    && !e.closest('dialog:not([open])') && e.tabIndex >= 0
    && !(e.type === 'radio' && !e.checked && document.querySelector(
        `input[type=radio][name="${e.name}"]:checked, input[type=radio][name="${e.name}"]`) !== e))
  .map(e => (e.dataset.walk = '1', e.outerHTML.slice(0, 120)))"""

WHERE_I_AM = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const ring = (one) => {
    const style = one && getComputedStyle(one);
    return style && (style.outlineStyle !== 'none' || style.boxShadow !== 'none');
  };
  e.dataset.walked = '1';
  return {ring: ring(e) || ring(e.closest('label')), html: e.outerHTML.slice(0, 120)};
}"""


@pytest.mark.parametrize(("size", "theme", "language"), WALKS)
def test_every_page_is_for_everybody(
    home: NightHome, browser: Browser, size: str, theme: str, language: str
) -> None:
    code = a_full_night(home)
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    for name, value in (("nightwarden_theme", theme), ("nightwarden_language", language)):
        context.add_cookies([{"name": name, "value": value, "url": home.url}])
    context.add_cookies([home.session_cookie("Anna Shaw")])  # type: ignore[list-item]
    page, complaints = context.new_page(), list[str]()
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    for path in addresses():
        complaints += look(page, home.url + path.replace("CODE", code))
        complaints += filter(None, [too_wide(page)])
        complaints += out_of_reach(page)
        if page.locator("html").get_attribute("lang") not in (language, f"{language}-GB"):
            complaints.append(f"{path} does not speak {language}")
    context.close()
    assert complaints == [], "\n".join(complaints)


def out_of_reach(page: Page) -> list[str]:
    """What a keyboard does not come to, and where it does not show that it is there."""
    wanted = page.evaluate(CAN_BE_PRESSED)
    unseen, ends = set(), 0
    for _ in range(3 * len(wanted) + 20):  # a field for a day is several stops
        page.keyboard.press("Tab")
        if (at := page.evaluate(WHERE_I_AM)) is None:
            ends += 1  # past the last; a page may begin in a field of its middle
            if ends > 1:
                break
        elif not at["ring"]:
            unseen.add(f"{page.url}: no sign of the focus on {at['html']}")
    missed = page.evaluate(
        "[...document.querySelectorAll('[data-walk]:not([data-walked])')]"
        ".map(e => e.outerHTML.slice(0, 120))"
    )
    return [*unseen, *(f"{page.url}: no way by keyboard to {one}" for one in missed)]
