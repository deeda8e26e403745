"""Who is protected now, and that the account of it adds up, whatever happens."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightwarden.model.hours import ALWAYS, Hours
from nightwarden.model.places import EquipmentKind, ItemState
from nightwarden.model.plan import Liveness, PlacedItem, Plan
from nightwarden.model.protection import Loss, PlaceKey, Span
from nightwarden.model.watches import Pause
from rules.protected_share import CoverageTarget, NightShare, night_shares
from rules.protected_time import Look, State, brought_up
from rules.protection import protections
from tests.unit.rule_builders import BED, INSTALLED, LONDON, MAT, at, bed_needed, mat, pause

KEY: PlaceKey = (BED, EquipmentKind.BED_MAT)
HOLDS = timedelta(seconds=6)
HOUR = timedelta(hours=1)
BACK = datetime(2026, 10, 24, 12, tzinfo=UTC)
FORTH = datetime(2027, 3, 27, 12, tzinfo=UTC)
ORDINARY = datetime(2026, 11, 2, 12, tzinfo=UTC)
OPEN_ENDED = (None, Loss.BLIND, Loss.UNPROVED, Loss.PAUSED, Loss.NOBODY_LISTENING)


def home(
    *pauses: Pause, hours: str = "21:00-07:00", items: tuple[PlacedItem, ...] | None = None
) -> Plan:
    items = (mat(timedelta(minutes=2)),) if items is None else items
    needed = (bed_needed(hours),)
    return Plan("elm-house", LONDON, needed, items, pauses=pauses)


def lost_to(
    plan: Plan, clock: str, heard: str | None = None, changed: str | None = None, listening: int = 1
) -> list[Loss]:
    heard_at, changed_at = at(heard or clock), at(changed or clock)
    live = {MAT: Liveness(heard_at, changed_at)}
    [seen] = protections(plan, live, listening, at(clock))
    return [loss for loss, _ in seen.reasons]


def test_a_live_and_proved_mat_that_somebody_would_hear_protects() -> None:
    assert lost_to(home(), "23:00") == []


def test_outside_its_hours_nothing_is_asked() -> None:
    assert list(protections(home(), {}, 1, at("12:00"))) == []


def test_what_keeps_it_from_protecting_is_named() -> None:
    assert lost_to(home(items=()), "23:00") == [Loss.BLIND]
    assert lost_to(home(), "23:00", heard="22:50") == [Loss.BLIND]
    assert lost_to(home(), "23:00", listening=0) == [Loss.NOBODY_LISTENING]
    assert lost_to(home(items=()), "23:00", listening=0) == [Loss.BLIND, Loss.NOBODY_LISTENING]
    loose = replace(mat(), found=ItemState.LOOSE, found_on=date(2026, 11, 2), found_by="Ben")
    assert lost_to(home(items=(loose,)), "23:00") == [Loss.FAULTY]
    unproved = replace(mat(), proof=timedelta(hours=1))
    assert lost_to(home(items=(unproved,)), "23:00", changed="21:30") == [Loss.UNPROVED]


def test_one_good_mat_of_two_is_enough() -> None:
    loose = replace(mat(tag="MAT-2"), device=None, found=ItemState.LOOSE)
    assert lost_to(home(items=(loose, mat())), "23:00") == []


def test_care_for_a_quarter_of_an_hour_protects_and_a_longer_pause_does_not() -> None:
    assert lost_to(home(pause("23:00", "23:15")), "23:14", heard="22:00") == []
    assert lost_to(home(pause("23:00", "23:15")), "23:14", listening=0) == []
    assert lost_to(home(pause("23:00", "23:16")), "23:01") == [Loss.PAUSED]


def test_pauses_that_follow_one_another_are_one_round_of_care() -> None:
    again = (pause("23:00", "23:10"), pause("23:10", "23:25"))
    assert lost_to(home(*again), "23:14") == []
    assert lost_to(home(*again), "23:15") == [Loss.PAUSED]
    apart = (pause("23:00", "23:10"), pause("23:20", "23:35"))
    assert lost_to(home(*apart), "23:30") == []


class Account:
    """What the gateway keeps, looked at again and again."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.spans: list[Span] = []
        self.seen_at: datetime | None = None

    def look(
        self, now: datetime, state: State = (None, ""), proved_at: datetime | None = None
    ) -> None:
        last = {(s.place, s.needs): s for s in self.spans if s.until is None}
        covered = self.plan.requirements and self.plan.requirements[0].hours.cover(now, LONDON)
        states = {KEY: state} if covered else {}
        look = Look(now, proved_at or now, self.seen_at, HOLDS)
        for key, spans in brought_up(self.plan, last, states, look):
            self.spans = [s for s in self.spans if s.until is not None] + spans
            assert key == KEY
        self.seen_at = now

    def nights(self, now: datetime) -> list[NightShare]:
        return night_shares(self.spans, {}, now)


