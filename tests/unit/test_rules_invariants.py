"""What must hold of the rules whatever happens, each with a name that an officer can read.

The state machines of ``test_rules_machine.py`` and ``test_rules_more_machine.py`` find the same in
other ways; here each promise stands alone, against a home in which everything else misbehaves.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from json import dumps, loads
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightwarden.model.alerts import AlertKind
from nightwarden.model.places import EquipmentKind, Mount, PlaceId
from nightwarden.model.plan import PlacedItem, Plan, PlannedRequirement
from nightwarden.model.readings import DeviceId, Quantity, Reading
from nightwarden.model.staff import Staff
from rules.decisions import Clear, Decision, Raise
from rules.engine import Engine
from tests.unit.rule_builders import (
    BED,
    INSTALLED,
    MAT,
    NEVER_SILENT,
    PROBE,
    RADIATOR,
    at,
    bed_needed,
    keep_repeats,
    mat,
    pause,
    plan_of,
    probe,
    reading,
)

START = at("21:50")
BEGINS = at("22:30")
"""When the hazard begins; before and after it the rest of the home does what it likes."""

CHAIR, BEDSIDE, DOOR = (PlaceId("12", place) for place in ("chair", "bedside", "door"))
OTHER_BEDS = tuple(PlaceId(room, "bed") for room in ("13", "14", "15"))


def _device(name: str) -> DeviceId:
    return DeviceId("zigbee2mqtt" if name.startswith("z") else "nightwarden", name)


def _item(kind: EquipmentKind, place: PlaceId, name: str, **more: Any) -> PlacedItem:
    return PlacedItem(
        name.upper(), kind, place, INSTALLED, device=_device(name), supervision=NEVER_SILENT, **more
    )


def _needed(place: PlaceId, kind: EquipmentKind) -> PlannedRequirement:
    return replace(bed_needed(dwell_s=10), place=place, needs=kind)


def home() -> Plan:
    """Room 12 with one of everything, three more beds, and a hub that half of it hangs on."""
    sensor = EquipmentKind.TEMPERATURE_SENSOR
    items = [
        mat(),
        replace(probe(), place=RADIATOR),
        _item(EquipmentKind.CHAIR_MAT, CHAIR, "chair-12"),
        _item(EquipmentKind.FLOOR_MAT, BEDSIDE, "floor-12"),
        _item(EquipmentKind.CALL_BUTTON, BED, "z-button"),
        _item(sensor, DOOR, "air-12", mount=Mount.ROOM_AIR),
        _item(sensor, RADIATOR, "z-pipe", mount=Mount.PIPE),
    ]
    needs = [
        _needed(BED, EquipmentKind.BED_MAT),
        _needed(CHAIR, EquipmentKind.CHAIR_MAT),
        _needed(BEDSIDE, EquipmentKind.FLOOR_MAT),
    ]
    for number, place in enumerate(OTHER_BEDS):
        name = f"{'z-' if number else ''}mat-{place.room}"
        items.append(_item(EquipmentKind.BED_MAT, place, name))
        needs.append(_needed(place, EquipmentKind.BED_MAT))
    return plan_of(tuple(needs), tuple(items))


@dataclass(frozen=True)
class Hazard:
    """One device's own story, and by when it must have been raised."""

    kind: AlertKind
    place: PlaceId
    story: tuple[tuple[int, Quantity, bool | float | str], ...]
    """Seconds from :data:`BEGINS`; the first line lies well before it."""
    device: DeviceId
    within: timedelta


HAZARDS = (
    Hazard(
        AlertKind.BED_EXIT,
        BED,
        ((-600, Quantity.OCCUPANCY, True), (0, Quantity.OCCUPANCY, False)),
        MAT,
        timedelta(seconds=10),
    ),
    Hazard(
        AlertKind.NOT_BACK_IN_BED,
        BED,
        ((-600, Quantity.OCCUPANCY, True), (0, Quantity.OCCUPANCY, False)),
        MAT,
        timedelta(minutes=6),
    ),
    Hazard(
        AlertKind.CHAIR_EXIT,
        CHAIR,
        ((-600, Quantity.OCCUPANCY, True), (0, Quantity.OCCUPANCY, False)),
        _device("chair-12"),
        timedelta(seconds=10),
    ),
    Hazard(
        AlertKind.FLOOR_MAT,
        BEDSIDE,
        ((-600, Quantity.OCCUPANCY, False), (0, Quantity.OCCUPANCY, True)),
        _device("floor-12"),
        timedelta(seconds=10),
    ),
    Hazard(
        AlertKind.HOT_SURFACE,
        RADIATOR,
        ((-600, Quantity.TEMPERATURE, 35.0), (0, Quantity.TEMPERATURE, 45.0)),
        PROBE,
        timedelta(minutes=5),
    ),
    Hazard(
        AlertKind.CALL_BUTTON,
        BED,
        ((0, Quantity.ACTION, "help"),),
        _device("z-button"),
        timedelta(),
    ),
    Hazard(
        AlertKind.ROOM_TOO_COLD,
        DOOR,
        ((-600, Quantity.TEMPERATURE, 20.0), (0, Quantity.TEMPERATURE, 16.5)),
        _device("air-12"),
        timedelta(minutes=30),
    ),
)

