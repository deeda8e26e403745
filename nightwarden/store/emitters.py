"""The survey of heat emitters: each one of the home, assessed or not. None is closed by assumption.

The newest assessment stands at the place itself, all of them in their own table: a correction is a
later one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select

from nightwarden.errors import Invalid, NotFound
from nightwarden.model import claims
from nightwarden.model.phrases import phrase
from nightwarden.model.places import PlaceId
from nightwarden.store import audit, meta
from nightwarden.store.descriptions import checked
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import EmitterAssessment, Place

LOOKED_AT = (phrase("panel"), phrase("pipes"), phrase("valves"), phrase("furniture"))
"""What an assessment looks at: the panel, its pipes, its valves, and furniture that traps (H2)."""


@dataclass(frozen=True, slots=True)
class EmitterClaim:
    """What somebody says of an emitter at which they stood. ``answers``: what of ``LOOKED_AT`` is
    safe, True, or not."""

    by: str
    on: date
    finding: str
    answers: Mapping[str, bool]


def emitter(tx: Transaction, place: PlaceId) -> Place:
    """A place that gives off heat.

    Raises:
        NotFound: there is no such place, or it gives off none.
    """
    row = tx.get(Place, tuple(place))
    if row is None or row.removed_at is not None or not row.emitter:
        raise NotFound(f'There is no heat emitter "{place.place}" in room "{place.room}".')
    return row


def assess_emitter(tx: Transaction, place: PlaceId, claim: EmitterClaim, actor: str) -> Place:
    """Record what somebody found at an emitter."""
    row = emitter(tx, place)
    by = checked(claims.text, claim.by, "by")
    finding = checked(claims.text, claim.finding, "finding")
    checked(lambda day: claims.day_not_ahead(day, tx.now), claim.on, "on")
    if unknown := set(claim.answers) - set(LOOKED_AT):
        raise Invalid(f"answers: {', '.join(sorted(unknown))} is none of {', '.join(LOOKED_AT)}.")
    if row.assessed_on is None or claim.on >= row.assessed_on:
        row.assessed_by, row.assessed_on, row.assessed_finding = by, claim.on, finding
    tx.add(
        EmitterAssessment(
            room=place.room,
            place=place.place,
            by=by,
            on=claim.on,
            finding=finding,
            answers=dict(claim.answers),
            recorded_at=tx.now,
            recorded_by=actor,
        )
    )
    said = {"by": by, "on": claim.on.isoformat(), "finding": finding}
    _note(tx, actor, "assessed", place, {**said, "answers": dict(claim.answers)})
    return row


def set_heater(
    tx: Transaction, place: PlaceId, owner: str | None, use_until: date | None, actor: str
) -> Place:
    """Say who answers for what is there for a time, and until when it may stay."""
    row = emitter(tx, place)
    row.owner = checked(claims.text, owner, "owner") if owner else None
    row.use_until = use_until
    said = {"owner": row.owner, "use_until": use_until and use_until.isoformat()}
    _note(tx, actor, "set the end of", place, said)
    return row


def assessments_at(tx: Transaction, place: PlaceId) -> list[EmitterAssessment]:
    """All that was ever found at an emitter by an assessment, the newest first."""
    query = select(EmitterAssessment).where(
        EmitterAssessment.room == place.room, EmitterAssessment.place == place.place
    )
    return list(tx.exec(query.order_by(col(EmitterAssessment.id).desc())))


def _note(
    tx: Transaction, actor: str, action: str, place: PlaceId, detail: Mapping[str, object]
) -> None:
    tx.flush()
    meta.plan_changed(tx)
    audit.record(tx, actor, action, f"place {place}", dict(detail))
