"""What is written down about residents and heaters, and what people have said of gaps.

Beside the plan, because no watch and no alert depends on it: a person is watched whether or not
the papers are in order, and what is not in order is a gap.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from nightwarden.model.phrases import vocabulary
from nightwarden.model.places import EquipmentKind, PlaceId
from nightwarden.model.plan import GapDecision


@vocabulary
class AssessmentKind(StrEnum):
    """What was assessed."""

    FALLS = "falls"
    BURNS = "burns"
    OTHER = "other"


@vocabulary
class ConsentBasis(StrEnum):
    """On what ground a person is watched."""

    CONSENT = "consent"
    BEST_INTERESTS = "best_interests"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ConsentPaper:
    """The record in force. ``on`` is claimed, ``since`` ours."""

    basis: ConsentBasis
    by: str
    on: date
    since: datetime
    review_by: date | None = None


@dataclass(frozen=True, slots=True)
class AssessmentPaper:
    """An assessment in force; ``ref`` is its name."""

    ref: str
    kind: AssessmentKind
    review_by: date


@dataclass(frozen=True, slots=True)
class AskedFor:
    """A requirement in force, as far as papers go."""

    place: PlaceId
    needs: EquipmentKind
    review_by: date
    since: datetime
    assessment: str | None = None


@dataclass(frozen=True, slots=True)
class ResidentPapers:
    """All that is written down about one resident."""

    id: str
    shown_as: str
    room: str
    since: datetime
    consent: ConsentPaper | None = None
    consent_ended_at: datetime | None = None
    assessments: tuple[AssessmentPaper, ...] = ()
    asked: tuple[AskedFor, ...] = ()


@dataclass(frozen=True, slots=True)
class Heater:
    """What gives off heat and is there for a time; ``tag`` where it is an item."""

    place: PlaceId
    since: datetime
    owner: str | None = None
    use_until: date | None = None
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class GapKey:
    """Which gap is meant. Another state at the same place is another gap."""

    place: PlaceId
    needs: str
    state: str
    equipment: str | None = None


@dataclass(frozen=True, slots=True)
class GapWord:
    """What somebody has said of a gap: whose it is, or that it stays so for a time."""

    key: GapKey
    by: str
    at: datetime
    owner: str | None = None
    decision: GapDecision | None = None


@dataclass(frozen=True, slots=True)
class Papers:
    """The papers of a home, and what was said of its gaps, the newest last."""

    residents: tuple[ResidentPapers, ...] = ()
    heaters: tuple[Heater, ...] = ()
    words: tuple[GapWord, ...] = ()
