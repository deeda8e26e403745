"""Hours of the day: read, covered, begun and ended, also in the nights of a clock change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightwarden.model.hours import ALWAYS, Hours
from tests.unit.rule_builders import LONDON, at

NIGHT = Hours.parse("21:00-07:00")
MINUTE = timedelta(minutes=1)
ZONES = [
    LONDON,
    ZoneInfo("America/New_York"),
    ZoneInfo("Australia/Lord_Howe"),  # changes by half an hour
    ZoneInfo("America/Santiago"),  # changes at midnight
    ZoneInfo("Asia/Kathmandu"),  # UTC+05:45, never changes
]
CHANGES = [
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2027, 3, 28, 1, tzinfo=UTC),
    datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2027, 3, 14, 7, tzinfo=UTC),
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    datetime(2027, 4, 3, 15, tzinfo=UTC),
    datetime(2026, 9, 6, 4, tzinfo=UTC),
    datetime(2027, 4, 4, 3, tzinfo=UTC),
]
"""When the clocks of :data:`ZONES` change."""
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def some_hours() -> st.SearchStrategy[Hours]:
    halves = st.integers(0, 47).map(lambda half: half * 30)
    small_hours = st.integers(0, 12).map(lambda quarter: quarter * 15)
    minutes = small_hours | halves | st.integers(0, 1439)
    pairs = st.tuples(minutes, minutes | st.just(1440)).filter(lambda pair: pair[0] != pair[1])
    return pairs.map(lambda pair: Hours(*pair))


def some_instants() -> st.SearchStrategy[datetime]:
    near_a_change = st.builds(
        lambda change, seconds: change + timedelta(seconds=seconds),
        st.sampled_from(CHANGES),
        st.integers(-7_200, 7_200) | st.integers(-90_000, 90_000),
    )
    anywhere = st.integers(0, 730 * 86_400).map(lambda s: FIRST + timedelta(seconds=s))
    return near_a_change | anywhere


def minutes_after(instant: datetime, before: datetime) -> list[datetime]:
    """Every whole minute between the two, ends left out."""
    first = instant.replace(second=0, microsecond=0) + MINUTE
    return [first + n * MINUTE for n in range(int((before - first) / MINUTE) + 1)][:-1]


@pytest.mark.parametrize("text", ["21:00-07:00", "00:00-24:00", "00:00-00:01", "23:59-24:00"])
def test_what_is_written_is_what_is_read(text: str) -> None:
    assert str(Hours.parse(f" {text} ")) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not HH:MM-HH:MM"),
        ("9:00-10:00", "not HH:MM-HH:MM"),
        ("21:00 to 07:00", "not HH:MM-HH:MM"),
        ("25:00-07:00", "not HH:MM-HH:MM"),
        ("21:60-07:00", "not HH:MM-HH:MM"),
        ("21:00-07:00:00", "not HH:MM-HH:MM"),
        ("24:00-07:00", "past the day"),
        ("21:00-24:01", "past the day"),
        ("07:00-07:00", "are empty"),
    ],
)
def test_wrong_hours_are_refused_in_a_sentence(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Hours.parse(text)


@given(some_hours())
def test_hours_survive_being_written_down(hours: Hours) -> None:
    assert Hours.parse(str(hours)) == hours


def test_the_start_is_in_and_the_end_is_out() -> None:
    assert not NIGHT.cover(at("20:59:59"), LONDON)
    assert NIGHT.cover(at("21:00"), LONDON)
    assert NIGHT.cover(at("06:59:59"), LONDON)
    assert not NIGHT.cover(at("07:00"), LONDON)


def test_always_covers_everything_and_never_ends() -> None:
    assert ALWAYS.always
    assert not NIGHT.always
    for change in CHANGES:
        assert ALWAYS.cover(change, LONDON)
        assert ALWAYS.next_start(change, LONDON) == change
        assert ALWAYS.next_end(change, LONDON) is None


def test_a_night_begins_in_the_evening_and_ends_in_the_morning() -> None:
    assert NIGHT.next_start(at("12:00"), LONDON) == at("21:00")
    assert NIGHT.next_end(at("12:00"), LONDON) == at("07:00")
    assert NIGHT.next_start(at("02:00"), LONDON) == at("02:00")
    assert NIGHT.next_end(at("02:00"), LONDON) == at("07:00")


@pytest.mark.parametrize(
    ("evening", "hours"),
    [("2026-10-24T20:00", 11), ("2026-10-25T21:00", 10), ("2027-03-27T21:00", 9)],
)
def test_a_night_is_as_long_as_the_wall_clock_makes_it(evening: str, hours: int) -> None:
    begins = datetime.fromisoformat(evening).replace(tzinfo=UTC)
    assert NIGHT.next_start(begins - timedelta(hours=3), LONDON) == begins
    assert NIGHT.next_end(begins, LONDON) == begins + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("hours", "asked", "begins"),
    [
        ("01:30-07:00", "2026-10-24T23:00", "2026-10-25T00:30"),  # the first 01:30
        ("01:30-07:00", "2026-10-25T01:10", "2026-10-25T01:30"),  # the second
        ("01:00-02:00", "2026-10-24T23:00", "2026-10-25T00:00"),
        ("01:30-07:00", "2027-03-28T00:00", "2027-03-28T01:00"),  # 01:30 is skipped
        ("01:00-02:00", "2027-03-28T00:00", "2027-03-29T00:00"),  # all of it is skipped
        ("02:00-07:00", "2027-03-28T00:00", "2027-03-28T01:00"),
    ],
)
def test_a_start_in_the_hour_of_the_change(hours: str, asked: str, begins: str) -> None:
    instant = datetime.fromisoformat(asked).replace(tzinfo=UTC)
    expected = datetime.fromisoformat(begins).replace(tzinfo=UTC)
    assert Hours.parse(hours).next_start(instant, LONDON) == expected


@pytest.mark.parametrize(
    ("hours", "asked", "ends"),
    [
        ("21:00-01:30", "2026-10-24T23:00", "2026-10-25T00:30"),
        ("21:00-01:30", "2026-10-25T01:10", "2026-10-25T01:30"),
        ("01:30-07:00", "2026-10-25T00:40", "2026-10-25T01:00"),  # back to 01:00
        ("01:00-02:00", "2026-10-24T23:00", "2026-10-25T02:00"),
        ("21:00-01:30", "2027-03-28T00:00", "2027-03-28T01:00"),
        ("21:00-07:00", "2027-03-28T00:00", "2027-03-28T06:00"),
    ],
)
def test_an_end_in_the_hour_of_the_change(hours: str, asked: str, ends: str) -> None:
    instant = datetime.fromisoformat(asked).replace(tzinfo=UTC)
    expected = datetime.fromisoformat(ends).replace(tzinfo=UTC)
    assert Hours.parse(hours).next_end(instant, LONDON) == expected


@settings(deadline=None, max_examples=200)
@given(some_hours(), st.sampled_from(ZONES), some_instants())
def test_the_next_start_is_covered_and_no_minute_before_it_is(
    hours: Hours, zone: ZoneInfo, instant: datetime
) -> None:
    start = hours.next_start(instant, zone)
    assert start >= instant
    assert hours.cover(start, zone)
    if start > instant:
        assert not hours.cover(instant, zone)
        assert not any(hours.cover(minute, zone) for minute in minutes_after(instant, start))


@settings(deadline=None, max_examples=200)
@given(some_hours(), st.sampled_from(ZONES), some_instants())
def test_the_next_end_is_not_covered_and_every_minute_until_it_is(
    hours: Hours, zone: ZoneInfo, instant: datetime
) -> None:
    start, end = hours.next_start(instant, zone), hours.next_end(instant, zone)
    assert (end is None) == hours.always
    if end is not None:
        assert end > start
        assert not hours.cover(end, zone)
        assert all(hours.cover(minute, zone) for minute in minutes_after(start, end))


@given(some_hours(), st.sampled_from(ZONES), some_instants())
def test_hours_and_the_rest_of_the_day_are_each_others_opposite(
    hours: Hours, zone: ZoneInfo, instant: datetime
) -> None:
    if not hours.always:
        rest = Hours(hours.end % 1440, hours.start or 1440)
        assert hours.cover(instant, zone) is not rest.cover(instant, zone)
