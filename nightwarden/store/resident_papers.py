"""What is written down for a resident: assessments, consent, what is required.

A correction is a new entry: the one before it ends and stays. Who changes a plan names the version
of the resident that they saw, and is told when somebody else was quicker.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.model import claims
from nightwarden.model.hours import ALWAYS, Hours
from nightwarden.model.papers import AssessmentKind, ConsentBasis
from nightwarden.model.phrases import phrase
from nightwarden.model.places import EquipmentKind
from nightwarden.store import removals
from nightwarden.store.descriptions import checked
from nightwarden.store.engine import Transaction
from nightwarden.store.residents import requirements_of, resident, seen_before, touched
from nightwarden.store.tables import Assessment, Consent, Place, Requirement

LONGEST_DWELL_S = 600


@dataclass(frozen=True, slots=True)
class AssessmentClaim:
    """An assessment as somebody made it. The four texts are HSIS6's questions."""

    kind: str
    by: str
    on: date
    review_by: date
    ref: str | None = None
    mobility: str | None = None
    heat_sensitivity: str | None = None
    capacity: str | None = None
    furniture: str | None = None
    finding: str | None = None


@dataclass(frozen=True, slots=True)
class ConsentClaim:
    """On what ground a resident is watched, or that they refuse it. ``by``: who decided."""

    basis: str
    by: str
    on: date
    review_by: date | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """What a place of the resident's room needs."""

    place: str
    needs: str
    because: str
    review_by: date
    hours: str = str(ALWAYS)
    dwell_s: int | None = None
    tell: str | None = None
    action: str | None = None
    assessment: str | None = None


def assessments_of(tx: Transaction, ident: str, *, past: bool = False) -> list[Assessment]:
    """A resident's assessments in force, the newest last; with ``past`` all there ever were."""
    query = select(Assessment).where(Assessment.resident == ident)
    if not past:
        query = query.where(col(Assessment.until).is_(None))
    return list(tx.exec(query.order_by(col(Assessment.id))))


def consents_of(tx: Transaction, ident: str) -> list[Consent]:
    """Every record of consent of a resident, the newest last."""
    query = select(Consent).where(Consent.resident == ident)
    return list(tx.exec(query.order_by(col(Consent.id))))


def assess(
    tx: Transaction, ident: str, claim: AssessmentClaim, version: int | None, actor: str
) -> Assessment:
    """Record an assessment; the one before it of the same name ends. Without a name it takes its
    kind's."""
    row = resident(tx, ident)
    seen_before(tx, row, version)
    if claim.kind not in set(AssessmentKind):
        raise Invalid(f'kind: "{claim.kind}" is none of {", ".join(AssessmentKind)}.')
    checked(lambda day: claims.day_not_ahead(day, tx.now), claim.on, "on")
    if claim.review_by <= claim.on:
        raise Invalid("review_by: a day after the one on which it was assessed.")
    said: dict[str, Any] = asdict(claim)
    said["ref"] = checked(claims.name, claim.ref or claim.kind, "ref")
    for field in ("by", "mobility", "heat_sensitivity", "capacity", "furniture", "finding"):
        if said[field] is not None:
            said[field] = checked(claims.text, said[field], field)
    for before in assessments_of(tx, ident):
        if before.ref == said["ref"]:
            before.until, before.ended_by = tx.now, actor
    made = Assessment(resident=ident, since=tx.now, recorded_by=actor, **said)
    tx.add(made)
    # What was judged of a person's body and mind is in the record itself, not in the audit.
    audited = {name: said[name] for name in ("ref", "kind", "by", "on", "review_by")}
    touched(tx, actor, "assessed", row, {"assessment": audited})
    return made


