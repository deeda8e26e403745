"""Checks on a phone: kept in a dead spot and sent later; a round; the shift's presses; labels."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from nightwarden.store import checks, photos, printed_labels, register, upkeep
from nightwarden.store.tables import DeviceState, ReadingRow
from tests.browser.conftest import Visitors
from tests.browser.fitting import assert_fits
from tests.browser.night import NightHome

pytestmark = pytest.mark.browser


@pytest.fixture
def labels(home: NightHome) -> dict[str, str]:
    """The code of each item's label."""
    with home.store.transaction(home.now()) as tx:
        printed_labels.make_missing(tx, "Anna Shaw")
    with home.store.reading(home.now()) as tx:
        return {one.equipment: one.code for one in printed_labels.now(tx) if one.equipment}


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "camera.png"
    Image.new("RGB", (900, 700), "seagreen").save(path)
    return path


def answer_well(page: Page) -> None:
    form = page.get_by_label("Cover", exact=True)
    form.locator("summary").click()
    form.get_by_text("Fixed", exact=True).click()
    for legend in ("Pipes", "Valves"):
        group = form.get_by_role("group", name=legend)
        group.get_by_text("Covered or none").click()
    form.get_by_text("No gap", exact=True).click()


def test_a_check_in_a_dead_spot_is_kept_on_the_phone_and_sent_once(
    refused_visitors: Visitors, home: NightHome, labels: dict[str, str], photo: Path
) -> None:
    page = refused_visitors.person("Piotr Nowak", f"/l/{labels['CVR-0001']}")
    page.evaluate("navigator.serviceWorker.ready")
    page.reload()  # now the phone's own helper answers, and keeps the page
    assert_fits(page)
    page.context.set_offline(offline=True)
    page.reload()
    expect(page.get_by_text("No connection. What you enter is kept")).to_be_visible()
    cover = page.get_by_label("Cover", exact=True)
    answer_well(page)
    cover.get_by_label("Note").fill("behind the lift")
    cover.get_by_label("Photo").set_input_files(photo)
    cover.get_by_role("button", name="Enter").click()
    kept = page.locator("#kept")
    expect(kept).to_contain_text("Kept on this phone, will be sent: 1 entry.")
    expect(kept).to_contain_text("CVR-0001: cover, made at")
    page.reload()
    expect(kept).to_contain_text("1 entry")
    with home.store.reading(home.now()) as tx:
        assert checks.newest(tx, 5) == []

    page.context.set_offline(offline=False)
    expect(page.locator("#said")).to_contain_text("CVR-0001: cover: sent. Cover: Passed.")
    expect(kept).to_be_hidden()
    page.reload()
    with home.store.reading(home.now()) as tx:
        (sent,) = checks.newest(tx, 5)
        assert (sent.by, sent.note, sent.kept_offline) == ("Piotr Nowak", "behind the lift", True)
        assert sent.at < sent.recorded_at
        (picture,) = photos.of_item(tx, "CVR-0001")
        assert (picture.item_check, picture.width) == (sent.id, 900)
        found = register.item(tx, "CVR-0001").found
        assert found is not None
        assert found.recorded_at == sent.recorded_at
    expect(page.get_by_alt_text("Photo of CVR-0001")).to_be_visible()


def test_what_was_kept_is_not_lost_when_the_item_has_been_moved(
    refused_visitors: Visitors, home: NightHome, labels: dict[str, str]
) -> None:
    page = refused_visitors.person("Piotr Nowak", f"/l/{labels['CVR-0002']}")
    page.context.set_offline(offline=True)
    answer_well(page)
    page.get_by_label("Cover", exact=True).get_by_role("button", name="Enter").click()
    expect(page.locator("#kept")).to_contain_text("1 entry")
    with home.store.transaction(home.now()) as tx:
        upkeep.move(tx, "CVR-0002", None, "Anna Shaw")
    page.context.set_offline(offline=False)
    expect(page.locator("#said")).to_contain_text("is in the store cupboard now")
    with home.store.reading(home.now()) as tx:
        assert checks.newest(tx, 5)[0].room == "2"


