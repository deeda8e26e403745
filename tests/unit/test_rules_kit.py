"""Kit that is failing: batteries, leads, and mats that speak and never change."""

from dataclasses import replace
from datetime import timedelta

import pytest

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.plan import Plan
from nightwarden.model.readings import Quantity
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

TWO_MINUTES = timedelta(minutes=2)
LOW = Cause(AlertKind.BATTERY_LOW, BED, "MAT-0012")
EMPTY = Cause(AlertKind.BATTERY_LOW, BED, "MAT-0012 nearly empty")
LEAD = Cause(AlertKind.FLAPPING_LEAD, BED, "MAT-0012")
SILENT = Cause(AlertKind.DEVICE_SILENT, BED, "MAT-0012")
UNPROVED = Cause(AlertKind.NEVER_CHANGES, BED, "MAT-0012")


def one_mat(*pauses: Pause, supervision: timedelta = NEVER_SILENT) -> Plan:
    return plan_of((bed_needed(),), (mat(supervision),), pauses=pauses)


def link(night: Night, online: bool, when: str) -> list[Raise]:
    return raises(night.hear(reading(MAT, Quantity.LINK, online, at(when))).decisions)


# --- batteries ---


def battery(night: Night, percent: float, when: str) -> list[Raise]:
    return raises(night.hear(reading(MAT, Quantity.BATTERY, percent, at(when))).decisions)


def test_a_low_battery_is_raised_once_and_a_nearly_empty_one_beside_it() -> None:
    night = Night(one_mat())
    assert battery(night, 20.5, "20:10") == []
    (low,) = battery(night, 20.0, "20:20")
    assert (low.cause, low.priority) == (LOW, Priority.LOW)
    assert low.text == "Room 12 · Joan · bed mat MAT-0012 battery low, 20 %"
    assert battery(night, 12.0, "20:30") == []
    (empty,) = battery(night, 5.0, "20:40")
    assert (empty.cause, empty.priority) == (EMPTY, Priority.MEDIUM)
    assert battery(night, 1.0, "20:50") == []


def test_a_battery_first_heard_nearly_empty_is_one_alert() -> None:
    night = Night(one_mat())
    assert [r.cause for r in battery(night, 3.0, "20:10")] == [EMPTY]
    assert battery(night, 7.0, "20:20") == []


def test_only_a_changed_battery_clears() -> None:
    night = Night(one_mat())
    battery(night, 15.0, "20:10")
    battery(night, 4.0, "20:20")
    battery(night, 29.0, "20:30")
    assert night.cleared == []
    battery(night, 98.0, "20:40")
    assert [(c.cause, c.words) for c in night.cleared] == [
        (LOW, "changed, 98 % at 20:40"),
        (EMPTY, "changed, 98 % at 20:40"),
    ]
    assert battery(night, 18.0, "20:50"), "the next one runs down too"


def test_a_low_battery_closed_and_not_changed_is_asked_about_the_next_day() -> None:
    night = Night(one_mat())
    battery(night, 15.0, "20:10")
    night.closed(LOW, when="20:20")
    assert battery(night, 14.0, "20:30") == []
    next_day = at("20:20") + timedelta(days=1)
    assert night.until(next_day - timedelta(seconds=1)) == []
    assert [r.cause for r in night.until(next_day)] == [LOW]


# --- leads ---


def flap(night: Night, *whens: str) -> list[Raise]:
    """The mat goes at each of these times, and is there again ten seconds later."""
    made = []
    for when in whens:
        made += link(night, False, when)
        back = at(when) + timedelta(seconds=10)
        night.hear(reading(MAT, Quantity.LINK, True, back))
    return made


def test_four_losses_in_a_quarter_of_an_hour_are_one_alert_about_the_lead() -> None:
    night = Night(one_mat())
    assert flap(night, "22:00", "22:05", "22:10") == []
    (suspect,) = flap(night, "22:15")
    assert (suspect.cause, suspect.priority) == (LEAD, Priority.TECHNICAL)
    assert suspect.text.endswith("lost its link 4 times in 15 minutes, suspect lead")
    assert suspect.caused_at == at("22:00")
    assert flap(night, "22:16", "22:17", "22:18", "22:19") == []