@pytest.mark.parametrize(
    ("noon", "hours"), [(ORDINARY, 10), (BACK, 11), (FORTH, 9)], ids=["ordinary", "back", "forth"]
)
def test_a_night_has_its_own_length(noon: datetime, hours: int) -> None:
    account = Account(home())
    account.look(noon)
    account.look(noon + 10 * HOUR)
    account.look(noon + 24 * HOUR)
    [night] = account.nights(noon + 24 * HOUR)
    assert night.share.required == night.share.protected == hours * HOUR
    assert night.night == noon.date()
    assert night.over


@pytest.mark.parametrize(("day", "hours"), [(ORDINARY, 24), (BACK, 25), (FORTH, 23)])
def test_hours_without_end_are_counted_by_the_day(day: datetime, hours: int) -> None:
    account = Account(home(hours="00:00-24:00"))
    account.look(day)
    account.look(day + 48 * HOUR)
    _, whole, _ = account.nights(day + 48 * HOUR)
    assert whole.share.required == hours * HOUR
    assert whole.night == day.date() + timedelta(days=1)


def test_a_mat_without_a_plug_for_two_hours() -> None:
    account = Account(home())
    account.look(at("21:00"))
    account.look(at("23:00"), (Loss.BLIND, "MAT-0012 is off or unplugged"))
    account.look(at("01:00"))
    account.look(at("08:00"))
    [night] = account.nights(at("08:00"))
    assert night.share.lost == {Loss.BLIND: 2 * HOUR}
    assert night.share.whys[Loss.BLIND] == "MAT-0012 is off or unplugged"
    assert night.share.percent == 80
    assert night.share.falls_short(CoverageTarget())


def test_what_passes_while_the_monitor_is_off_is_not_watched() -> None:
    """Killed at 23:00, started at 01:00; the night before last it was off from start to end."""
    account = Account(home())
    account.look(at("22:00"))
    account.look(at("01:00") + 24 * HOUR, proved_at=at("23:00"))
    account.look(at("01:00") + 24 * HOUR + HOLDS)
    first, second = account.nights(at("01:00") + 24 * HOUR + HOLDS)
    assert first.share.lost == {Loss.NOT_WATCHING: 8 * HOUR}
    assert second.share.lost == {Loss.NOT_WATCHING: 4 * HOUR + HOLDS}


def test_other_hours_leave_what_was_recorded() -> None:
    account = Account(home())
    account.look(at("20:00"))
    account.look(at("22:00"))
    account.plan = home(hours="22:30-06:00")
    account.look(at("22:00"))
    account.look(at("07:00"))
    [night] = account.nights(at("07:00"))
    assert night.share.required == 8.5 * HOUR
    account.plan = Plan("elm-house", LONDON)
    account.look(at("07:00"))
    assert all(span.until for span in account.spans)


def test_a_round_covers_what_was_lost_and_no_more() -> None:
    account = Account(home())
    account.look(at("21:00"))
    account.look(at("23:00"), (Loss.BLIND, ""))
    account.look(at("01:00"))
    account.look(at("07:00"))
    covered = {BED: [(at("22:30"), at("23:30")), (at("00:50"), at("01:20"))]}
    [night] = night_shares(account.spans, covered, at("07:00"))
    assert night.share.substituted == timedelta(minutes=40)
    assert night.share.lost == {Loss.BLIND: timedelta(minutes=80)}
    assert night.share.protected == 8 * HOUR


some_states = st.sampled_from(OPEN_ENDED)
some_steps = st.lists(
    st.tuples(st.integers(1, 20_000), some_states, st.booleans()), min_size=1, max_size=30
)
some_hours = st.sampled_from(
    ["21:00-07:00", "00:00-24:00", "01:30-06:00", "23:00-01:30", "08:00-20:00", "00:30-24:00"]
)


@given(st.sampled_from([BACK, FORTH, ORDINARY]), some_hours, some_steps)
def test_the_seconds_add_up(
    start: datetime, hours: str, steps: list[tuple[int, Loss | None, bool]]
) -> None:
    account, now = Account(home(hours=hours)), start
    account.look(now)
    proved = now
    for seconds, state, watching in steps:
        now += timedelta(seconds=seconds)
        proved = now if watching else proved
        account.look(now, (state, ""), proved)
    required = Hours.parse(hours)
    minutes = required.parts(start, now, LONDON)
    expected = sum((min(end, now) - begin for _, begin, end in minutes), timedelta())
    shares = [night.share for night in account.nights(now)]
    assert sum((share.required for share in shares), timedelta()) == expected
    for share in shares:
        assert share.protected + sum(share.lost.values(), timedelta()) == share.required
    ordered = sorted(account.spans, key=lambda span: span.since)
    for one, other in pairwise(ordered):
        assert one.until is not None
        assert one.until <= other.since


def test_the_parts_of_always_meet_at_midnight() -> None:
    parts = list(ALWAYS.parts(INSTALLED, INSTALLED + 72 * HOUR, LONDON))
    assert [end for _, _, end in parts][:-1] == [begin for _, begin, _ in parts][1:]
    assert parts[1][1] == datetime(2026, 10, 1, 23, tzinfo=UTC)
