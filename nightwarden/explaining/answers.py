"""What an explanation consists of. Times are aware, UTC; ``as_json`` makes it what the API gives.

Names are those that a board may show: the resident as an alert has them, staff by their name.
"""

from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from nightwarden.model.places import PlaceId
from nightwarden.model.readings import Quantity
from nightwarden.rulesfile.durations import duration_text
from nightwarden.store.tables import Delivery, PauseRow, ReadingRow, Trace
from nightwarden.wire import rfc3339
from rules.explaining import WatchWords
from rules.watching import WatchView

_TRUTHS = frozenset({Quantity.OCCUPANCY, Quantity.CONTACT, Quantity.LINK})


@dataclass(frozen=True, slots=True)
class SettingUsed:
    """A setting that mattered. ``value`` is as the rules file writes it, ``unit`` what a plain
    number is measured in; ``origin`` says who decided it."""

    name: str
    value: str
    unit: str
    meaning: str
    origin: str


@dataclass(frozen=True, slots=True)
class Said:
    """A reading. ``value`` is true or false, a number or a word."""

    device: str
    equipment: str | None
    quantity: str
    value: bool | float | str | None
    measured_at: datetime
    received_at: datetime
    fresh: bool
    late: bool


@dataclass(frozen=True, slots=True)
class Quiet:
    """A decision that raised nothing: of which rule, and why not."""

    at: datetime
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Paused:
    """A pause. ``ended_at`` where somebody ended it before its time."""

    by: str
    reason: str
    since: datetime
    until: datetime
    ended_at: datetime | None
    ended_by: str | None


@dataclass(frozen=True, slots=True)
class Sent:
    """One delivery: how often it was tried, and whether the other side has it."""

    alert: str
    outlet: str
    topic: str
    begun_at: datetime
    attempts: int
    receipted_at: datetime | None
    last_error: str | None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class AlertThen:
    """An alert that was open at the minute, or raised close to it."""

    id: str
    kind: str
    place: str
    text: str
    raised_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class WhyQuiet:
    """The whole answer. ``words`` are sentences, what explains most first.

    ``states`` says of each required or watched thing whether it was armed, paused, off hours or
    blind; ``watches`` what each rule had in mind. Both are empty where ``not_kept`` says why nobody
    knows any more. ``listening`` is how many could sound an alert, None where it is not known.
    """

    room: str
    place: str
    at: datetime
    words: list[str]
    watching: bool
    unwatched: list[Span]
    states: list[WatchView]
    watches: list[WatchWords]
    readings: list[Said]
    quiet: list[Quiet]
    pauses: list[Paused]
    alerts: list[AlertThen]
    deliveries: list[Sent]
    listening: int | None
    not_kept: str | None


def said(row: ReadingRow, equipment: str | None = None) -> Said:
    """A reading as an explanation has it."""
    value: bool | float | str | None = row.word if row.number is None else row.number
    if row.quantity in _TRUTHS and value is not None:
        value = bool(value)
    device = f"{row.dialect}:{row.address}"
    return Said(
        device,
        equipment,
        row.quantity,
        value,
        row.measured_at,
        row.received_at,
        row.fresh,
        row.late,
    )


def quiet(row: Trace) -> Quiet:
    """A kept decision that raised nothing."""
    return Quiet(row.at, row.kind, row.reason)


def paused(row: PauseRow) -> Paused:
    """A pause as an explanation has it."""
    return Paused(row.by, row.reason, row.since, row.until, row.ended_at, row.ended_by)


def sent(row: Delivery) -> Sent:
    """A delivery as an explanation has it."""
    return Sent(
        str(row.alert),
        row.outlet,
        row.topic,
        row.created_at,
        row.attempts,
        row.receipted_at,
        row.last_error,
    )


def as_json(answer: Any) -> Any:
    """An answer, or a part of one, as JSON: instants in RFC 3339, lengths as the rules file's."""
    if isinstance(answer, datetime):
        return rfc3339(answer)
    if isinstance(answer, timedelta):
        return duration_text(answer)
    if isinstance(answer, Enum):
        return answer.value
    if isinstance(answer, PlaceId):
        return str(answer)
    if is_dataclass(answer) and not isinstance(answer, type):
        return {one.name: as_json(getattr(answer, one.name)) for one in fields(answer)}
    if isinstance(answer, dict):
        return {name: as_json(part) for name, part in answer.items()}
    if isinstance(answer, list | tuple):
        return [as_json(part) for part in answer]
    return answer
