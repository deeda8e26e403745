"""A channel that fails is one technical alert, until it works again."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.channel_reports import ChannelReports
from nightwarden.model.alerts import AlertEvent, AlertKind, AlertRecord, AlertState, Priority
from nightwarden.model.elsewhere import Serves
from nightwarden.model.roles import Role
from nightwarden.rulesfile.in_force import load_rules
from nightwarden.store import alerts, channel_letters, channels
from nightwarden.store.channel_letters import Failure
from nightwarden.store.channels import Address
from nightwarden.store.engine import Store, open_store
from rules.alert_life import change

NIGHT = datetime(2026, 11, 1, 23, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path / "nightwarden.db")) as made:
        yield made


def at(seconds: float) -> datetime:
    return NIGHT + timedelta(seconds=seconds)


def look(store: Store, seconds: float) -> list[AlertRecord]:
    """One look; the open alerts after it."""
    ChannelReports(store, lambda: at(seconds)).look()
    with store.reading(at(seconds)) as tx:
        return alerts.open_alerts(tx)


def close(store: Store, alert: AlertRecord, seconds: float) -> None:
    with store.transaction(at(seconds)) as tx:
        for event in (AlertEvent.ATTENDED, AlertEvent.CLOSED):
            policy = load_rules(tx).policy
            after = change(alert, event, "Mary", tx.now, policy, "mended")
            alert = alerts.save(tx, alert, after, event, "Mary")


def test_a_channel_that_fails_is_raised_once_and_cleared_when_it_works(store: Store) -> None:
    with store.transaction(NIGHT) as tx:
        address = Address("json://127.0.0.1:9/s3cret", "JSON")
        row = channels.add(tx, "Texts", address, Serves((Role.MANAGER,)), "Mary")
        letter = channel_letters.write_test(tx, row)
        channel_letters.failed(tx, [Failure(letter, "it refuses", permanent=False)])
    assert look(store, 59) == [], "a service may be busy for a moment"
    [lost] = look(store, 60)
    assert (lost.cause.kind, lost.priority) == (AlertKind.CHANNEL_LOST, Priority.TECHNICAL)
    assert lost.text == "Home · Texts tells nobody any more"
    assert "s3cret" not in lost.text + lost.action
    assert lost.caused_at == NIGHT
    assert [a.version for a in look(store, 300)] == [lost.version], "once"
    close(store, lost, 310)
    assert look(store, 320) == [], "whoever closed it knows"
    with store.transaction(at(400)) as tx:
        channel_letters.taken(tx, [letter])
    with store.transaction(at(500)) as tx:
        channel_letters.failed(tx, [Failure(channel_letters.write_test(tx, row), "again", True)])
    [anew] = look(store, 560)
    with store.transaction(at(600)) as tx:
        channel_letters.taken(tx, [letter])
    [works] = look(store, 605)
    assert (works.id, works.cleared_at) == (anew.id, at(605))
    with store.transaction(at(700)) as tx:
        channel_letters.failed(tx, [Failure(channel_letters.write_test(tx, row), "again", True)])
    [back] = look(store, 760)
    assert (back.id, back.cleared_at, back.state) == (anew.id, None, AlertState.RAISED)
