"""Why a place was silent at a minute: what was watched, what was known, who could hear.

1. The state of each watch is the engine's own, as it was then (``recalled.py``); readings, pauses,
   alerts and deliveries are those of the record around it.
2. The first sentence is the first thing that explains a silence: nobody watched; nobody knows any
   more; it was not silent at all; it was paused, off hours or blind; it watched and there was
   nothing to raise; nobody could hear.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from nightwarden.errors import Invalid, NotFound
from nightwarden.explaining.answers import (
    AlertThen,
    Quiet,
    Said,
    Sent,
    Span,
    WhyQuiet,
    paused,
    quiet,
    said,
    sent,
)
from nightwarden.explaining.recalled import Recalled, engine_at, engine_now
from nightwarden.explaining.sentences import sentences
from nightwarden.model.alerts import AlertKind
from nightwarden.model.places import PlaceId
from nightwarden.model.plan import Plan
from nightwarden.store import looking_back, meta, register
from nightwarden.store.engine import Transaction
from nightwarden.store.plan import load_plan
from nightwarden.store.tables import Alert
from rules.explaining import WatchWords
from rules.watching import WatchView, watch_views

BEFORE = timedelta(minutes=10)
AFTER = timedelta(minutes=2)
"""How far around the minute readings, pauses and decisions are shown."""

_ORDER = {kind: number for number, kind in enumerate(AlertKind)}

NOW = timedelta(seconds=2)
"""What lies no further back is asked of the present state."""


def why_quiet(tx: Transaction, place: PlaceId, at: datetime) -> WhyQuiet:
    """Why ``place`` was silent at ``at`` (aware, UTC); the last moment is the present state.

    Takes as long as a replay of up to a day and a half: not for an event loop.

    Raises:
        NotFound: the home has no such place, and had none then.
        Invalid: ``at`` lies in the future.
    """
    if at > tx.now:
        raise Invalid("That time lies in the future; ask about what has been")
    since, until = at - BEFORE, min(at + AFTER, tx.now)
    recalled = _recalled(tx, place, at, since)
    plan = _plan(tx, recalled, at)
    _must_exist(tx, place, plan)
    states, watches = _minds(recalled, place, at)
    spans = _unwatched(tx, since, until)
    there = any(span.since <= at < span.until for span in spans)
    open_then = looking_back.open_at(tx, place.room, at)
    lately = looking_back.raised_between(tx, place, at, until)
    staff = looking_back.staff_at(tx, at)
    answer = WhyQuiet(
        room=place.room,
        place=place.place,
        at=at,
        words=[],
        watching=not there,
        unwatched=spans,
        states=states,
        watches=watches,
        readings=_readings(tx, plan, place, since, until),
        quiet=_decided(tx, recalled, place, since, until),
        pauses=[paused(row) for row in looking_back.pauses(tx, place, since, until)],
        alerts=[_alert(row) for row in (*open_then, *lately)],
        deliveries=_deliveries(tx, [*open_then, *lately], since, until),
        listening=None if staff is None else staff.listening,
        not_kept=recalled.why_not,
    )
    return replace(answer, words=list(sentences(answer, plan.zone, now=tx.now - at < NOW)))


def _recalled(tx: Transaction, place: PlaceId, at: datetime, since: datetime) -> Recalled:
    if tx.now - at < NOW:
        return Recalled(engine_now(tx), [], None)
    return engine_at(tx, place, at, since)


def _plan(tx: Transaction, recalled: Recalled, at: datetime) -> Plan:
    """The plan of the time, or as it is now where nothing is kept of then."""
    if recalled.engine is not None:
        return recalled.engine.plan
    kept = looking_back.plan_at(tx, at)
    plan = load_plan(tx) if kept is None else kept[0]
    if plan is None:
        raise NotFound("There is no home here yet; `nightwarden apply FILE` makes one")
    return plan


def _must_exist(tx: Transaction, place: PlaceId, plan: Plan) -> None:
    known = {PlaceId(row.room, row.place) for row in register.places(tx)}
    known |= {one.place for one in plan.requirements} | {one.place for one in plan.items}
    if place not in known:
        raise NotFound(f"There is no place {place} in this home.")


def _minds(
    recalled: Recalled, place: PlaceId, at: datetime
) -> tuple[list[WatchView], list[WatchWords]]:
    engine = recalled.engine
    if engine is None:
        return [], []
    views = watch_views(engine.plan, engine.liveness, at)
    return [view for view in views if view.place == place], sorted(
        engine.in_words(place), key=_people_first
    )


def _people_first(words: WatchWords) -> int:
    """In the order of the kinds: what is about a person comes before what is about kit."""
    return min((_ORDER[kind] for kind in words.kinds), default=len(_ORDER))


def _unwatched(tx: Transaction, since: datetime, until: datetime) -> list[Span]:
    """When nothing could be heard, with what goes on still: no proof has been kept since."""
    spans = looking_back.unwatched_around(tx, since, until)
    proved = meta.instant(tx, meta.DECIDED_AT)
    if proved is not None and proved < until and tx.now - proved >= meta.PROOF_HOLDS:
        spans.append((proved, tx.now + NOW))
    return [Span(*span) for span in spans if span[1] - span[0] >= meta.PROOF_HOLDS]


def _readings(
    tx: Transaction, plan: Plan, place: PlaceId, since: datetime, until: datetime
) -> list[Said]:
    """What was last known before, and what was said around the minute."""
    found = []
    for item in plan.items:
        if item.place != place or item.device is None:
            continue
        rows = looking_back.changes_before(tx, item.device, since)
        rows += looking_back.readings_around(tx, [item.device], since, until)
        found += [said(row, item.tag) for row in rows]
    return sorted(found, key=lambda one: one.measured_at)


def _decided(
    tx: Transaction, recalled: Recalled, place: PlaceId, since: datetime, until: datetime
) -> list[Quiet]:
    """What was decided and raised nothing: of the replay, else what was kept as a trace."""
    kept = [quiet(row) for row in looking_back.traces(tx, place, since, until)]
    again = {(one.kind, one.reason) for one in recalled.quiet}
    more = [one for one in kept if (one.kind, one.reason) not in again]
    return sorted([*recalled.quiet, *more], key=lambda one: one.at)


def _deliveries(tx: Transaction, rows: list[Alert], since: datetime, until: datetime) -> list[Sent]:
    numbers = [row.id for row in rows if row.id is not None]
    found = looking_back.deliveries(tx, numbers, until)
    return [sent(row) for row in found if row.receipted_at is None or row.receipted_at >= since]


def _alert(row: Alert) -> AlertThen:
    place = str(PlaceId(row.room, row.place))
    return AlertThen(str(row.id), row.kind, place, row.text, row.raised_at, row.closed_at)
