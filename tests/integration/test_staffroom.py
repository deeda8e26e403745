"""Simulated carers answer a running monitor over HTTP, as anybody with a phone does."""

from pathlib import Path

import pytest

from nightwarden.errors import Invalid
from nightwarden.model.roles import Role
from simulators.home_description import parse_home
from simulators.shift import Shift
from simulators.staffroom import Staffroom
from tests.api_server import NIGHT
from tests.brokers import EmbeddedForTests
from tests.harness import ELM_HOUSE, Home


def test_somebody_goes_and_closes_what_was_raised(
    tmp_path: Path, embedded_broker: EmbeddedForTests
) -> None:
    with Home(tmp_path, embedded_broker) as home:
        start = home.clock()
        shift = Shift(parse_home(ELM_HOUSE, "a home"), 1, start, start, 1)
        complaints: list[str] = []
        token = home.api.token(Role.CARER)
        staffroom = Staffroom(shift, home.api.url, token, home.clock, complaints.append)
        home.mat("mat-12").press()
        home.fast_forward(seconds=30)
        home.mat("mat-12").release()
        home.settle()
        states = []
        for _ in range(40):
            staffroom.look()
            home.fast_forward(seconds=20)
            states += [alert["state"] for alert in home.alerts(kind="bed_exit")]
            if "attended" in states:
                home.mat("mat-12").press()
            if not home.alerts(kind="bed_exit"):
                break
        assert "attended" in states
        [alert] = home.alerts("closed", kind="bed_exit")
        assert (alert["closed_by"], alert["outcome"]) == ("test carer", "helped")
        assert complaints == []
        refused = Staffroom(shift, home.api.url, "wrong", home.clock, complaints.append)
        refused.look()
        refused.look()
        assert complaints == ["the monitor refuses the carers (401): check their token"]
        home.pager.ignores_the_rest()


def test_an_address_that_is_none_is_refused() -> None:
    shift = Shift(parse_home(ELM_HOUSE, "a home"), 1, NIGHT, NIGHT, 1)
    with pytest.raises(Invalid, match="is no address of a monitor"):
        Staffroom(shift, "elm-house", "wrong", lambda: NIGHT)
