"""Whom a channel serves, what it is told, and what may be seen of its address."""

import dataclasses
import logging
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightwarden.elsewhere import addresses
from nightwarden.elsewhere.phones import Subscription, checked
from nightwarden.errors import DeliveryFailed, Invalid
from nightwarden.model.alerts import (
    AlertEvent,
    AlertKind,
    AlertState,
    Cause,
    Priority,
)
from nightwarden.model.elsewhere import Says, Serves, Step, step_of, words
from nightwarden.model.places import PlaceId
from nightwarden.model.roles import Role
from tests.alert_records import bed_exit

NOW = datetime(2026, 11, 1, 23, 0, tzinfo=UTC)
ALERT = bed_exit(NOW, id=1, action="Go to her.", told=(Role.CARER, Role.SENIOR))


@given(
    event=st.sampled_from(list(AlertEvent)),
    says=st.sampled_from(list(Says)),
    kind=st.sampled_from(list(AlertKind)),
    minutes=st.integers(0, 1000),
)
def test_no_name_leaves_unless_it_may(
    event: AlertEvent, says: Says, kind: AlertKind, minutes: int
) -> None:
    cause = Cause(kind, PlaceId("12", "bed"), "Joan's mat")
    alert = dataclasses.replace(ALERT, cause=cause)
    now = NOW + timedelta(minutes=minutes)
    said = words(alert, says, event, now, names=False)
    assert "Joan" not in said
    assert said.startswith("Room 12 · ")
    assert "Joan" in words(alert, says, event, now, names=True)


def test_a_channel_serves_its_roles_zones_and_priorities() -> None:
    assert Serves((Role.SENIOR,)).fits(ALERT, None)
    assert not Serves((Role.MANAGER,)).fits(ALERT, None)
    assert Serves((Role.CARER,), zones=("top",)).fits(ALERT, "top")
    assert not Serves((Role.CARER,), zones=("top",)).fits(ALERT, None)
    assert not Serves((Role.CARER,), priorities=(Priority.TECHNICAL,)).fits(ALERT, None)
    assert step_of(ALERT, AlertEvent.TOLD_MANAGER) is Step.MANAGER
    assert step_of(ALERT, AlertEvent.CAUSE_CLEARED) is None
    going = dataclasses.replace(ALERT, state=AlertState.ACCEPTED)
    assert step_of(going, AlertEvent.WORSENED) is None


@pytest.mark.parametrize(
    "address", ["", "nothing", "foo://bar", "gnome://", "syslog://", "dbus://"]
)
def test_an_address_that_cannot_be_used_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(Invalid) as refused:
        addresses.service_of(address)
    assert not address or address not in str(refused.value).replace("ntfys://ntfy.sh/TOPIC", "")


@pytest.mark.parametrize(
    "address",
    [
        "ntfy://ann:pa55word@127.0.0.1:9/s3cret-topic",
        "json://ann:pa55word@127.0.0.1:9/s3cret-topic",
        "mailto://ann:pa55word@127.0.0.1:9?from=ann@example.org&to=s3cret-topic@example.org",
    ],
)
def test_nothing_of_an_address_is_said_again(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen = addresses.service_of(address)
    with pytest.raises(DeliveryFailed) as failed:
        addresses.send(address, "Nightwarden", "test", urgent=True)
    for said in (seen, str(failed.value), caplog.text):
        assert "s3cret" not in said
        assert "pa55word" not in said
    assert not failed.value.permanent


@pytest.mark.parametrize("key", ["", "AAAA", "%%%", "é"])
def test_a_subscription_needs_a_browsers_keys(key: str) -> None:
    with pytest.raises(Invalid, match="p256dh"):
        checked(Subscription("https://push.example.org/x", key, "AAAAAAAAAAAAAAAAAAAAAA"))
