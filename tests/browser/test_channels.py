"""The page of channels: a manager sets one, tries it, and sees its result come by itself."""

import pytest
from playwright.sync_api import expect

from nightwarden.store import channel_letters, channels
from nightwarden.store.channel_letters import Failure
from tests.browser.conftest import Visitors
from tests.browser.fitting import assert_fits
from tests.browser.night import NightHome

pytestmark = pytest.mark.browser


def test_a_channel_is_set_tried_and_its_failure_comes_by_itself(
    home: NightHome, visitors: Visitors
) -> None:
    page = visitors.person("Anna Shaw", "/channels")
    form = page.get_by_label("A new channel")
    form.get_by_label("Name", exact=True).fill("Texts to the manager")
    form.get_by_label("Address").fill("json://127.0.0.1:9/s3cret")
    form.get_by_label("manager", exact=True).check()
    form.get_by_label("Told").select_option("manager")
    form.get_by_role("button", name="Add it").click()
    texts = page.get_by_label("Texts to the manager", exact=True)
    expect(texts).to_contain_text("Never tried")
    expect(texts).to_contain_text("Room and cause only")
    texts.get_by_role("button", name="Send a test").click()
    expect(texts).to_contain_text("Being sent")
    with home.store.transaction(home.now()) as tx:
        [row] = channels.present(tx)
        [letter] = channel_letters.latest(tx, row.id or 0)
        why = "the service refused it (401)"
        channel_letters.failed(tx, [Failure(letter.id or 0, why, permanent=True)])
    expect(texts).to_contain_text("Fails since 02:1")
    assert "s3cret" not in page.content()
    assert_fits(page)
    board = visitors.screen("/")
    expect(board.get_by_label("Channels that fail")).to_contain_text("Texts to the manager: fails")


def test_a_phone_that_may_not_show_messages_is_told_why(visitors: Visitors) -> None:
    page = visitors.person("Piotr Nowak", "/phone")
    page.get_by_label("Name of this phone").fill("Piotr's phone")
    page.get_by_role("button", name="Turn on calls here").click()
    expect(page.get_by_text("This phone does not allow messages")).to_be_visible()
