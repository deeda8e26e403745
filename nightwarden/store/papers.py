"""The papers of a home as the rules of gaps see them."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from nightwarden.model.papers import (
    AskedFor,
    AssessmentKind,
    AssessmentPaper,
    ConsentBasis,
    ConsentPaper,
    GapKey,
    GapWord,
    Heater,
    Papers,
    ResidentPapers,
)
from nightwarden.model.places import EmitterKind, EquipmentKind, PlaceId
from nightwarden.model.plan import GapDecision
from nightwarden.store import register
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Assessment, Consent, Equipment, GapEntry, Placement, Resident


def load_papers(tx: Transaction) -> Papers:
    """The papers at ``tx.now``, and what people say of the gaps."""
    return Papers(_residents(tx), (*_emitters(tx), *_items(tx)), _words(tx))


def _residents(tx: Transaction) -> tuple[ResidentPapers, ...]:
    asked: dict[str, list[AskedFor]] = defaultdict(list)
    for need in register.requirements_now(tx):
        place, kind = PlaceId(need.room, need.place), EquipmentKind(need.needs)
        one = AskedFor(place, kind, need.review_by, need.since, need.assessment)
        asked[need.resident].append(one)
    assessed: dict[str, list[AssessmentPaper]] = defaultdict(list)
    in_force = select(Assessment).where(col(Assessment.until).is_(None))
    for paper in tx.exec(in_force.order_by(col(Assessment.id))):
        said = AssessmentPaper(paper.ref, AssessmentKind(paper.kind), paper.review_by)
        assessed[paper.resident].append(said)
    consents = {row.resident: row for row in tx.exec(select(Consent).order_by(col(Consent.id)))}
    return tuple(
        _of(row, consents.get(row.id), assessed[row.id], asked[row.id])
        for row in register.residents(tx)
    )


def _of(
    row: Resident, newest: Consent | None, assessed: list[AssessmentPaper], asked: list[AskedFor]
) -> ResidentPapers:
    ended: datetime | None = newest.until if newest is not None else None
    return ResidentPapers(
        id=row.id,
        shown_as=row.shown_as,
        room=row.room,
        since=row.since,
        consent=None if newest is None or newest.until is not None else _consent(newest),
        consent_ended_at=ended,
        assessments=tuple(assessed),
        asked=tuple(asked),
    )


def _consent(row: Consent) -> ConsentPaper:
    return ConsentPaper(ConsentBasis(row.basis), row.by, row.on, row.since, row.review_by)


def _emitters(tx: Transaction) -> list[Heater]:
    return [
        Heater(PlaceId(row.room, row.place), row.since, row.owner, row.use_until)
        for row in register.places(tx)
        if row.emitter == EmitterKind.PORTABLE_HEATER or (row.emitter and row.use_until)
    ]


def _items(tx: Transaction) -> list[Heater]:
    """Portable heaters that stand somewhere. What else is there for a time has a last day too."""
    query = (
        select(Equipment, Placement)
        .join(Placement, col(Placement.equipment) == Equipment.tag)
        .where(col(Placement.until).is_(None), Equipment.kind == EquipmentKind.PORTABLE_HEATER)
    )
    return [
        Heater(
            PlaceId(placed.room, placed.place), placed.since, item.owner, item.use_until, item.tag
        )
        for item, placed in tx.exec(query)
    ]


def _words(tx: Transaction) -> tuple[GapWord, ...]:
    query = select(GapEntry).where(col(GapEntry.ended_at).is_(None)).order_by(col(GapEntry.id))
    return tuple(_word(row) for row in tx.exec(query))


def _word(row: Any) -> GapWord:
    key = GapKey(PlaceId(row.room, row.place), row.needs, row.state, row.equipment)
    decision = (
        GapDecision(row.by, row.at, row.reason or "", row.review_by) if row.review_by else None
    )
    return GapWord(key, row.by, row.at, row.owner, decision)
