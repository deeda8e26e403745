"""What devices really send and their makers document: each captured line and what it means.

A line's ``expect`` says what should come of it: ``bad`` is a problem or a refusal, ``ignore``
nothing at all. Lines of one file are read in their order by one dialect, since some languages
announce first and speak afterwards. Sparkplug's payloads stand as its specification prints them.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gateway.dialects.base import Dialect, Heard, Learner, Problem
from gateway.dialects.chirpstack import ChirpStackDialect
from gateway.dialects.fields import LOW_BATTERY_PERCENT
from gateway.dialects.homie import HomieDialect
from gateway.dialects.rtl_433 import Rtl433Dialect
from gateway.dialects.sparkplug import SparkplugDialect
from gateway.dialects.thethings import TheThingsDialect
from gateway.messages import RawMessage
from nightwarden.errors import Unreadable
from nightwarden.model.readings import DeviceId, Quantity, Reading
from tests.wire.sparkplug_wire import encode

NOW = datetime(2026, 11, 22, 21, 30, tzinfo=UTC)
CAPTURES = Path(__file__).parents[1] / "captures"
DIALECTS: dict[str, Callable[[], Dialect]] = {
    "chirpstack": ChirpStackDialect,
    "thethings": TheThingsDialect,
    "rtl_433": Rtl433Dialect,
    "sparkplug": SparkplugDialect,
    "homie": HomieDialect,
}
WORDS: dict[str, dict[object, bool]] = {
    "occupancy": {"occupied": True, "vacant": False},
    "contact": {"closed": True, "open": False},
    "link": {"online": True, "offline": False},
}


class Line(NamedTuple):
    """One captured message, and what came of it."""

    captured: dict[str, Any]
    message: RawMessage
    heard: Heard


def lines(name: str) -> Iterator[Line]:
    """Every line of a capture, read by a dialect that remembers those before it."""
    dialect = DIALECTS[name]()
    for text in (CAPTURES / f"{name}.jsonl").read_text().splitlines():
        captured = json.loads(text)
        payload = captured["payload"].encode()
        if name == "sparkplug":
            payload = encode(json.loads(payload))
        message = RawMessage(
            captured["topic"], payload, received(captured), retain=bool(captured["retain"])
        )
        assert dialect.owns(message.topic)
        try:
            heard = dialect.read(message)
            yield Line(captured, message, heard)
            if isinstance(dialect, Learner):
                assert all(dialect.learn(lesson) for lesson in heard.lessons)
        except Unreadable as refused:
            nobody = DeviceId(name, "")
            yield Line(captured, message, Heard(problems=(Problem(nobody, str(refused)),)))


def received(captured: dict[str, Any]) -> datetime:
    """Just after the latest time in the message, or when the line says that it came."""
    if "received" in captured:
        return datetime.fromisoformat(captured["received"])
    times = [each["time"] for each in captured["expect"] if each.get("time")]
    latest = max((datetime.fromisoformat(each) for each in times), default=None)
    return latest + timedelta(milliseconds=20) if latest else NOW


def value_of(expected: dict[str, Any]) -> bool | float | str:
    """The expected value in the type that readings have."""
    kind, value = expected["kind"], expected["value"]
    if kind in WORDS:
        return value if isinstance(value, bool) else WORDS[kind][value]
    if kind == "battery" and value == "low":
        return LOW_BATTERY_PERCENT
    return value if isinstance(value, str) else float(value)


CASES = [
    pytest.param(line, id=f"{name}-{number}")
    for name in DIALECTS
    for number, line in enumerate(lines(name), 1)
]


@pytest.mark.parametrize("line", CASES)
def test_a_captured_line_means_what_it_meant(line: Line) -> None:
    expected = [each for each in line.captured["expect"] if each["kind"] not in ("bad", "ignore")]
    meant = [(Quantity(each["kind"]), each["device"], value_of(each)) for each in expected]
    got = [(each.quantity, each.device.address, each.value) for each in line.heard.readings]
    assert sorted(got) == sorted(meant)
    for each in expected:
        assert_timed_as(each, reading_of(each, line.heard), line.message)


def reading_of(expected: dict[str, Any], heard: Heard) -> Reading:
    (found,) = (
        reading
        for reading in heard.readings
        if (reading.quantity, reading.device.address) == (expected["kind"], expected["device"])
    )
    return found


def assert_timed_as(expected: dict[str, Any], reading: Reading, message: RawMessage) -> None:
    """When it was measured, and whether it proves its device alive."""
    assert reading.received_at == message.received_at
    assert reading.fresh is not (message.retain or bool(expected.get("remembered")))
    if expected["time"] is not None:
        assert reading.measured_at == datetime.fromisoformat(expected["time"])
        assert reading.timed


@pytest.mark.parametrize("line", CASES)
def test_what_is_bad_in_a_captured_line_is_told_with_its_reason(line: Line) -> None:
    bad = [each for each in line.captured["expect"] if each["kind"] == "bad"]
    assert len(line.heard.problems) == len(bad), line.heard.problems
    for expected, problem in zip(bad, line.heard.problems, strict=True):
        assert problem.reason.endswith(".")
        assert problem.device.address == expected.get("device", problem.device.address)
        assert str(expected.get("value", "")) in problem.reason


@pytest.mark.parametrize("line", [case for case in CASES if case.id and "spark" in str(case.id)])
def test_a_rebirth_is_asked_for_where_something_was_missed(line: Line) -> None:
    asked = [request.topic for request in line.heard.requests]
    _, group, _, node, *_ = line.message.topic.split("/")
    assert asked == ([f"spBv1.0/{group}/NCMD/{node}"] if line.captured.get("asks") else [])
    for request in line.heard.requests:
        now = int(line.message.received_at.timestamp() * 1000)
        wish = {"name": "Node Control/Rebirth", "dataType": "Boolean", "value": True}
        assert request.payload == encode({"timestamp": now, "metrics": [wish]})
