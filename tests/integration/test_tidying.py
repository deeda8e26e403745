"""What a store forgets by itself, so that a year of a home does not fill it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from gateway.tidying import KEEP_ORDERS, KEEP_READINGS, Tidying
from nightwarden.model.alerts import AlertEvent
from nightwarden.store import alerts, intake, outgoing
from nightwarden.store.intake import KEEP_QUARANTINED
from nightwarden.store.tables import Delivery, Quarantine
from rules import alert_life
from rules.escalation import DEFAULT_ESCALATION
from tests.api_server import HOME, ApiUnderTest


@pytest.fixture
def home(tmp_path: Path) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path) as api:
        api.apply(HOME)
        yield api


def goes_on(home: ApiUnderTest, number: int, *events: AlertEvent) -> None:
    for event in events:
        with home.store.transaction(home.clock()) as tx:
            before = alerts.find(tx, number)
            after = alert_life.change(before, event, "Ana", tx.now, DEFAULT_ESCALATION, "helped")
            alerts.save(tx, before, after, event, "Ana")


def taken(home: ApiUnderTest) -> None:
    """The outlets have everything that was to be sent."""
    with home.store.transaction(home.clock()) as tx:
        outgoing.receipted(tx, [letter.id for letter in outgoing.lease(tx, "mqtt")])


def letters(home: ApiUnderTest) -> list[tuple[int | None, int | None]]:
    """Number and alert of each letter that is kept."""
    with home.store.reading(home.clock()) as tx:
        return [(row.id, row.alert) for row in tx.exec(select(Delivery))]


def forget(home: ApiUnderTest) -> None:
    with home.store.transaction(home.clock()) as tx:
        Tidying().forget(tx)


def test_letters_are_kept_as_long_as_readings_and_the_last_of_an_open_alert_for_ever(
    home: ApiUnderTest,
) -> None:
    closed, still_open = home.raise_alert("12/bed"), home.raise_alert("14/bed")
    goes_on(home, still_open, AlertEvent.REPEATED)
    goes_on(home, closed, AlertEvent.ACCEPTED, AlertEvent.ATTENDED, AlertEvent.CLOSED)
    taken(home)
    kept = letters(home)
    home.clock.advance(seconds=(KEEP_READINGS - timedelta(days=1)).total_seconds())
    forget(home)
    assert letters(home) == kept

    home.clock.advance(seconds=2 * 86_400)
    forget(home)
    [(number, alert)] = letters(home)
    assert alert == still_open
    with home.store.transaction(home.clock()) as tx:
        assert outgoing.send_latest_again(tx) == {still_open}
        assert [letter.id for letter in outgoing.lease(tx, "mqtt")] == [number]


def test_what_nobody_has_taken_yet_is_not_forgotten(home: ApiUnderTest) -> None:
    number = home.raise_alert("12/bed")
    goes_on(home, number, AlertEvent.ACCEPTED, AlertEvent.ATTENDED, AlertEvent.CLOSED)
    home.clock.advance(seconds=2 * KEEP_READINGS.total_seconds())
    forget(home)
    assert len(letters(home)) == 1, "the latest; those that it overtook are settled"


def test_orders_to_devices_are_kept_for_a_month(home: ApiUnderTest) -> None:
    with home.store.transaction(home.clock()) as tx:
        outgoing.deliver_order(tx, "siren/set", b"on", retain=True)
    taken(home)
    home.clock.advance(seconds=(KEEP_ORDERS - timedelta(days=1)).total_seconds())
    forget(home)
    assert len(letters(home)) == 1
    home.clock.advance(seconds=2 * 86_400)
    forget(home)
    assert letters(home) == []


def test_a_stranger_who_invents_topics_fills_no_store_and_slows_nobody(home: ApiUnderTest) -> None:
    with home.store.transaction(home.clock()) as tx:
        intake.quarantine(tx, "x/0", b"?", "No dialect owns this topic.")
        tx.sql.exec_driver_sql(
            "INSERT INTO quarantine (received_at, last_at, times, topic, payload, size, reason)"
            " SELECT received_at, last_at, times, 'x/' || value, payload, size, reason"
            " FROM quarantine, json_each(?)",
            (str([*range(1, KEEP_QUARANTINED)]),),
        )
        for topic in ("x/5", "x/new"):
            intake.quarantine(tx, topic, b"?", "No dialect owns this topic.")
        kept = tx.exec(select(Quarantine.topic, Quarantine.times)).all()
        plan = tx.sql.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT id FROM quarantine"
            " WHERE topic = 'x' AND reason = 'y' AND received_at > '2026'"
        ).fetchall()
    assert len(kept) == KEEP_QUARANTINED
    assert dict(kept)["x/5"] == 2, "the same again is counted"
    assert "x/0" not in dict(kept)
    assert "quarantine_same_again" in str(plan), "found at once among however many"
