"""Work permits past their time: "cover off until 16:00", and nobody has said that it is back (H9).

1. A permit ends when somebody says so, ends it or finds the item in place; its time alone ends
   nothing. Until then the item counts as off (``rules/coverage.py``), and what is hot under such a
   cover as within reach.
2. At its time it is late, and is raised at every hour, with medium priority: somebody was to bring
   it back, and has forgotten or is still at work.
"""

from collections.abc import Iterator

from nightwarden.model.alerts import AlertKind, Priority
from nightwarden.model.plan import PlacedItem, Plan
from rules import wording
from rules.decisions import Reason
from rules.findings import Finding, FindingRule
from rules.moments import Moments


def _overdue(plan: Plan, moments: Moments) -> Iterator[Finding]:
    for item in plan.items:
        if item.permit_until is None:
            continue
        kind, until = wording.kind_words(item.kind), item.permit_until.astimezone(moments.zone)
        yield Finding(
            item=item,
            what=f"{kind} {item.tag} off for work, due back at {until:%H:%M on %-d %b}",
            action=f"Keep people away. {_whose(item)}Put the {kind} back and say so, or ask for a "
            "new permit.",
            priority=Priority.MEDIUM,
            since=item.permit_until,
            due=item.permit_until + moments.book.permit_overdue.after,
        )


def _whose(item: PlacedItem) -> str:
    return f"Ask {item.permit_by}, who has the permit. " if item.permit_by else ""


PERMIT_OVERDUE = FindingRule(
    AlertKind.PERMIT_OVERDUE, Reason.PERMIT_RAN_OUT, "permit ended", _overdue
)
