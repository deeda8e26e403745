"""The bench of the demo in a browser, and that a home in which people live has none."""

import json
import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from gateway.messages import RawMessage
from nightwarden.bench.orders import BenchTopics, Do, Order
from nightwarden.clock import utc_now
from nightwarden.model.roles import Role
from tests.acceptance.program import FREE_PORTS, Program, nightwarden
from tests.brokers import Ear
from tests.browser.conftest import browser  # noqa: F401
from tests.browser.fitting import assert_fits
from tests.browser.test_axe import look

HOME = "elm-house"
ROOM = """
home: {id: elm-house, name: Elm House, timezone: Europe/London}
rooms: [{id: "1", places: [{id: bed}]}]
equipment:
  - {tag: MAT-1, kind: bed_mat, at: 1/bed, device: {dialect: nightwarden, address: mat-1}}
"""

NOTE_WAITING = """new MutationObserver(() => {
  if (document.querySelector('main')?.textContent.includes('Waiting'))
    sessionStorage.waited = 'yes';
}).observe(document, { childList: true, subtree: true, characterData: true });"""
"""Whatever the load: that it waited is seen by the page itself, however short it was."""


def order(do: Do, **how: object) -> Order:
    return Order("o-1", "Robin", utc_now(), do, **how)  # type: ignore[arg-type]


def test_a_home_in_which_people_live_has_no_bench_and_hears_no_order(tmp_path: Path) -> None:
    (tmp_path / "home.yaml").write_text(ROOM)
    applied = nightwarden(tmp_path, "apply", "home.yaml", "--data", "data")
    assert applied.returncode == 0, applied.stderr
    topics = BenchTopics(HOME)
    with Program(tmp_path) as up, Ear(up.watching().broker, "nightwarden/#") as ear:
        tester = {
            "Authorization": f"Bearer {up.token(Role.TESTER)}",
            "Sec-Fetch-Site": "same-origin",
        }
        pages = ("/bench", "/bench/fragment", "/bench/journey", "/bench/scenarios")
        for path in pages:
            answer = httpx.get(up.pages + path, headers=tester, verify=False, timeout=60)
            assert answer.status_code == 403
            assert "not marked as a home to practise on" in answer.text
        form = {"do": "kill_gateway", "lasts_s": "5"}
        orders = up.pages + "/bench/orders"
        answer = httpx.post(orders, data=form, headers=tester, verify=False, timeout=60)
        assert answer.status_code == 403
        gateway = up.child("gateway")
        for one in (
            order(Do.SWITCH, equipment="MAT-1", value=True),
            order(Do.KILL_GATEWAY, lasts_s=5.0),
            order(Do.RESET),
        ):
            ear.say(topics.of(one), one.payload())
        up.proves_itself()
        assert up.child("gateway") == gateway
        refused = nightwarden(
            tmp_path, "simulate", "--bench", "--home", "home.yaml", "--broker", up.broker
        )
        assert refused.returncode == 2
        assert "not known to be a practice home" in refused.stderr
        ear.say("nightwarden/end", b"end")
        heard = [one.topic for one in ear.up_to(b"end")]
        assert not [topic for topic in heard if "/device/" in topic]
        assert [t for t in heard if t.startswith(topics.root)] == [
            topics.order,
            topics.power,
            topics.power,
        ]  # the three of this test, and no answer


def told(ear: Ear, topics: BenchTopics, one: Order) -> tuple[dict[str, object], list[RawMessage]]:
    """Give an order; its answer, and what was said before it."""
    ear.say(topics.of(one), one.payload())
    before: list[RawMessage] = []
    while True:
        message = ear.next()
        if message.topic == topics.done and json.loads(message.payload)["id"] == one.id:
            return json.loads(message.payload), before
        before.append(message)


