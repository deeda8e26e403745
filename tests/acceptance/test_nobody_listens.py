"""A screen that was heard is a receiver; one that is mute, gone or heard by nobody is none."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nightwarden.model.roles import Role
from tests.brokers import Broker
from tests.harness import Home


@pytest.fixture
def home(tmp_path: Path, any_broker: Broker) -> Iterator[Home]:
    """Elm House with no screen in the office."""
    with Home(tmp_path / "data", any_broker) as made:
        made.somebody_listens = False
        yield made


def test_nobody_listening_is_raised_and_a_screen_with_sound_clears_it(home: Home) -> None:
    say = {"kind": "phone", "sound": False}
    home.post("/receivers/anas-phone-1", say, role=Role.CARER)
    home.fast_forward(seconds=100)
    page = home.pager.expects("nobody is listening", "raised")
    assert page["priority"] == "high"
    home.pager.ignores_the_rest()
    home.post("/receivers/anas-phone-1", say | {"sound": True}, role=Role.CARER)
    home.fast_forward(seconds=2)
    home.pager.ignores_the_rest()
    assert not home.get("/receivers")["items"][0]["counts"], "nobody has heard it in this shift"
    home.post("/receivers/anas-phone-1/heard", role=Role.CARER)
    home.fast_forward(seconds=2)
    home.pager.expects("nobody is listening", "cause_cleared")
    [listening] = home.get("/receivers")["items"]
    assert listening["sound"]
    assert listening["counts"]
    assert listening["heard"]["by"] == "test carer"
    assert listening["name"] == "test carer"


def test_a_receiver_that_says_no_more_counts_no_more(home: Home) -> None:
    home.post("/receivers/anas-phone-1", {"kind": "phone", "sound": True}, role=Role.CARER)
    home.fast_forward(seconds=15)
    assert home.get("/receivers")["items"]
    home.fast_forward(seconds=15)
    assert home.get("/receivers")["items"] == []
    home.fast_forward(seconds=70)
    home.pager.expects("nobody is listening", "raised")
    home.pager.ignores_the_rest()
