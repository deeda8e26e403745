"""The parts of the rules file that are lists: shifts, who is told, and the outcomes.

Each part that the file has replaces the delivered one whole: a list of which a half is the home's
and a half is ours would be read by nobody. Its text is one line of JSON, which is YAML too, so that
the record of a change and ``nightwarden rules show`` have it as it can be applied.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from nightwarden.rulesfile.document import Document
from nightwarden.rulesfile.outcomes import OUTCOMES_SCHEMA, outcomes_plain, read_outcomes
from nightwarden.rulesfile.shifts_and_policies import (
    POLICIES_SCHEMA,
    SHIFTS_SCHEMA,
    policies_plain,
    read_policies,
    read_shifts,
    shifts_plain,
)
from rules.outcomes import DEFAULT_OUTCOMES, Outcome
from rules.telling import DEFAULT_TELLING, Telling

SHIFTS, WHO_IS_TOLD, OUTCOMES = "shifts", "who_is_told", "outcomes"
SECTIONS = {
    SHIFTS: "the shifts of the home: a name and its hours, local to the home; together they leave "
    "no minute of the day out",
    WHO_IS_TOLD: "whom an alert calls at each rung, by zone and shift; of the policies the first "
    "that fits holds",
    OUTCOMES: "what an alert can be closed with; who must be told then, and what is reviewed",
}
"""Every such part, and what it means."""

SCHEMAS = {SHIFTS: SHIFTS_SCHEMA, WHO_IS_TOLD: POLICIES_SCHEMA, OUTCOMES: OUTCOMES_SCHEMA}


@dataclass(frozen=True, slots=True)
class Sections:
    """What these parts say."""

    telling: Telling = DEFAULT_TELLING
    outcomes: tuple[Outcome, ...] = DEFAULT_OUTCOMES

    def outcome(self, name: str) -> Outcome | None:
        """The outcome with this id, if the home has it."""
        return next((one for one in self.outcomes if one.id == name), None)

    def texts(self) -> dict[str, str]:
        """Each part as a line of the file."""
        plain: dict[str, Any] = {
            SHIFTS: shifts_plain(self.telling.shifts),
            WHO_IS_TOLD: policies_plain(self.telling.policies),
            OUTCOMES: outcomes_plain(self.outcomes),
        }
        return {name: json.dumps(part, ensure_ascii=False) for name, part in plain.items()}


def read_sections(document: Document, content: dict[str, Any]) -> Sections:
    """Take these parts out of ``content``; what is wrong with them is noted in ``document``."""
    sections = Sections()
    given = {name: content.pop(name) for name in SECTIONS if name in content}
    telling = sections.telling
    if (part := given.get(SHIFTS)) is not None:
        telling = replace(telling, shifts=read_shifts(document, (SHIFTS,), part))
    if (part := given.get(WHO_IS_TOLD)) is not None:
        known = [shift.name for shift in telling.shifts]
        telling = replace(telling, policies=read_policies(document, (WHO_IS_TOLD,), part, known))
    if (part := given.get(OUTCOMES)) is not None:
        return Sections(telling, read_outcomes(document, (OUTCOMES,), part))
    return Sections(telling)


def sections_schema() -> Iterable[tuple[str, dict[str, Any]]]:
    """Each part in JSON Schema, with what it means."""
    for name, meaning in SECTIONS.items():
        yield name, {"description": meaning, **SCHEMAS[name]}
