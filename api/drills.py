"""What drills have shown: each one, and by week."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from api.evidence.answers import percentile
from nightwarden.store.drills import DrillStory


@dataclass(frozen=True, slots=True)
class DrillWeek:
    """The drills of a week, by its Monday: medians in seconds, None where none came so far."""

    monday: str
    drills: int
    unanswered: int
    sounded_s: float | None
    accepted_s: float | None
    attended_s: float | None


def weeks(stories: Iterable[DrillStory], zone: ZoneInfo) -> list[DrillWeek]:
    """The trend, the latest week first; a drill that goes on is in none."""
    found: dict[str, list[DrillStory]] = defaultdict(list)
    for story in stories:
        if story.drill.ended_at is None:
            continue
        day = story.drill.asked_at.astimezone(zone).date()
        found[(day - timedelta(days=day.weekday())).isoformat()].append(story)
    return [
        DrillWeek(
            monday,
            len(of_week),
            sum(story.attended_s is None for story in of_week),
            _median(of_week, lambda story: story.sounded_s),
            _median(of_week, lambda story: story.accepted_s),
            _median(of_week, lambda story: story.attended_s),
        )
        for monday, of_week in sorted(found.items(), reverse=True)
    ]


def _median(
    stories: Sequence[DrillStory], seconds: Callable[[DrillStory], float | None]
) -> float | None:
    known = sorted(
        timedelta(seconds=value) for story in stories if (value := seconds(story)) is not None
    )
    return percentile(known, 0.5).total_seconds() if known else None
