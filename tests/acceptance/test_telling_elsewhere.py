"""Channels that tell people elsewhere: services that take, refuse, hang, or cut off."""

import json
import logging
import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from nightwarden.checking.channels import look_at_channels
from nightwarden.commands.up import up
from nightwarden.elsewhere import phones
from nightwarden.elsewhere.phones import KEYS
from nightwarden.model.elsewhere import Serves
from nightwarden.model.roles import Role
from nightwarden.store import channels
from nightwarden.store.channels import Address
from tests.brokers import Broker, until
from tests.harness import Home
from tests.services import PushService, Service

TOPIC = "s3cret-topic"


@pytest.fixture
def home(tmp_path: Path, embedded_broker: Broker) -> Iterator[Home]:
    with Home(tmp_path / "data", embedded_broker) as made:
        made.pager.ignores_the_rest()
        yield made
        made.pager.ignores_the_rest()


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as made:
        yield made


def add(home: Home, service: Service, name: str, **serves: Any) -> str:
    """A channel to the service, made by a manager; its number."""
    address = f"json://127.0.0.1:{service.port}/{TOPIC}"
    body = {"name": name, "address": address, "roles": ["manager"], **serves}
    made: str = home.post("/channels", body, Role.MANAGER)["id"]
    return made


def channel(home: Home, number: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = home.get("/channels")["items"]
    return next(row for row in found if row["id"] == number)


def newest(home: Home, number: str) -> dict[str, Any]:
    home.settle()
    found: dict[str, Any] = home.get(f"/channels/{number}/deliveries")["items"][0]
    return found


def get_up(home: Home) -> dict[str, Any]:
    mat = home.mat("mat-12")
    mat.press()
    home.fast_forward(seconds=1)
    mat.release()
    home.settle()
    [alert] = home.alerts(kind="bed_exit")
    return alert


def bodies(service: Service) -> list[str]:
    return [message["message"] for message in service.came]


def page(home: Home, path: str) -> str:
    headers = {"Authorization": f"Bearer {home.api.token(Role.MANAGER)}"}
    with httpx.Client(base_url=home.api.url, headers=headers, verify=False, timeout=60) as browser:
        return browser.get(path).raise_for_status().text


def test_the_ladder_calls_each_channel_at_its_step_with_room_and_cause_alone(
    home: Home, service: Service
) -> None:
    night = add(home, service, "Texts to the on-call manager", from_step="manager")
    add(home, service, "Seniors", roles=["senior"], names=True)
    alert = get_up(home)
    until(lambda: len(service.came) == 1)
    assert bodies(service) == [f"{alert['text']}."]
    assert "Joan" in alert["text"]
    home.fast_forward(minutes=6)
    until(lambda: newest(home, night)["state"] == "taken")
    [told] = [said for said in bodies(service) if said.startswith("Room 12 · bed exit")]
    assert told == "Room 12 · bed exit. Nobody has answered for 6 min."
    assert "Joan" not in told

    home.post(f"/alerts/{alert['id']}/accept")
    answered = "Room 12 · bed exit: somebody is going."
    until(lambda: answered in bodies(service))
    until(lambda: newest(home, night)["state"] == "taken")
    count = len(service.came)
    home.post(f"/alerts/{alert['id']}/attend")
    home.settle()
    assert len(service.came) == count, "who was told that somebody goes is not told again"
    with home.api.store.reading(home.clock()) as tx:
        assert [line.ok for line in look_at_channels(tx)] == [True, True]


def test_a_channel_that_hangs_delays_nobody_and_is_shown_as_lost(
    home: Home, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    number = add(home, service, "Texts", roles=["carer"])
    assert "Never tried" in page(home, "/channels")
    service.mood = "hangs"
    began = time.monotonic()
    alert = get_up(home)
    assert service.asked.acquire(timeout=60), "the service was not asked"
    home.pager.expects("out of bed", "raised")
    home.post(f"/alerts/{alert['id']}/accept")
    home.post(f"/alerts/{alert['id']}/attend")
    home.pager.expects("attended")
    assert time.monotonic() - began < 8, "the alert waited for a service that hangs"
    assert not service.came

    service.go_on.set()
    for mood, why, final in (
        ("cuts", "cannot be reached", False),
        ("500", "refused it (500)", False),
        ("401", "the password or token is wrong", True),
    ):
        service.mood = mood
        home.post(f"/channels/{number}/test", role=Role.MANAGER)
        until(lambda: newest(home, number)["state"] == "not_taken")
        assert why in newest(home, number)["why"], mood
        assert final or why in channel(home, number)["failing_why"]
    for path in ("/", "/tonight", "/channels"):
        shown = page(home, path)
        assert re.search(r"(?i)fails since 23:\d\d", shown), path
        assert TOPIC not in shown
    with home.api.store.reading(home.clock()) as tx:
        [line] = look_at_channels(tx)
    assert line.ok is False
    assert TOPIC not in str(line)
    assert TOPIC not in caplog.text
    assert TOPIC not in str(home.get("/channels"))
    assert TOPIC not in str(home.get("/audit"))

    service.mood = "takes"
    home.post(f"/channels/{number}/test", role=Role.MANAGER)
    until(lambda: newest(home, number)["state"] == "taken")
    assert "fails since" not in page(home, "/")


def test_what_is_not_taken_is_tried_again_until_somebody_answers(
    home: Home, service: Service
) -> None:
    number = add(home, service, "Texts", roles=["carer"], priorities=["high"])
    service.mood = "503"
    alert = get_up(home)
    until(lambda: newest(home, number)["why"] is not None)
    assert newest(home, number)["state"] == "waiting"
    service.mood = "takes"
    home.fast_forward(seconds=12)
    until(lambda: newest(home, number)["state"] == "taken")
    assert newest(home, number)["attempts"] == 2
    assert bodies(service) == ["Room 12 · bed exit."]
    assert channel(home, number)["failing_since"] is None
    home.post(f"/alerts/{alert['id']}/accept")


def test_a_phone_shows_what_was_encrypted_for_it_and_says_so_itself(home: Home) -> None:
    with PushService() as push:
        key = home.get("/phones/key")["key"]
        keys = home.api.path.parent / KEYS
        assert stat.S_IMODE(keys.stat().st_mode) == 0o600
        assert home.get("/phones/key")["key"] == key
        real = push.subscription("https://push.example.org")
        body = {"name": "Ann's phone", **real}
        with home.api.client(Role.CARER) as ann:
            for wrong in ("http://127.0.0.1:1/x", "https://10.0.0.1/x", "https://localhost/x"):
                assert ann.post("/phones", json={**body, "endpoint": wrong}).status_code == 422
        number = home.post("/phones", body)["id"]
        assert "very-secret-place" not in page(home, "/channels")
        _move_to(home, number, push)

        home.post(f"/phones/{number}/test")
        until(lambda: push.came)
        test = push.came[0]
        assert test["body"] == "This is a test. Nothing has happened."
        until(lambda: newest(home, number)["state"] == "taken")
        assert newest(home, number)["shown_at"] is None
        with home.api.client(None) as worker:
            path = f"/phones/shown/{test['letter']}"
            assert worker.post(path, json={"token": "0" * 64}).status_code == 404
            assert worker.post(path, json={"token": test["token"]}).status_code == 200
        assert newest(home, number)["shown_at"] is not None

        get_up(home)
        until(lambda: len(push.came) == 2)
        assert push.came[1]["body"] == "Room 12 · bed exit."
        assert push.came[1]["urgency"] == "high"

        push.mood = "410"
        home.post(f"/phones/{number}/test")
        until(lambda: channel(home, number)["failing_since"] is not None)
        assert "enrolment has ended" in page(home, "/")


def test_a_push_service_is_told_whom_to_write_to(tmp_path: Path) -> None:
    with PushService() as push:
        subscription = json.dumps(push.subscription())
        for contact in ("mailto:manager@example.org", "https://example.org"):
            phones.send(tmp_path, subscription, {"title": "Test"}, contact, urgent=False)
        until(lambda: len(push.came) == 2)
        told = [came["contact"] for came in push.came]
    assert told == ["mailto:manager@example.org", "https://example.org"]
    wrong = CliRunner().invoke(up, ["--push-contact", "manager", "--data", str(tmp_path)])
    assert wrong.exit_code == 2
    assert '"manager" is no address to write to; such as mailto:' in wrong.output


def _move_to(home: Home, number: str, push: PushService) -> None:
    """The stand-in speaks http, which no page may enrol."""
    with home.api.store.transaction(home.clock()) as tx:
        row = channels.find(tx, int(number))
        channels.enrol_phone(
            tx,
            row.name,
            Address(json.dumps(push.subscription()), row.service),
            Serves((Role.CARER,)),
            row.person or "",
        )
