"""What the engine was fed beside readings, so that a recorded night can be given to it again.

1. Readings are in ``reading``. Everything else that an engine is told (the plan and its pauses,
   the rules' version, which alerts people have closed, when nobody could hear) is a line here,
   written in the transaction in which the engine was told.
2. A line stands after the reading that the engine had heard last (``after_reading``) and says
   which instant it had reached (``reached``). With both, every input has its place in one order.
3. A plan is kept once, by its digest; pauses, rounds and calls come and go and stand in the line
   itself.
4. A ``snapshot`` once a day holds the engine's whole memory, so that a week needs no year before
   it. What an input of an earlier Nightwarden lacks has its default.

A little over 300 lines, because how a line is written and how it is read belong side by side.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson
from pydantic import TypeAdapter
from sqlalchemy import delete, func
from sqlmodel import col, select

from nightwarden.model.alerts import AlertKind, Cause, Priority, StandingAlert
from nightwarden.model.calls import HelpCall
from nightwarden.model.places import PlaceId
from nightwarden.model.plan import Plan
from nightwarden.model.readings import DeviceId, Quantity, Reading
from nightwarden.model.rounds import Round
from nightwarden.model.staff import Staff
from nightwarden.model.watches import Pause
from nightwarden.store import meta
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import EngineInput, KeptPlan


class InputKind(StrEnum):
    """What a line says."""

    SNAPSHOT = "snapshot"
    """The engine's whole memory; with it the plan, the open alerts and the last outage."""
    PLAN = "plan"
    """The register, a pause or the rules have changed."""
    CLOSED = "closed"
    """People have closed the alerts of these causes; ``made_anew``: they did while the engine was
    being made, which had decided nothing yet."""
    ATTENDED = "attended"
    """People are at the alerts of these causes: the same cause again opens such an alert again."""
    OPEN_AGAIN = "open_again"
    """The alerts of these causes were closed by mistake, and are attended again."""
    UNWATCHED = "unwatched"
    """Nothing could be heard for a time; ``restarted`` where the engine was made anew."""
    STAFF = "staff"
    """How many listen, or when somebody last acted, has changed."""
    DOUBTED = "doubted"
    """A reading that was not believed: the next one is judged by it."""
    SET_BACK = "set_back"
    """The machine's clock went back; every instant in the memory went with it. Written with them,
    whatever becomes of the turn after it: an engine is made of the memory by the next line."""
    MADE = "made"
    """The engine was made anew of its memory, and nothing was missed."""


