"""What the bench shows: devices and faults as they were told, and a message from bytes to bell."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from api.bench import Said, Travelled
from api.pages.drawing import value_words
from nightwarden.model.places import PlaceId
from nightwarden.model.readings import Quantity
from nightwarden.store import alerts, listings, looking_back
from nightwarden.store.engine import Transaction
from nightwarden.store.register import Item

HEARD_LATE = timedelta(seconds=0.5)
_STAGES = ("message", "unread", "reading", "rule", "alert", "delivery")
SHOWN = 80
"""So many steps of a journey, the newest first."""


@dataclass(frozen=True, slots=True)
class BenchView:
    """How the play stands. ``played``: somebody plays this home and listens to the bench."""

    played: bool
    powered: bool
    speed: float
    devices: list[dict[str, Any]]
    faults: list[dict[str, Any]]
    down: dict[str, float]
    log: list[Said]


def bench_view(state: dict[str, Any], power: dict[str, Any], log: list[Said]) -> BenchView:
    """From what whoever plays and whoever runs the processes last told."""
    return BenchView(
        played=bool(state),
        powered=bool(power),
        speed=float(state.get("speed", 1.0)),
        devices=list(state.get("devices", [])),
        faults=list(state.get("faults", [])),
        down=dict(power.get("down", {})),
        log=log,
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a journey; ``stage`` is message, reading, unread, rule, alert or delivery."""

    at: datetime
    stage: str
    words: str
    topic: str = ""
    payload: str = ""
    alert: int | None = None


def journey(
    tx: Transaction, item: Item, travelled: Callable[[str], list[Travelled]], since: datetime
) -> list[Step]:
    """What a device said since then and what came of it at its place, the newest first."""
    steps: list[Step] = []
    if item.device is not None:
        steps += map(_message, travelled(item.device.whole.address))
        found = looking_back.readings_around(tx, [item.device], since, tx.now)
        for row in found:
            value = row.word if row.number is None else row.number
            words = value_words(Quantity(row.quantity), "" if value is None else value)
            late = " It came late: kept, and it moves nothing." if row.late else ""
            kept = "" if row.fresh else " Repeated by the broker: it proves nobody alive."
            steps.append(Step(row.received_at, "reading", f"{row.quantity}: {words}.{late}{kept}"))
        steps += _unread(tx, item.device.whole.address, since)
    if item.place is not None:
        steps += _at_the_place(tx, item.place, since)
    return sorted(steps, key=partial(_turn, steps), reverse=True)[:SHOWN]


def _turn(steps: list[Step], one: Step) -> tuple[datetime, int]:
    """Ours heard a message a little after the gateway did; it comes before what it became."""
    if one.stage != "message":
        return one.at, _STAGES.index(one.stage)
    became = [s.at for s in steps if s.stage == "reading" and one.at - HEARD_LATE <= s.at <= one.at]
    return max(became, default=one.at), 0


def _message(one: Travelled) -> Step:
    cut = f", the first {len(one.payload)} of them" if one.size > len(one.payload) else ""
    kept = ", kept by the broker" if one.retained else ""
    words = f"{one.size} bytes{cut}{kept}"
    return Step(one.at, "message", words, one.topic, one.words)


def _unread(tx: Transaction, address: str, since: datetime) -> Iterator[Step]:
    for row in listings.quarantine(tx, 100):
        if row.last_at >= since and f"/{address}/" in f"/{row.topic}/":
            times = f", {row.times} times" if row.times > 1 else ""
            yield Step(row.last_at, "unread", f"{row.reason}{times}", row.topic)


def _at_the_place(tx: Transaction, place: PlaceId, since: datetime) -> Iterator[Step]:
    for trace in looking_back.traces(tx, place, since, tx.now):
        yield Step(trace.at, "rule", f"{trace.kind.replace('_', ' ')}: {trace.reason}")
    raised = [
        one
        for one in alerts.page(tx, "all", 100)
        if one.cause.place == place and (one.closed_at or tx.now) >= since
    ]
    numbers = [one.id for one in raised]
    for one in raised:
        for event in alerts.events(tx, [one.id])[one.id]:
            if event.recorded_at >= since:
                words = f"{one.text}: {event.event.value.replace('_', ' ')}"
                yield Step(event.recorded_at, "alert", words, alert=one.id)
    for sent in looking_back.deliveries(tx, numbers):
        if sent.created_at >= since:
            yield Step(
                sent.receipted_at or sent.created_at,
                "delivery",
                f"{sent.outlet}: {_came(sent.receipted_at, sent.attempts, sent.last_error)}",
                sent.topic,
                alert=sent.alert,
            )


def _came(receipted_at: datetime | None, attempts: int, error: str | None) -> str:
    if receipted_at is not None:
        again = f" at attempt {attempts}" if attempts > 1 else ""
        return f"receipted{again}"
    return error or "on its way"
