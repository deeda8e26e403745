"""The alerts of a period with their four times, and how long people waited."""

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from api.evidence.sections import Asked, Chart, Section, bars
from nightwarden.store.tables import Alert

STEPS: tuple[tuple[str, Callable[[Alert], datetime | None]], ...] = (
    ("delivered", lambda alert: alert.delivered_at),
    ("accepted", lambda alert: alert.accepted_at),
    ("attended", lambda alert: alert.attended_at),
    ("closed", lambda alert: alert.closed_at),
)
"""The steps after it was raised, in order, and where an alert has their times."""

CLASSES: tuple[tuple[str, timedelta], ...] = (
    ("up to 30 s", timedelta(seconds=30)),
    ("up to 1 min", timedelta(minutes=1)),
    ("up to 3 min", timedelta(minutes=3)),
    ("up to 6 min", timedelta(minutes=6)),
    ("up to 15 min", timedelta(minutes=15)),
    ("longer", timedelta.max),
)
"""At 30 s it sounds again, at 3 min the senior and at 6 min the manager is called: the numbers of
the default rules, so that a bar says how far an alert had climbed."""

NEVER = "never"


def answers(asked: Asked, alerts: Sequence[Alert]) -> Section:
    """Every alert of the period, the four times as they were recorded, and their distribution."""
    rows = [_row(asked, alert) for alert in alerts]
    people = [alert for alert in alerts if alert.priority != "technical"]
    nobody = sum(alert.attended_at is None and alert.closed_at is None for alert in people)
    says = [
        (
            f"{len(alerts)} alerts were raised, {len(people)} of them about people or heat, "
            f"{len(alerts) - len(people)} about kit."
        ),
        *(_distribution(step, people, when) for step, when in STEPS),
    ]
    if nobody:
        says.append(f"{nobody} alerts about people or heat were neither attended nor closed.")
    return Section(
        name="alerts",
        title="Alerts, and how long they waited",
        says=tuple(says),
        columns=(
            "Number",
            "Kind",
            "Priority",
            "Room",
            "Place",
            "Raised",
            "Delivered",
            "Accepted",
            "Accepted by",
            "Attended",
            "Attended by",
            "Closed",
            "Outcome",
            "Rules",
        ),
        weights=(0.6, 1.3, 0.8, 0.5, 0.9, 1.3, 0.8, 0.8, 0.9, 0.8, 0.9, 0.8, 1, 0.5),
        rows=rows,
        charts=tuple(
            Chart(f"Raised to {step}", bars(_classes(people, when), lambda many: f"{many:.0f}"))
            for step, when in STEPS[1:3]
        ),
        red=lambda row: row[2] == "high" and not row[9] and not row[11],
    )


def waits(alerts: Sequence[Alert], when: Callable[[Alert], datetime | None]) -> list[timedelta]:
    """From raised to a step, for those that came to it, the shortest first."""
    return sorted(at - alert.raised_at for alert in alerts if (at := when(alert)) is not None)


def percentile(ordered: Sequence[timedelta], share: float) -> timedelta:
    """The smallest wait that ``share`` (0 to 1) of them do not exceed (nearest rank)."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _distribution(
    step: str, alerts: Sequence[Alert], when: Callable[[Alert], datetime | None]
) -> str:
    ordered = waits(alerts, when)
    if not ordered:
        return f"None was {step}."
    return (
        f"Raised to {step}: half within {spoken(percentile(ordered, 0.5))}, 95 in 100 within "
        f"{spoken(percentile(ordered, 0.95))}, the longest {spoken(ordered[-1])}; "
        f"{len(alerts) - len(ordered)} of {len(alerts)} never."
    )


def _classes(alerts: Sequence[Alert], when: Callable[[Alert], datetime | None]) -> dict[str, float]:
    counted = dict.fromkeys([*(label for label, _ in CLASSES), NEVER], 0.0)
    for alert in alerts:
        at = when(alert)
        if at is None:
            counted[NEVER] += 1
            continue
        waited = at - alert.raised_at
        counted[next(label for label, most in CLASSES if waited <= most)] += 1
    return counted


def _row(asked: Asked, alert: Alert) -> tuple[object, ...]:
    def after(at: datetime | None) -> str:
        return "" if at is None else f"after {spoken(at - alert.raised_at)}"

    return (
        alert.id,
        alert.kind.replace("_", " "),
        alert.priority,
        alert.room,
        alert.place,
        asked.at(alert.raised_at),
        after(alert.delivered_at),
        after(alert.accepted_at),
        alert.accepted_by or "",
        after(alert.attended_at),
        " · ".join(filter(None, (alert.attended_by, alert.evidence))),
        after(alert.closed_at),
        (alert.outcome or "").replace("_", " "),
        alert.rule_version,
    )


def spoken(time: timedelta) -> str:
    """A length of time in the two largest units that it has: 42 s, 3 min 10 s, 2 h 5 min."""
    seconds = max(0, round(time.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    if seconds < 48 * 3600:
        return f"{seconds // 3600} h {seconds % 3600 // 60} min"
    return f"{seconds // 86_400} days"
