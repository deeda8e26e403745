"""The auditor: an alert that stands still or reached nobody, and the dead-man's switch."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.auditor import Auditor
from api.deadman import Deadman
from nightwarden.errors import Invalid
from nightwarden.model.alerts import AlertEvent
from nightwarden.model.roles import Role
from nightwarden.store import alerts, audit, meta, outgoing, people
from nightwarden.store.tables import Delivery
from rules import alert_life
from rules.escalation import DEFAULT_ESCALATION
from tests.api_server import HOME, ApiUnderTest
from tests.brokers import until
from tests.web_server import WebServer


class Watched:
    """A home with a fresh proof, looked after by an auditor whose clock the test turns."""

    def __init__(self, api: ApiUnderTest, deadman: Deadman | None = None) -> None:
        self.api = api
        self.auditor = Auditor(api.store, api.clock, deadman, settling_s=0)

    def looks(self, times: int = 2) -> bool:
        """So many looks, five seconds apart, under a fresh proof; whether the last was content."""
        content = False
        for _ in range(times):
            self.api.proved()
            content = self.auditor.look()
            self.api.clock.advance(seconds=5)
        return content

    def raised(self, place: str = "12/bed") -> int:
        return self.api.raise_alert(place)

    def taken(self) -> None:
        """The outlet has taken every letter that waits."""
        with self.api.store.transaction(self.api.clock()) as tx:
            outgoing.receipted(tx, [letter.id for letter in outgoing.lease(tx, "mqtt")])

    def goes_on(self, number: int, event: AlertEvent) -> None:
        """A step of the alert's life, as the gateway or a person makes it."""
        with self.api.store.transaction(self.api.clock()) as tx:
            before = alerts.find(tx, number)
            after = alert_life.change(before, event, "Ana", tx.now, DEFAULT_ESCALATION)
            alerts.save(tx, before, after, event, "Ana")

    def stuck(self) -> list[dict[str, Any]]:
        with self.api.client(Role.CARER) as carer:
            items = carer.get("/alerts").json()["items"]
        return [item for item in items if item["kind"] == "escalation_stuck"]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Watched]:
    with ApiUnderTest(tmp_path) as api:
        api.apply(HOME)
        yield Watched(api)


def test_while_every_alert_goes_on_nothing_is_raised_and_nothing_written(home: Watched) -> None:
    number = home.raised()
    home.taken()
    home.looks(1)
    with home.api.store.reading(home.api.clock()) as tx:
        before = outgoing.stream_span(tx)
    for event, seconds in ((AlertEvent.REPEATED, 25), (AlertEvent.TOLD_EVERYONE, 60)):
        home.api.clock.advance(seconds=seconds)
        home.goes_on(number, event)
        home.taken()
    home.api.clock.advance(seconds=20)
    assert home.looks(4), "a step of ours 30 s late is slow, not stuck"
    assert home.stuck() == []
    with home.api.store.reading(home.api.clock()) as tx:
        assert outgoing.stream_span(tx)[1] == before[1] + 2


def test_an_alert_whose_next_step_is_overdue_is_raised_to_everyone_at_once(home: Watched) -> None:
    number = home.raised()
    home.taken()
    home.api.clock.advance(seconds=60)
    home.looks()
    assert home.stuck() == [], "30 s overdue is the limit"
    home.looks()
    [stuck] = home.stuck()
    assert stuck["text"] == "Home · 1 alert may have reached nobody"
    assert (
        f"Room 12 · Joan · out of bed (alert {number}: its next step is overdue)"
        in (stuck["action"])
    )
    assert stuck["priority"] == "technical"
    assert {"carer", "senior", "maintenance", "manager"} <= set(stuck["told"]["roles"])
    with home.api.store.reading(home.api.clock()) as tx:
        assert tx.get(Delivery, 2) is not None, "and pagers hear of it"


def test_one_look_is_not_enough(home: Watched) -> None:
    home.raised()
    home.taken()
    home.api.clock.advance(minutes=5)
    assert not home.looks(1)
    assert home.stuck() == []


def test_forty_that_are_stuck_are_one_alert(home: Watched) -> None:
    for room in range(40):
        home.raised(f"{room}/bed")
    home.taken()
    home.api.clock.advance(minutes=2)
    home.looks(6)
    [stuck] = home.stuck()
    assert stuck["text"] == "Home · 40 alerts may have reached nobody"


def test_a_raise_without_a_receipt_has_reached_nobody(home: Watched) -> None:
    number = home.raised()
    home.api.clock.advance(seconds=28)
    home.goes_on(number, AlertEvent.REPEATED)  # its letter overtakes the one before
    home.looks(3)
    [stuck] = home.stuck()
    assert f"(alert {number}: no delivery has a receipt)" in stuck["action"]
    home.taken()
    assert home.looks()
    [stuck] = home.stuck()
    assert stuck["cleared_at"], "a person closes it; it is shown that it goes on"
    assert stuck["events"][-1]["detail"]["words"] == "every alert goes on and has reached somebody"


def test_where_a_screen_is_on_it_must_have_shown_it(home: Watched) -> None:
    api = home.api
    with api.store.transaction(api.clock()) as tx:
        code = people.enrol_code(tx, "Corridor", "test")
        people.use_enrol_code(tx, code)
    number = home.raised()
    home.taken()
    home.looks(9)
    [stuck] = home.stuck()
    assert f"(alert {number}: no screen has shown it)" in stuck["action"]
    home.goes_on(number, AlertEvent.DELIVERED)
    home.goes_on(number, AlertEvent.REPEATED)
    home.taken()
    assert home.looks()


