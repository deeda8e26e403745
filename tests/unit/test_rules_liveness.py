"""Devices that fall silent, say goodbye, never spoke, or are excused for a while."""

from dataclasses import replace
from datetime import timedelta

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.plan import Plan
from nightwarden.model.readings import Quantity
from nightwarden.model.watches import Pause
from rules.decisions import Raise, Reason
from tests.unit.rule_builders import (
    BED,
    MAT,
    Night,
    at,
    bed_needed,
    mat,
    pause,
    plan_of,
    raises,
    reading,
)

SILENT = Cause(AlertKind.DEVICE_SILENT, BED, "MAT-0012")
TWO_MINUTES = timedelta(minutes=2)


def home(*pauses: Pause, hours: str = "21:00-07:00") -> Plan:
    return plan_of((bed_needed(hours),), (mat(TWO_MINUTES),), pauses=pauses)


def spoke(when: str, plan: Plan | None = None) -> Night:
    """A night in which the mat has last spoken at ``when``."""
    night = Night(plan or home(), start=at(when))
    night.bed(True, when)
    return night


def goodbye(night: Night, when: str, *, online: bool = False, fresh: bool = True) -> list[Raise]:
    said = reading(MAT, Quantity.LINK, online, at(when), fresh=fresh)
    return raises(night.hear(said).decisions)


def test_a_mat_silent_for_two_minutes_in_its_hours_is_raised() -> None:
    night = spoke("22:00")
    assert night.until("22:01:59") == []
    (silent,) = night.until("22:02")
    assert (silent.cause, silent.priority) == (SILENT, Priority.TECHNICAL)
    assert silent.text == "Room 12 · Joan · bed mat MAT-0012 silent for 2 minutes"
    assert silent.caused_at == at("22:00")
    assert night.until("06:00") == []


def test_each_message_winds_the_clock_up_again() -> None:
    night = spoke("22:00")
    night.bed(True, "22:01:30")
    assert night.until("22:03:29") == []
    assert len(night.until("22:03:30")) == 1


def test_a_mat_that_never_spoke_is_raised_when_its_hours_begin() -> None:
    night = Night(home())
    assert night.until("20:59:59") == []
    (never,) = night.until("21:00")
    assert never.text == "Room 12 · Joan · bed mat MAT-0012 has never spoken"


def test_a_mat_bound_just_now_has_one_interval_to_speak_in() -> None:
    bound = replace(mat(TWO_MINUTES), bound_at=at("22:00"))
    night = Night(plan_of((bed_needed(),), (bound,)), start=at("22:00"))
    assert night.until("22:01:59") == []
    assert len(night.until("22:02")) == 1


def test_a_last_will_is_raised_after_thirty_seconds_of_grace() -> None:
    night = spoke("22:00")
    assert goodbye(night, "22:00:50") == []
    assert night.until("22:01:19") == []
    (off,) = night.until("22:01:20")
    assert off.text == "Room 12 · Joan · bed mat MAT-0012 is off or unplugged"
    assert off.caused_at == at("22:00:50")


def test_a_device_that_comes_back_within_the_grace_was_restarting() -> None:
    night = spoke("22:00")
    goodbye(night, "22:00:50")
    goodbye(night, "22:01:10", online=True)
    assert night.until("22:03:09") == []
    assert len(night.until("22:03:10")) == 1


def test_a_retained_online_proves_nobody_alive() -> None:
    night = spoke("22:00")
    goodbye(night, "22:00:50")
    goodbye(night, "22:01:10", online=True, fresh=False)
    assert len(night.until("22:01:20")) == 1


def test_a_second_goodbye_does_not_stretch_the_grace() -> None:
    night = spoke("22:00")
    goodbye(night, "22:00:50")
    goodbye(night, "22:01:15", fresh=False)
    assert len(night.until("22:01:20")) == 1


def test_silence_out_of_hours_waits_for_the_hours() -> None:
    night = spoke("20:10")
    assert night.until("20:59:59") == []
    (silent,) = night.until("21:00")
    assert silent.text.endswith("silent for 50 minutes")


def test_silence_at_the_end_of_the_hours_waits_for_the_next_evening() -> None:
    night = spoke("06:59")
    assert night.until("11:59") == []
    mat = night.engine.device(MAT)
    assert mat is not None
    assert mat.due_at == at("21:00") + timedelta(days=1)


def test_after_an_outage_every_device_has_one_more_interval() -> None:
    night = spoke("22:00")
    night.engine.unwatched(at("22:00:30"), at("22:10"))
    assert night.until("22:11:59") == []
    assert len(night.until("22:12")) == 1


def test_after_a_restart_every_device_has_one_more_interval() -> None:
    night = spoke("21:30").restarted(home(), "22:10", watched_until="21:31")
    assert night.raised == []
    assert night.until("22:11:59") == []
    assert len(night.until("22:12")) == 1


def test_silence_in_a_pause_is_raised_at_its_end() -> None:
    night = spoke("22:00", home(pause("22:01", "22:15")))
    assert night.until("22:14:59") == []
    assert len(night.until("22:15")) == 1
    assert Reason.PAUSED in night.reasons


def test_silence_is_raised_at_once_when_the_pause_is_resumed_early() -> None:
    night = spoke("22:00", home(pause("22:01", "23:00")))
    night.until("22:05")
    assert [r.cause for r in night.replan(home(), "22:06")] == [SILENT]


def test_speaking_again_clears() -> None:
    night = spoke("22:00")
    night.until("22:10")
    night.bed(True, "22:11")
    assert (night.cleared[-1].cause, night.cleared[-1].words) == (SILENT, "spoke again at 22:11")
    assert len(night.until("22:13")) == 1


def test_a_closed_silence_is_asked_about_again_after_a_quarter_of_an_hour() -> None:
    night = spoke("22:00")
    night.until("22:02")
    night.closed(SILENT, when="22:05")
    assert night.until("22:19:59") == []
    assert len(night.until("22:20")) == 1


def test_closing_an_alert_of_a_device_that_speaks_again_excuses_no_new_silence() -> None:
    night = spoke("22:00")
    night.until("22:05")
    night.bed(True, "22:06")
    night.closed(SILENT, when="22:07")
    assert len(night.until("22:08")) == 1


def test_a_battery_report_proves_it_is_powered_and_not_that_it_works() -> None:
    night = spoke("22:00")
    for battery, when in ((90.0, "22:00:30"), (89.0, "22:01")):
        night.hear(reading(MAT, Quantity.BATTERY, battery, at(when)))
    live = night.engine.liveness[MAT]
    assert (live.heard_at, live.changed_at) == (at("22:01"), None)
    night.bed(False, "22:01:30")
    assert night.engine.liveness[MAT].changed_at == at("22:01:30")


def test_what_is_kept_and_repeated_does_not_count_as_speaking() -> None:
    night = spoke("22:00")
    night.hear(reading(MAT, Quantity.OCCUPANCY, True, at("22:01"), fresh=False))
    assert night.engine.liveness[MAT].heard_at == at("22:00")
    assert len(night.until("22:02")) == 1


def test_a_mat_unbound_from_the_plan_is_no_longer_asked_about() -> None:
    night = spoke("22:00")
    night.replan(plan_of((bed_needed(),), (replace(mat(), device=None),)), "22:01")
    assert SILENT not in {r.cause for r in night.until("06:00")}
    assert night.engine.liveness == {}