@pytest.mark.parametrize(
    "whens",
    [("22:00", "22:05", "22:10"), ("22:00", "22:05", "22:10", "22:15:01")],
    ids=["three", "four in longer"],
)
def test_fewer_or_slower_losses_are_none(whens: tuple[str, ...]) -> None:
    assert flap(Night(one_mat()), *whens) == []


def test_a_goodbye_that_is_repeated_is_one_loss() -> None:
    night = Night(one_mat(), start=at("22:00"))
    for second in range(10, 20):
        assert link(night, False, f"22:00:{second}") == []


def test_losses_while_care_is_given_do_not_count() -> None:
    night = Night(one_mat(pause("21:59", "22:14")))
    assert flap(night, "22:00", "22:02", "22:04", "22:06", "22:08") == []


def test_a_suspect_lead_makes_a_goodbye_no_silence_but_a_long_absence_is_one() -> None:
    night = Night(one_mat(supervision=TWO_MINUTES), start=at("22:00"))
    flap(night, "22:00", "22:01", "22:02", "22:03")
    night.bed(True, "22:03:30")
    link(night, False, "22:04")
    assert night.until("22:05:59") == []
    (silent,) = night.until("22:06")
    assert silent.cause == SILENT
    assert silent.text.endswith("silent for 2 minutes")


def test_a_lead_that_holds_for_an_hour_is_no_longer_suspect() -> None:
    night = Night(one_mat())
    flap(night, "22:00", "22:01", "22:02", "22:03", "22:30")
    night.until("23:29:59")
    assert night.cleared == []
    night.until("23:30")
    assert [(c.cause, c.words) for c in night.cleared] == [(LEAD, "its link has held for 1 hour")]


def test_a_device_that_is_gone_proves_nothing_of_its_lead() -> None:
    night = Night(one_mat())
    flap(night, "22:00", "22:01", "22:02")
    link(night, False, "22:03")
    night.until("00:30")
    assert LEAD not in {c.cause for c in night.cleared}
    link(night, True, "00:31")
    night.until("02:31")
    assert LEAD in {c.cause for c in night.cleared}


def test_a_lead_that_was_dealt_with_is_counted_anew() -> None:
    night = Night(one_mat())
    flap(night, "22:00", "22:01", "22:02", "22:03")
    night.closed(LEAD, when="22:04")
    assert flap(night, "22:05", "22:06", "22:07") == []
    assert [r.cause for r in flap(night, "22:08")] == [LEAD]


def test_losses_are_counted_through_a_restart() -> None:
    before = Night(one_mat())
    flap(before, "22:00", "22:01", "22:02")
    night = before.restarted(one_mat(), "22:03", watched_until="22:03")
    assert [r.cause for r in flap(night, "22:04")] == [LEAD]


# --- mats that speak and never change ---


def beats(night: Night, hours: int, *, occupied: bool = False) -> list[Raise]:
    """The mat says the same once an hour."""
    before = len(night.raised)
    for _ in range(hours):
        night.bed(occupied, night.now + timedelta(hours=1))
    return night.raised[before:]


def test_a_mat_that_says_the_same_for_its_proof_interval_is_raised_in_its_hours() -> None:
    night = Night(one_mat(), start=at("20:00"))
    night.bed(False, "20:00")
    (unproved,) = beats(night, 25)  # a day after it first spoke is 20:00, out of its hours
    assert (unproved.cause, unproved.priority) == (UNPROVED, Priority.TECHNICAL)
    assert unproved.text.endswith("bed mat MAT-0012 speaks but has not changed for 1 day")
    assert beats(night, 24) == [], "once"