def test_a_screen_that_was_not_seen_for_long_is_not_waited_for(home: Watched) -> None:
    api = home.api
    with api.store.transaction(api.clock()) as tx:
        people.use_enrol_code(tx, people.enrol_code(tx, "Corridor", "test"))
    api.clock.advance(minutes=21)
    home.raised()
    home.taken()
    home.looks(8)
    assert home.stuck() == []


def test_what_somebody_answers_for_is_with_somebody(home: Watched) -> None:
    number = home.raised()
    home.goes_on(number, AlertEvent.ACCEPTED)
    home.api.clock.advance(seconds=100)
    assert home.looks(), "no receipt, and somebody is on the way"


def test_it_is_raised_anew_after_somebody_looked_and_it_is_stuck_still(home: Watched) -> None:
    home.raised()
    home.taken()
    home.api.clock.advance(minutes=2)
    home.looks(3)
    [first] = home.stuck()
    with home.api.client(Role.MANAGER) as manager:
        manager.post(f"/alerts/{first['id']}/attend")
        home.looks()
        [again] = home.stuck()
        assert (again["id"], again["state"]) == (first["id"], "raised")
        manager.post(f"/alerts/{first['id']}/attend")
        manager.post(f"/alerts/{first['id']}/close", json={"outcome": "mended"})
    home.looks()
    [new] = home.stuck()
    assert new["id"] != first["id"]


def test_after_a_start_the_gateway_has_time_to_catch_up(home: Watched) -> None:
    home.raised()
    home.taken()
    home.api.clock.advance(hours=5)
    home.auditor = Auditor(home.api.store, home.api.clock)
    assert not home.looks(3)
    assert home.stuck() == []


# --- the switch ---


@pytest.fixture
def switch() -> Iterator[WebServer]:
    with WebServer() as server:
        yield server


def deadman_check(home: Watched) -> dict[str, Any]:
    with home.api.client(None) as client:
        check: dict[str, Any] = client.get("/health").json()["checks"]["deadman"]
    return check


def test_the_switch_is_fed_once_a_minute_while_all_is_well(
    home: Watched, switch: WebServer
) -> None:
    fed = Watched(home.api, Deadman(switch.url))
    for _ in range(3):
        before = len(switch.fetched)
        fed.looks(12)  # a minute
        until(lambda before=before: len(switch.fetched) > before)  # type: ignore[misc]
    assert switch.fetched == ["/ping/s3cret"] * 3
    assert deadman_check(fed)["ok"]


def test_it_is_not_fed_while_something_is_stuck_or_the_proof_is_old(
    home: Watched, switch: WebServer
) -> None:
    fed = Watched(home.api, Deadman(switch.url, timedelta(seconds=1)))
    fed.api.proved()
    fed.api.clock.advance(seconds=7)
    assert not fed.auditor.look(), "the proof is 7 s old"
    fed.raised()
    fed.taken()
    fed.api.clock.advance(minutes=2)
    assert not fed.looks(4)
    assert switch.fetched == []


@pytest.mark.parametrize("status", [404, 500])
def test_a_switch_that_does_not_answer_well_is_in_health_and_nowhere_else(
    home: Watched, switch: WebServer, status: int
) -> None:
    switch.status = status
    deadman = Deadman(switch.url, timedelta(seconds=1))
    fed = Watched(home.api, deadman)
    assert fed.looks(1)
    until(lambda: deadman.trouble)
    assert fed.looks(1), "the home is as well watched as before"
    check = deadman_check(fed)
    assert not check["ok"]
    assert check["detail"].startswith("The dead-man's switch at 127.0.0.1 was not reached: HTTP")
    assert "s3cret" not in check["detail"]
    switch.status = 200
    until(lambda: fed.looks(1) and deadman.trouble is None)  # the one before may be under way
    fed.looks(1)
    assert deadman_check(fed)["ok"]


def test_a_switch_that_takes_its_time_holds_up_nothing(home: Watched, switch: WebServer) -> None:
    switch.gate.clear()
    fed = Watched(home.api, Deadman(switch.url, timedelta(seconds=1)))
    fed.looks(1)
    until(lambda: switch.fetched)
    fed.looks(10)
    assert len(switch.fetched) == 1, "one at a time"


def test_an_answer_that_leads_to_a_file_is_not_followed(home: Watched, switch: WebServer) -> None:
    switch.leads_to = "file:///etc/hostname"
    deadman = Deadman(switch.url)
    Watched(home.api, deadman).looks(1)
    until(lambda: deadman.trouble)


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org/x", "file:///etc/passwd", "example.org", "http://", "http://x:y/", ""],
)
def test_only_http_and_https_are_addresses(url: str) -> None:
    with pytest.raises(Invalid, match=r"--deadman is not an address such as https://example\.org"):
        Deadman(url)


def test_health_says_that_none_is_set(home: Watched) -> None:
    home.looks(1)
    assert deadman_check(home) == {"ok": True, "detail": "No dead-man's switch is set."}
    with home.api.store.reading(home.api.clock()) as tx:
        assert audit.verify(tx).intact
        assert meta.get(tx, meta.DEADMAN) is not None
