"""The machine's clock is set back by an hour under the running program, or while it was off."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.brokers import Broker
from tests.harness import Home

HOUR = timedelta(hours=1)


@pytest.fixture
def home(tmp_path: Path, any_broker: Broker) -> Iterator[Home]:
    """Elm House at 23:00, everybody in bed."""
    with Home(tmp_path / "data", any_broker) as made:
        for address in ("mat-12", "mat-14"):
            made.mat(address).press()
        made.settle()
        yield made


def test_timers_keep_their_length_when_the_clock_goes_back_under_the_running_gateway(
    home: Home,
) -> None:
    home.mat("mat-12").say(occupancy=False)
    home.pager.expects("Room 12", "out of bed", "raised")
    home.fast_forward(minutes=2)
    home.clock.now -= HOUR
    home.settle()
    home.fast_forward(minutes=1.2)
    home.pager.expects("out of bed", "told_senior")  # three minutes after the exit, by any watch
    home.fast_forward(minutes=3)
    home.pager.expects("not back in bed", "raised")
    home.pager.ignores_the_rest()
    [noted] = [e for e in home.get("/audit")["items"] if e["action"] == "clock went back"]
    assert noted["detail"]["by_s"] == pytest.approx(3600, abs=1)


def test_a_pause_keeps_its_length_too(home: Home) -> None:
    home.post("/places/12/bed/pause", {"minutes": 15, "reason": "care in progress"})
    home.clock.now -= HOUR
    home.settle()
    home.mat("mat-12").say(occupancy=False)
    home.fast_forward(minutes=14)
    assert home.alerts() == []
    home.fast_forward(minutes=2)
    home.pager.expects("not back in bed after the pause", "raised")
    home.pager.ignores_the_rest()


def test_an_exit_during_a_clock_that_went_back_while_the_gateway_was_off(home: Home) -> None:
    home.mat("mat-14").say(occupancy=False)  # ten seconds of dwell are running
    home.settle()
    home.stop_gateway()
    home.clock.now -= HOUR
    home.start_gateway()
    home.fast_forward(seconds=15)
    home.pager.expects("Room 14", "out of bed", "raised")