@pytest.mark.timeout(180)  # a scenario is watched for 12 s, and starts three processes first
def test_a_tester_presses_throws_lifts_and_runs_a_scenario(
    tmp_path: Path,
    browser: Browser,  # noqa: F811
) -> None:
    with Program(tmp_path, *FREE_PORTS, command="demo") as demo:
        pin = re.split(r"\s+", demo.says("      Robin"))[-1]
        demo.says("13 devices of elm-house")
        context = browser.new_context(viewport={"width": 390, "height": 844})
        context.set_default_timeout(60_000)
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{demo.pages}/signin")
        main = page.locator("main")
        main.locator("[name=person]").fill("Robin")
        main.locator("[name=pin]").fill(pin)
        main.locator("button").first.click()
        page.goto(f"{demo.pages}/bench/journey?device=MAT-0012")
        journey = page.get_by_label("Journey")
        expect(journey).to_contain_text("somebody is on it", timeout=60_000)  # Joan, asleep
        page.goto(f"{demo.pages}/bench")
        page.get_by_role("button", name="On it: MAT-0012").click()
        said = page.get_by_label("What was ordered")
        expect(said).to_contain_text("MAT-0012 is on", timeout=20_000)
        page.get_by_role("button", name="Off it: MAT-0012").click()
        expect(said).to_contain_text("MAT-0012 is off", timeout=20_000)
        throw = page.get_by_label("Throw a fault")
        throw.locator("select[name=value]").select_option("unplug")
        throw.locator("select[name=equipment]").select_option("MAT-0018")
        throw.get_by_role("button", name="Throw it").click()
        faults = page.get_by_label("Faults", exact=True)
        expect(faults).to_contain_text("Unplug MAT-0018, by Robin")
        expect(page.get_by_label("Devices")).to_contain_text("unplugged")
        faults.get_by_role("button", name="Lift").click()
        expect(said).to_contain_text("Unplug of MAT-0018 is lifted.", timeout=20_000)
        expect(faults).to_have_count(0)

        page.goto(f"{demo.pages}/bench/journey?device=MAT-0012")
        expect(journey).to_contain_text("elm-house/device/mat-12")
        expect(journey.locator(".j-alert").first).to_contain_text("Room 12")
        expect(journey.locator(".j-delivery").first).to_contain_text("receipted")
        stages = [one.split()[1] for one in journey.locator("li").all_inner_texts()]
        assert stages.index("Alert") < stages.index("Reading") < stages.index("Message")

        page.add_init_script(NOTE_WAITING)
        page.goto(f"{demo.pages}/bench/scenarios")
        page.get_by_role("button", name="Run M2", exact=True).click()
        run = page.get_by_label("Run", exact=True)
        expect(run).to_contain_text("As expected: 4 of 4.", timeout=120_000)
        assert page.evaluate("sessionStorage.waited") == "yes", "it is shown as it runs"
        expect(run.locator("tr").filter(has_text="device_silent")).to_contain_text("5m30s")
        assert_fits(page)
        every = ("/bench", "/bench/journey?device=MAT-0012", "/bench/scenarios")
        assert [said for path in every for said in look(page, demo.pages + path)] == []
        assert complaints == []
        context.close()
        _orders_that_do_nothing(demo)
        _a_gateway_that_is_killed_comes_back(demo)


def _orders_that_do_nothing(demo: Program) -> None:
    """An old one, the same again, one of no device, and what is none."""
    topics = BenchTopics(HOME)
    with Ear(demo.broker, topics.done, f"nightwarden/v1/{HOME}/device/mat-19") as ear:
        old = Order("old", "x", utc_now() - timedelta(minutes=1), Do.SWITCH, "MAT-0019", True)
        ear.say(topics.order, old.payload())
        ear.say(topics.order, b'{"id": "none", "do": "explode"}')
        nobody = order(Do.SWITCH, equipment="MAT-9", value=True)
        answer, before = told(ear, topics, nobody)
        assert answer["ok"] is False
        assert "MAT-9" in str(answer["said"])
        answers = [json.loads(one.payload) for one in before if one.topic == topics.done]
        assert [one["id"] for one in answers] == ["none"]
        assert "is no order of the bench" in answers[0]["said"]


def _a_gateway_that_is_killed_comes_back(demo: Program) -> None:
    topics, before = BenchTopics(HOME), demo.child("gateway")
    with Ear(demo.broker, topics.done) as ear:
        answer, _ = told(ear, topics, order(Do.KILL_GATEWAY, lasts_s=1.0))
        assert answer["ok"] is True
    demo.proves_itself_after(utc_now() + timedelta(seconds=1))
    assert demo.child("gateway") != before
    assert "starting it again" in demo.err


pytestmark = pytest.mark.browser