_VALUES: dict[Quantity, st.SearchStrategy[Any]] = {
    Quantity.OCCUPANCY: st.booleans(),
    Quantity.TEMPERATURE: st.sampled_from([-127.0, 16.0, 20.0, 44.0, 55.0, 85.0]),
    Quantity.ACTION: st.sampled_from(["press", "help", "cancel"]),
    Quantity.LINK: st.booleans(),
    Quantity.BATTERY: st.sampled_from([0.0, 4.0, 18.0, 90.0]),
}
_OTHERS = sorted({item.device for item in home().items if item.device})
NOISE = st.lists(
    st.tuples(
        st.integers(-2_000, 2_200),  # when, in seconds from BEGINS
        st.sampled_from([*_OTHERS, _device("nobody-knows")]),
        st.sampled_from(sorted(_VALUES)).flatmap(lambda q: st.tuples(st.just(q), _VALUES[q])),
        st.booleans(),  # fresh
        st.sampled_from([None, 0, 30, 600]),  # how old it says it is
        st.integers(1, 3),  # how often it comes
    ),
    max_size=40,
)


def _night(hazard: Hazard, noise: list[Any]) -> list[Reading]:
    """The hazard's own readings, and the noise of every other device in any order."""
    said = [
        (BEGINS + timedelta(seconds=when), number, reading(hazard.device, quantity, value, START))
        for number, (when, quantity, value) in enumerate(hazard.story)
    ]
    for when, device, (quantity, value), fresh, age, times in noise:
        if device == hazard.device:
            continue
        instant = BEGINS + timedelta(seconds=when)
        measured = None if age is None else instant - timedelta(seconds=age)
        one = reading(device, quantity, value, instant, measured=measured, fresh=fresh)
        said += [(instant, 9, one)] * times
    readings = []
    for instant, _, one in sorted(said, key=lambda line: line[:2]):
        measured = one.measured_at if one.timed else instant
        readings.append(one._replace(received_at=instant, measured_at=measured))
    return readings


def _play(
    engine: Engine, readings: list[Reading], until: datetime
) -> list[tuple[datetime, Decision]]:
    """Everything decided, with the instant that the engine had reached."""
    decided: list[tuple[datetime, Decision]] = []
    for one in readings:
        decided += [(engine.now, d) for d in _ticked(engine, one.received_at)]
        decided += [(one.received_at, d) for d in engine.hear(one, one.received_at).decisions]
        engine.changed()
        engine.repeated()
    return decided + [(engine.now, d) for d in _ticked(engine, until)]


def _ticked(engine: Engine, until: datetime) -> list[Decision]:
    made: list[Decision] = []
    while (due := engine.next_deadline) is not None and due <= until:
        made += engine.tick(max(due, engine.now))
    return made


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard.kind.value)
@settings(max_examples=40, deadline=None)
@given(noise=NOISE)
def test_a_hazard_that_holds_in_armed_hours_is_raised_within_its_dwell_whatever_others_say(
    hazard: Hazard, noise: list[Any]
) -> None:
    readings = [one for one in _night(hazard, noise) if one.received_at <= BEGINS + hazard.within]
    decided = _play(Engine(home(), {}, START), readings, BEGINS + hazard.within)
    raised = [
        effect
        for _, decision in decided
        for effect in decision.effects
        if isinstance(effect, Raise) and effect.cause[:2] == (hazard.kind, hazard.place)
    ]
    assert raised, "it is raised in time"
    assert raised[-1].caused_at == BEGINS


