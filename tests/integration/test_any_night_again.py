"""Whatever happens in a night, its replay raises exactly what was raised then."""

from datetime import timedelta

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.no_surprise import assert_no_surprise
from tests.plain_gateway import STEPS, Step, do, plain_gateway

BACK_WHILE_OFF_AND_OFF_AGAIN: list[Step] = [
    ("back", 3600),
    ("restart", None),
    ("restart", None),
    ("wait", 130),
    ("turn", None),
]
"""The power fails again before the first turn: by how much the clock went back is still known."""

BACK_WHILE_OFF_AND_A_TURN_FAILS: list[Step] = [
    ("back", 3600),
    ("restart", None),
    ("failing turn", None),
    ("wait", 130),
    ("turn", None),
]

BACK_TWICE_WHILE_OFF: list[Step] = [
    ("back", 3600),
    ("restart", None),
    ("back", 45),
    ("restart", None),
    ("wait", 400),
    ("turn", None),
    ("wait", 400),
]

MADE_AND_NEVER_DECIDED: list[Step] = [
    ("house", False),
    ("back", 3600),
    ("failing turn", None),
    ("house", True),
    ("restart", None),
    ("wait", 10),
    ("turn", None),
]
"""What an engine had in mind whose only turn failed was never raised.

A turn that fails is in these nights alone: where the clock goes back between a failed turn and the
next engine, its timers keep their old instants, and the night is not given again to the second.
"""

CLOSED_BY_MISTAKE: list[Step] = [
    ("occupancy", ("mat-12", True)),
    ("turn", None),
    ("occupancy", ("mat-12", False)),
    ("wait", 10),
    ("turn", None),
    ("attend", 0),
    ("close", 0),
    ("turn", None),
    ("mistake", None),
    ("turn", None),
    ("occupancy", ("mat-12", True)),
    ("wait", 30),
    ("occupancy", ("mat-12", False)),
    ("wait", 10),
    ("turn", None),
]
"""The same cause again opens the alert that was closed by mistake, and makes no second one."""


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=40))
@example(BACK_WHILE_OFF_AND_OFF_AGAIN)
@example(BACK_WHILE_OFF_AND_A_TURN_FAILS)
@example(BACK_TWICE_WHILE_OFF)
@example(CLOSED_BY_MISTAKE)
@example(MADE_AND_NEVER_DECIDED)
def test_any_night_again(steps: list[Step]) -> None:
    with plain_gateway() as gateway:
        for step in steps:
            do(gateway, *step)
        gateway.turn()
        assert_no_surprise(gateway.store, gateway.now, timedelta(hours=2))
