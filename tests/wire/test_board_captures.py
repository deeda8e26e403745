"""Tasmota, Shelly and ESPHome as homes have recorded them: each captured line and what it means.

A line that has ``mended`` says why its expectation is no longer the first reading of it. Its
``device`` has an input of a device behind a slash, ``hall/Switch1``.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from paho.mqtt.client import topic_matches_sub

from gateway.dialects import dialects, owner
from gateway.dialects.base import Dialect, Heard, Learner
from gateway.messages import RawMessage
from nightwarden.errors import Unreadable
from nightwarden.model.readings import Quantity

NOW = datetime(2026, 11, 1, 2, 30, tzinfo=UTC)
FOLDER = Path(__file__).parents[1] / "captures"
LINES: list[tuple[str, int, dict[str, Any]]] = [
    (name, number, json.loads(line))
    for name in ("tasmota", "shelly", "esphome")
    for number, line in enumerate((FOLDER / f"{name}.jsonl").read_text().splitlines(), 1)
]
IN_FAHRENHEIT = (
    "homeassistant/sensor/radiator-room-12/radiator_f/config",
    '{"~":"radiator-room-12/sensor/radiator_f","stat_t":"~/state","unit_of_meas":"°F"}'.encode(),
)
"""What the board of one line had announced before it."""


class Meant(NamedTuple):
    """What a captured line should come out as."""

    quantity: Quantity
    device: str
    value: Any


WORDS: dict[str, tuple[Quantity, dict[Any, bool]]] = {
    "pressure": (Quantity.OCCUPANCY, {"occupied": True, "vacant": False}),
    "contact": (Quantity.CONTACT, {"closed": True, "open": False, "ON": True, "OFF": False}),
    "availability": (Quantity.LINK, {"online": True, "offline": False}),
}


def meaning(expected: dict[str, Any]) -> Meant | None:
    """A capture's expectation in our words; None where nothing should come of it."""
    kind, device = expected["kind"], expected["device"]
    value = expected.get("raw") if expected["value"] is None else expected["value"]
    if kind in WORDS:
        quantity, words = WORDS[kind]
        return Meant(quantity, device, value if isinstance(value, bool) else words[value])
    if kind == "temperature":
        return Meant(Quantity.TEMPERATURE, device, expected.get("value_c", value))
    if kind in ("battery", "action"):
        return Meant(Quantity(kind), device, value)
    assert kind in ("ignore", "bad")
    return None


def time_of(expected: dict[str, Any]) -> datetime | None:
    """The expected time of measuring, where it has an offset: local time is no claim."""
    text = expected["time"]
    return datetime.fromisoformat(text) if text and text.endswith("Z") else None


def heard(line: dict[str, Any], now: datetime) -> tuple[Dialect, Heard | str]:
    spoken = dialects("elm-house")
    _teach(spoken, RawMessage(*IN_FAHRENHEIT, NOW))
    dialect = owner(spoken, line["topic"])
    assert dialect is not None
    assert any(topic_matches_sub(each, line["topic"]) for each in dialect.filters())
    message = RawMessage(line["topic"], line["payload"].encode(), now, retain=bool(line["retain"]))
    try:
        return dialect, dialect.read(message)
    except Unreadable as refused:
        return dialect, str(refused)


def _teach(spoken: tuple[Dialect, ...], message: RawMessage) -> None:
    teacher = owner(spoken, message.topic)
    assert isinstance(teacher, Learner)
    for lesson in teacher.read(message).lessons:
        assert teacher.learn(lesson)


NOT_SAID_TO_US = ("cmnd/", "/debug", "/number/")
"""In the topics of the lines that no filter of ours brings in."""
OURS = [each for each in LINES if not any(part in each[2]["topic"] for part in NOT_SAID_TO_US)]


@pytest.mark.parametrize("line", [line for _, _, line in LINES if line not in [o[2] for o in OURS]])
def test_what_is_not_for_us_is_not_even_heard(line: dict[str, Any]) -> None:
    assert [each["kind"] for each in line["expect"]] == ["ignore"]
    filters = [each for dialect in dialects("elm-house") for each in dialect.filters()]
    assert not any(topic_matches_sub(each, line["topic"]) for each in filters)


@pytest.mark.parametrize(
    ("name", "line"),
    [(name, line) for name, _, line in OURS],
    ids=[f"{name}-{number}-{line['topic']}" for name, number, line in OURS],
)
def test_a_captured_line_means_what_it_meant(name: str, line: dict[str, Any]) -> None:
    claims = [at for at in map(time_of, line["expect"]) if at]
    now = claims[0] + timedelta(milliseconds=20) if claims else NOW
    dialect, outcome = heard(line, now)
    assert dialect.name == ("homeassistant" if line["topic"].startswith("homea") else name)
    meant = {each for each in map(meaning, line["expect"]) if each}
    bad = [expected for expected in line["expect"] if expected["kind"] == "bad"]
    if isinstance(outcome, str):
        assert bad
        assert not meant
        return
    got = {
        Meant(r.quantity, r.device.address.replace("#", "/"), r.value)
        for r in outcome.readings
        if (r.quantity, r.value) != (Quantity.LINK, True) or _tells_link(line)
    }
    assert got == meant
    doubted = {problem.device.address.replace("#", "/") for problem in outcome.problems}
    assert doubted == {each["device"] for each in bad}
    assert all(reading.fresh is not bool(line["retain"]) for reading in outcome.readings)
    times = {reading.measured_at for reading in outcome.readings}
    assert times <= {*claims, now} if not claims else times <= set(claims)


def _tells_link(line: dict[str, Any]) -> bool:
    """Else an "online" is a mere sign of life, which captures do not list."""
    return any(expected["kind"] == "availability" for expected in line["expect"])
