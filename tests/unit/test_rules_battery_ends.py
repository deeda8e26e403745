"""When a battery will be empty: said from a trend of weeks, and never from less."""

from datetime import UTC, datetime, timedelta
from json import dumps, loads
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightwarden.model.alerts import Priority
from nightwarden.model.readings import Quantity
from rules.trends import Trend
from tests.unit.rule_builders import MAT, Night, bed_needed, mat, plan_of, reading

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TAG = "MAT-0012"


def mat_of_a_year() -> Night:
    night = Night(plan_of((bed_needed(),), (mat(),)), start=START)
    night.hear(reading(MAT, Quantity.OCCUPANCY, True, START))
    return night


def report(night: Night, percents: list[float], first_day: int = 0) -> None:
    """A report a day, at noon."""
    for day, percent in enumerate(percents, first_day):
        night.hear(reading(MAT, Quantity.BATTERY, percent, START + day * DAY))
    night.until(night.now + timedelta(hours=1))


def said(night: Night) -> list[tuple[str, int]]:
    """What was raised of the battery, and on which day."""
    battery = [r for r in night.raised if r.cause.kind == "battery_low"]
    return [
        (r.cause.subject.removeprefix(TAG).strip(), (r.caused_at - START) // DAY) for r in battery
    ]


def test_a_battery_that_falls_by_a_per_cent_a_day_is_told_of_before_it_is_empty() -> None:
    night = mat_of_a_year()
    report(night, [100.0 - day for day in range(100)])
    assert said(night) == [
        ("ends in weeks", 70),
        ("", 80),
        ("ends in days", 93),
        ("nearly empty", 95),
    ], "the last day adds nothing to nearly empty"


def test_it_says_the_day_and_the_last_time_it_is_urgent() -> None:
    night = mat_of_a_year()
    report(night, [100.0 - day * 2.5 for day in range(16)])  # 62.5 % on the 16th, empty on the 40th
    (weeks,) = [r for r in night.raised if "ends" in r.cause.subject]
    assert (
        weeks.text == "Room 12 · Joan · bed mat MAT-0012 battery will be empty about 11 Jul, 65 %"
    )
    assert weeks.priority is Priority.LOW
    night.until(START + 39 * DAY + timedelta(hours=1))
    assert [(r.cause.subject, r.priority) for r in night.raised if "ends" in r.cause.subject][
        1:
    ] == [
        (f"{TAG} ends in days", Priority.LOW),
        (f"{TAG} ends now", Priority.MEDIUM),
    ], "without a further report too"


def test_one_that_is_nearer_than_that_when_it_is_known_is_told_once() -> None:
    night = mat_of_a_year()
    report(night, [100.0 - day * 5 for day in range(16)])
    assert said(night) == [("ends in days", 15)]


@pytest.mark.parametrize(
    "percents",
    [
        [80.0] * 90,
        [100.0 - day * 5 for day in range(14)],
        [61.0, 60.0] * 45,
        [100.0] + [97.0] * 60,
    ],
    ids=["level", "too short", "wandering", "once and no more"],
)
def test_a_line_that_says_nothing_says_nothing(percents: list[float]) -> None:
    night = mat_of_a_year()
    report(night, percents)
    assert said(night) == []


def test_fewer_reports_than_make_sense_say_nothing() -> None:
    night = mat_of_a_year()
    for day, percent in ((0, 90.0), (10, 70.0), (20, 50.0), (30, 30.0)):
        report(night, [percent], day)
    assert said(night) == []


def test_wander_about_a_fall_moves_the_day_by_little() -> None:
    chance, night = Random(7), mat_of_a_year()
    report(night, [100.0 - day + chance.uniform(-3, 3) for day in range(75)])
    (first,) = [day for subject, day in said(night) if subject == "ends in weeks"]
    assert 64 <= first <= 75


def test_a_changed_battery_is_shown_and_begins_anew() -> None:
    night = mat_of_a_year()
    report(night, [100.0 - day * 2.5 for day in range(16)])
    report(night, [100.0], 17)
    assert [c.cause.subject for c in night.cleared] == [f"{TAG} ends in weeks"]
    report(night, [100.0 - day * 5 for day in range(13)], 18)
    assert len(said(night)) == 1, "two weeks must be known of this one too"


def test_closed_and_not_changed_it_is_asked_about_the_next_day() -> None:
    night = mat_of_a_year()
    report(night, [100.0 - day * 2.5 for day in range(16)])
    (weeks,) = [r.cause for r in night.raised if "ends" in r.cause.subject]
    night.engine.closed([weeks], night.now)
    made = night.until(night.now + DAY)
    assert weeks in [r.cause for r in made]


def test_a_restart_loses_no_report() -> None:
    night = mat_of_a_year()
    report(night, [100.0 - day for day in range(40)])
    again = Night(
        night.engine.plan,
        night.now,
        type(night.engine)(
            night.engine.plan,
            loads(dumps(night.memories)),
            night.now,
            open_causes=night.engine.open_causes,
        ),
    )
    for each in (night, again):
        report(each, [100.0 - day for day in range(40, 75)], 40)
    assert said(again) == said(night)


@given(
    st.lists(st.tuples(st.integers(1, 30), st.floats(0, 100)), min_size=2, max_size=40),
    st.integers(3, 60),
)
def test_the_running_sums_are_the_weighted_least_squares(
    steps: list[tuple[int, float]], half_life: int
) -> None:
    trend, at, points = Trend(), START, []
    for days, value in steps:
        at += days * DAY
        trend.add(at, value, half_life * DAY)
        points.append(((at - START) / DAY, value))
    newest = points[-1][0]
    weights = [0.5 ** ((newest - x) / half_life) for x, _ in points]
    total = sum(weights)
    mean_x = sum(w * x for w, (x, _) in zip(weights, points, strict=True)) / total
    mean_y = sum(w * y for w, (_, y) in zip(weights, points, strict=True)) / total
    spread = sum(w * (x - mean_x) ** 2 for w, (x, _) in zip(weights, points, strict=True))
    slant = sum(w * (x - mean_x) * (y - mean_y) for w, (x, y) in zip(weights, points, strict=True))
    assert trend.per_day == pytest.approx(slant / spread, rel=1e-6, abs=1e-9)
