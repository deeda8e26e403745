"""The engine under whatever comes, with every kind of watch in room 1.

The same two engines as in ``test_rules_machine.py``, and the same that must hold of all they say;
beside the bed stand a chair, a floor mat and an air sensor, behind a hub that comes and goes,
and batteries run down. Of a plain count of the chair and the floor mat:

- a chair left in its hours and still empty is raised; so is a foot on the floor mat;
- nobody is raised who did not get up or step on it.

The cover of the panel goes off on permits that nobody ends in time, and the chair mat is said to be
a resident's who moves about:

- a permit past its time that nobody has ended was raised, and so was a mat astray.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from nightwarden.model.alerts import AlertKind
from nightwarden.model.places import EquipmentKind, Mount, PlaceId
from nightwarden.model.plan import Plan
from nightwarden.model.readings import DeviceId, Quantity
from rules.hearing import Standing
from tests.unit.rule_builders import NEVER_SILENT, RADIATOR, bed_needed, mat, probe
from tests.unit.test_rules_machine import MATS, STARTS, PlainBed, TwoEngines

CHAIR, BEDSIDE, WALL = (PlaceId("1", place) for place in ("chair", "bedside", "wall"))
CHAIR_MAT, FLOOR_MAT, AIR = (DeviceId("zigbee2mqtt", a) for a in ("chair", "floor", "air"))
BRIDGE = DeviceId("zigbee2mqtt", "bridge")
MORE = (
    (CHAIR, EquipmentKind.CHAIR_MAT, CHAIR_MAT),
    (BEDSIDE, EquipmentKind.FLOOR_MAT, FLOOR_MAT),
)
ON_THE_WAY = {CHAIR: (AlertKind.CHAIR_EXIT, False), BEDSIDE: (AlertKind.FLOOR_MAT, True)}


class EveryKind(TwoEngines):
    """Room 1 has all there is."""

    @initialize(start=st.sampled_from(STARTS))
    def begin(self, start: object) -> None:
        self.more = {CHAIR: PlainBed(), BEDSIDE: PlainBed()}
        self.steps: set[tuple[AlertKind, PlaceId, object]] = set()
        self.permit: tuple[datetime, datetime] | None = None
        self.owner_lives_in: str | None = "1"
        super().begin(start)

    def plan(self) -> Plan:
        plan = super().plan()
        needs = [replace(bed_needed(), place=place, needs=kind) for place, kind, _ in MORE]
        air = replace(probe(Mount.ROOM_AIR), tag="AIR-1", place=WALL, device=AIR)
        items = [
            replace(mat(timedelta(minutes=2), tag=f"{kind}"), place=place, kind=kind, device=device)
            for place, kind, device in MORE
        ]
        items[0] = replace(items[0], meant_for="Bob", meant_room=self.owner_lives_in)
        hub = replace(mat(NEVER_SILENT, tag="HUB"), kind=EquipmentKind.HUB, device=BRIDGE)
        items += [air, replace(hub, place=WALL)]
        off, *others = plan.items
        if self.permit is not None:
            off = replace(off, permit_since=self.permit[0], permit_until=self.permit[1])
        return replace(
            plan,
            requirements=(*plan.requirements, *needs),
            items=(off, *others, *items),
        )

    @rule(place=st.sampled_from((CHAIR, BEDSIDE)), occupied=st.booleans())
    def a_chair_or_floor_mat_speaks(self, place: PlaceId, occupied: bool) -> None:
        device = CHAIR_MAT if place == CHAIR else FLOOR_MAT
        if self.hear(device, Quantity.OCCUPANCY, occupied) is not Standing.BELIEVED:
            return
        kind, hazard = ON_THE_WAY[place]
        # A chair is left as a bed is; onto the floor mat one steps the other way about.
        self.more[place].hear(occupied is not hazard, self.now)
        if since := self.more[place].left_at:
            self.steps.add((kind, place, since))

    @rule(celsius=st.sampled_from((12.0, 17.9, 18.2, 21.0, 25.8, 26.5, 33.0)))
    def the_air_sensor_speaks(self, celsius: float) -> None:
        self.hear(AIR, Quantity.TEMPERATURE, celsius)

    @rule(device=st.sampled_from((*MATS, CHAIR_MAT)), percent=st.sampled_from((3.0, 15.0, 99.0)))
    def a_battery_is_reported(self, device: DeviceId, percent: float) -> None:
        self.hear(device, Quantity.BATTERY, percent)

    @rule(device=st.sampled_from((BRIDGE, CHAIR_MAT)), online=st.booleans(), fresh=st.booleans())
    def the_hub_or_a_link_comes_or_goes(self, device: DeviceId, online: bool, fresh: bool) -> None:
        self.hear(device, Quantity.LINK, online, fresh=fresh)

    @rule(minutes=st.none() | st.sampled_from((1, 15, 600)))
    def the_cover_goes_off_on_a_permit_or_is_back(self, minutes: int | None) -> None:
        until = None if minutes is None else self.now + timedelta(minutes=minutes)
        self.permit = None if until is None else (self.now, until)
        self.replan()

    @rule(room=st.sampled_from(("1", "2", None)))
    def whose_the_chair_mat_is_moves(self, room: str | None) -> None:
        self.owner_lives_in = room
        self.replan()

    @rule()
    def a_lead_is_loose(self) -> None:
        for online in (False, True) * 4:
            self.now += timedelta(seconds=5)
            self.tick()
            self.hear(CHAIR_MAT, Quantity.LINK, online)

    @rule()
    def a_day_passes(self) -> None:
        self.time_passes(90_000)

    @invariant()
    def whoever_is_up_or_on_the_floor_mat_has_been_raised(self) -> None:
        for place, (kind, _) in ON_THE_WAY.items():
            if since := self.more[place].left_at:
                assert (kind, place, since) in self.said

    @invariant()
    def what_the_register_shows_to_be_wrong_has_been_raised(self) -> None:
        kinds = {said[0] for said in self.said}
        if self.permit is not None and self.now >= self.permit[1]:
            assert (AlertKind.PERMIT_OVERDUE, RADIATOR, self.permit[1]) in self.said
        if self.owner_lives_in != "1":
            assert AlertKind.WRONG_ROOM in kinds

    @invariant()
    def two_rooms_are_no_pattern(self) -> None:
        assert AlertKind.MATS_SILENT_TOGETHER not in {said[0] for said in self.said}

    @invariant()
    def nobody_is_raised_who_did_not_move(self) -> None:
        kinds = {kind for kind, _ in ON_THE_WAY.values()}
        assert {said for said in self.said if said[0] in kinds} <= self.steps


TestEveryKind = pytest.mark.timeout(600)(EveryKind.TestCase)  # a failure takes long to shrink
TestEveryKind.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)


@pytest.mark.slow
@pytest.mark.timeout(3600)
class TestEveryKindAtLength(EveryKind.TestCase):  # type: ignore[misc, valid-type]
    settings = settings(max_examples=2000, stateful_step_count=60, deadline=None)
