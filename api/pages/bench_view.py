"""What the bench shows: devices and faults as they were told, and a message from bytes to bell."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from api.bench import Said, Travelled
from api.pages.drawing import value_words
from nightwarden.languages import gettext, ngettext, said
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
            told = [f"{said(row.quantity)}: {said(words)}."]
            if row.late:
                told.append(gettext("It came late: kept, and it moves nothing."))
            if not row.fresh:
                told.append(gettext("Repeated by the broker: it proves nobody alive."))
            steps.append(Step(row.received_at, "reading", " ".join(told)))
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
    told = [ngettext("{n} byte", "{n} bytes", one.size).format(n=one.size)]
    if one.size > len(one.payload):
        told.append(gettext("the first {n} of them").format(n=len(one.payload)))
    if one.retained:
        told.append(gettext("kept by the broker"))
    return Step(one.at, "message", ", ".join(told), one.topic, one.words)


def _unread(tx: Transaction, address: str, since: datetime) -> Iterator[Step]:
    for row in listings.quarantine(tx, 100):
        if row.last_at >= since and f"/{address}/" in f"/{row.topic}/":
            told = [said(row.reason)]
            if row.times > 1:
                told.append(ngettext("{n} time", "{n} times", row.times).format(n=row.times))
            yield Step(row.last_at, "unread", ", ".join(told), row.topic)


def _at_the_place(tx: Transaction, place: PlaceId, since: datetime) -> Iterator[Step]:
    for trace in looking_back.traces(tx, place, since, tx.now):
        yield Step(trace.at, "rule", f"{_words(trace.kind)}: {said(trace.reason)}")
    raised = [
        one
        for one in alerts.page(tx, "all", 100)
        if one.cause.place == place and (one.closed_at or tx.now) >= since
    ]
    numbers = [one.id for one in raised]
    for one in raised:
        for event in alerts.events(tx, [one.id])[one.id]:
            if event.recorded_at >= since:
                words = f"{said(one.text)}: {_words(event.event.value)}"
                yield Step(event.recorded_at, "alert", words, alert=one.id)
    for sent in looking_back.deliveries(tx, numbers):
        if sent.created_at >= since:
            yield Step(
                sent.receipted_at or sent.created_at,
                "delivery",
                f"{said(sent.outlet)}: {_came(sent.receipted_at, sent.attempts, sent.last_error)}",
                sent.topic,
                alert=sent.alert,
            )


def _came(receipted_at: datetime | None, attempts: int, error: str | None) -> str:
    if receipted_at is not None:
        if attempts > 1:
            return gettext("receipted at attempt {n}").format(n=attempts)
        return gettext("receipted")
    return said(error) if error else gettext("on its way")


def _words(name: str) -> str:
    return said(name.replace("_", " "))