class Input(NamedTuple):
    """One line of the journal."""

    id: int
    at: datetime
    reached: datetime
    after_reading: int
    kind: InputKind
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What an engine is made from. ``last_alert``: the number of the newest alert until then."""

    plan: Plan
    rules_version: int
    memories: Mapping[str, dict[str, Any]]
    standing: Sequence[StandingAlert]
    last_alert: int
    outage: tuple[datetime, datetime] | None
    staff: Staff | None = None


def note(
    tx: Transaction, kind: InputKind, reached: datetime, body: Mapping[str, Any], *, ahead: int = 0
) -> None:
    """Write a line at ``tx.now``.

    Args:
        kind: what it says.
        reached: ``Engine.now`` before the engine was told.
        body: as the functions below make it.
        ahead: readings heard in this transaction that are not in the store yet.
    """
    packed = zlib.compress(orjson.dumps(body), 1)
    tx.add(
        EngineInput(
            at=tx.now,
            reached=reached,
            after_reading=_last_reading(tx) + ahead,
            kind=kind.value,
            body=packed,
        )
    )
    tx.flush()


def inputs(tx: Transaction, after: int, until: datetime) -> Iterator[Input]:
    """The lines after line ``after`` and up to the last one at or before ``until``, in order."""
    query = (
        select(EngineInput)
        .where(col(EngineInput.id) > after, col(EngineInput.id) <= _last_by(tx, until))
        .order_by(col(EngineInput.id))
        .execution_options(yield_per=500)
    )
    for row in tx.exec(query):
        yield read(row)


def snapshot_before(tx: Transaction, instant: datetime) -> Input | None:
    """The newest snapshot before anything later than ``instant``; None if the journal has none.

    Where the clock went back, before the first time that ``instant`` was reached.
    """
    later = tx.exec(select(func.min(EngineInput.id)).where(col(EngineInput.at) > instant)).one()
    query = select(EngineInput).where(col(EngineInput.kind) == InputKind.SNAPSHOT)
    if later is not None:
        query = query.where(col(EngineInput.id) < later)
    row = tx.exec(query.order_by(col(EngineInput.id).desc()).limit(1)).first()
    return None if row is None else read(row)


def first_snapshot(tx: Transaction) -> Input | None:
    """Where the journal begins."""
    query = (
        select(EngineInput)
        .where(col(EngineInput.kind) == InputKind.SNAPSHOT)
        .order_by(col(EngineInput.id))
        .limit(1)
    )
    row = tx.exec(query).first()
    return None if row is None else read(row)


def last_reading_by(tx: Transaction, instant: datetime) -> int:
    """A reading after which none was received by ``instant``."""
    later = (
        select(EngineInput.after_reading)
        .where(col(EngineInput.id) > _last_by(tx, instant))
        .order_by(col(EngineInput.id))
        .limit(1)
    )
    found = tx.exec(later).first()
    return _last_reading(tx) if found is None else found


def reached_by(tx: Transaction, instant: datetime) -> datetime:
    """How far the engine had come by ``instant``; from then on it may have been off."""
    later = (
        select(EngineInput.reached)
        .where(col(EngineInput.id) > _last_by(tx, instant))
        .order_by(col(EngineInput.id))
        .limit(1)
    )
    reached = tx.exec(later).first() or meta.instant(tx, meta.REACHED)
    return instant if reached is None else min(instant, reached)


def forget(tx: Transaction, before: datetime, most: int = 5_000) -> int:
    """Delete up to ``most`` lines older than ``before``; returns how many went."""
    old = list(
        tx.exec(
            select(EngineInput.id)
            .where(col(EngineInput.at) < before)
            .order_by(col(EngineInput.id))
            .limit(most)
        )
    )
    if old:
        tx.sql.execute(delete(EngineInput).where(col(EngineInput.id).in_(old)))
    return len(old)


# --- bodies -----------------------------------------------------------------------------------


def plan_body(tx: Transaction, plan: Plan, rules_version: int) -> dict[str, Any]:
    """A plan as a line holds it; the plan itself is kept beside, once."""
    plans, pauses, rounds, calls = _adapters()
    packed = plans.dump_json(replace(plan, pauses=(), rounds=(), calls=()))
    digest = blake2b(packed, digest_size=16).hexdigest()
    if tx.get(KeptPlan, digest) is None:
        tx.add(KeptPlan(digest=digest, body=zlib.compress(packed)))
        tx.flush()
    return {
        "plan": digest,
        "pauses": orjson.loads(pauses.dump_json(plan.pauses)),
        "rounds": orjson.loads(rounds.dump_json(plan.rounds)),
        "calls": orjson.loads(calls.dump_json(plan.calls)),
        "rules": rules_version,
    }


def plan_of(tx: Transaction, body: Mapping[str, Any]) -> tuple[Plan, int]:
    """The plan of a line, and the rules' version that it worked under."""
    plans, pauses, rounds, calls = _adapters()
    row = tx.get_one(KeptPlan, body["plan"])
    plan = plans.validate_json(zlib.decompress(row.body))
    paused = pauses.validate_python(body["pauses"])
    walked = rounds.validate_python(body.get("rounds", []))
    called = calls.validate_python(body.get("calls", []))
    return replace(plan, pauses=paused, rounds=walked, calls=called), int(body["rules"])


def snapshot_body(tx: Transaction, snapshot: Snapshot) -> dict[str, Any]:
    """A snapshot as a line holds it."""
    return {
        **plan_body(tx, snapshot.plan, snapshot.rules_version),
        "memories": snapshot.memories,
        "standing": [_standing_body(alert) for alert in snapshot.standing],
        "last_alert": snapshot.last_alert,
        "outage": None if snapshot.outage is None else [t.isoformat() for t in snapshot.outage],
        "staff": None if snapshot.staff is None else staff_body(snapshot.staff),
    }


