"""A call for help by hand: raised once, whoever taps twice, and again after somebody had come."""

from dataclasses import replace

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.calls import HelpCall
from nightwarden.model.places import PlaceId
from nightwarden.model.plan import Plan
from tests.unit.rule_builders import BED, Night, at, pause, plan_of

HELP = Cause(AlertKind.CALL_BUTTON, PlaceId("12", "room"), "by hand")


def called(number: int, when: str, by: str = "Sam") -> Plan:
    call = HelpCall(number, "12", at(when), by)
    return replace(plan_of(pauses=(pause("21:00", "23:00", BED),)), calls=(call,))


def test_a_call_is_raised_at_once_and_once_and_says_who_called() -> None:
    night = Night(plan_of(), at("22:00"))
    [call] = night.replan(called(1, "22:05"), "22:05:01")
    assert (call.cause, call.priority, call.caused_at) == (HELP, Priority.HIGH, at("22:05"))
    assert call.text == "Room 12 · Joan · Sam calls for help"
    assert night.replan(called(1, "22:05"), "22:06") == []
    [again] = night.replan(called(2, "22:07", "Ana"), "22:07:01")
    assert again.text == "Room 12 · Joan · Ana calls for help"


def test_a_restart_neither_repeats_a_call_nor_loses_one() -> None:
    night = Night(plan_of(), at("22:00"))
    night.replan(called(1, "22:05"), "22:05:01")
    assert night.restarted(called(1, "22:05"), "22:10", watched_until="22:09").raised == []
    [call] = night.restarted(called(2, "22:12"), "22:20", watched_until="22:11").raised
    assert call.text == "Room 12 · Joan · Sam calls for help (at 22:12, while not watching)"