def test_a_press_takes_it_back_and_the_interval_begins_anew() -> None:
    night = Night(one_mat(), start=at("20:00"))
    night.bed(False, "20:00")
    beats(night, 25)
    night.bed(True, night.now + timedelta(minutes=5))
    assert [(c.cause, c.words) for c in night.cleared] == [(UNPROVED, "changed at 21:05")]
    assert beats(night, 23, occupied=True) == []
    assert [r.cause for r in beats(night, 2, occupied=True)] == [UNPROVED]


def test_a_mat_that_changed_meanwhile_is_left_in_peace() -> None:
    night = Night(one_mat(), start=at("20:00"))
    night.bed(True, "20:00")
    beats(night, 10, occupied=True)
    night.bed(False, night.now + timedelta(hours=1, minutes=1))  # 07:01, out of its hours
    assert beats(night, 20) == []


def test_a_silent_mat_is_silent_and_not_unproved() -> None:
    night = Night(one_mat(supervision=TWO_MINUTES), start=at("22:00"))
    night.bed(False, "22:00")
    assert {r.cause for r in night.until(at("22:00") + timedelta(days=3))} == {SILENT}


def test_a_pause_puts_the_question_off_to_its_end() -> None:
    until = replace(pause("22:00", "23:00"), until=at("22:30") + timedelta(days=1))
    plan = one_mat(until)
    night = Night(plan, start=at("22:00"))
    night.bed(False, "22:00")
    assert night.until(until.until - timedelta(seconds=1)) == []
    assert [r.cause for r in night.until(until.until)] == [UNPROVED]


def test_what_nobody_could_hear_proves_nothing_either_way() -> None:
    night = Night(one_mat(), start=at("22:00"))
    night.bed(False, "22:00")
    night.until("23:00")
    night.engine.unwatched(at("22:30"), at("23:00"))
    day_later = at("22:00") + timedelta(days=1)
    assert night.until(day_later + timedelta(minutes=29)) == []
    assert [r.cause for r in night.until(day_later + timedelta(minutes=30))] == [UNPROVED]


def test_an_unproved_mat_closed_without_a_press_is_asked_about_the_next_shift() -> None:
    night = Night(one_mat(), start=at("22:00"))
    night.bed(False, "22:00")
    day_later = at("22:00") + timedelta(days=1)
    night.until(day_later)
    night.engine.answered(set(), night.now)
    assert night.until(day_later + timedelta(hours=22)) == [], "12 hours later is out of its hours"
    assert [r.cause for r in night.until(day_later + timedelta(hours=23))] == [UNPROVED]


def test_what_no_plan_requires_need_not_prove_itself_here() -> None:
    night = Night(plan_of((), (mat(),)), start=at("22:00"))
    night.bed(False, "22:00")
    kinds = {r.cause.kind for r in night.until(at("22:00") + timedelta(days=3))}
    assert kinds <= {AlertKind.UNDOCUMENTED}


def test_a_goodbye_counts_again_once_the_lead_was_dealt_with() -> None:
    night = Night(one_mat(), start=at("22:00"))
    flap(night, "22:00", "22:01", "22:02")
    link(night, False, "22:03")
    assert night.until("22:10") == [], "the lead's alert says so already"
    night.closed(LEAD, when="22:10")
    assert [r.cause for r in night.until("22:10:01")] == [SILENT]


def test_a_mat_is_proved_by_its_occupancy_and_not_by_its_thermometer() -> None:
    night = Night(one_mat())
    for when, celsius in (("20:00", 20.0), ("20:10", 21.5)):
        night.hear(reading(MAT, Quantity.TEMPERATURE, celsius, at(when)))
    for when, closed in (("20:20", True), ("20:30", False)):
        night.hear(reading(MAT, Quantity.CONTACT, closed, at(when)))
    live = night.engine.liveness[MAT]
    assert (live.heard_at, live.changed_at) == (at("20:30"), None)
    for when, occupied in (("20:40", False), ("20:50", True)):
        night.hear(reading(MAT, Quantity.OCCUPANCY, occupied, at(when)))
    assert night.engine.liveness[MAT].changed_at == at("20:50")
