"""Opening an alert again beside the rules: who is on the way stays so, and nobody else."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nightwarden.model.alerts import AlertEvent, AlertRecord, AlertState
from nightwarden.store import alerts
from nightwarden.store.engine import Store, open_store
from tests.alert_records import bed_exit

NIGHT = datetime(2026, 11, 1, 23, 0, tzinfo=UTC)
LATER = NIGHT + timedelta(minutes=9)
NEWS = bed_exit(LATER, text="Home · again", action="Go.", escalation=2, next_step_at=LATER)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path / "nightwarden.db")) as made:
        yield made


def opened_again(store: Store, **answered: object) -> AlertRecord:
    """What becomes of an alert whose cause had cleared and which somebody had answered so."""
    before = replace(bed_exit(NIGHT), cleared_at=NIGHT, **answered)  # type: ignore[arg-type]
    with store.transaction(LATER) as tx:
        standing = alerts.insert(tx, before)
        alerts.raise_again(tx, standing, NEWS, "auditor", {"reason": "again"})
    with store.reading(LATER) as tx:
        found = alerts.open_for(tx, standing.cause)
        assert found is not None
        assert alerts.events(tx, [found.id])[found.id][-1].event is AlertEvent.REOPENED
        assert (found.text, found.action, found.cleared_at) == ("Home · again", "Go.", None)
        return found


def test_whoever_is_on_the_way_still_is(store: Store) -> None:
    promise = NIGHT + timedelta(minutes=3)
    again = opened_again(
        store,
        state=AlertState.ACCEPTED,
        accepted_by="Maria Keane",
        accepted_at=NIGHT,
        escalation=1,
        next_step_at=promise,
    )
    assert (again.state, again.accepted_by) == (AlertState.ACCEPTED, "Maria Keane")
    assert (again.escalation, again.next_step_at) == (1, promise)


def test_whoever_has_been_there_is_not_there_any_more(store: Store) -> None:
    again = opened_again(
        store,
        state=AlertState.ATTENDED,
        accepted_by="Maria Keane",
        accepted_at=NIGHT,
        attended_by="Maria Keane",
        attended_at=NIGHT,
    )
    assert again.state is AlertState.RAISED
    assert (again.accepted_by, again.attended_by, again.attended_at) == (None, None, None)
    assert (again.escalation, again.next_step_at) == (2, LATER)
