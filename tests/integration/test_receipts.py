"""Messages whose acknowledgement was lost: after a crash they come again, and are known again."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlmodel import select

from gateway.messages import RawMessage
from nightwarden.store import intake, migrations
from nightwarden.store.engine import open_store
from nightwarden.store.tables import ReadingRow
from tests.plain_gateway import NIGHT, ROOT, PlainGateway, plain_gateway

AT = "2026-11-01 22:00:00.000000"


@pytest.fixture
def gateway() -> Iterator[PlainGateway]:
    with plain_gateway() as made:
        yield made


def said(mid: int, body: object, *, device: str = "mat-12", dup: bool = False) -> RawMessage:
    payload = json.dumps(body).encode()
    return RawMessage(f"{ROOT}/device/{device}", payload, NIGHT, mid, qos=1, dup=dup, connection=1)


def turn(gateway: PlainGateway, *messages: RawMessage) -> None:
    gateway.now += intake.COUNT_TOGETHER  # no repeat by its content alone
    gateway.waiting = [m._replace(received_at=gateway.now) for m in messages]
    gateway.turn()


def recorded(gateway: PlainGateway) -> list[tuple[str, float | None, str | None]]:
    with gateway.store.reading(gateway.now) as tx:
        rows = tx.exec(select(ReadingRow).order_by(ReadingRow.id))  # type: ignore[arg-type]
        return [(row.address, row.number, row.word) for row in rows]


def test_what_comes_again_after_a_restart_is_recorded_once(gateway: PlainGateway) -> None:
    empty, lain_on = {"occupancy": False}, {"occupancy": True}
    turn(gateway, said(1, lain_on), said(2, empty))
    turn(gateway, said(3, lain_on))
    gateway.start()
    again = [said(1, lain_on, dup=True), said(2, empty, dup=True), said(3, lain_on, dup=True)]
    turn(gateway, *again)
    assert [number for _, number, _ in recorded(gateway)] == [1, 0, 1]


def test_a_packet_id_that_was_used_again_stands_for_its_newest_message(
    gateway: PlainGateway,
) -> None:
    turn(gateway, said(1, {"occupancy": True}))
    turn(gateway, said(1, {"occupancy": False}))
    gateway.start()
    turn(gateway, said(1, {"occupancy": False}, dup=True))
    assert [number for _, number, _ in recorded(gateway)] == [1, 0]
    turn(gateway, said(1, {"occupancy": True}, dup=True))
    assert [number for _, number, _ in recorded(gateway)] == [1, 0, 1]


def test_words_and_numbers_of_one_batch_are_recorded_in_their_order(gateway: PlainGateway) -> None:
    turn(
        gateway,
        said(1, {"temperature": 21.5}, device="air-14"),
        said(2, {"action": "press"}, device="btn-14"),
        said(3, {"occupancy": True}),
    )
    assert recorded(gateway) == [
        ("air-14", 21.5, None),
        ("btn-14", None, "press"),
        ("mat-12", 1.0, None),
    ]


def test_receipts_of_an_earlier_version_are_known_after_the_update(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.connect() as connection:
        migrations.step_by_step(connection, "0027")
        connection.exec_driver_sql(
            "INSERT INTO unacked (mid, digest, committed_at) VALUES (?, ?, ?), (?, ?, ?)",
            (7, b"digest 7", AT, 65535, b"digest 8", AT),
        )
        connection.commit()
    engine.dispose()
    store = open_store(tmp_path / "old.db")
    with store.reading(NIGHT) as tx:
        assert intake.load_receipts(tx) == {7: b"digest 7", 65535: b"digest 8"}
    store.close()
