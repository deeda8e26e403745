"""Simulated homes for the tests of the simulators, and how to look at what they say."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from simulators.home_description import HomeDescription, read_demo_home
from simulators.simulation import Simulation
from simulators.story import DEMO_STORY, story_start
from simulators.wire import WireMessage

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
CAPTURES = Path(__file__).parents[1] / "captures" / "zigbee2mqtt.jsonl"

instants = st.integers(0, 2 * 365 * 24 * 60).map(lambda m: NOON + timedelta(minutes=m))
zones = st.sampled_from(["Europe/London", "Australia/Lord_Howe", "America/New_York", "UTC"])


def demo() -> HomeDescription:
    return read_demo_home(TODAY)


def ordinary(seed: int = 1, home: HomeDescription | None = None) -> Simulation:
    return Simulation(home or demo(), seed, NOON)


def demo_night(seed: int = 1) -> Simulation:
    home = demo()
    return Simulation(home, seed, story_start(home, DEMO_STORY, NOON), DEMO_STORY)


def within(simulation: Simulation, length: timedelta) -> list[WireMessage]:
    return list(simulation.messages_until(simulation.start + length))


def body(message: WireMessage) -> dict[str, Any]:
    read = json.loads(message.payload())
    assert isinstance(read, dict)
    return read


def of(messages: list[WireMessage], address: str) -> list[WireMessage]:
    return [message for message in messages if message.sender.address == address]
