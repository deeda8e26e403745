"""The part of a plan that speaks of what is written down: assessments, consent, models of kit.

A file adds and corrects; what it leaves out it does not take back, so that an old file never makes
a consent of last week unsaid.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from sqlmodel import col, select

from nightwarden.homefile.changes import Change, differences
from nightwarden.homefile.shape import AssessmentPart, ConsentPart, HomeFile, ModelPart
from nightwarden.store.engine import Transaction
from nightwarden.store.kit_models import kit_models
from nightwarden.store.tables import Assessment, Consent, KitModel


def papers_changes(tx: Transaction, home_file: HomeFile, actor: str) -> Iterator[Change]:
    """Every assessment and every consent that is new, or says something else."""
    in_force = select(Assessment).where(col(Assessment.until).is_(None))
    assessed = {(row.resident, row.ref): row for row in tx.exec(in_force)}
    agreed = select(Consent).where(col(Consent.until).is_(None))
    consents = {row.resident: row for row in tx.exec(agreed)}
    for resident in home_file.residents:
        for part in resident.assessments:
            row = assessed.get((resident.id, part.id))
            write = partial(_assess, resident.id, part, row, actor)
            if row is None:
                text = f"{resident.id} {part.kind} assessment {part.id} by {part.by} on {part.on}"
                yield Change("+", text, write)
            elif said := differences(row, _assessment(part)):
                yield Change("~", f"{resident.id} assessment {part.id} {said}", write)
        if resident.consent is None:
            continue
        kept = consents.get(resident.id)
        record = partial(_consent, resident.id, resident.consent, kept, actor)
        if kept is None:
            text = f"{resident.id} {resident.consent.basis} by {resident.consent.by}"
            yield Change("+", f"{text} on {resident.consent.on}", record)
        elif said := differences(kept, _consented(resident.consent)):
            yield Change("~", f"{resident.id} consent {said}", record)


def models_changes(tx: Transaction, home_file: HomeFile, actor: str) -> Iterator[Change]:
    """Every model that is new, or of which something else is said."""
    kept = {(row.make, row.model): row for row in kit_models(tx)}
    for part in home_file.models:
        row = kept.get((part.make, part.model))
        write = partial(_describe, part, 0 if row is None else row.version + 1, actor)
        if row is None:
            yield Change("+", f"model {part.make} {part.model}", write)
        elif said := differences(row, _described(part)):
            yield Change("~", f"model {part.make} {part.model} {said}", write)


def _assessment(part: AssessmentPart) -> dict[str, Any]:
    said = part.model_dump(exclude={"id"})
    return {**said, "kind": part.kind.value}


def _assess(
    resident: str, part: AssessmentPart, before: Assessment | None, actor: str, tx: Transaction
) -> None:
    if before is not None:
        before.until, before.ended_by = tx.now, actor
    said = _assessment(part)
    tx.add(Assessment(resident=resident, ref=part.id, since=tx.now, recorded_by=actor, **said))


def _consented(part: ConsentPart) -> dict[str, Any]:
    return {**part.model_dump(), "basis": part.basis.value}


def _consent(
    resident: str, part: ConsentPart, before: Consent | None, actor: str, tx: Transaction
) -> None:
    if before is not None:
        before.until, before.ended_by = tx.now, actor
    tx.add(Consent(resident=resident, since=tx.now, recorded_by=actor, **_consented(part)))


def _described(part: ModelPart) -> dict[str, Any]:
    said = part.model_dump(exclude={"make", "model"})
    return {**said, "kind": part.kind and part.kind.value}


def _describe(part: ModelPart, version: int, actor: str, tx: Transaction) -> None:
    row = KitModel(make=part.make, model=part.model, changed_at=tx.now, changed_by=actor)
    row.sqlmodel_update(_described(part) | {"version": version})
    tx.merge(row)
