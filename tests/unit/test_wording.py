"""What an alert says: the room first, plain words, the home's own clock."""

from datetime import UTC, datetime, timedelta

import pytest

from nightwarden.model.places import EquipmentKind, PlaceId
from rules.wording import headline, kind_words, span, wall_time
from tests.unit.rule_builders import BED, LONDON


def test_the_room_comes_first_and_then_the_person() -> None:
    assert headline(BED, "Joan", "out of bed") == "Room 12 · Joan · out of bed"


def test_a_room_with_a_name_is_called_by_it() -> None:
    assert headline(PlaceId("Lounge", "chair"), None, "hot") == "Lounge · hot"
    assert headline(PlaceId("12a", "bed"), None, "hot") == "Room 12a · hot"


def test_what_nobody_watched_is_told_with_its_time() -> None:
    line = headline(BED, "Joan", "out of bed", "02:14")
    assert line == "Room 12 · Joan · out of bed (at 02:14, while not watching)"


@pytest.mark.parametrize(
    ("instant", "wall"),
    [
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "01:30"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "01:30"),
        (datetime(2027, 3, 28, 0, 59, tzinfo=UTC), "00:59"),
        (datetime(2027, 3, 28, 1, 0, tzinfo=UTC), "02:00"),
    ],
)
def test_times_are_the_homes_wall_clock(instant: datetime, wall: str) -> None:
    assert wall_time(instant, LONDON) == wall


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(), "0 seconds"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(seconds=59.4), "59 seconds"),
        (timedelta(seconds=59.6), "1 minute"),
        (timedelta(minutes=6, seconds=59), "6 minutes"),
        (timedelta(minutes=119), "1 hour"),
        (timedelta(hours=47), "1 day"),
        (timedelta(days=3), "3 days"),
    ],
)
def test_a_span_is_said_in_its_largest_unit(length: timedelta, words: str) -> None:
    assert span(length) == words


def test_every_kind_has_words() -> None:
    assert all(kind_words(kind).islower() for kind in EquipmentKind)
