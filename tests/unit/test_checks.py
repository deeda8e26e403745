"""What is asked at a check and what the answers come to; when it is due; what is odd about it."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightwarden.model.checks import CheckKind, CheckOutcome, EnteredCheck, EntryMark
from nightwarden.model.places import EquipmentKind, ItemState, PlaceId
from rules.check_times import due_on, marks
from rules.checks import judge, kinds_of_check, questions, usual_interval

COVER = EquipmentKind.RADIATOR_COVER
WELL = {"cover": "fixed", "pipes": "covered", "valves": "covered", "gap": "none"}
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def test_a_cover_is_asked_about_with_its_pipes_valves_and_the_furniture() -> None:
    judged = judge(COVER, CheckKind.COVER, WELL, 43.0)
    assert (judged.outcome, judged.found) == (CheckOutcome.PASSED, ItemState.IN_PLACE)
    for left_out in WELL:
        with pytest.raises(ValueError, match="please answer"):
            judge(COVER, CheckKind.COVER, {k: v for k, v in WELL.items() if k != left_out}, 43.0)


def test_each_failed_answer_is_a_fault_of_its_own() -> None:
    answers = {"cover": "loose", "pipes": "bare", "valves": "covered", "gap": "gap"}
    judged = judge(COVER, CheckKind.COVER, answers, 43.0)
    assert judged.outcome is CheckOutcome.FAILED
    assert judged.found is ItemState.LOOSE
    assert len(judged.faults) == 3
    assert "bare pipes are within reach" in judged.faults


@pytest.mark.parametrize(
    ("heating", "said", "outcome"),
    [
        ("on", "43", CheckOutcome.PASSED),
        ("on", "43,1", CheckOutcome.FAILED),
        ("off", "21.5", CheckOutcome.NOT_PROVED),
        ("off", "47 °C", CheckOutcome.FAILED),
    ],
)
def test_a_touch_temperature_counts_with_the_heating_on(
    heating: str, said: str, outcome: CheckOutcome
) -> None:
    answers = {"heating": heating, "temperature_c": said}
    assert judge(COVER, CheckKind.TOUCH_TEMPERATURE, answers, 43.0).outcome is outcome


@given(st.dictionaries(st.sampled_from([*WELL, "temperature_c", "heating", "x"]), st.text()))
def test_any_answers_are_judged_or_refused_with_a_sentence(answers: dict[str, str]) -> None:
    for kind in EquipmentKind:
        for check in kinds_of_check(kind):
            judged = None
            with suppress(ValueError):
                judged = judge(kind, check, answers, 43.0)
            if judged is not None:
                assert set(judged.answers) == {one.name for one in questions(kind, check)}


def test_every_kind_has_several_checks_or_one_each_with_a_reason() -> None:
    for kind in EquipmentKind:
        for check in kinds_of_check(kind):
            interval = usual_interval(kind, check)
            assert interval.every_days >= 1
            assert interval.because
    assert len(kinds_of_check(EquipmentKind.BED_MAT)) > 1
    assert len(kinds_of_check(COVER)) > 1


def test_what_was_never_done_is_due_from_the_day_it_was_put_there() -> None:
    put = date(2026, 11, 1)
    assert due_on(None, put, 30) == put
    assert due_on(date(2026, 11, 20), put, 30) == date(2026, 12, 20)


def entered(number: int, room: str, at_s: float, entered_s: float, **more: object) -> EnteredCheck:
    return EnteredCheck(
        id=number,
        equipment=f"CVR-{number}",
        place=PlaceId(room, "radiator"),
        by="P. Nowak",
        at=NOON + timedelta(seconds=at_s),
        recorded_at=NOON + timedelta(seconds=entered_s),
        **more,  # type: ignore[arg-type]
    )


def test_what_is_entered_all_at_once_is_marked_and_an_honest_walk_is_not() -> None:
    walk = [entered(n, str(n), n * 180, n * 180) for n in range(8)]
    assert marks(walk) == {}
    at_a_desk = [entered(n, str(n), -3600 + n * 180, n * 10) for n in range(8)]
    found = marks(at_a_desk)
    assert set(found) == set(range(8))
    assert all(kinds == (EntryMark.LATE, EntryMark.TOGETHER) for kinds in found.values())


def test_a_phone_that_sends_a_walk_late_is_late_and_not_all_at_once() -> None:
    kept = [entered(n, str(n), n * 180, 7200 + n, kept_offline=True) for n in range(8)]
    assert set(marks(kept).values()) == {(EntryMark.LATE,)}
    claimed_at_once = [entered(n, str(n), n, 7200 + n, kept_offline=True) for n in range(8)]
    assert all(EntryMark.TOGETHER in kinds for kinds in marks(claimed_at_once).values())


def test_the_same_temperature_again_and_again_is_marked() -> None:
    same = [entered(n, str(n), n * 180, n * 180, temperature_c=38.0) for n in range(4)]
    assert set(marks(same).values()) == {(EntryMark.ALIKE,)}
    varied = [entered(n, str(n), n * 180, n * 180, temperature_c=38.0 + n) for n in range(4)]
    assert marks(varied) == {}
