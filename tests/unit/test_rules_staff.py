"""Nobody is listening, and nobody answers."""

from datetime import timedelta

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.places import PlaceId
from nightwarden.model.staff import Staff
from rules.decisions import Raise
from rules.staff import STAFF
from tests.unit.rule_builders import Night, at, bed_plan, plan_of, raises

UNHEARD = Cause(AlertKind.NOBODY_LISTENING, PlaceId(STAFF, "receivers"))


def learn(night: Night, when: str, staff: Staff) -> list[Raise]:
    before = night.until(when)
    made = night.engine.learn(staff, at(when))
    night.decisions += made
    return before + raises(made)


def test_nobody_listening_for_a_minute_is_the_top_alert() -> None:
    night = Night(bed_plan(), at("22:00"))
    learn(night, "22:00", Staff(listening=1))
    assert learn(night, "22:10", Staff(listening=0)) == []
    assert night.until("22:10:59") == []
    [raised] = night.until("22:11")
    assert (raised.cause, raised.priority) == (UNHEARD, Priority.HIGH)
    assert "nobody is listening" in raised.text
    assert raised.caused_at == at("22:10")


def test_a_page_that_is_loaded_anew_is_given_its_seconds() -> None:
    night = Night(bed_plan(), at("22:00"))
    learn(night, "22:10", Staff(listening=0))
    learn(night, "22:10:30", Staff(listening=1))
    assert night.until("23:00") == []


def test_it_clears_when_somebody_listens_and_is_asked_again_while_nobody_does() -> None:
    night = Night(bed_plan(), at("22:00"))
    learn(night, "22:10", Staff(listening=0))
    assert night.until("22:12")
    night.closed(UNHEARD, when="22:20")
    assert night.until("22:34") == []
    assert night.until("22:36"), "asked again after a quarter of an hour"
    learn(night, "22:40", Staff(listening=2))
    assert [clear.cause for clear in night.cleared] == [UNHEARD]
    assert night.until("23:59") == []


def test_a_home_with_nothing_to_watch_needs_nobody_to_listen() -> None:
    night = Night(plan_of(), at("22:00"))
    learn(night, "22:10", Staff(listening=0))
    assert night.until("23:00") == []


def test_alerts_that_wait_while_nobody_does_anything_call_somebody_outside() -> None:
    night = Night(bed_plan(), at("22:00"))
    learn(night, "22:00", Staff(1, at("22:00")))
    learn(night, "22:30", Staff(1, at("22:00"), waiting_since=at("22:30")))
    assert night.until("22:49") == []
    [raised] = night.until("22:50")
    assert raised.cause.kind is AlertKind.NOBODY_ANSWERS
    assert raised.priority is Priority.HIGH
    assert "for 20 minutes" in raised.text


def test_whoever_acts_at_all_is_awake() -> None:
    night = Night(bed_plan(), at("22:00"))
    learn(night, "22:30", Staff(1, at("22:00"), waiting_since=at("22:30")))
    learn(night, "22:45", Staff(1, at("22:45"), waiting_since=at("22:30")))
    assert night.until("23:04") == []
    assert night.until("23:05")
    learn(night, "23:10", Staff(1, at("23:10"), waiting_since=None))
    assert [clear.cause.kind for clear in night.cleared] == [AlertKind.NOBODY_ANSWERS]


def test_a_restart_keeps_the_minute_that_has_run() -> None:
    night = Night(bed_plan(), at("22:00"))
    learn(night, "22:10", Staff(listening=0))
    night._save()
    later = night.restarted(bed_plan(), "22:10:30")
    made = later.engine.learn(Staff(listening=0), at("22:10:31"))
    assert raises(made) == []
    [raised] = later.until(at("22:11") + timedelta(seconds=1))
    assert raised.cause == UNHEARD
