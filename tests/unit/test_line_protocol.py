"""What we write as line protocol is read back whole by a reader that does not share our code."""

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from gateway.history.line_protocol import line
from nightwarden.store.history import Waiting
from tests.influx_line_protocol import Point, parse

NOW = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
names = st.text(st.characters(codec="utf-8"), min_size=1)
instants = st.timedeltas(timedelta(0), timedelta(days=90_000)).map(lambda age: EPOCH + age)
readings = st.builds(
    Waiting,
    id=st.integers(1, 2**62),
    dialect=st.sampled_from(["nightwarden", "zigbee2mqtt"]),
    address=names,
    quantity=st.sampled_from(["temperature", "occupancy", "action"]),
    number=st.none() | st.floats(),
    word=st.none() | st.text(st.characters(codec="utf-8")),
    measured_at=instants,
    received_at=instants,
    fresh=st.booleans(),
    late=st.booleans(),
    equipment=st.none() | names,
    room=st.none() | names,
    place=st.none() | names,
)


def _read(reading: Waiting) -> Point:
    (point,) = parse(line("elm-house", reading).encode())
    return point


@given(readings)
def test_every_reading_is_one_well_formed_line(reading: Waiting) -> None:
    point = _read(reading)
    assert point.measurement == reading.quantity
    assert set(dict(point.tags)) == {"address", "dialect", "home"} | {
        key for key in ("equipment", "room", "place") if getattr(reading, key)
    }
    assert (point.field("fresh"), point.field("late")) == (reading.fresh, reading.late)
    assert EPOCH + timedelta(microseconds=point.time // 1000) == reading.measured_at
    if reading.word is not None:
        assert point.field("value") == reading.word


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_back_to_the_last_bit(number: float) -> None:
    point = _read(_reading("mat-12", number))
    assert point.field("value") == number
    assert isinstance(point.field("value"), float)


@given(names, names)
@example("mat\n", "mat%0A")
@example("mat\\", "mat\\ ")
def test_two_devices_stay_two(one: str, other: str) -> None:
    same = _read(_reading(one)).tags == _read(_reading(other)).tags
    assert same == (one == other)


def test_a_friendly_name_is_kept_as_it_is() -> None:
    assert _read(_reading("Room 12, bed=left/window")).tag("address") == "Room 12, bed=left/window"


def test_a_line_end_or_a_backslash_in_a_name_does_not_break_the_batch() -> None:
    assert _read(_reading("mat\n12\\")).tag("address") == "mat%0A12%5C"


def test_an_infinity_goes_without_a_value() -> None:
    point = _read(_reading("mat-12", float("inf")))
    assert point.field("value") is None
    assert point.field("fresh") is True


def _reading(address: str, number: float = 1.0) -> Waiting:
    return Waiting(
        1,
        "nightwarden",
        address,
        "temperature",
        number,
        None,
        NOW,
        NOW,
        True,
        False,
        None,
        None,
        None,
    )
