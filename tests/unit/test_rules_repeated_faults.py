"""A fault that is reported again, heaters past their time, and pads that were used up."""

from dataclasses import replace
from datetime import timedelta

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.places import EquipmentKind, GapState, PlaceId
from nightwarden.model.plan import PlacedItem, Plan, ReportedFault
from rules.coverage import gaps
from rules.repeated_faults import repeats
from tests.unit.rule_builders import BED, RADIATOR, Night, at, bed_needed, cover, mat, plan_of

AGAIN = Cause(AlertKind.FAULT_AGAIN, RADIATOR, "CVR-0012")
MONTH = timedelta(days=30)


def fault(number: int, days_ago: float, **more: object) -> ReportedFault:
    told = ReportedFault(
        id=number,
        place=RADIATOR,
        tag="CVR-0012",
        kind="radiator_cover",
        what="loose",
        reported_at=at("20:00") - timedelta(days=days_ago),
    )
    return replace(told, **more)  # type: ignore[arg-type]


def having(*faults: ReportedFault) -> Plan:
    return replace(plan_of((), (cover(),)), faults=faults)


def test_one_report_waits_and_the_second_tells_the_manager() -> None:
    night = Night(having(fault(1, 10)))
    night.until("20:30")
    assert [r.cause.kind for r in night.raised] == []
    (raised,) = night.replan(having(fault(1, 10), fault(2, 0)), "20:31")
    assert (raised.cause, raised.priority, raised.manager_too) == (AGAIN, Priority.MEDIUM, True)
    assert raised.text.endswith(
        "radiator cover CVR-0012 reported twice, before that on 23 Oct at 21:00: loose"
    )


def test_a_repair_that_fails_again_says_when_it_was_mended() -> None:
    mended = fault(1, 10, mended_at=at("20:00") - timedelta(days=4))
    night = Night(having(mended, fault(2, 0)))
    (raised,) = night.raised
    assert "failed again, mended on 29 Oct" in raised.text


def test_another_of_the_kind_in_the_room_counts_and_one_elsewhere_does_not() -> None:
    other = {"tag": "CVR-0013", "place": PlaceId("12", "ensuite-pipe")}
    near, far = fault(1, 3, **other), fault(1, 3, tag="CVR-9", place=PlaceId("14", "radiator"))
    assert repeats((near, fault(2, 0)), MONTH)[2].before is near
    assert not repeats((far, fault(2, 0)), MONTH)
    mat_there = fault(1, 3, kind="bed_mat", tag="MAT-0012")
    assert not repeats((mat_there, fault(2, 0)), MONTH)


def test_outside_the_homes_window_it_is_another_fault() -> None:
    assert repeats((fault(1, 30), fault(2, 0)), MONTH)
    assert not repeats((fault(1, 31), fault(2, 0)), MONTH)


def test_each_report_calls_again_and_mending_the_newest_clears_it() -> None:
    night = Night(having(fault(1, 10), fault(2, 1)))
    three = having(fault(1, 10), fault(2, 1), fault(3, 0))
    (raised,) = night.replan(three, "20:40")
    assert "reported three times" in raised.text
    done = [fault(n, 9, mended_at=at("20:50")) for n in (1, 2, 3)]
    night.replan(having(*done), "20:50")
    assert (night.cleared[-1].cause, night.cleared[-1].words) == (AGAIN, "mended at 20:50")


def heater(**more: object) -> PlacedItem:
    item = replace(cover(), tag="HTR-1", kind=EquipmentKind.PORTABLE_HEATER, found=None)
    return replace(item, due_back=at("23:00"), lent_to="Sam", **more)  # type: ignore[arg-type]


def test_a_heater_past_its_time_is_raised_with_who_looks_after_it() -> None:
    night = Night(plan_of((), (heater(),)))
    night.until("22:59:59")
    (raised,) = night.until("23:00")
    assert (raised.cause.kind, raised.priority) == (AlertKind.HEATER_OVERDUE, Priority.MEDIUM)
    assert "HTR-1 still here, due away at 23:00 on 2 Nov" in raised.text
    assert "Ask Sam, who looks after it." in raised.action
    night.replan(plan_of((), ()), "23:20")
    assert [c.words for c in night.cleared] == ["taken away at 23:20"]


def test_a_pad_that_has_had_all_its_uses_is_past_its_life_at_once() -> None:
    pad = replace(mat(), uses_left=1)
    night = Night(plan_of((bed_needed(),), (pad,)))
    assert AlertKind.PAST_SERVICE_LIFE not in {r.cause.kind for r in night.raised}
    over = plan_of((bed_needed(),), (replace(pad, uses_left=0, used_up_at=at("20:10")),))
    assert [(g.state, g.since) for g in gaps(over, {}, at("20:11")) if g.equipment][-1:] == [
        (GapState.PAST_SERVICE_LIFE, at("20:10")),
    ]
    raised = night.replan(over, "20:10")
    assert [(r.cause.kind, r.cause.place) for r in raised] == [
        (AlertKind.PAST_SERVICE_LIFE, BED),
    ]
    assert raised[0].text.endswith("bed mat MAT-0012 has been used as often as it may be")


def test_a_late_permit_names_who_has_it() -> None:
    off = replace(
        cover(), permit_since=at("20:30"), permit_until=at("23:00"), permit_by="Piotr Nowak"
    )
    night = Night(plan_of((), (off,)))
    (late,) = night.until("23:00")
    assert late.action.startswith("Keep people away. Ask Piotr Nowak, who has the permit. Put the")