def snapshot_of(tx: Transaction, body: Mapping[str, Any]) -> Snapshot:
    """The snapshot of a line."""
    plan, version = plan_of(tx, body)
    outage = body["outage"]
    return Snapshot(
        plan=plan,
        rules_version=version,
        memories=body["memories"],
        standing=[_standing_of(alert) for alert in body["standing"]],
        last_alert=body["last_alert"],
        outage=outage and (datetime.fromisoformat(outage[0]), datetime.fromisoformat(outage[1])),
        staff=body["staff"] and staff_of(body["staff"]),
    )


def causes_body(causes: Iterable[Cause]) -> dict[str, Any]:
    """Causes as a line holds them."""
    return {"causes": [_cause_body(cause) for cause in causes]}


def causes_of(body: Mapping[str, Any]) -> list[Cause]:
    """The causes of a line."""
    return [_cause_of(cause) for cause in body["causes"]]


def staff_body(staff: Staff) -> dict[str, Any]:
    """What is known of the people as a line holds it."""
    times = (staff.acted_at, staff.waiting_since)
    acted_at, waiting_since = (at.isoformat() if at else None for at in times)
    return {
        "listening": staff.listening,
        "acted_at": acted_at,
        "waiting_since": waiting_since,
    }


def staff_of(body: Mapping[str, Any]) -> Staff:
    """What a line says of the people."""
    times = (body["acted_at"], body["waiting_since"])
    acted_at, waiting_since = (datetime.fromisoformat(at) if at else None for at in times)
    return Staff(int(body["listening"]), acted_at, waiting_since)


def reading_body(reading: Reading) -> dict[str, Any]:
    """A reading as a line holds it."""
    return {
        **reading._asdict(),
        "device": list(reading.device),
        "measured_at": reading.measured_at.isoformat(),
        "received_at": reading.received_at.isoformat(),
    }


def reading_of(body: Mapping[str, Any]) -> Reading:
    """The reading of a line."""
    times = {name: datetime.fromisoformat(body[name]) for name in ("measured_at", "received_at")}
    known = {**body, **times, "device": DeviceId(*body["device"])}
    return Reading(**{**known, "quantity": Quantity(body["quantity"])})


@cache
def _adapters() -> tuple[
    TypeAdapter[Plan],
    TypeAdapter[tuple[Pause, ...]],
    TypeAdapter[tuple[Round, ...]],
    TypeAdapter[tuple[HelpCall, ...]],
]:
    return (
        TypeAdapter(Plan),
        TypeAdapter(tuple[Pause, ...]),
        TypeAdapter(tuple[Round, ...]),
        TypeAdapter(tuple[HelpCall, ...]),
    )


def _last_reading(tx: Transaction) -> int:
    """The number of the reading that was written last, forgotten or not."""
    given = tx.sql.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'reading'")
    return given.scalar() or 0


def _last_by(tx: Transaction, instant: datetime) -> int:
    """The last line that was written at or before ``instant``."""
    return (
        tx.exec(select(func.max(EngineInput.id)).where(col(EngineInput.at) <= instant)).one() or 0
    )


def _cause_body(cause: Cause) -> list[str]:
    return [cause.kind.value, *cause.place, cause.subject]


def _cause_of(body: Sequence[str]) -> Cause:
    kind, room, place, subject = body
    return Cause(AlertKind(kind), PlaceId(room, place), subject)


def _standing_body(alert: StandingAlert) -> list[Any]:
    cleared = alert.cleared_at and alert.cleared_at.isoformat()
    return [alert.id, _cause_body(alert.cause), alert.priority.value, cleared, alert.attended]


def _standing_of(body: Sequence[Any]) -> StandingAlert:
    number, cause, priority, cleared, attended = body
    cleared_at = cleared and datetime.fromisoformat(cleared)
    return StandingAlert(number, _cause_of(cause), Priority(priority), cleared_at, attended)


def read(row: EngineInput) -> Input:
    """A line as it was written."""
    assert row.id is not None
    body = orjson.loads(zlib.decompress(row.body))
    return Input(row.id, row.at, row.reached, row.after_reading, InputKind(row.kind), body)
