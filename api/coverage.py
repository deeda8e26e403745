"""The share of required time that was really protected, at the moment of asking.

The gateway writes spans when something changes; an open one is brought up to now here, by the same
rule. While nothing proves that the monitor works, the time since the last proof is lost, whatever
an open span says.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from nightwarden.model.places import EquipmentKind, PlaceId
from nightwarden.model.plan import Plan
from nightwarden.model.protection import Span
from nightwarden.rulesfile.in_force import load_rules
from nightwarden.store import meta, protection, rounds
from nightwarden.store.engine import Transaction
from nightwarden.store.plan import load_plan
from rules.manual_rounds import covered_time
from rules.protected_share import CoverageTarget, NightShare, Share, night_shares
from rules.protected_time import Look, brought_up

NIGHTS = 7
"""How many nights are shown when nobody says which, tonight's included."""

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PlaceShare:
    """One requirement over several nights. ``short``: on how many it fell short of the target."""

    place: PlaceId
    needs: EquipmentKind
    nights: int
    short: int
    share: Share


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the figures of these nights are; nights with the latest first, places worst first."""

    since: date
    until: date
    target: CoverageTarget
    nights: list[NightShare]
    places: list[PlaceShare]
    home: Share
    residents: Mapping[str, str]


def coverage_between(
    tx: Transaction, since: date | None = None, until: date | None = None, room: str | None = None
) -> Coverage:
    """The figures of the nights from ``since`` to ``until``, both included."""
    plan, target = load_plan(tx), load_rules(tx).coverage
    latest = plan and tx.now.astimezone(plan.zone).date()
    until = until or latest or tx.now.date()
    since = since or until - (NIGHTS - 1) * A_DAY
    spans = spans_of(tx, plan, since, until, room)
    covered: dict[PlaceId, list[tuple[datetime, datetime]]] = {}
    if spans:
        first = min(span.since for span in spans)
        looks = rounds.looks_between(tx, first, tx.now)
        covered = {place: covered_time(found) for place, found in looks.items()}
    nights = night_shares(spans, covered, tx.now)
    nights.sort(key=lambda night: (-night.night.toordinal(), _worst(night.share), night.place))
    home = Share()
    for night in nights:
        home.add(night.share)
    return Coverage(
        since, until, target, nights, _places(nights, target), home, plan.residents if plan else {}
    )


def spans_of(
    tx: Transaction, plan: Plan | None, since: date, until: date, room: str | None = None
) -> list[Span]:
    """The spans of the nights from ``since`` to ``until``, both included, open ones as by now."""
    spans = protection.closed_spans(tx, since, until, room)
    spans += [
        span
        for span in _open(tx, plan)
        if since <= span.night <= until and room in (None, span.place.room)
    ]
    return spans


def _open(tx: Transaction, plan: Plan | None) -> Iterable[Span]:
    """The open spans, brought up to ``tx.now``; nothing is written."""
    if plan is None:
        return
    last = protection.open_spans(tx)
    look = Look(
        now=tx.now,
        proved_at=meta.instant(tx, meta.PROOF_AT),
        before=meta.instant(tx, meta.COVERAGE_SEEN_AT),
        holds=meta.PROOF_HOLDS,
    )
    if look.before is None or not look.lapsed:
        yield from last.values()
        return
    for _, spans in brought_up(plan, last, {}, look):
        yield from spans


def _places(nights: Iterable[NightShare], target: CoverageTarget) -> list[PlaceShare]:
    by_place: dict[tuple[PlaceId, EquipmentKind], list[NightShare]] = {}
    for night in nights:
        by_place.setdefault((night.place, night.needs), []).append(night)
    places = []
    for key, own in by_place.items():
        total = Share()
        for night in own:
            total.add(night.share)
        short = sum(night.share.falls_short(target) for night in own)
        places.append(PlaceShare(*key, len(own), short, total))
    return sorted(places, key=lambda one: (_worst(one.share), one.place, one.needs))


def _worst(share: Share) -> float:
    return 101.0 if share.percent is None else share.percent
