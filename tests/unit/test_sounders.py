"""Which sounders are on, and a simulated one that does as it is told."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from nightwarden.model.alerts import AlertKind, AlertRecord, AlertState, Cause, Priority
from nightwarden.model.outputs import Output
from nightwarden.model.places import EquipmentKind, PlaceId, SoundsFor
from nightwarden.model.readings import DeviceId
from rules.sounding import sounding
from simulators.home_description import Fitting
from simulators.sounders import Sounder
from tests.alert_records import bed_exit

SIREN = DeviceId("nightwarden", "siren")
OUTPUT = Output(SIREN, EquipmentKind.SOUNDER, PlaceId("12", "door"), SoundsFor.ROOM, Priority.HIGH)
AT = datetime(2026, 11, 1, 2, 30, tzinfo=UTC)
ALERT = bed_exit(AT, id=1, text="", action="")
ELSEWHERE = replace(ALERT, cause=Cause(AlertKind.BED_EXIT, PlaceId("14", "bed")))
RANK = [Priority.LOW, Priority.MEDIUM, Priority.HIGH]


def is_on(output: Output, *alerts: AlertRecord) -> bool:
    return sounding([output], alerts)[output.device]


def test_it_is_on_while_an_alert_waits_and_off_once_somebody_is_going() -> None:
    assert not is_on(OUTPUT)
    for state in AlertState:
        waits = state in (AlertState.RAISED, AlertState.DELIVERED)
        assert is_on(OUTPUT, replace(ALERT, state=state)) is waits
    accepted = replace(ALERT, state=AlertState.ACCEPTED)
    assert is_on(OUTPUT, accepted, replace(ALERT, id=2)), "another one waits in the same room"


def test_a_rooms_sounder_is_silent_for_other_rooms_and_the_homes_is_not() -> None:
    assert not is_on(OUTPUT, ELSEWHERE)
    assert is_on(replace(OUTPUT, sounds_for=SoundsFor.HOME), ELSEWHERE)


@given(st.sampled_from(RANK), st.sampled_from([*Priority]))
def test_it_answers_from_its_least_priority_up_and_never_for_kit(
    least: Priority, priority: Priority
) -> None:
    expected = priority in RANK and RANK.index(priority) >= RANK.index(least)
    on = is_on(replace(OUTPUT, sounds_from=least), replace(ALERT, priority=priority))
    assert on is expected


@given(st.lists(st.sampled_from([b'{"on":true,"for_s":180}', b'{"on":false}', b"?", 60, 200])))
def test_a_simulated_siren_does_as_it_is_told_and_never_sounds_for_ever(
    steps: list[bytes | int],
) -> None:
    seconds: list[float] = [0.0]
    told: list[str] = []
    place = PlaceId("Corridor", "wall")
    fitting = Fitting("SND-1", EquipmentKind.SOUNDER, place, SIREN)
    siren = Sounder("elm-house", fitting, told.append, lambda: seconds[0])
    on_until = 0.0
    for step in steps:
        if isinstance(step, int):
            seconds[0] += step
            siren.tire()
        elif step != b"?":
            siren.hear(step)
            on_until = seconds[0] + 180 if b"true" in step else 0.0
        else:
            assert not siren.hear(step), "what is no order changes nothing"
        assert siren.on is (seconds[0] < on_until)
    assert (
        told
        == [f"sounder SND-1 at Corridor/wall: {w}" for w in ("on", "off") * len(told)][: len(told)]
    )