def test_a_round_is_begun_walked_ended_and_has_a_receipt(
    visitors: Visitors, home: NightHome, labels: dict[str, str]
) -> None:
    page = visitors.person("Piotr Nowak", "/checks")
    assert_fits(page)
    page.get_by_role("link", name="Check rounds").click()
    page.get_by_label("Name", exact=True).fill("Covers of the ground floor")
    page.get_by_text("Radiator cover", exact=True).click()
    page.get_by_text("Cover", exact=True).click()
    page.get_by_text("Only some rooms").click()
    for room in ("1", "2"):
        page.get_by_role("group", name="Rooms").get_by_text(room, exact=True).click()
    page.get_by_role("button", name="Begin").click()
    expect(page.locator(".tally")).to_contain_text("0 of 2 found")
    expect(page.get_by_text("2 of 2 items are on this phone")).to_be_visible()
    assert_fits(page)
    page.get_by_role("link", name="radiator cover CVR-0001").click()
    page.get_by_role("button", name="I have found it").click()
    expect(page.get_by_text("Found by Piotr Nowak")).to_be_visible()
    page.goto(f"{home.url}/checks/rounds/1")
    expect(page.locator(".tally")).to_contain_text("1 of 2 found")
    expect(page.get_by_label("Found").get_by_text("still to do: cover")).to_be_visible()
    page.get_by_text("End the round").click()
    page.get_by_role("button", name="End it now").click()
    expect(page.get_by_text("1 found, 1 missing, 0 unexpected")).to_be_visible()
    expect(page.locator(".digest code")).to_have_text(re.compile(r"^[0-9a-f]{64}$"))
    assert_fits(page)


def test_the_presses_of_the_shift_tick_themselves(visitors: Visitors, home: NightHome) -> None:
    page = visitors.person("Grace Lund", "/checks/press")
    expect(page.get_by_role("heading", name="Press test, night shift")).to_be_visible()
    mat = page.locator(".ticks").first.locator("li", has_text="MAT-0001")
    expect(mat).to_contain_text("Missed")  # its window was at nine in the evening
    with home.store.transaction(home.now()) as tx:
        tx.get_one(DeviceState, ("nightwarden", "mat-1")).changed_at = tx.now
        for number in (0.0, 1.0):
            tx.add(
                ReadingRow(
                    dialect="nightwarden",
                    address="mat-1",
                    quantity="occupancy",
                    number=number,
                    measured_at=tx.now,
                    received_at=tx.now,
                )
            )
    expect(mat).to_contain_text("Late")
    assert_fits(page)


def test_a_label_says_the_name_and_no_more_to_a_stranger(
    visitors: Visitors, labels: dict[str, str]
) -> None:
    page = visitors.open(f"/l/{labels['MAT-0001']}")
    expect(page.get_by_role("heading", name="Bed mat MAT-0001")).to_be_visible()
    fault = page.get_by_role("link", name="Report a fault")
    assert fault.get_attribute("href") == f"/l/{labels['MAT-0001']}/fault"
    words = page.locator("main").inner_text()
    assert "Joan" not in words
    assert "Room" not in words


def test_labels_are_printed_with_a_code_that_a_phone_can_read(
    visitors: Visitors, labels: dict[str, str]
) -> None:
    page = visitors.person("Piotr Nowak", "/labels?address=https://nightwarden.local", "desktop")
    sheet = page.locator(".label-sheet li")
    expect(sheet).to_have_count(len(labels))
    label = sheet.filter(has_text="CVR-0001")
    expect(label).to_contain_text("Room 1, radiator window")
    expect(label.locator("svg path")).to_have_count(1)
    code = labels["CVR-0001"]
    expect(label).to_contain_text(f"{code[:5]}-{code[5:]}")
