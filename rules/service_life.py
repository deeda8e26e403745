"""Items past the life that their maker gives them: pads of 14 days, of 90 days, of a year (M13).

1. An item with a service life is due on the day that is so many days after its use began; where
   that day is not known, after it was registered.
2. It is raised in the morning of that day, an alert each item, of low priority: it still watches,
   and a new one has to be got. A person who closes it is asked again after a week.
3. A pad with a number of uses is past its life as soon as it has had them all.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time

from nightwarden.model.alerts import AlertKind, Priority
from nightwarden.model.phrases import phrase
from nightwarden.model.plan import Plan
from rules import wording
from rules.decisions import Reason
from rules.findings import Finding, FindingRule
from rules.moments import Moments


def _past(plan: Plan, moments: Moments) -> Iterator[Finding]:
    for item in plan.items:
        kind, ends = wording.kind_words(item.kind), item.life_ends
        if item.uses_left is not None and item.uses_left <= 0:
            yield Finding(
                item=item,
                what=phrase(f"{kind} {item.tag} has been used as often as it may be"),
                action=phrase(f"Put a new {kind} in its place and take this one out of use."),
                priority=Priority.LOW,
                since=item.used_up_at,
            )
            continue
        if ends is None:
            continue
        day = f"{ends:%-d %b %Y}"
        midnight = datetime.combine(ends, time(), moments.zone)
        due = (midnight + moments.book.past_service_life.told_at).astimezone(UTC)
        yield Finding(
            item=item,
            what=phrase(f"{kind} {item.tag} is past its service life, since {day}"),
            action=phrase(f"Put a new {kind} in its place and take this one out of use."),
            priority=Priority.LOW,
            since=midnight.astimezone(UTC),
            due=due,
        )


PAST_SERVICE_LIFE = FindingRule(
    AlertKind.PAST_SERVICE_LIFE, Reason.LIFE_HAS_ENDED, phrase("replaced"), _past
)