@settings(max_examples=60, deadline=None)
@given(noise=NOISE)
def test_what_is_cleared_was_raised_and_nothing_is_raised_twice_without_a_clear(
    noise: list[Any],
) -> None:
    presses = AlertKind.CALL_BUTTON  # every press of a button is raised, and joins its open alert
    standing = set()
    for _, decision in _play(Engine(home(), {}, START), _night(HAZARDS[0], noise), at("23:30")):
        for effect in decision.effects:
            if isinstance(effect, Clear):
                assert effect.cause in standing
                standing.discard(effect.cause)
            elif effect.cause.kind is not presses:
                assert effect.cause not in standing, "one cause, one alert"
                standing.add(effect.cause)
            else:
                standing.add(effect.cause)


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard.kind.value)
def test_a_device_that_becomes_unavailable_never_resolves_what_it_raised(hazard: Hazard) -> None:
    engine = Engine(home(), {}, START)
    raised_at = BEGINS + hazard.within
    _play(engine, _night(hazard, []), raised_at)
    gone = reading(hazard.device, Quantity.LINK, False, raised_at + timedelta(minutes=1))
    decided = _play(engine, [gone], at("23:59"))
    cleared = [e for _, d in decided for e in d.effects if isinstance(e, Clear)]
    assert hazard.kind not in {effect.cause.kind for effect in cleared}


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard.kind.value)
def test_an_input_that_is_stuck_masks_no_other(hazard: Hazard) -> None:
    """A10: one half-reset switch put a whole floor out."""
    engine = Engine(home(), {}, START)
    stuck = _device("mat-13")
    readings = _night(hazard, [])
    beats = [
        reading(stuck, Quantity.OCCUPANCY, number % 2 == 0, START + timedelta(seconds=5 * number))
        for number in range(400)
    ]
    mixed = sorted(readings + beats, key=lambda one: one.received_at)
    until = BEGINS + hazard.within
    decided = _play(engine, [one for one in mixed if one.received_at <= until], until)
    kinds = {e.cause[:2] for _, d in decided for e in d.effects if isinstance(e, Raise)}
    assert (hazard.kind, hazard.place) in kinds


@settings(max_examples=60, deadline=None)
@given(noise=NOISE)
def test_two_engines_fed_the_same_agree_byte_for_byte(noise: list[Any]) -> None:
    readings = _night(HAZARDS[0], noise)
    first, second = (_play(Engine(home(), {}, START), readings, at("23:30")) for _ in range(2))
    assert repr(first) == repr(second)


@settings(max_examples=60, deadline=None)
@given(noise=NOISE, cut=st.integers(0, 60))
def test_state_saved_and_loaded_at_any_point_changes_nothing_that_follows(
    noise: list[Any], cut: int
) -> None:
    readings = _night(HAZARDS[0], noise)
    whole = Engine(home(), {}, START)
    staff = Staff(listening=0, waiting_since=at("22:00"))
    store: dict[str, dict[str, Any]] = {}
    before, after = readings[:cut], readings[cut:]
    for one in before:
        _ticked(whole, one.received_at)
        whole.hear(one, one.received_at)
        store.update({key: memory for key, (memory, _) in whole.changed().items()})
        keep_repeats(store, whole)
    whole.learn(staff, whole.now)
    store.update({key: memory for key, (memory, _) in whole.changed().items()})
    memories = loads(dumps(store))
    loaded = Engine(home(), memories, whole.now, open_causes=whole.open_causes)
    end = at("23:30")
    assert repr(_play(loaded, after, end)) == repr(_play(whole, after, end))


@settings(max_examples=60, deadline=None)
@given(
    spans=st.lists(st.tuples(st.integers(0, 40), st.integers(1, 15)), min_size=1, max_size=4),
    left=st.integers(0, 60),
)
def test_every_pause_ends_and_the_bed_that_is_empty_then_is_raised(
    spans: list[tuple[int, int]], left: int
) -> None:
    begin = at("22:00")
    pauses = tuple(
        replace(
            pause("22:00", "22:01"),
            since=begin + timedelta(minutes=since),
            until=begin + timedelta(minutes=since + length),
        )
        for since, length in spans
    )
    plan = replace(home(), pauses=pauses)
    engine = Engine(plan, {}, START)
    exit_at = begin + timedelta(minutes=left)
    engine.hear(reading(MAT, Quantity.OCCUPANCY, True, at("21:55")), at("21:55"))
    _ticked(engine, exit_at)
    engine.hear(reading(MAT, Quantity.OCCUPANCY, False, exit_at), exit_at)
    last = max(pause.until for pause in pauses)
    made = _ticked(engine, max(last, exit_at + timedelta(seconds=10)))
    raised = [e for d in made for e in d.effects if isinstance(e, Raise)]
    assert AlertKind.BED_EXIT in {one.cause.kind for one in raised}
