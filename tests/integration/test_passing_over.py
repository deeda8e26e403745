"""Passing over what says nothing new changes nothing: the same alerts, the same memory."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nightwarden.backtest.recording import beginning
from nightwarden.backtest.replay import OtherRules, Replay, Replayed
from nightwarden.backtest.trial import not_applied
from nightwarden.rulesfile.in_force import load_version
from nightwarden.rulesfile.reader import read_rules_file
from nightwarden.store import stretches
from nightwarden.store.engine import Transaction
from tests.no_surprise import LONG_AGO
from tests.plain_gateway import NIGHT, STEPS, PlainGateway, do, plain_gateway

BEATS = st.tuples(
    st.just("beats"),
    st.tuples(
        st.integers(1, 12),  # how many times everything speaks
        st.sampled_from([20, 30, 100, 125]),  # with how many seconds between
        st.sampled_from([17.6, 18.2, 21.0, 25.8]),  # the air, about
        st.sampled_from([30.0, 41.0, 44.0, 55.0]),  # the surface, about
    ),
)
OTHER = """
hot_surface: {limit_c: 40, clear_c: 38, jump_c: 8}
room_too_cold: {limit_c: 20.5, clear_c: 21, hold: 3m}
bed_exit: {dwell: 20s}
because: a test
"""


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    steps=st.lists(st.one_of(BEATS, BEATS, STEPS), max_size=25),
    sizes=st.lists(st.integers(1, 60), min_size=1, max_size=8),
    other=st.booleans(),
)
def test_passing_over_changes_nothing(
    steps: list[tuple[str, Any]], sizes: list[int], other: bool
) -> None:
    with plain_gateway() as gateway:
        for what, value in steps:
            if what == "beats":
                beats(gateway, *value)
            else:
                do(gateway, what, value)
        gateway.turn()
        with gateway.store.transaction(gateway.now) as tx:
            cut(tx, sizes)
            whole = replay(tx, gateway, other, in_full=True)
            passing = replay(tx, gateway, other, in_full=False)
    assert whole.passed_over == 0
    assert passing.alerts == whole.alerts
    assert passing.memories == whole.memories
    assert passing.readings == whole.readings


def test_nearly_all_of_a_quiet_night_is_passed_over() -> None:
    with plain_gateway() as gateway:
        beats(gateway, 200, 60, 21.0, 55.0)
        with gateway.store.transaction(gateway.now) as tx:
            cut(tx, [100])
            passing = replay(tx, gateway, False, in_full=False)
    assert passing.passed_over > 0.8 * passing.readings > 0


def test_stretches_are_made_when_their_time_is_over_and_go_with_their_readings() -> None:
    with plain_gateway() as gateway:
        beats(gateway, 200, 60, 21.0, 55.0)
        with gateway.store.transaction(gateway.now) as tx:
            assert stretches.make_next(tx)
            assert not stretches.make_next(tx), "its three hours are not over"
            [made] = stretches.stretches(tx, 0, 10_000)
            assert made.until <= NIGHT + timedelta(hours=3, minutes=2)
            assert replay(tx, gateway, False, in_full=False).passed_over > 0
            tx.sql.exec_driver_sql("DELETE FROM reading WHERE id < 5")
            stretches.forget(tx)
            assert not list(stretches.stretches(tx, 0, 10_000))


def beats(gateway: PlainGateway, times: int, seconds: int, air: float, surface: float) -> None:
    """Everything says how it is, again and again; temperatures wander a little."""
    for number in range(times):
        gateway.now += timedelta(seconds=seconds)
        wander = ((number * 7) % 5 - 2) / 10
        for address, body in (
            ("mat-12", {"occupancy": True}),
            ("mat-14", {"occupancy": False, "battery": 80}),
            ("air-14", {"temperature": air + wander}),
            ("tmp-12", {"temperature": surface + 3 * wander}),
            ("sw-12", {"contact": True}),
        ):
            gateway.numbers[address] = gateway.numbers.get(address, 0) + 1
            topic = f"nightwarden/v1/elm-house/device/{address}"
            gateway.say(topic, {"seq": gateway.numbers[address], **body})
        gateway.turn()


def cut(tx: Transaction, sizes: list[int]) -> None:
    """The record in stretches of these sizes, over and over; the rest stays as it is."""
    rows = tx.sql.exec_driver_sql(
        f"SELECT {stretches.COLUMNS} FROM reading ORDER BY id"  # noqa: S608
    ).all()
    turn = 0
    while rows:
        size = sizes[turn % len(sizes)]
        last = stretches.keep(tx, rows[:size], timedelta(days=1))
        rows, turn = [row for row in rows if row[0] > last], turn + 1


def replay(tx: Transaction, gateway: PlainGateway, other: bool, *, in_full: bool) -> Replayed:
    """Of all there is, by the rules that were in force or by others from the first minute on."""
    begin = beginning(tx, gateway.now - LONG_AGO)
    assert begin is not None
    rules = None
    if other:
        file = read_rules_file(OTHER.encode(), "other rules")
        since = NIGHT + timedelta(minutes=1)
        rules = OtherRules(not_applied(file), since, lambda _cause, at: at)
    one = Replay(tx, begin, lambda version: load_version(tx, version), rules, in_full=in_full)
    return one.run(gateway.now)
