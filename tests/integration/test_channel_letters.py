"""What channels are told as an alert lives: once a step, repeats at most every five minutes."""

import itertools
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nightwarden.model.alerts import (
    AlertEvent,
    AlertKind,
    AlertState,
    Cause,
)
from nightwarden.model.elsewhere import Serves, Step
from nightwarden.model.places import PlaceId
from nightwarden.model.roles import Role
from nightwarden.store import alerts, channel_letters, channels, outgoing, people
from nightwarden.store.channel_letters import ANSWERED, Failure
from nightwarden.store.channels import Address
from nightwarden.store.engine import Store, open_store
from nightwarden.store.tables import User
from tests.alert_records import bed_exit

NIGHT = datetime(2026, 11, 1, 23, 0, tzinfo=UTC)
TEXTS = Address("json://127.0.0.1:9/s3cret", "JSON")
RAISED = bed_exit(NIGHT, told=(Role.CARER, Role.MANAGER))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path / "nightwarden.db")) as made:
        yield made


class Night:
    """One alert, and channels that were there before it."""

    def __init__(self, store: Store, *serves: Serves, kind: AlertKind = AlertKind.BED_EXIT) -> None:
        self.store, self.now = store, NIGHT
        with store.transaction(NIGHT) as tx:
            for number, served in enumerate(serves):
                channels.add(tx, f"Texts {number}", TEXTS, served, "Mary")
            cause = Cause(kind, PlaceId("12", "bed"))
            self.alert = alerts.insert(tx, replace(RAISED, cause=cause))

    def then(
        self, event: AlertEvent, state: AlertState = AlertState.RAISED, **after: float
    ) -> None:
        self.now += timedelta(**after)
        changed = replace(self.alert, state=state, version=self.alert.version + 1)
        with self.store.transaction(self.now) as tx:
            alerts.save(tx, self.alert, changed, event, "test")
        self.alert = changed

    def said(self, channel: int = 1) -> list[str]:
        with self.store.reading(self.now) as tx:
            newest_first = channel_letters.latest(tx, channel)
            return [
                letter.payload.decode().split('"body":"')[1].split('"')[0]
                for letter in newest_first
            ][::-1]

    def sent(self) -> list[int]:
        """What the outlet is given now."""
        with self.store.transaction(self.now) as tx:
            return [letter.id for letter in outgoing.lease(tx, channel_letters.OUTLET)]


def test_each_step_is_told_and_repeats_at_most_every_five_minutes(store: Store) -> None:
    night = Night(store, Serves((Role.MANAGER,)), Serves((Role.MANAGER,), from_step=Step.MANAGER))
    night.then(AlertEvent.REPEATED, seconds=30)
    night.then(AlertEvent.TOLD_EVERYONE, seconds=60)
    night.then(AlertEvent.TOLD_MANAGER, seconds=270)
    for _ in range(9):
        night.then(AlertEvent.REPEATED, minutes=1)
    assert [line.split(". ")[-1] for line in night.said(1)] == [
        "Room 12 · bed exit.",
        "Nobody has answered for 1 min.",
        "Nobody has answered for 6 min.",
        "Nobody has answered for 11 min.",
    ]
    assert len(night.said(2)) == 2


def test_a_lead_that_flaps_sends_one_text(store: Store) -> None:
    night = Night(store, Serves((Role.CARER,)))
    for _ in range(20):
        night.then(AlertEvent.REOPENED, seconds=5)
    assert len(night.said()) == 1
    night.then(AlertEvent.REOPENED, minutes=5)
    assert len(night.said()) == 2


def test_whoever_was_called_hears_that_somebody_goes_and_nobody_else_does(store: Store) -> None:
    night = Night(store, Serves((Role.CARER,)), Serves((Role.MANAGER,), from_step=Step.MANAGER))
    assert len(night.sent()) == 1
    night.then(AlertEvent.ACCEPTED, AlertState.ACCEPTED, seconds=20)
    assert night.said(1)[-1] == "Room 12 · bed exit: somebody is going."
    assert night.said(2) == []
    night.then(AlertEvent.ATTENDED, AlertState.ATTENDED, seconds=20)
    night.then(AlertEvent.CLOSED, AlertState.CLOSED, seconds=20)
    assert len(night.said(1)) == 2


def test_what_was_not_sent_before_somebody_went_is_not_sent(store: Store) -> None:
    night = Night(store, Serves((Role.CARER,)))
    night.then(AlertEvent.ACCEPTED, AlertState.ACCEPTED, seconds=1)
    assert night.sent() == []
    with store.reading(night.now) as tx:
        [letter] = channel_letters.latest(tx, 1)
    assert letter.last_error == ANSWERED


def test_a_kind_that_calls_the_manager_at_once_reaches_the_managers_channel(store: Store) -> None:
    served = Serves((Role.MANAGER,), from_step=Step.MANAGER)
    assert len(Night(store, served, kind=AlertKind.FAULT_AGAIN).said()) == 1


def test_it_is_tried_ever_more_rarely_and_given_up_after_half_an_hour(store: Store) -> None:
    night = Night(store, Serves((Role.CARER,)))
    tries, end = [], NIGHT + timedelta(hours=1)
    while night.now < end:
        for letter in night.sent():
            tries.append((night.now - NIGHT).total_seconds())
            with store.transaction(night.now) as tx:
                channel_letters.failed(tx, [Failure(letter, "no answer", permanent=False)])
        night.now += timedelta(seconds=10)
    assert tries[:5] == [0, 10, 30, 70, 150]
    assert all(later - sooner <= 300 for sooner, later in itertools.pairwise(tries))
    assert 1_200 < tries[-1] < 1_800
    with store.reading(night.now) as tx:
        [row] = channels.failing(tx)
        assert (row.failing_since, row.failing_why) == (NIGHT, "no answer")


def test_a_phone_is_told_nothing_once_its_owner_is_gone(store: Store) -> None:
    with store.transaction(NIGHT) as tx:
        people.add_user(tx, "Ann", Role.CARER, "4711", "Mary")
        people.add_user(tx, "Bea", Role.CARER, "4712", "Mary")
        for name in ("Ann", "Bea"):
            channels.enrol_phone(tx, f"{name}'s", TEXTS, Serves((Role.CARER,)), name)
        guest = tx.get(User, "Bea")
        assert guest is not None
        guest.guest_until = NIGHT - timedelta(hours=1)
    night = Night(store)
    assert (len(night.said(1)), len(night.said(2))) == (1, 0)
