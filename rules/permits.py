"""Work permits past their time: "cover off until 16:00", and nobody has said that it is back (H9).

1. A permit ends when somebody says so, ends it or finds the item in place; its time alone ends
   nothing. Until then the item counts as off (``rules/coverage.py``), and what is hot under such a
   cover as within reach.
2. At its time it is late, and is raised at every hour, with medium priority: somebody was to bring
   it back, and has forgotten or is still at work.
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
        if item.permit_until is None:
            continue
        kind = wording.kind_words(item.kind)
        until = wording.moment_of_day(item.permit_until, moments.zone)
        yield Finding(
            item=item,
            what=phrase(f"{kind} {item.tag} off for work, due back at {until}"),
            action=_action(kind, item.permit_by),
            priority=Priority.MEDIUM,
            since=item.permit_until,
            due=item.permit_until + moments.book.permit_overdue.after,
        )


def _action(kind: str, permit_by: str | None) -> str:
    if permit_by:
        return phrase(
            f"Keep people away. Ask {permit_by}, who has the permit. Put the {kind} back and say "
            "so, or ask for a new permit."
        )
    return phrase(f"Keep people away. Put the {kind} back and say so, or ask for a new permit.")


PERMIT_OVERDUE = FindingRule(
    AlertKind.PERMIT_OVERDUE, Reason.PERMIT_RAN_OUT, phrase("permit ended"), _overdue
)
