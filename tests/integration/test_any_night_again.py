"""Whatever happens in a night, its replay raises exactly what was raised then."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.no_surprise import assert_no_surprise
from tests.plain_gateway import STEPS, Step, do, plain_gateway


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=40))
def test_any_night_again(steps: list[Step]) -> None:
    with plain_gateway() as gateway:
        for step in steps:
            do(gateway, *step)
        gateway.turn()
        assert_no_surprise(gateway.store, gateway.now, timedelta(hours=2))
