"""docs/wire.md is what makers build by: each of its examples is read without a problem."""

import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.dialects import dialects, homie, lorawan, owner, rtl_433, sparkplug
from gateway.dialects.base import Dialect, Heard, Learner
from gateway.dialects.native import FIELDS as NATIVE_FIELDS
from gateway.dialects.zigbee2mqtt import FIELDS as ZIGBEE_FIELDS
from gateway.messages import RawMessage

NOW = datetime(2026, 11, 1, 2, 30, tzinfo=UTC)
PAGE = (Path(__file__).parents[2] / "docs" / "wire.md").read_text()
EXAMPLES = [line for line in PAGE.splitlines() if line.startswith("mosquitto_pub ")]


def read(spoken: tuple[Dialect, ...], command: str) -> tuple[Dialect, Heard]:
    """Whose an example's message is, and what it says."""
    words = shlex.split(command)
    topic, payload = words[words.index("-t") + 1], words[words.index("-m") + 1]
    dialect = owner(spoken, topic)
    assert dialect is not None
    return dialect, dialect.read(RawMessage(topic, payload.encode(), NOW, retain="-r" in words))


@pytest.mark.parametrize("command", EXAMPLES)
def test_an_example_is_read_without_a_problem(command: str) -> None:
    spoken = dialects("elm-house")
    for earlier in EXAMPLES[: EXAMPLES.index(command)]:  # what is announced comes before it is said
        dialect, heard = read(spoken, earlier)
        for lesson in heard.lessons:
            assert isinstance(dialect, Learner)
            assert dialect.learn(lesson)
    _, heard = read(spoken, command)
    assert heard.readings or heard.lessons
    assert heard.problems == ()


def test_every_field_that_is_understood_is_on_the_page() -> None:
    native, zigbee = PAGE.split("## Zigbee2MQTT")
    lora, radio = PAGE.split("## What LoRaWAN devices say")[1].split("## rtl_433")
    assert EXAMPLES
    assert all(f"`{name}`" in lora.lower() for name in {*lorawan.FIELDS, *lorawan.FURTHER_PROBES})
    assert all(f"`{name}`" in radio for name in {*rtl_433.FIELDS, *rtl_433.BUTTONS, rtl_433.REED})
    plug, homes = PAGE.split("## Sparkplug B")[1].split("## Tasmota")[0].split("## Homie")
    assert all(f"`{name}`" in plug.lower() for name in sparkplug.FIELDS)
    assert all(f"`{name}`" in homes for name in homie.FIELDS)
    assert all(f"| `{name}` |" in native for name in NATIVE_FIELDS)
    assert all(f"| `{name}`" in zigbee for name in ZIGBEE_FIELDS)
