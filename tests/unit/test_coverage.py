"""Required against live: each kind of gap with its age, and why each watch is as it is."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from nightwarden.model.places import EquipmentKind, GapState, ItemState, Mount, PlaceId
from nightwarden.model.plan import Gap, Liveness, PlacedItem, Plan
from nightwarden.model.watches import WatchState
from rules.coverage import gaps
from rules.watching import WatchView, watch_views
from tests.unit.rule_builders import (
    BED,
    INSTALLED,
    MAT,
    PROBE,
    RADIATOR,
    at,
    bed_needed,
    cover,
    cover_needed,
    emitter,
    mat,
    pause,
    plan_of,
    probe,
)

NOW = at("22:00")
TWO_MINUTES = timedelta(minutes=2)
WORKING = Liveness(heard_at=at("21:59"), changed_at=at("20:00"))


def only_gap(plan: Plan, live: Liveness | None = None) -> Gap:
    """The one gap of ``plan`` at 22:00, the mat having lived as ``live`` says."""
    (gap,) = gaps(plan, {} if live is None else {MAT: live}, NOW)
    return gap


def bed_with(item: PlacedItem) -> Plan:
    return plan_of((bed_needed(),), (item,))


def cover_with(item: PlacedItem) -> Plan:
    return plan_of((cover_needed(),), (item,))


def test_what_works_is_no_gap() -> None:
    plan = plan_of((bed_needed(), cover_needed()), (mat(TWO_MINUTES), cover()))
    assert gaps(plan, {MAT: WORKING}, NOW) == []


def test_nothing_there_is_missing_since_it_is_required() -> None:
    gap = only_gap(plan_of((bed_needed(),)))
    assert (gap.state, gap.since, gap.equipment) == (GapState.MISSING, INSTALLED, None)
    assert gap.because == "falls assessment: no bed mat stands here"
    assert gap.next_step == "Put a bed mat in place, or set a manual round"
    assert gap.resident == "Joan"


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (ItemState.OFF, GapState.MISSING),
        (ItemState.LOOSE, GapState.FAULTY),
        (ItemState.DAMAGED, GapState.FAULTY),
    ],
)
def test_what_somebody_found_counts_since_that_day(found: ItemState, state: GapState) -> None:
    gap = only_gap(cover_with(cover(found)))
    assert (gap.state, gap.since) == (state, datetime(2026, 11, 1, tzinfo=UTC))
    assert gap.because == f"burns assessment: A. Smith found it {found}"


def test_a_permit_past_its_time_has_it_off_still() -> None:
    permit = replace(cover(), permit_since=at("20:00"), permit_until=at("21:00"))
    gap = only_gap(cover_with(permit))
    assert (gap.state, gap.since) == (GapState.FAULTY, at("20:00"))
    assert gap.because.endswith("ended at 21:00 on 02 Nov, and nobody has said that it is back")


def test_a_permit_has_it_off() -> None:
    permit = replace(cover(), permit_since=at("20:00"), permit_until=at("23:00"))
    gap = only_gap(cover_with(permit))
    assert (gap.state, gap.since) == (GapState.FAULTY, at("20:00"))
    assert gap.because.endswith("off on a permit until 23:00 on 02 Nov")
    assert gap.next_step == "Put the radiator cover back, and say so"


def test_a_reported_fault_counts_though_the_device_speaks() -> None:
    faulty = replace(mat(TWO_MINUTES), fault="wire is bare", fault_since=at("20:30"))
    gap = only_gap(bed_with(faulty), WORKING)
    assert (gap.state, gap.since) == (GapState.FAULTY, at("20:30"))
    assert gap.because == "falls assessment: fault: wire is bare"


@pytest.mark.parametrize(
    ("live", "state", "since", "why"),
    [
        (None, GapState.UNVERIFIED, INSTALLED, "has not spoken since it stands here"),
        (
            Liveness(at("21:59"), at("21:00"), online=False),
            GapState.FAULTY,
            at("21:59"),
            "its device went offline",
        ),
        (Liveness(at("21:50"), at("21:00")), GapState.FAULTY, at("21:52"), "its device is silent"),
        (Liveness(at("21:59"), None), GapState.UNVERIFIED, INSTALLED, "press it once"),
        (
            Liveness(at("21:59"), NOW - timedelta(hours=30)),
            GapState.UNVERIFIED,
            NOW - timedelta(hours=6),
            "it speaks and never changes; press it",
        ),
    ],
)
def test_what_the_device_has_shown(
    live: Liveness | None, state: GapState, since: datetime, why: str
) -> None:
    gap = only_gap(bed_with(mat(TWO_MINUTES)), live)
    assert (gap.state, gap.since) == (state, since)
    assert gap.because.endswith(why)


def test_a_device_exactly_at_its_limits_is_still_fine() -> None:
    live = Liveness(NOW - TWO_MINUTES, NOW - timedelta(days=1))
    assert gaps(bed_with(mat(TWO_MINUTES)), {MAT: live}, NOW) == []


def test_a_device_that_was_bound_anew_proves_itself_at_its_new_item() -> None:
    gap = only_gap(bed_with(replace(mat(TWO_MINUTES), bound_at=at("21:30"))), WORKING)
    assert (gap.state, gap.since) == (GapState.UNVERIFIED, at("21:30"))
    assert "press it once" in gap.because
    long_bound = replace(mat(TWO_MINUTES), bound_at=at("19:00"))
    assert gaps(bed_with(long_bound), {MAT: WORKING}, NOW) == []


def test_a_mat_that_was_moved_proves_itself_anew() -> None:
    moved = replace(mat(TWO_MINUTES), placed_at=at("21:30"))
    gap = only_gap(bed_with(moved), WORKING)
    assert (gap.state, gap.since) == (GapState.UNVERIFIED, at("21:30"))


def test_a_mat_without_a_device_is_faulty() -> None:
    gap = only_gap(bed_with(replace(mat(), device=None)))
    assert (gap.state, gap.since) == (GapState.FAULTY, INSTALLED)


def test_a_cover_that_nobody_confirmed_is_unverified_since_it_was_placed() -> None:
    gap = only_gap(cover_with(cover(None)))
    assert (gap.state, gap.since) == (GapState.UNVERIFIED, INSTALLED)


def test_a_confirmation_holds_for_31_days_and_then_ages() -> None:
    plan = cover_with(cover(on=date(2026, 11, 1)))
    aged = datetime(2026, 12, 2, tzinfo=UTC)
    assert gaps(plan, {}, aged - timedelta(seconds=1)) == []
    (gap,) = gaps(plan, {}, aged)
    assert (gap.state, gap.since) == (GapState.UNVERIFIED, aged)
    assert gap.because.endswith("last confirmed by A. Smith on 01 Nov 2026")


def test_one_of_two_mats_that_works_meets_the_requirement() -> None:
    spare = replace(mat(TWO_MINUTES, tag="MAT-0099"), device=None)
    plan = plan_of((bed_needed(),), (spare, mat(TWO_MINUTES)))
    assert gaps(plan, {MAT: WORKING}, NOW) == []


def test_of_two_that_fail_the_lesser_failing_is_told() -> None:
    spare = replace(mat(tag="MAT-0099"), device=None)
    gap = only_gap(plan_of((bed_needed(),), (spare, mat(TWO_MINUTES))))
    assert (gap.state, gap.equipment) == (GapState.UNVERIFIED, "MAT-0012")


def test_a_mat_that_no_plan_asks_for_is_undocumented() -> None:
    gap = only_gap(plan_of((), (mat(),)), WORKING)
    assert (gap.state, gap.since, gap.resident) == (GapState.UNDOCUMENTED, INSTALLED, "Joan")


def test_a_sensor_that_no_plan_asks_for_is_nobodys_secret() -> None:
    assert gaps(plan_of((), (probe(),)), {}, NOW) == []


def test_a_radiator_that_nobody_judged_is_unassessed() -> None:
    gap = only_gap(plan_of(emitters=(emitter(),)))
    assert (gap.state, gap.needs, gap.since) == (GapState.UNASSESSED, "assessment", INSTALLED)
    assert gap.because == "nobody has judged this radiator"


def test_a_radiator_that_was_judged_or_is_required_a_cover_is_assessed() -> None:
    assert gaps(plan_of(emitters=(emitter(assessed=True),)), {}, NOW) == []
    assert gaps(plan_of((cover_needed(),), (cover(),), emitters=(emitter(),)), {}, NOW) == []


def test_gaps_come_worst_first_and_then_oldest_first() -> None:
    def room(number: str, item: PlacedItem) -> PlacedItem:
        return replace(item, place=PlaceId(number, "bed"), tag=f"MAT-{number}", device=None)

    plan = plan_of(
        (
            bed_needed(),
            replace(bed_needed(), place=PlaceId("13", "bed"), since=INSTALLED - timedelta(days=1)),
            replace(bed_needed(), place=PlaceId("14", "bed")),
            cover_needed(),
        ),
        (room("14", mat()), room("15", mat()), cover(None)),
        emitters=(replace(emitter(), place=PlaceId("16", "radiator")),),
    )
    found = [(gap.state.value, gap.place.room) for gap in gaps(plan, {}, NOW)]
    assert found == [
        ("missing", "13"),
        ("missing", "12"),
        ("faulty", "14"),
        ("unassessed", "16"),
        ("unverified", "12"),
        ("undocumented", "15"),
    ]


# --- watches ----------------------------------------------------------------------------------


def only_watch(plan: Plan, live: Liveness | None = WORKING, now: datetime = NOW) -> WatchView:
    (view,) = watch_views(plan, {} if live is None else {MAT: live, PROBE: live}, now)
    return view


def test_a_watch_is_armed_until_its_hours_end() -> None:
    view = only_watch(bed_with(mat(TWO_MINUTES)))
    assert (view.state, view.why, view.until) == (WatchState.ARMED, "", at("07:00"))
    assert (view.place, view.needs) == (BED, EquipmentKind.BED_MAT)


def test_off_hours_says_when_they_begin() -> None:
    view = only_watch(bed_with(mat()), now=at("14:00"))
    assert (view.state, view.why) == (WatchState.OFF_HOURS, "required 21:00-07:00")
    assert view.until == at("21:00")


def test_a_pause_says_who_and_why_and_until_when() -> None:
    paused = replace(bed_with(mat()), pauses=(pause("21:55", "22:10"), pause("21:58", "22:13")))
    view = only_watch(paused)
    assert (view.state, view.why) == (WatchState.PAUSED, "Ana: care in progress")
    assert view.until == at("22:13")
    assert only_watch(paused, now=at("22:13")).state is not WatchState.PAUSED


@pytest.mark.parametrize(
    ("live", "why"),
    [
        (None, "MAT-0012 has never spoken"),
        (Liveness(at("21:59"), online=False), "MAT-0012 is off or unplugged"),
        (Liveness(at("21:57")), "MAT-0012 is silent"),
    ],
)
def test_a_watch_that_should_watch_and_cannot_is_blind(live: Liveness | None, why: str) -> None:
    view = only_watch(bed_with(mat(TWO_MINUTES)), live)
    assert (view.state, view.why) == (WatchState.BLIND, why)


def test_nothing_there_and_nothing_bound_are_blind() -> None:
    assert only_watch(plan_of((bed_needed(),))).why == "no bed mat stands here"
    assert only_watch(bed_with(replace(mat(), device=None))).why == "MAT-0012 has no device"


def test_one_live_mat_of_two_watches() -> None:
    spare = replace(mat(tag="MAT-0099"), device=None)
    assert only_watch(plan_of((bed_needed(),), (spare, mat()))).state is WatchState.ARMED


def test_a_sensor_of_a_hot_surface_always_watches_and_room_air_never() -> None:
    view = only_watch(plan_of((), (probe(),)))
    assert (view.place, view.state, view.until) == (RADIATOR, WatchState.ARMED, None)
    assert list(watch_views(plan_of((), (probe(Mount.ROOM_AIR),)), {}, NOW)) == []


def test_a_cover_has_no_watch() -> None:
    assert list(watch_views(plan_of((cover_needed(),), (cover(),)), {}, NOW)) == []
