"""Zigbee2MQTT as homes have recorded it: each line of the captures and what it means."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gateway.dialects.fields import LOW_BATTERY_PERCENT
from gateway.dialects.zigbee2mqtt import Zigbee2MqttDialect
from gateway.messages import RawMessage
from nightwarden.model.readings import Quantity

NOW = datetime(2026, 11, 1, 2, 30, tzinfo=UTC)
CAPTURES = Path(__file__).parents[1] / "captures" / "zigbee2mqtt.jsonl"
LINES: list[dict[str, Any]] = [json.loads(line) for line in CAPTURES.read_text().splitlines()]


class Meant(NamedTuple):
    """What a captured line should come out as."""

    quantity: Quantity
    device: str
    value: bool | float


LINK = {"online": True, "offline": False}
WORDS: dict[str, tuple[Quantity, dict[str, bool]]] = {
    "pressure": (Quantity.OCCUPANCY, {"occupied": True, "vacant": False}),
    "contact": (Quantity.CONTACT, {"closed": True, "open": False}),
    "availability": (Quantity.LINK, LINK),
    "link": (Quantity.LINK, LINK),
}


def meaning(expected: dict[str, Any]) -> Meant | None:
    """A capture's expectation in our words; None where nothing should come of it."""
    kind, value, device = expected["kind"], expected["value"], expected["device"]
    if kind in WORDS:
        quantity, words = WORDS[kind]
        return None if value is None else Meant(quantity, device, words[value])
    if kind == "battery" and value == "low":
        return Meant(Quantity.BATTERY, device, LOW_BATTERY_PERCENT)
    if kind in ("battery", "temperature") and not isinstance(value, str):
        return Meant(Quantity(kind), device, float(value))
    if kind == "ignore" and expected.get("field") == "occupancy":
        # A motion sensor's. The dialect passes it on, and it ends at the binding: only a device
        # bound to a mat becomes the state of a mat.
        return Meant(Quantity.OCCUPANCY, device, value)
    assert kind in ("ignore", "bad", "tamper", "battery")  # tamper and "ok" are no quantities
    return None


def replayed(line: dict[str, Any]) -> bool:
    return "replayed cache" in line.get("note", "")


def received(line: dict[str, Any]) -> datetime:
    """Just after the time in the message, or hours after it where the note says so."""
    times = [expected["time"] for expected in line["expect"] if expected["time"]]
    if not times:
        return NOW
    return datetime.fromisoformat(times[0]) + (
        timedelta(hours=6) if replayed(line) else timedelta(milliseconds=20)
    )


def base_of(line: dict[str, Any]) -> str:
    """One home set ``base_topic`` to ``zigbee/device``."""
    return "zigbee/device" if line["topic"].startswith("zigbee/device/") else "zigbee2mqtt"


@pytest.mark.parametrize(
    "line", LINES, ids=[f"{at}-{line['topic']}" for at, line in enumerate(LINES, 1)]
)
def test_a_captured_line_means_what_it_meant(line: dict[str, Any]) -> None:
    dialect, now = Zigbee2MqttDialect(base_of(line)), received(line)
    assert dialect.owns(line["topic"])
    heard = dialect.read(
        RawMessage(line["topic"], line["payload"].encode(), now, retain=bool(line["retain"]))
    )

    got = {Meant(r.quantity, r.device.address, float(r.value)) for r in heard.readings}
    meant = {each for each in map(meaning, line["expect"]) if each}
    if replayed(line):  # history: it is told, and proves nobody alive
        meant = {Meant(Quantity.TEMPERATURE, "radiator_12", 47.3), _battery_of(line)}
    assert got == meant

    bad = [expected for expected in line["expect"] if expected["kind"] == "bad"]
    assert len(heard.problems) == len(bad)
    for expected, problem in zip(bad, heard.problems, strict=True):
        assert problem.device.address == expected["device"]
        assert str(expected["value"]) in problem.reason

    fresh = not line["retain"] and not replayed(line)
    assert all(reading.fresh is fresh for reading in heard.readings)


def _battery_of(line: dict[str, Any]) -> Meant:
    return Meant(Quantity.BATTERY, "radiator_12", float(json.loads(line["payload"])["battery"]))


@pytest.mark.parametrize("line", [line for line in LINES if "last_seen" in line["payload"]])
def test_a_captured_last_seen_is_when_it_was_measured(line: dict[str, Any]) -> None:
    now = received(line)
    heard = Zigbee2MqttDialect(base_of(line)).read(
        RawMessage(line["topic"], line["payload"].encode(), now)
    )
    times = {datetime.fromisoformat(each["time"]) for each in line["expect"] if each["time"]}
    assert {reading.measured_at for reading in heard.readings} == times
    assert all(reading.timed for reading in heard.readings)
