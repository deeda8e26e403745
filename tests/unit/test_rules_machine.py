"""The engine under whatever comes: two of them, fed the same, and a plain count of two beds.

The second engine is thrown away at any moment and made anew from what a store kept of the first;
from then on both must say the same, byte for byte. What must hold of all they say:

- a bed left in its hours and still empty is raised by its dwell, or by the end of a pause, whatever
  else is sent; and as not back after six minutes without a pause;
- a cause is not raised again, unless it is worse, before it was cleared, or a person closed an
  alert of it, or it left the plan. The two causes of a bed count as one there: whoever closes
  either is trusted with the bed, and if it stays empty it is raised as not back, even where that
  alert is open still;
- what is cleared was raised, and what is raised of a bed was an exit in its hours;
- a tick ends, and leaves nothing that is due.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from json import dumps, loads
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from nightwarden.model.alerts import AlertKind, Cause, Priority, more_urgent
from nightwarden.model.places import ItemState, Mount, PlaceId
from nightwarden.model.plan import Plan, PlannedRequirement
from nightwarden.model.readings import DeviceId, Quantity
from nightwarden.model.watches import Pause
from rules.decisions import Decision, Raise
from rules.engine import Engine
from rules.hearing import Standing
from tests.unit.rule_builders import (
    LONDON,
    PROBE,
    RADIATOR,
    SWITCH,
    bed_needed,
    cover,
    cover_needed,
    cover_switch,
    keep_repeats,
    mat,
    plan_of,
    probe,
    reading,
)

BEDS = (PlaceId("1", "bed"), PlaceId("2", "bed"))
DWELLS = (timedelta(), timedelta(seconds=30))
MATS = (DeviceId("nightwarden", "mat-1"), DeviceId("nightwarden", "mat-2"))
STRANGER = DeviceId("nightwarden", "nobody-knows")
NOT_BACK_AFTER = timedelta(minutes=6)
STARTS = (
    datetime(2026, 11, 2, 20, 50, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # the clocks go back
    datetime(2027, 3, 28, 0, 30, tzinfo=UTC),  # and forward
    datetime(2026, 11, 3, 6, 50, tzinfo=UTC),
)
SECONDS = st.sampled_from([0, 1, 5, 10, 29, 30, 31, 60, 119, 120, 121, 360, 900])
LONG = st.sampled_from([1, 60, 3600, 30_000])


@dataclass
class PlainBed:
    """What a person beside the bed would write down."""

    occupied: bool | None = None
    left_at: datetime | None = None

    def hear(self, occupied: bool, measured_at: datetime) -> None:
        if self.occupied is True and not occupied:
            in_hours = bed_needed().hours.cover(measured_at, LONDON)
            self.left_at = measured_at if in_hours else None
        if occupied:
            self.left_at = None
        self.occupied = occupied


class TwoEngines(RuleBasedStateMachine):
    """Room 1 has a bed, a hot panel and its cover; room 2, a bed that comes and goes."""

    @initialize(start=st.sampled_from(STARTS))
    def begin(self, start: datetime) -> None:
        self.now = start
        self.pauses: dict[PlaceId, Pause] = {}
        self.all_pauses: list[Pause] = []
        self.second_bed, self.found = True, ItemState.IN_PLACE
        self.outage: tuple[datetime, datetime] | None = None
        self.beds = {bed: PlainBed() for bed in BEDS}
        self.exits: set[tuple[PlaceId, datetime]] = set()
        self.store: dict[str, dict[str, Any]] = {}
        self.open: set[Cause] = set()  # as people see it
        self.standing: set[Cause] = set()  # raised, and neither cleared nor answered for
        self.uncleared: set[Cause] = set()
        self.priority: dict[Cause, Priority] = {}
        self.said: set[tuple[AlertKind, PlaceId, datetime]] = set()
        self.first = Engine(self.plan(), {}, start)
        self.second = Engine(self.plan(), {}, start)
        self.both(lambda engine: engine.tick(self.now))

    def plan(self) -> Plan:
        beds = BEDS if self.second_bed else BEDS[:1]
        needs: list[PlannedRequirement] = [cover_needed()]
        items = [cover(self.found, date(2026, 10, 20)), cover_switch(), probe(Mount.UNDER_COVER)]
        for bed, dwell, device in zip(beds, DWELLS, MATS, strict=False):
            needs.append(replace(bed_needed(), place=bed, dwell=dwell))
            item = mat(timedelta(minutes=2), tag=f"MAT-{bed.room}")
            items.append(replace(item, place=bed, device=device))
        plan = plan_of(tuple(needs), tuple(items))
        return replace(plan, pauses=tuple(self.pauses.values()))

    def both(self, ask: Callable[[Engine], tuple[Decision, ...]]) -> None:
        """Ask both engines the same, as a turn of the gateway does, and compare."""
        said, echoed = ask(self.first), ask(self.second)
        assert repr(said) == repr(echoed), "two engines fed the same agree"
        for key, (memory, _) in self.first.changed().items():
            self.store[key] = loads(dumps(memory))
        keep_repeats(self.store, self.first)
        self.second.changed()
        self.second.repeated()
        for effect in (effect for decision in said for effect in decision.effects):
            if isinstance(effect, Raise):
                worse = more_urgent(effect.priority, self.priority.get(effect.cause, Priority.HIGH))
                assert worse or effect.cause not in self.standing, "raised twice"
                self.standing.add(effect.cause)
                self.priority[effect.cause] = effect.priority
                self.uncleared.add(effect.cause)
                self.open.add(effect.cause)
                self.said.add((effect.cause.kind, effect.cause.place, effect.caused_at))
            else:
                assert effect.cause in self.uncleared, "cleared and never raised"
                self.uncleared.discard(effect.cause)
                self.standing.discard(effect.cause)

    def tick(self) -> None:
        self.both(lambda engine: engine.tick(self.now))
        due = self.first.next_deadline
        assert due is None or due > self.now, "a tick leaves nothing due"

    def hear(
        self, device: DeviceId, quantity: Quantity, value: bool | float, **how: Any
    ) -> Standing:
        said = reading(device, quantity, value, self.now, **how)
        standings = []

        def ask(engine: Engine) -> tuple[Decision, ...]:
            hearing = engine.hear(said, self.now)
            standings.append(hearing.standing)
            return hearing.decisions

        self.both(ask)
        self.tick()
        return standings[0]

    def mat(self, which: int, occupied: bool, **how: Any) -> None:
        standing = self.hear(MATS[which], Quantity.OCCUPANCY, occupied, **how)
        assert (standing is Standing.UNBOUND) == (which == 1 and not self.second_bed)
        if standing is Standing.BELIEVED:
            bed = self.beds[BEDS[which]]
            bed.hear(occupied, how.get("measured") or self.now)
            if bed.left_at is not None:
                self.exits.add((BEDS[which], bed.left_at))

    # --- what may come -------------------------------------------------------------------------

    @rule(
        which=st.sampled_from((0, 1)),
        occupied=st.booleans(),
        fresh=st.sampled_from((True, True, True, False)),
        lag=st.none() | st.integers(0, 90),
        seq=st.sampled_from((None, None, None, 0, 7, 8, 90)),
    )
    def a_mat_speaks(
        self, which: int, occupied: bool, fresh: bool, lag: int | None, seq: int | None
    ) -> None:
        measured = None if lag is None else self.now - timedelta(seconds=lag)
        self.mat(which, occupied, measured=measured, fresh=fresh, seq=seq)

    @rule(which=st.sampled_from((0, 1)))
    def somebody_gets_up(self, which: int) -> None:
        self.mat(which, True)
        self.mat(which, False)

    @rule(
        celsius=st.sampled_from((20.0, 38.0, 42.0, 45.0, 49.0, 55.0, 60.0, 85.0)),
        device=st.sampled_from((PROBE, PROBE, STRANGER)),
    )
    def a_probe_speaks(self, celsius: float, device: DeviceId) -> None:
        self.hear(device, Quantity.TEMPERATURE, celsius)

    @rule(closed=st.booleans())
    def the_cover_switch_speaks(self, closed: bool) -> None:
        self.hear(SWITCH, Quantity.CONTACT, closed)

    @rule(device=st.sampled_from((*MATS, PROBE)), online=st.booleans(), fresh=st.booleans())
    def a_link_comes_or_goes(self, device: DeviceId, online: bool, fresh: bool) -> None:
        self.hear(device, Quantity.LINK, online, fresh=fresh)

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: int) -> None:
        end = self.now + timedelta(seconds=seconds)
        while (due := self.first.next_deadline) is not None and due <= end:
            self.now = due
            self.tick()
        self.now = end

    @rule(seconds=LONG)
    def time_passes_unnoticed(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.tick()

    @rule(place=st.sampled_from((*BEDS, RADIATOR)), minutes=st.integers(1, 15), up=st.booleans())
    def somebody_pauses(self, place: PlaceId, minutes: int, up: bool) -> None:
        until = self.now + timedelta(minutes=minutes)
        before = self.pauses.get(place)  # still running, it is made longer or shorter
        since = before.since if before and self.now < before.until else self.now
        self.pauses[place] = Pause(place, since, until, "Ana", "care")
        self.all_pauses.append(self.pauses[place])
        self.replan()
        if up and place in BEDS:
            self.somebody_gets_up(BEDS.index(place))

    @rule(place=st.sampled_from((*BEDS, RADIATOR)))
    def somebody_resumes(self, place: PlaceId) -> None:
        self.pauses.pop(place, None)
        self.replan()

    @rule(found=st.sampled_from(ItemState))
    def somebody_looks_at_the_cover(self, found: ItemState) -> None:
        self.found = found
        self.replan()

    @rule()
    def the_second_bed_comes_or_goes(self) -> None:
        self.second_bed = not self.second_bed
        self.beds[BEDS[1]] = PlainBed()
        for causes in (self.standing, self.uncleared):
            causes -= {cause for cause in causes if cause.place == BEDS[1]}
        self.replan()

    @rule(choose=st.randoms(use_true_random=False))
    def a_person_closes_an_alert(self, choose: Any) -> None:
        if self.open:
            cause = choose.choice(sorted(self.open))
            self.open.discard(cause)
            kinds = {AlertKind.BED_EXIT, AlertKind.NOT_BACK_IN_BED}
            same = kinds if cause.kind in kinds else {cause.kind}
            self.standing -= {c for c in self.standing if c.place == cause.place and c.kind in same}
            for engine in (self.first, self.second):
                engine.answered(self.open, self.now)
            self.tick()

    @rule(seconds=st.integers(1, 600))
    def an_outage_ends(self, seconds: int) -> None:
        self.outage = (self.now, self.now + timedelta(seconds=seconds))
        self.now = self.outage[1]
        for engine in (self.first, self.second):
            engine.unwatched(*self.outage)
        self.tick()

    @rule()
    def the_second_engine_is_made_anew(self) -> None:
        self.tick()
        self.second = Engine(self.plan(), self.store, self.now, open_causes=self.open)
        if self.outage is not None:
            self.second.unwatched(*self.outage)
        assert self.second.tick(self.now) == (), "a restart alone says nothing new"
        self.second.changed()

    def replan(self) -> None:
        self.both(lambda engine: engine.replan(self.plan(), self.now))
        self.tick()

    # --- what must hold ------------------------------------------------------------------------

    @invariant()
    def whoever_is_out_of_bed_has_been_raised(self) -> None:
        for bed, dwell in zip(BEDS, DWELLS, strict=True):
            left_at = self.beds[bed].left_at
            if left_at is None:
                continue
            due, pause = left_at + dwell, self.pauses.get(bed)
            if pause is not None and pause.since <= due < pause.until:
                due = pause.until
            if self.now >= due:
                assert (AlertKind.BED_EXIT, bed, left_at) in self.said
            paused = any(p.place == bed and p.until > left_at for p in self.all_pauses)
            if self.now >= left_at + NOT_BACK_AFTER and not paused:
                assert (AlertKind.NOT_BACK_IN_BED, bed, left_at) in self.said

    @invariant()
    def nobody_is_raised_who_did_not_leave_a_bed(self) -> None:
        kinds = {AlertKind.BED_EXIT, AlertKind.NOT_BACK_IN_BED}
        assert {(place, at) for kind, place, at in self.said if kind in kinds} <= self.exits

    @invariant()
    def both_know_the_same_of_every_device(self) -> None:
        assert self.first.liveness == self.second.liveness


TestTwoEngines = pytest.mark.timeout(600)(TwoEngines.TestCase)  # a failure takes long to shrink
TestTwoEngines.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


@pytest.mark.slow
@pytest.mark.timeout(3600)
class TestTwoEnginesAtLength(TwoEngines.TestCase):  # type: ignore[misc, valid-type]
    settings = settings(max_examples=2000, stateful_step_count=60, deadline=None)
