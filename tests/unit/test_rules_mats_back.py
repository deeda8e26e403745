"""Mats that do not come back after care, and mats that fall silent together."""

from dataclasses import replace
from datetime import timedelta

import pytest

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.places import PlaceId
from nightwarden.model.plan import Plan
from nightwarden.model.readings import DeviceId, Quantity
from nightwarden.model.watches import Pause
from rules.decisions import Raise
from tests.unit.rule_builders import (
    BED,
    MAT,
    NEVER_SILENT,
    Night,
    at,
    bed_needed,
    mat,
    pause,
    plan_of,
    raises,
    reading,
)

NOT_BACK = Cause(AlertKind.NOT_ARMED_AFTER_CARE, BED, "bed_mat")
TOGETHER = Cause(AlertKind.MATS_SILENT_TOGETHER, PlaceId("Home", "mats"))
TWO_MINUTES = timedelta(minutes=2)
CARE = pause("22:00", "22:15")


def bed(*pauses: Pause, supervision: timedelta = NEVER_SILENT, hours: str = "21:00-07:00") -> Plan:
    return plan_of((bed_needed(hours),), (mat(supervision),), pauses=pauses)


def link(night: Night, online: bool, when: str, device: DeviceId = MAT) -> list[Raise]:
    return raises(night.hear(reading(device, Quantity.LINK, online, at(when))).decisions)


def asked(night: Night) -> list[Raise]:
    return [r for r in night.raised if r.cause == NOT_BACK]


# --- after care ---


def test_a_mat_that_said_goodbye_in_the_pause_and_is_not_back_asks_whoever_paused() -> None:
    night = Night(bed(CARE))
    night.bed(True, "21:30")
    link(night, False, "22:05")
    night.until("22:19:59")
    assert asked(night) == []
    night.until("22:20")
    (not_back,) = asked(night)
    assert (not_back.priority, not_back.caused_at) == (Priority.MEDIUM, at("22:15"))
    assert not_back.text == "Room 12 · Joan · bed mat MAT-0012 not back after care by Ana"
    assert not_back.action.startswith("Ana: Plug the bed mat in")


def test_a_mat_that_fell_silent_in_the_pause_is_asked_about() -> None:
    night = Night(bed(CARE, supervision=TWO_MINUTES))
    night.bed(True, "22:01")
    night.until("22:20")
    assert len(asked(night)) == 1


def test_a_mat_that_is_back_is_none_and_so_is_one_that_was_in_use_all_the_time() -> None:
    unplugged, used = Night(bed(CARE)), Night(bed(CARE))
    for night in (unplugged, used):
        night.bed(True, "21:30")
    link(unplugged, False, "22:05")
    unplugged.bed(True, "22:19")
    for night in (unplugged, used):
        night.until("23:00")
        assert asked(night) == []


def test_it_is_cleared_within_a_minute_of_the_mats_return_and_asked_again_if_closed() -> None:
    night = Night(bed(CARE))
    night.bed(True, "21:30")
    link(night, False, "22:05")
    night.until("22:25")
    night.closed(NOT_BACK, when="22:25")
    night.until("22:39:59")
    assert len(asked(night)) == 1
    night.until("22:40")
    assert len(asked(night)) == 2
    night.bed(True, "22:50")
    night.until("22:51")
    assert [c.words for c in night.cleared if c.cause == NOT_BACK] == ["back at 22:51"]


def test_a_pause_that_is_cut_short_asks_sooner_and_one_made_longer_later() -> None:
    night = Night(bed(CARE))
    night.bed(True, "21:30")
    link(night, False, "22:01")
    night.replan(bed(pause("22:00", "22:05")), "22:05")
    night.until("22:10")
    assert len(asked(night)) == 1
    longer = Night(bed(CARE))
    longer.bed(True, "21:30")
    link(longer, False, "22:01")
    longer.replan(bed(CARE, pause("22:10", "22:25")), "22:10")
    longer.until("22:29:59")
    assert asked(longer) == []
    longer.until("22:30")
    assert len(asked(longer)) == 1


def test_a_bed_that_shows_nobody_since_before_the_care_is_asked_about() -> None:
    night = Night(bed(pause("21:00", "21:10")))
    night.bed(True, "20:10")
    night.bed(False, "20:30")  # before the hours: no exit
    night.until("21:15")
    (unmoved,) = asked(night)
    assert unmoved.text.endswith("bed mat MAT-0012 shows nobody after care by Ana")
    night.bed(True, "21:20")
    night.until("21:21")
    assert [c.cause for c in night.cleared] == [NOT_BACK]


def test_a_resident_who_is_known_to_be_out_is_a_bed_exits() -> None:
    night = Night(bed(CARE))
    night.bed(True, "21:30")
    night.bed(False, "21:50")
    night.until("23:00")
    assert asked(night) == []
    assert {r.cause.kind for r in night.raised} == {AlertKind.BED_EXIT, AlertKind.NOT_BACK_IN_BED}


def test_outside_the_required_hours_nobody_is_asked() -> None:
    night = Night(bed(pause("20:10", "20:20")))
    night.bed(True, "20:05")
    link(night, False, "20:11")
    night.until("20:59")
    assert asked(night) == []


def test_a_question_is_put_off_by_an_outage_of_ours() -> None:
    night = Night(bed(CARE))
    night.bed(True, "21:30")
    link(night, False, "22:05")
    night.until("22:18")
    night.engine.unwatched(at("22:10"), at("22:18"))
    night.until("22:22:59")
    assert asked(night) == []
    night.until("22:23")
    assert len(asked(night)) == 1


