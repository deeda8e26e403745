"""What the register shows to be wrong: permits past their time, mats astray, old, unverified."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.places import EquipmentKind, ItemState, Mount, PlaceId
from nightwarden.model.plan import PlacedItem, Plan
from nightwarden.model.readings import Quantity
from tests.unit.rule_builders import (
    BED,
    MAT,
    NEVER_SILENT,
    RADIATOR,
    Night,
    at,
    bed_needed,
    cover,
    cover_needed,
    mat,
    plan_of,
    probe,
    raises,
    reading,
)

LATE = Cause(AlertKind.PERMIT_OVERDUE, RADIATOR, "CVR-0012")
ASTRAY = Cause(AlertKind.WRONG_ROOM, BED, "MAT-0012")
OLD = Cause(AlertKind.PAST_SERVICE_LIFE, BED, "MAT-0012")
UNVERIFIED = Cause(AlertKind.UNVERIFIED, PlaceId("Home", "unverified"))
UNDOCUMENTED = Cause(AlertKind.UNDOCUMENTED, PlaceId("Home", "undocumented"))


def permit(since: str = "20:30", until: str = "23:00") -> PlacedItem:
    return replace(cover(), permit_since=at(since), permit_until=at(until))


# --- permits ---


def test_a_permit_past_its_time_is_late_until_somebody_says_that_it_is_back() -> None:
    night = Night(plan_of((cover_needed(),), (permit(),)))
    night.until("22:59:59")
    (late,) = night.until("23:00")
    assert (late.cause, late.priority, late.caused_at) == (LATE, Priority.MEDIUM, at("23:00"))
    assert late.text == (
        "Room 12 · Joan · radiator cover CVR-0012 off for work, due back at 23:00 on 2 Nov"
    )
    night.replan(plan_of((cover_needed(),), (cover(),)), "23:40")
    assert (LATE, "permit ended at 23:40") in [(c.cause, c.words) for c in night.cleared]


def test_a_panel_that_gets_hot_after_the_permits_time_is_within_reach() -> None:
    night = Night(plan_of((), (probe(Mount.UNDER_COVER), permit(until="21:00"))))
    night.until("22:00")
    for celsius, when in ((30.0, "22:00"), (40.0, "22:01"), (60.0, "22:02")):
        hot = night.celsius(celsius, when)
    assert [(r.cause.kind, r.priority) for r in hot] == [(AlertKind.HOT_SURFACE, Priority.HIGH)]
    assert hot[0].text.endswith("is 60 °C, not covered")


def test_a_new_permit_is_late_in_its_turn() -> None:
    night = Night(plan_of((), (permit(),)))
    night.until("23:10")
    night.replan(plan_of((), (permit(since="23:10", until="01:00"),)), "23:10")
    assert [c.cause for c in night.cleared] == [LATE]
    assert [r.cause for r in night.until("01:00")] == [LATE]


def test_two_late_permits_are_two_alerts_and_closing_one_asks_about_that_one() -> None:
    other = replace(permit(until="23:30"), tag="CVR-0014", place=PlaceId("14", "radiator"))
    second = Cause(AlertKind.PERMIT_OVERDUE, other.place, "CVR-0014")
    night = Night(plan_of((), (permit(), other)))
    night.until("23:20")
    night.closed(LATE, when="23:20")
    assert [r.cause for r in night.until("23:30")] == [second], "one never masks another"
    assert [r.cause for r in night.until("00:20")] == [LATE]


# --- wrong rooms ---


def astray(room: str | None) -> Plan:
    """The mat on the bed of room 12 is Bob's, who lives in ``room``."""
    return plan_of((bed_needed(),), (replace(mat(), meant_for="Bob", meant_room=room),))


def test_a_mat_in_another_room_than_its_resident_names_room_and_person() -> None:
    night = Night(astray("12"))
    (raised,) = night.replan(astray("14"), "21:00")
    assert (raised.cause, raised.priority) == (ASTRAY, Priority.TECHNICAL)
    assert raised.text == "Room 12 · Joan · bed mat MAT-0012 is Bob's, who lives in room 14"
    night.replan(astray("12"), "21:30")
    assert [(c.cause, c.words) for c in night.cleared] == [(ASTRAY, "put right at 21:30")]


def test_a_mat_whose_resident_has_left_is_astray_wherever_it_stands() -> None:
    (raised,) = Night(astray(None)).raised
    assert raised.text.endswith("is Bob's, who no longer lives here")


def test_closed_and_still_astray_it_is_asked_about_the_next_shift() -> None:
    night = Night(astray("14"))
    night.closed(ASTRAY, when="21:00")
    night.until("08:59:59")
    assert [r.cause for r in night.raised].count(ASTRAY) == 1
    assert [r.cause for r in night.until("09:00")] == [ASTRAY]


# --- service life ---


