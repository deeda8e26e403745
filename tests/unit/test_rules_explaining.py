"""What each watch says that it has in mind, by the minute of a story."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nightwarden.errors import Invalid
from nightwarden.explaining.asked_time import asked_instant
from nightwarden.model.alerts import AlertKind
from nightwarden.model.places import EquipmentKind, Mount, PlaceId
from nightwarden.model.plan import PlacedItem
from nightwarden.model.readings import DeviceId, Quantity
from nightwarden.model.staff import Staff
from rules import explaining
from rules.explaining import WatchWords
from rules.findings import FindingsWatch
from rules.rounds import RoundsWatch
from rules.tallies import TallyWatch
from rules.wording import length
from tests.unit.rule_builders import (
    BED,
    INSTALLED,
    LONDON,
    MAT,
    NEVER_SILENT,
    RADIATOR,
    Night,
    at,
    bed_needed,
    bed_plan,
    cover,
    cover_needed,
    mat,
    pause,
    plan_of,
    probe,
    reading,
)

CHAIR, WALL = PlaceId("12", "chair"), PlaceId("12", "wall")
SEAT, AIR = DeviceId("nightwarden", "chair-12"), DeviceId("nightwarden", "air-12")
BUTTON = DeviceId("nightwarden", "button-12")


def of(night: Night, kind: AlertKind, place: PlaceId = BED) -> WatchWords:
    """What the watch at ``place`` that raises ``kind`` has in mind."""
    night.engine.tick(night.now)
    [found] = [one for one in night.engine.in_words(place) if kind in one.kinds]
    return found


def test_a_bed_says_who_is_on_it_which_timer_runs_and_what_was_raised() -> None:
    night = Night(bed_plan(dwell_s=10))
    assert "not said yet" in of(night, AlertKind.BED_EXIT).words
    night.bed(True, "22:01")
    assert of(night, AlertKind.BED_EXIT).words == "somebody on the mat since 22:01:00"
    night.bed(False, "02:10:04")
    waiting = of(night, AlertKind.BED_EXIT)
    assert waiting.words == "out of bed since 02:10:04, exit due 02:10:14 (dwell 10 s)"
    assert (waiting.due_at, waiting.quieted_by) == (at("02:10:14"), ())
    night.until("02:10:14")
    raised = of(night, AlertKind.BED_EXIT).words
    assert raised == "out of bed since 02:10:04, exit raised, not back due 02:16:04"
    night.until("2:20")
    assert of(night, AlertKind.BED_EXIT).words.endswith("raised, and raised as not back")


def test_a_pause_and_the_hours_are_named_as_what_keeps_a_watch_quiet() -> None:
    night = Night(bed_plan(pause("2:10", "2:25")))
    assert of(night, AlertKind.BED_EXIT).quieted_by == ("off hours until 21:00",)
    night.bed(True, "22:00")
    night.bed(False, "2:12")
    paused = of(night, AlertKind.BED_EXIT)
    assert paused.quieted_by == ("paused by Ana until 02:25: care in progress",)
    assert (
        paused.words == "out of bed since 02:12:00, in a pause; raised at 02:25:00 if still empty"
    )
    care = of(night, AlertKind.NOT_ARMED_AFTER_CARE).words
    assert care == "care by Ana ends; looks at 02:30:00 whether the mat is back"
    night.until("2:25")
    assert of(night, AlertKind.BED_EXIT).quieted_by == ()


def test_a_hot_surface_says_how_long_it_has_held_and_a_covered_one_that_it_may_be_hot() -> None:
    night = Night(plan_of(items=(probe(),)))
    assert of(night, AlertKind.HOT_SURFACE, RADIATOR).words == "no temperature has been said yet"
    night.celsius(38.4, "23:30")
    words = of(night, AlertKind.HOT_SURFACE, RADIATOR).words
    assert words == "38.4 °C, below the limit of 43 °C; within reach"
    night.celsius(45.0, "23:40")
    night.until("23:43")
    words = of(night, AlertKind.HOT_SURFACE, RADIATOR).words
    assert words == ("45.0 °C, hot since 23:40:00; within reach; held 3 min of 5 min, due 23:45:00")
    night.until("23:45")
    assert of(night, AlertKind.HOT_SURFACE, RADIATOR).words.endswith("raised")

    covered = Night(plan_of((cover_needed(),), (probe(Mount.UNDER_COVER), cover())))
    covered.celsius(60.0, "23:40")
    words = of(covered, AlertKind.HOT_SURFACE, RADIATOR).words
    assert words == "60.0 °C under a cover that is in place: hot by design"


def test_a_silent_mat_says_since_when_nothing_lives_here() -> None:
    night = Night(plan_of((bed_needed(),), (mat(timedelta(minutes=10)),)), at("21:50"))
    assert (
        of(night, AlertKind.DEVICE_SILENT).words
        == "nothing live: MAT-0012 has never spoken, raised"
    )
    night.bed(True, "1:58")
    words = of(night, AlertKind.DEVICE_SILENT).words
    assert words == "MAT-0012 last heard 01:58:00, silence due 02:08:00 (interval 10 min)"
    night.until("2:08")
    words = of(night, AlertKind.DEVICE_SILENT).words
    assert words == "nothing live: MAT-0012 silent since 01:58:00, raised"
    night.bed(True, "2:10")
    night.hear(reading(MAT, Quantity.LINK, False, at("2:11")))
    words = of(night, AlertKind.DEVICE_SILENT).words
    assert words == "nothing live: MAT-0012 is off or unplugged since 02:11:00"
    assert "last lost 02:11:00" in of(night, AlertKind.FLAPPING_LEAD).words


def test_chairs_buttons_air_batteries_and_what_is_required() -> None:
    seat = replace(bed_needed("00:00-24:00", 30), place=CHAIR, needs=EquipmentKind.CHAIR_MAT)
    items = (
        PlacedItem(
            "CHR-12",
            EquipmentKind.CHAIR_MAT,
            CHAIR,
            INSTALLED,
            device=SEAT,
            supervision=NEVER_SILENT,
        ),
        PlacedItem(
            "AIR-12",
            EquipmentKind.TEMPERATURE_SENSOR,
            WALL,
            INSTALLED,
            mount=Mount.ROOM_AIR,
            device=AIR,
            supervision=NEVER_SILENT,
        ),
        PlacedItem(
            "BTN-12",
            EquipmentKind.CALL_BUTTON,
            WALL,
            INSTALLED,
            device=BUTTON,
            supervision=NEVER_SILENT,
        ),
    )
    night = Night(plan_of((seat, bed_needed()), items))
    assert of(night, AlertKind.REQUIRED_NOT_IN_PLACE).words == "required and not in place, raised"
    assert of(night, AlertKind.REQUIRED_NOT_IN_PLACE, CHAIR).words == "what is required stands here"
    for value, when in ((True, "22:00"), (False, "22:10")):
        night.hear(reading(SEAT, Quantity.OCCUPANCY, value, at(when)))
    chair = of(night, AlertKind.CHAIR_EXIT, CHAIR).words
    assert chair == "nobody on the mat since 22:10:00; due 22:10:30"
    assert of(night, AlertKind.CALL_BUTTON, WALL).words == "not pressed yet"
    night.hear(reading(BUTTON, Quantity.ACTION, "press", at("22:20")))
    assert of(night, AlertKind.CALL_BUTTON, WALL).words == "last pressed at 22:20:00, raised"
    night.hear(reading(AIR, Quantity.TEMPERATURE, 16.5, at("22:30")))
    cold = of(night, AlertKind.ROOM_TOO_COLD, WALL).words
    assert cold == "16.5 °C, too cold since 22:30:00; held 0 s of 30 min, due 23:00:00"
    assert of(night, AlertKind.ROOM_TOO_HOT, WALL).words == "16.5 °C, not above 26 °C"
    night.hear(reading(BUTTON, Quantity.BATTERY, 15.0, at("22:31")))
    told = [w.words for w in night.engine.in_words(WALL) if AlertKind.BATTERY_LOW in w.kinds]
    assert "battery 15 %, raised" in told


def test_who_listens_and_who_acts() -> None:
    night = Night(bed_plan())
    night.engine.learn(Staff(0, None, at("22:00")), at("22:00"))
    [receivers] = night.engine.in_words(PlaceId("Staff", "receivers"))
    assert receivers.words == "0 can sound an alert, 1 must"
    [shift] = night.engine.in_words(PlaceId("Staff", "shift"))
    assert shift.words == "alerts wait and nobody acts since 22:00:00"


def test_every_watch_of_a_place_has_words_of_its_own() -> None:
    """Those of the whole home may do without: nobody asks a room about them."""
    night = Night(plan_of((bed_needed(),), (mat(), probe())))
    without = {
        type(watch)
        for watch in night.engine._watches.by_key.values()
        if type(watch) not in explaining._SAYS
    }
    assert without <= {FindingsWatch, RoundsWatch, TallyWatch}


def test_a_time_on_another_day_says_which() -> None:
    night = Night(bed_plan())
    night.bed(True, "22:01")
    night.until("2:00")
    assert of(night, AlertKind.BED_EXIT).words == "somebody on the mat since 2 Nov 22:01:00"


@pytest.mark.parametrize(
    ("of_seconds", "words"), [(0, "0 s"), (10, "10 s"), (90, "1 min 30 s"), (86_400, "1 d")]
)
def test_a_length_has_its_two_largest_units(of_seconds: int, words: str) -> None:
    assert length(timedelta(seconds=of_seconds)) == words


NOW = datetime(2026, 10, 25, 3, 30, tzinfo=UTC)
"""Half past three in London, two and a half hours after the clocks went back."""


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("", NOW),
        ("03:12", datetime(2026, 10, 25, 3, 12, tzinfo=UTC)),
        ("03:45", datetime(2026, 10, 24, 2, 45, tzinfo=UTC)),
        ("01:30", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("23:00:30", datetime(2026, 10, 24, 22, 0, 30, tzinfo=UTC)),
        ("2026-10-20T03:12", datetime(2026, 10, 20, 2, 12, tzinfo=UTC)),
        ("2026-10-20T03:12:00 02:00", datetime(2026, 10, 20, 1, 12, tzinfo=UTC)),
    ],
)
def test_a_minute_as_people_write_it(written: str, instant: datetime) -> None:
    assert asked_instant(written, NOW, LONDON) == instant


def test_a_minute_that_the_clocks_skip_is_that_of_the_day_before() -> None:
    spring = datetime(2026, 3, 29, 9, tzinfo=UTC)
    assert asked_instant("01:30", spring, LONDON) == datetime(2026, 3, 28, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["teatime", "25:00", "2026-10-26T03:12", "0001-01-01T00:00+14:00"]
)
def test_what_is_no_time_that_has_been_is_refused(written: str) -> None:
    with pytest.raises(Invalid):
        asked_instant(written, NOW, LONDON)
