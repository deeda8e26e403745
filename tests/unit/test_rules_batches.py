"""When somebody looked, and how many readings came at once, changes nothing of what is decided."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nightwarden.model.plan import Plan
from nightwarden.model.readings import DeviceId, Quantity, Reading
from rules.decisions import Decision
from rules.engine import Engine
from tests.unit.rule_builders import (
    MAT,
    PROBE,
    SWITCH,
    at,
    bed_needed,
    cover,
    cover_needed,
    cover_switch,
    keep_repeats,
    mat,
    pause,
    plan_of,
    probe,
    reading,
)

Said = tuple[DeviceId, Quantity, bool | float]
GAPS = st.sampled_from([0.0, 0.3, 1.0, 9.9, 10.0, 10.1, 60.0, 130.0, 299.0, 400.0])
SAID = st.one_of(
    st.tuples(st.just(MAT), st.just(Quantity.OCCUPANCY), st.booleans()),
    st.tuples(st.just(MAT), st.just(Quantity.LINK), st.booleans()),
    st.tuples(st.just(PROBE), st.just(Quantity.TEMPERATURE), st.sampled_from([20.0, 39.0, 44.0])),
    st.tuples(st.just(SWITCH), st.just(Quantity.CONTACT), st.booleans()),
)


def _plan() -> Plan:
    return plan_of(
        (bed_needed(dwell_s=10), cover_needed()),
        (mat(supervision=timedelta(minutes=2)), probe(), cover(), cover_switch()),
        pauses=(pause("22:10", "22:20"),),
    )


def _night(said: list[tuple[float, Said]]) -> list[Reading]:
    when, readings = at("22:00"), []
    for gap, (device, quantity, value) in said:
        when += timedelta(seconds=gap)
        readings.append(reading(device, quantity, value, when))
    return readings


@settings(max_examples=150, deadline=None)
@given(said=st.lists(st.tuples(GAPS, SAID), max_size=25), cuts=st.sets(st.integers(0, 24)))
def test_batches_of_any_size_give_the_same_decisions_in_the_same_order(
    said: list[tuple[float, Said]],
    cuts: set[int],
) -> None:
    readings = _night(said)
    end = at("23:30")
    assert _decided(readings, cuts, end) == _decided(readings, set(range(25)), end)


def _decided(readings: list[Reading], cuts: set[int], end: datetime) -> list[Decision]:
    """What an engine says that is also asked for its deadlines after the readings in ``cuts``."""
    engine = Engine(_plan(), {}, at("21:59"))
    said: list[Decision] = []
    for number, one in enumerate(readings):
        said += engine.hear(one, one.received_at).decisions
        if number in cuts:
            said += engine.tick(one.received_at)
            engine.changed()
    return said + list(engine.tick(end))


@settings(max_examples=150, deadline=None)
@given(said=st.lists(st.tuples(GAPS, SAID), max_size=40), numbered=st.booleans())
def test_what_is_passed_over_as_a_repeat_could_not_have_mattered(
    said: list[tuple[float, Said]], numbered: bool
) -> None:
    readings = [
        one._replace(seq=number if numbered else None) for number, one in enumerate(_night(said))
    ]
    engine, plain = Engine(_plan(), {}, at("21:59")), Engine(_plan(), {}, at("21:59"))
    store: dict[str, dict[str, Any]] = {}
    for one in readings:
        if watch := plain.device(one.device):
            watch.again.expect_news()  # this engine looks at every reading
        hearing, plainly = (each.hear(one, one.received_at) for each in (engine, plain))
        assert hearing.decisions == plainly.decisions
        assert hearing.standing == plainly.standing
        store.update({key: memory for key, (memory, _) in engine.changed().items()})
        keep_repeats(store, engine)
    assert engine.tick(at("23:30")) == plain.tick(at("23:30"))
    assert engine.liveness == plain.liveness
    store.update({key: memory for key, (memory, _) in engine.changed().items()})
    for device in (MAT, PROBE, SWITCH):
        watch = plain.device(device)
        assert watch is not None
        if watch.key in store:
            assert store[watch.key] == watch.remember(), (
                "and it is saved as if it had been looked at"
            )
