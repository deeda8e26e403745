"""A message that makes our own code fail costs itself, and no other message of its batch."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlmodel import col, select

from gateway.dialects.base import Heard
from gateway.dialects.native import NativeDialect
from gateway.gateway import Gateway, Parts
from gateway.inbox import Inbox
from gateway.messages import RawMessage
from gateway.mqtt import MqttLink
from gateway.outbox import Outbox
from gateway.rival import identity
from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import utc_now
from nightwarden.homefile import plan
from nightwarden.homefile.reader import read_home_file
from nightwarden.store.engine import Store, open_store
from nightwarden.store.tables import Quarantine, ReadingRow
from tests.plain_gateway import HOUSE, ROOT

DEVICES = ("tmp-12", "air-14")
BAD = 999


class Faulty(NativeDialect):
    """Has a fault that no test has found yet."""

    def read(self, message: RawMessage) -> Heard:
        if json.loads(message.payload)["seq"] == BAD:
            raise ZeroDivisionError
        return super().read(message)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path / "nightwarden.db")) as store:
        with store.transaction(utc_now()) as tx:
            plan.apply(tx, read_home_file(HOUSE.encode(), "house", utc_now()), "test")
        yield store


def said(number: int, seq: int) -> RawMessage:
    payload = json.dumps({"temperature": 20 + number / 10, "seq": seq}).encode()
    return RawMessage(f"{ROOT}/device/{DEVICES[number % 2]}", payload, utc_now(), number + 1, 1)


@pytest.mark.parametrize("bad", [{37}, {0, 12, 13, 59}])
def test_only_what_fails_is_set_apart(store: Store, tmp_path: Path, bad: set[int]) -> None:
    inbox = Inbox()
    link = MqttLink(BrokerUrl.parse("mqtt://127.0.0.1:1"), "test", (), utc_now, inbox.put)
    parts = Parts(store, link, inbox, Outbox({}), utc_now, identity(tmp_path))
    gateway = Gateway(parts, "elm-house")
    gateway._intake._dialects = (Faulty("elm-house"),)
    inbox.put_all([said(number, BAD if number in bad else number + 1) for number in range(60)])
    gateway.turn(0)
    with store.reading(utc_now()) as tx:
        recorded = list(tx.exec(select(ReadingRow.seq).order_by(col(ReadingRow.id))))
        apart = list(tx.exec(select(Quarantine)))
    assert recorded == [number + 1 for number in range(60) if number not in bad]
    assert sum(each.times for each in apart) == len(bad)
    assert all("ZeroDivisionError; please report it" in each.reason for each in apart)
