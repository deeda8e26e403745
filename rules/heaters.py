"""Portable heaters past the time that they were put in a room for (H3, H4).

1. A portable heater is somewhere for a time: somebody looks after it, and it has an end. At its
   end it is raised, and at every hour: an oil-filled heater that nobody remembers has burned people
   who sat on it.
2. It is cleared when somebody says where the heater went, or that it stays, until when and why.
"""

from collections.abc import Iterator

from nightwarden.model.alerts import AlertKind, Priority
from nightwarden.model.phrases import phrase
from nightwarden.model.plan import Plan
from rules import wording
from rules.decisions import Reason
from rules.findings import Finding, FindingRule
from rules.moments import Moments


def _overdue(plan: Plan, moments: Moments) -> Iterator[Finding]:
    for item in plan.items:
        if item.due_back is None:
            continue
        kind, until = (
            wording.kind_words(item.kind),
            wording.moment_of_day(item.due_back, moments.zone),
        )
        yield Finding(
            item=item,
            what=phrase(f"{kind} {item.tag} still here, due away at {until}"),
            action=_action(item.lent_to),
            priority=Priority.MEDIUM,
            since=item.due_back,
            due=item.due_back + moments.book.heater_overdue.after,
        )


def _action(lent_to: str | None) -> str:
    if lent_to:
        return phrase(
            f"Feel how hot it is and keep people from it. Ask {lent_to}, who looks after it. "
            "Take it away and say so, or say until when it stays."
        )
    return phrase(
        "Feel how hot it is and keep people from it. Take it away and say so, or say until when "
        "it stays."
    )


HEATER_OVERDUE = FindingRule(
    AlertKind.HEATER_OVERDUE, Reason.HEATER_STILL_THERE, phrase("taken away"), _overdue
)
