"""The power goes, and work on a mat ends: both ask people for something."""

from dataclasses import replace
from datetime import timedelta

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.places import EquipmentKind, GapState, PlaceId
from nightwarden.model.plan import PlacedItem, Plan
from nightwarden.model.readings import DeviceId, Quantity
from nightwarden.model.watches import WatchState
from rules.coverage import gaps
from rules.decisions import Raise
from rules.watching import watch_views
from tests.unit.rule_builders import (
    BED,
    INSTALLED,
    NEVER_SILENT,
    Night,
    at,
    bed_needed,
    mat,
    plan_of,
    raises,
    reading,
)

CELLAR = PlaceId("Cellar", "fuse-box")
MAINS = DeviceId("nightwarden", "mains")
MONITOR = PlacedItem(
    "PWR-1",
    EquipmentKind.MAINS_MONITOR,
    CELLAR,
    INSTALLED,
    device=MAINS,
    supervision=NEVER_SILENT,
)
UNTESTED = Cause(AlertKind.UNTESTED_AFTER_SERVICE, BED, "MAT-0012")


def power(night: Night, there: bool, when: str, *, fresh: bool = True) -> list[Raise]:
    said = reading(MAINS, Quantity.CONTACT, there, at(when), fresh=fresh)
    return raises(night.hear(said).decisions)


def house() -> Night:
    return Night(plan_of((bed_needed(),), (mat(), MONITOR)))


def test_power_that_is_out_for_ten_seconds_calls_people_to_go_round() -> None:
    night = house()
    power(night, True, "21:00")
    assert power(night, False, "22:00") == []
    assert night.until("22:00:09") == []
    [lost] = night.until("22:00:10")
    assert lost.cause == Cause(AlertKind.MAINS_LOST, CELLAR, "PWR-1")
    assert lost.priority is Priority.HIGH
    assert lost.text == "Cellar · mains power lost at 22:00"
    assert "round sheet" in lost.action
    assert "Everybody with a mat (1)" in lost.action
    power(night, True, "23:00")
    assert [clear.words for clear in night.cleared] == ["power back at 23:00"]


def test_a_flicker_is_nobodys_walk() -> None:
    night = house()
    power(night, False, "22:00")
    power(night, True, "22:00:09")
    assert night.until("23:00") == []


def test_what_the_broker_kept_of_it_counts() -> None:
    night = house()
    power(night, False, "22:00", fresh=False)
    assert len(night.until("22:01")) == 1


def test_it_is_asked_again_while_the_power_is_out() -> None:
    night = house()
    power(night, False, "22:00")
    [lost] = night.until("22:01")
    night.closed(lost.cause, when="22:10")
    assert night.until("22:39:59") == []
    assert [again.cause for again in night.until("22:40")] == [lost.cause]


def worked_on(when: str | None, item: PlacedItem | None = None) -> Plan:
    item = item or mat()
    done = None if when is None else at(when)
    return plan_of((bed_needed("00:00-24:00"),), (replace(item, worked_on_at=done),))


def after_work() -> Night:
    """It has worked before, and work on it ended at 21:00."""
    night = Night(worked_on(None))
    night.bed(True, "20:10")
    night.bed(False, "20:11")
    night.bed(True, "20:12")
    night.replan(worked_on("21:00"), "21:00")
    return night


def cleared(night: Night) -> list[str]:
    return [clear.words for clear in night.cleared if clear.cause == UNTESTED]


def untested(made: list[Raise]) -> list[Raise]:
    return [one for one in made if one.cause.kind is AlertKind.UNTESTED_AFTER_SERVICE]


def test_a_mat_that_nobody_tried_after_the_work_is_raised() -> None:
    night = after_work()
    assert untested(night.until("21:14:59")) == []
    [raised] = untested(night.until("21:15"))
    assert raised.cause == UNTESTED
    assert raised.priority is Priority.TECHNICAL
    assert raised.text == (
        "Room 12 · Joan · bed mat MAT-0012 not tried since the work on it, 21:00:00"
    )
    night.bed(False, "21:20")
    assert cleared(night) == ["tried at 21:20"]


def test_until_it_is_tried_it_is_unverified() -> None:
    night = after_work()
    plan = night.engine.plan
    [gap] = gaps(plan, night.engine.liveness, at("21:01"))
    assert gap.state is GapState.UNVERIFIED
    night.bed(False, "21:05")
    assert gaps(plan, night.engine.liveness, at("21:06")) == []
    assert untested(night.until("22:00")) == []


def test_a_heartbeat_is_no_trial() -> None:
    night = after_work()
    night.bed(True, "21:10")  # as before
    assert len(untested(night.until("21:15"))) == 1


def test_off_again_for_other_work_ends_the_question() -> None:
    night = after_work()
    night.until("21:15")
    off = replace(mat(), permit_since=at("21:20"), permit_until=at("23:00"))
    night.replan(worked_on("21:00", off), "21:20")
    assert cleared(night) == ["worked on again at 21:20"]
    assert untested(night.until("22:30")) == []
    night.replan(worked_on("22:40"), "22:40")
    assert len(untested(night.until("22:55"))) == 1


def test_moved_while_it_is_raised_it_clears_the_alert_that_stands() -> None:
    night = after_work()
    night.until("21:15")
    other = PlaceId("14", "bed")
    night.replan(worked_on("21:20", replace(mat(), place=other, placed_at=at("21:20"))), "21:20")
    assert cleared(night) == ["worked on again at 21:20"]
    [raised] = untested(night.until("21:35"))
    assert raised.cause.place == other


def test_it_survives_a_restart() -> None:
    night = after_work()
    night.until("21:15")
    later = night.restarted(worked_on("21:00"), "21:30")
    assert untested(later.raised) == []
    later.bed(False, "21:40")
    assert cleared(later) == ["tried at 21:40"]


def test_what_is_only_set_up_has_no_such_question() -> None:
    night = Night(worked_on(None))
    assert untested(night.until("23:00")) == []


def state_of_the_bed(night: Night) -> tuple[WatchState, str]:
    [view] = watch_views(night.engine.plan, night.engine.liveness, night.now)
    return view.state, view.why


def test_a_mat_that_stays_silent_after_its_alarm_is_not_ready() -> None:
    """M12: nothing on the device shows it, so the board does."""
    slow = replace(mat(), rearm=timedelta(seconds=20))
    night = Night(plan_of((bed_needed("00:00-24:00"),), (slow,)))
    night.bed(True, "20:10")
    night.until("20:11")
    assert state_of_the_bed(night) == (WatchState.ARMED, "")
    night.bed(False, "20:12")
    assert state_of_the_bed(night)[0] is WatchState.ARMED  # its alarm sounds
    night.bed(True, "20:13")
    night.until("20:13:19")
    why = "MAT-0012 is not ready: it stays silent for 20 s after an alarm"
    assert state_of_the_bed(night) == (WatchState.BLIND, why)
    [view] = watch_views(night.engine.plan, night.engine.liveness, night.now)
    assert view.until == at("20:13:20")
    night.until("20:13:20")
    assert state_of_the_bed(night)[0] is WatchState.ARMED
