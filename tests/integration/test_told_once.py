"""An alert that changes many times in one turn is told once, and every step of it is kept."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlmodel import col, select

from nightwarden.store.tables import Alert, AlertEventRow, Delivery, StreamEvent, Trace
from tests.plain_gateway import PlainGateway, do, plain_gateway

FLIPS = 20


def flips(gateway: PlainGateway, mats: Sequence[str], *, turns: bool) -> None:
    """Each of the mats is left and taken by turns; with ``turns`` each message has its own."""
    for number in range(FLIPS):
        for mat in mats:
            do(gateway, "occupancy", (mat, number % 2 == 0))
            if turns:
                gateway.turn()
    gateway.now = max(gateway.now, gateway.room.now)
    gateway.turn()


def kept(gateway: PlainGateway) -> tuple[list[Any], list[Any], int]:
    """The alerts and their steps without the times of writing; how many quiet decisions."""
    late = {"raised_at", "next_step_at"}
    with gateway.store.reading(gateway.now) as tx:
        rows = [row.model_dump(exclude=late) for row in tx.exec(select(Alert))]
        steps = [
            row.model_dump(exclude={"id", "recorded_at"})
            for row in tx.exec(select(AlertEventRow).order_by(col(AlertEventRow.id)))
        ]
        return rows, steps, len(tx.exec(select(Trace)).all())


def test_one_turn_of_many_flips_keeps_what_many_turns_keep() -> None:
    mats = ("mat-12", "mat-14")  # one with a dwell, one without
    with plain_gateway() as slow, plain_gateway() as fast:
        flips(slow, mats, turns=True)
        flips(fast, mats, turns=False)
        assert kept(fast) == kept(slow)
        _, steps, quiet = kept(fast)
        assert quiet > FLIPS / 3
        assert len(steps) > FLIPS - 2


def test_it_is_told_once_as_it_stands_at_the_end() -> None:
    with plain_gateway() as gateway:
        flips(gateway, ["mat-14"], turns=False)
        with gateway.store.reading(gateway.now) as tx:
            [alert] = tx.exec(select(Alert).where(col(Alert.kind) == "bed_exit")).all()
            letters = tx.exec(select(Delivery).where(col(Delivery.alert) == alert.id)).all()
            lines = tx.exec(select(StreamEvent).where(col(StreamEvent.event) == "alert")).all()
        [letter] = letters
        bodies = [orjson.loads(line.data) for line in lines]
        [told] = [body for body in bodies if body["id"] == str(alert.id)]
        assert orjson.loads(letter.payload) == told
        assert told["version"] == alert.version > FLIPS / 2
        assert told["events"][0]["event"] == "raised"
        assert told["events"][-1]["event"] == "reopened"
        assert told["cleared_at"] is None