def test_a_mat_past_its_service_life_is_raised_in_the_morning_of_that_day() -> None:
    night = Night(plan_of((bed_needed(),), (replace(mat(), life_ends=date(2026, 11, 3)),)))
    assert OLD not in [r.cause for r in night.until("07:59:59")]
    (old,) = [r for r in night.until("08:00") if r.cause == OLD]
    assert (old.priority, old.caused_at) == (Priority.LOW, at("00:00"))
    assert old.text.endswith("bed mat MAT-0012 is past its service life, since 3 Nov 2026")
    night.closed(OLD, when="08:30")
    week = at("08:30") + timedelta(days=7)
    assert OLD not in [r.cause for r in night.until(week - timedelta(seconds=1))]
    assert OLD in [r.cause for r in night.until(week)]


def test_the_morning_is_the_homes_on_a_summer_day() -> None:
    item = replace(mat(), life_ends=date(2026, 7, 1))
    start = datetime(2026, 6, 30, 12, tzinfo=UTC)
    night = Night(plan_of((bed_needed(),), (item,)), start=start)
    eight_in_london = datetime(2026, 7, 1, 7, tzinfo=UTC)
    assert OLD not in [r.cause for r in night.until(eight_in_london - timedelta(seconds=1))]
    assert OLD in [r.cause for r in night.until(eight_in_london)]


# --- what is counted ---


def many_covers(count: int, found: ItemState | None = None) -> Plan:
    covers = [
        replace(cover(found), tag=f"CVR-{n}", place=PlaceId(str(n), "radiator"))
        for n in range(count)
    ]
    needs = [replace(cover_needed(), place=one.place) for one in covers]
    return plan_of(tuple(needs), tuple(covers))


def test_two_hundred_unverified_covers_are_one_alert() -> None:
    night = Night(many_covers(200))
    assert night.until("07:59:59") == []
    (told,) = night.until("08:00")
    assert (told.cause, told.priority) == (UNVERIFIED, Priority.LOW)
    assert told.text == "Home · 200 radiator covers not verified"
    assert told.action.endswith("and 188 more in the register.")
    assert night.until(at("08:00") + timedelta(days=3)) == [], "it is open still"


def test_closed_it_is_counted_again_the_next_morning_and_cleared_when_none_is_left() -> None:
    night = Night(many_covers(2))
    night.until("08:00")
    night.closed(UNVERIFIED, when="09:00")
    next_day = at("08:00") + timedelta(days=1)
    assert night.until(next_day - timedelta(seconds=1)) == []
    (told,) = night.until(next_day)
    assert told.text == "Home · 2 radiator covers not verified"
    night.now = next_day
    night.decisions += night.engine.replan(many_covers(2, ItemState.IN_PLACE), next_day)
    assert [c.words for c in night.cleared] == ["none left at 08:00"]


def test_a_mat_that_no_plan_asks_for_is_counted_as_undocumented() -> None:
    night = Night(plan_of((), (mat(),)))
    (told,) = night.until("08:00")
    assert (told.cause, told.text) == (
        UNDOCUMENTED,
        "Home · 1 bed mat in use, and no plan asks for it",
    )


def test_nothing_to_count_is_no_alert() -> None:
    night = Night(plan_of((bed_needed(),), (mat(),)))
    for occupied, when in ((True, "22:00"), (False, "07:30")):
        night.bed(occupied, when)
    assert night.until(at("08:00")) == []


# --- together ---


@pytest.mark.parametrize("restart", ["22:30", "23:00:01", "08:00:01"])
def test_a_restart_says_nothing_again_and_forgets_nothing(restart: str) -> None:
    items = (permit(), replace(mat(), meant_for="Bob", meant_room="14"))
    plan = plan_of((bed_needed(), cover_needed()), items)
    straight, before = Night(plan), Night(plan)
    straight.until("11:00")
    before.until(restart)
    after = before.restarted(plan, restart, watched_until=restart)
    after.until("11:00")
    said = [(r.cause, r.text) for r in (*before.raised, *after.raised)]
    assert said == [(r.cause, r.text) for r in straight.raised]


def test_ten_things_wrong_with_the_register_hold_up_nobody() -> None:
    items = [
        replace(
            permit(), tag=f"CVR-{n}", place=PlaceId(str(n), "radiator"), permit_until=at("22:00")
        )
        for n in range(10)
    ]
    night = Night(plan_of((bed_needed(),), (mat(NEVER_SILENT), *items)))
    night.hear(reading(MAT, Quantity.OCCUPANCY, True, at("21:30")))
    made = night.hear(reading(MAT, Quantity.OCCUPANCY, False, at("22:00")))
    assert [r.cause.kind for r in raises(made.decisions)] == [AlertKind.BED_EXIT]
    late = {r.cause for r in night.raised if r.cause.kind is AlertKind.PERMIT_OVERDUE}
    assert len(late) == 10


def test_a_cover_that_is_for_nobody_is_never_astray() -> None:
    kinds = {r.cause.kind for r in Night(plan_of((), (cover(),))).raised}
    assert AlertKind.WRONG_ROOM not in kinds
    assert EquipmentKind.RADIATOR_COVER not in {r.cause.subject for r in Night(astray("12")).raised}
