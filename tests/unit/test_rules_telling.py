"""Whom an alert calls: the first policy that fits, and everyone rather than nobody."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightwarden.errors import Invalid
from nightwarden.model.hours import Hours
from nightwarden.model.places import GapState
from nightwarden.model.roles import Role
from nightwarden.rulesfile.reader import read_rules_file
from nightwarden.rulesfile.sections import Sections
from rules.beside_requirements import Calling
from rules.coverage import gaps
from rules.telling import DEFAULT_TELLING, EVERYONE, RungName, Shift, Telling
from tests.unit.rule_builders import BED, LONDON, at, bed_needed, mat, plan_of

STAFF = frozenset({Role.CARER, Role.SENIOR, Role.MAINTENANCE, Role.MANAGER})
FILE = """
because: agreed
shifts: {early: "07:00-14:30", late: "14:00-21:30", night: "21:00-07:15"}
who_is_told:
  - {name: top floor at night, zones: [top], shifts: [night], raised: [senior], manager: [senior]}
  - {name: Joan, shifts: [night], raised: [manager]}
  - {zones: [top, ground], raised: [carer]}
"""


def sections(text: str) -> Sections:
    return read_rules_file(text.encode(), "rules.yaml").sections


TELLING = sections(FILE).telling
NIGHT, EARLY = frozenset({"night"}), frozenset({"early"})


def called(zone: str | None, shifts: frozenset[str], tell: str | None = None) -> str | None:
    policy = TELLING.policy(zone, tell, shifts)
    return None if policy is None else TELLING.name_of(policy)


def test_the_first_that_fits_zone_and_shift_holds() -> None:
    assert called("top", NIGHT) == "top floor at night"
    assert called("top", EARLY) == "policy 3"
    assert called("ground", EARLY) == "policy 3"
    assert called(None, NIGHT) == "Joan", "a policy without zones fits a room without one"
    assert called(None, EARLY) is None


def test_a_requirement_may_name_its_policy_which_holds_in_the_shifts_that_it_has() -> None:
    assert called("top", NIGHT, tell="Joan") == "Joan"
    assert called("top", EARLY, tell="Joan") == "policy 3"
    assert called("top", NIGHT, tell="nobody knows") == "top floor at night"


def test_a_rung_that_is_left_out_calls_as_delivered() -> None:
    top = TELLING.policies[0]
    assert (top.raised, top.manager) == ((Role.SENIOR,), (Role.SENIOR,))
    assert top.everyone == DEFAULT_TELLING.policies[0].everyone


@pytest.mark.parametrize(
    ("utc", "shifts"),
    [
        (datetime(2026, 10, 24, 20, 30, tzinfo=UTC), {"night"}),  # 21:30 in summer time: late ends
        (datetime(2026, 10, 25, 6, 30, tzinfo=UTC), {"night"}),  # 06:30, after the clocks went back
        (datetime(2026, 10, 25, 7, 10, tzinfo=UTC), {"night", "early"}),  # the handover
        (datetime(2026, 3, 29, 6, 10, tzinfo=UTC), {"night", "early"}),  # 07:10 on the other night
        (datetime(2026, 3, 29, 13, 10, tzinfo=UTC), {"early", "late"}),
    ],
)
def test_shifts_follow_the_wall_clock_through_both_changes(utc: datetime, shifts: set[str]) -> None:
    assert TELLING.shifts_at(utc, LONDON) == shifts


@given(st.integers(0, 2 * 365 * 86_400))
def test_there_is_a_shift_at_every_instant_of_the_year(seconds: int) -> None:
    instant = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    for telling in (TELLING, DEFAULT_TELLING):
        assert telling.shifts_at(instant, LONDON)


@given(
    present=st.frozensets(st.sampled_from(Role)),
    rung=st.sampled_from(RungName),
    zone=st.sampled_from([None, "top", "cellar"]),
    shift=st.sampled_from(["early", "late", "night"]),
)
def test_nobody_is_never_called(
    present: frozenset[Role], rung: RungName, zone: str | None, shift: str
) -> None:
    policy = TELLING.policy(zone, None, frozenset({shift}))
    roles = TELLING.called(policy, rung, present).roles
    assert roles
    assert present.intersection(roles) or roles == EVERYONE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('shifts: {day: "07:00-21:00"}', "1: shifts: leaves out 00:00-07:00; together they have"),
        (
            'shifts: {day: "07:00-21:00", night: "22:00-07:00"}',
            "1: shifts: leaves out 21:00-22:00; together they have to cover the whole day",
        ),
        ('shifts: {day: "7-21"}', '1: shifts.day: hours "7-21" are not HH:MM-HH:MM, such as'),
        ("shifts: []", "1: shifts: is not a mapping; write shifts:"),
        ("who_is_told: {raised: [carer]}", "1: who_is_told: is not a list of policies; start"),
        ("who_is_told: [carer]", "1: who_is_told[0]: is not a mapping; write name, zones,"),
        (
            "who_is_told:\n  - {rased: [carer]}",
            '2: who_is_told[0].rased: is not known here; did you mean "raised"?',
        ),
        (
            "who_is_told:\n  - {raised: [nurse]}",
            '2: who_is_told[0].raised[0]: "nurse" is no role to call; use carer, senior,',
        ),
        (
            "who_is_told:\n  - {raised: [tester]}",
            '2: who_is_told[0].raised[0]: "tester" is no role to call',
        ),
        (
            "who_is_told:\n  - {raised: []}",
            "2: who_is_told[0].raised: is not a list with something in it; write [one, another]",
        ),
        (
            "who_is_told:\n  - {shifts: [evening]}",
            '2: who_is_told[0].shifts[0]: "evening" is no shift; the shifts are day, night',
        ),
        ("outcomes: {}", "1: outcomes: is not a mapping; write outcomes:"),
        ("outcomes: {Fell: Fell}", '1: outcomes.Fell: "Fell" is no id; write small letters,'),
        ("outcomes: {fell: {tell: [x]}}", "1: outcomes.fell: has no words; say in a line"),
        (
            "outcomes: {fell: {words: Fell, review: fall}}",
            '1: outcomes.fell.review: "fall" is no review; there is after_fall',
        ),
    ],
)
def test_what_is_wrong_in_a_list_is_said_with_its_line_and_field(text: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        sections(text)
    [line] = str(refused.value).splitlines()
    assert line.startswith(f"rules.yaml:{said}")


@given(
    st.lists(
        st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda p: p[0] != p[1]),
        min_size=1,
        max_size=4,
    )
)
def test_shifts_are_taken_exactly_when_no_minute_is_left_out(spans: list[tuple[int, int]]) -> None:
    hours = [Hours(*span) for span in spans]
    text = "shifts:\n" + "".join(f'  s{n}: "{one}"\n' for n, one in enumerate(hours))
    day = [datetime(2026, 1, 5, minute // 60, minute % 60, tzinfo=UTC) for minute in range(1440)]
    whole = all(any(one.cover(minute, LONDON) for one in hours) for minute in day)
    if whole:
        shifts = tuple(Shift(f"s{n}", one) for n, one in enumerate(hours))
        assert sections(text).telling.shifts == shifts
    else:
        with pytest.raises(Invalid, match="leaves out"):
            sections(text)


# --- the gap ---------------------------------------------------------------------------------


def lacking(telling: Telling, present: frozenset[Role], tell: str | None = None) -> list[str]:
    plan = plan_of((replace(bed_needed(), tell=tell),), (mat(),))
    plan = replace(plan, zones={"12": "cellar"})
    found = gaps(plan, {}, at("23:00"), calling=Calling(telling, present))
    missing = [gap for gap in found if gap.state is GapState.NO_ESCALATION]
    assert all(gap.place == BED and gap.next_step for gap in missing)
    return [gap.because for gap in missing]


def test_a_home_with_its_people_has_no_such_gap() -> None:
    assert lacking(DEFAULT_TELLING, STAFF) == []


def test_a_role_that_nobody_has_is_a_gap_of_every_place() -> None:
    [why] = lacking(DEFAULT_TELLING, frozenset({Role.CARER}))
    assert why.split("; ") == [
        'policy "all" calls senior or manager at senior, and nobody has that role',
        'policy "all" calls manager at manager, and nobody has that role',
    ]


def test_a_place_for_which_no_policy_fits_in_some_shift_is_a_gap() -> None:
    policies = (replace(TELLING.policies[2], zones=("cellar",), shifts=("night",)),)
    [why] = lacking(replace(TELLING, policies=policies), STAFF)
    assert why.split("; ") == [
        "no policy of who_is_told fits in the early shift",
        "no policy of who_is_told fits in the late shift",
    ]


def test_a_policy_that_does_not_exist_is_a_gap_of_whoever_names_it() -> None:
    assert lacking(DEFAULT_TELLING, STAFF, tell="Joann") == [
        'the plan names the policy "Joann", which who_is_told does not have'
    ]