def record_consent(
    tx: Transaction, ident: str, claim: ConsentClaim, version: int | None, actor: str
) -> Consent:
    """Record consent, a best-interests decision or a refusal; the record before it ends."""
    row = resident(tx, ident)
    seen_before(tx, row, version)
    if claim.basis not in set(ConsentBasis):
        raise Invalid(f'basis: "{claim.basis}" is none of {", ".join(ConsentBasis)}.')
    checked(lambda day: claims.day_not_ahead(day, tx.now), claim.on, "on")
    said: dict[str, Any] = asdict(claim)
    said["by"] = checked(claims.text, claim.by, "by")
    said["note"] = checked(claims.text, claim.note, "note") if claim.note else None
    _end_consent(tx, ident, actor)
    made = Consent(resident=ident, since=tx.now, recorded_by=actor, **said)
    tx.add(made)
    touched(tx, actor, "recorded consent", row, {"consent": said})
    return made


def withdraw_consent(tx: Transaction, ident: str, why: str, actor: str) -> None:
    """The record in force no longer holds; consent is missing from now on."""
    row = resident(tx, ident)
    why = checked(claims.text, why, "why")
    if not _end_consent(tx, ident, actor):
        raise Conflict(f"There is no consent of {row.shown_as} in force.")
    touched(tx, actor, "withdrew consent", row, {"consent": None, "why": why})


def require(
    tx: Transaction, ident: str, need: Need, version: int | None, actor: str
) -> Requirement:
    """Ask for a kind of equipment at a place, or word anew what is asked for there already; then
    it keeps its age."""
    row = resident(tx, ident)
    seen_before(tx, row, version)
    said = _checked_need(tx, ident, row.room, need)
    since = tx.now
    for before in requirements_of(tx, ident):
        if (before.place, before.needs) == (need.place, need.needs):
            before.until, since = tx.now, before.since
    made = Requirement(resident=ident, room=row.room, since=since, **said)
    tx.add(made)
    touched(tx, actor, "required", row, {"requirement": said})
    return made


def end_requirement(
    tx: Transaction, ident: str, number: int, why: str, version: int | None, actor: str
) -> None:
    """It is no longer asked for, and this is why."""
    row = resident(tx, ident)
    seen_before(tx, row, version)
    need = tx.get(Requirement, number)
    if need is None or need.resident != ident:
        raise NotFound(f"There is no requirement {number} of {row.shown_as}.")
    if need.until is not None:
        raise Conflict(f"Requirement {number} has ended already.")
    with removals.watched(tx, actor, reason=checked(claims.text, why, "why")):
        need.until = tx.now
    ended = {"ended": f"{need.needs} at {need.room}/{need.place}"}
    touched(tx, actor, "no longer required", row, ended | {"why": checked(claims.text, why, "why")})


def _end_consent(tx: Transaction, ident: str, actor: str) -> bool:
    present = [row for row in consents_of(tx, ident) if row.until is None]
    for row in present:
        row.until, row.ended_by = tx.now, actor
    return bool(present)


def _checked_need(tx: Transaction, ident: str, room: str, need: Need) -> dict[str, Any]:
    said: dict[str, Any] = asdict(need)
    place = tx.get(Place, (room, need.place))
    if place is None or place.removed_at is not None:
        raise Invalid(f'place: there is no place "{need.place}" in room "{room}".')
    if need.needs not in set(EquipmentKind):
        raise Invalid(f'needs: "{need.needs}" is none of {", ".join(EquipmentKind)}.')
    try:
        said["hours"] = str(Hours.parse(need.hours))
    except ValueError as problem:
        raise Invalid(f"hours: {problem}.") from None
    if need.dwell_s is not None and not 0 <= need.dwell_s <= LONGEST_DWELL_S:
        raise Invalid(f"dwell_s: from 0 to {LONGEST_DWELL_S} seconds.")
    said["because"] = checked(claims.text, need.because, "because")
    for field in ("tell", "action"):
        if said[field]:
            said[field] = checked(claims.text, said[field], field)
    known = {one.ref for one in assessments_of(tx, ident)}
    if need.assessment is not None and need.assessment not in known:
        raise Invalid(
            f'assessment: there is no assessment "{need.assessment}" in force; '
            f"there are {', '.join(sorted(known)) or phrase('none')}."
        )
    return said
