"""Items past the life that their maker gives them: pads of 14 days, of 90 days, of a year (M13).

1. An item with a service life is due on the day that is so many days after its use began; where
   that day is not known, after it was registered.
2. It is raised in the morning of that day, an alert each item, of low priority: it still watches,
   and a new one has to be got. A person who closes it is asked again after a week.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time

from nightwarden.model.alerts import AlertKind, Priority
from nightwarden.model.plan import Plan
from rules import wording
from rules.decisions import Reason
from rules.findings import Finding, FindingRule
from rules.moments import Moments


def _past(plan: Plan, moments: Moments) -> Iterator[Finding]:
    for item in plan.items:
        if item.life_ends is None:
            continue
        kind, ends = wording.kind_words(item.kind), item.life_ends
        midnight = datetime.combine(ends, time(), moments.zone)
        due = (midnight + moments.book.past_service_life.told_at).astimezone(UTC)
        yield Finding(
            item=item,
            what=f"{kind} {item.tag} is past its service life, since {ends:%-d %b %Y}",
            action=f"Put a new {kind} in its place and take this one out of use.",
            priority=Priority.LOW,
            since=midnight.astimezone(UTC),
            due=due,
        )


PAST_SERVICE_LIFE = FindingRule(
    AlertKind.PAST_SERVICE_LIFE, Reason.LIFE_HAS_ENDED, "replaced", _past
)