def test_the_question_outlives_a_restart() -> None:
    before = Night(bed(CARE))
    before.bed(True, "21:30")
    link(before, False, "22:05")
    before.until("22:16")
    night = before.restarted(bed(CARE), "22:16", watched_until="22:16")
    night.until("22:21")
    assert len(asked(night)) == 1


# --- when the hours begin ---


def test_a_mat_whose_silence_was_closed_is_asked_about_when_its_hours_begin() -> None:
    night = Night(bed(hours="22:00-07:00", supervision=TWO_MINUTES))
    night.bed(True, "20:05")
    night.until("22:01")
    night.closed(Cause(AlertKind.DEVICE_SILENT, BED, "MAT-0012"), when="22:01")
    night.until("22:05")
    (begun,) = asked(night)
    assert begun.text.endswith("bed mat MAT-0012 not back and its hours have begun")


def test_where_its_silence_says_so_already_the_hours_add_nothing() -> None:
    night = Night(bed(hours="22:00-07:00", supervision=TWO_MINUTES))
    night.bed(True, "20:05")
    night.until("22:30")
    assert [r.cause.kind for r in night.raised] == [AlertKind.DEVICE_SILENT]


# --- together ---

MATS = {room: DeviceId("nightwarden", f"mat-{room}") for room in ("1", "2", "3", "4")}


def ward(*pauses: Pause, dialect: str = "nightwarden") -> Plan:
    places = {room: PlaceId(room, "bed") for room in MATS}
    needs = [replace(bed_needed(), place=place) for place in places.values()]
    items = [
        replace(
            mat(tag=f"MAT-{room}"),
            place=places[room],
            device=device._replace(dialect=dialect),
        )
        for room, device in MATS.items()
    ]
    return plan_of(tuple(needs), tuple(items), pauses=pauses)


def evening(plan: Plan | None = None, dialect: str = "nightwarden") -> Night:
    night = Night(plan or ward(dialect=dialect))
    for device in MATS.values():
        there = device._replace(dialect=dialect)
        night.hear(reading(there, Quantity.OCCUPANCY, True, at("21:30")))
    return night


def unplug(night: Night, *rooms_and_whens: tuple[str, str]) -> None:
    for room, when in rooms_and_whens:
        link(night, False, when, MATS[room])


def patterns(night: Night) -> list[Raise]:
    return [r for r in night.raised if r.cause == TOGETHER]


def test_three_rooms_within_ten_minutes_call_the_manager_at_once() -> None:
    night = evening()
    unplug(night, ("1", "22:00"), ("2", "22:05"), ("3", "22:10"))
    night.until("22:10:29")
    assert patterns(night) == []
    night.until("22:10:30")
    (pattern,) = patterns(night)
    assert (pattern.priority, pattern.manager_too) == (Priority.HIGH, True)
    assert pattern.text == "Home · mats of rooms 1, 2, 3 fell silent together, 22:00"
    assert pattern.caused_at == at("22:00")
    silent = [r for r in night.raised if r.cause.kind is AlertKind.DEVICE_SILENT]
    assert len(silent) == 3, "each has its own alert beside it"


@pytest.mark.parametrize(
    "unplugged",
    [
        (("1", "22:00"), ("2", "22:05")),
        (("1", "22:00"), ("2", "22:05"), ("3", "22:10:01")),
        (("1", "22:00"), ("1", "22:05"), ("2", "22:06")),
    ],
    ids=["two", "three in longer", "two rooms"],
)
def test_fewer_slower_or_nearer_are_no_pattern(unplugged: tuple[tuple[str, str], ...]) -> None:
    night = evening()
    unplug(night, *unplugged)
    night.until("23:00")
    assert patterns(night) == []


def test_what_has_spoken_again_by_then_does_not_count() -> None:
    night = evening()
    unplug(night, ("1", "22:00"), ("2", "22:01"))
    night.until("22:02")
    link(night, True, "22:03", MATS["1"])
    unplug(night, ("3", "22:04"))
    night.until("23:00")
    assert patterns(night) == []


def test_it_is_cleared_when_all_have_spoken_again_and_others_are_news() -> None:
    night = evening()
    unplug(night, ("1", "22:00"), ("2", "22:01"), ("3", "22:02"), ("4", "22:03"))
    night.until("22:10")
    for room, when in (("1", "22:11"), ("2", "22:12"), ("3", "22:13")):
        link(night, True, when, MATS[room])
    assert TOGETHER not in [c.cause for c in night.cleared]
    link(night, True, "22:14", MATS["4"])
    assert ("all heard again at 22:14") in [c.words for c in night.cleared]
    unplug(night, ("1", "22:20"), ("2", "22:21"), ("3", "22:22"))
    night.until("22:30")
    assert len(patterns(night)) == 2


def test_ten_at_once_are_ten_alerts_and_one_pattern_at_the_same_instant() -> None:
    night = evening()
    unplug(night, *((room, "22:00") for room in MATS))
    made = night.until("22:00:30")
    kinds = [r.cause.kind for r in made]
    assert kinds.count(AlertKind.DEVICE_SILENT) == len(MATS)
    assert kinds.count(AlertKind.MATS_SILENT_TOGETHER) == 1


def test_a_hub_that_is_down_is_no_pattern() -> None:
    night = evening(dialect="zigbee2mqtt")
    link(night, False, "22:00", DeviceId("zigbee2mqtt", "bridge"))
    night.until("23:00")
    assert {r.cause.kind for r in night.raised} == {AlertKind.HUB_DOWN}


def test_the_count_outlives_a_restart() -> None:
    before = evening()
    unplug(before, ("1", "22:00"), ("2", "22:01"))
    before.until("22:02")
    night = before.restarted(ward(), "22:02", watched_until="22:02")
    unplug(night, ("3", "22:05"))
    night.until("22:06")
    assert len(patterns(night)) == 1
