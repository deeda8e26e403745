"""What announces itself to Home Assistant, through the whole program: heard once, and for good."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.brokers import Broker, until
from tests.harness import ELM_HOUSE, Home

BY_ANNOUNCEMENT = (
    ELM_HOUSE
    + """
  - tag: CHR-12
    kind: temperature_sensor
    mount: accessible_face
    at: 12/radiator-window
    device: {dialect: homeassistant, address: probe-12, channel: surface, supervision_s: 86400}
"""
)
CONFIG = "homeassistant/sensor/probe-12/surface/config"
ANNOUNCED = {
    "~": "probes/12",
    "stat_t": "~/state",
    "avty_t": "~/lwt",
    "unit_of_meas": "°F",
    "dev_cla": "temperature",
    "val_tpl": "{{ value_json.t | float }}",
    "dev": {"ids": ["probe-12"]},
}


@pytest.fixture
def home(tmp_path: Path, any_broker: Broker) -> Iterator[Home]:
    with Home(tmp_path, any_broker, BY_ANNOUNCEMENT) as home:
        yield home


def heard(home: Home) -> list[tuple[str, float]]:
    home.settle()
    items = home.get("/readings?device=homeassistant:probe-12%23surface")["items"]
    return [(item["quantity"], item["value"]) for item in items]


def test_a_device_is_heard_from_its_announcement_on_and_after_a_restart(home: Home) -> None:
    home.publish("probes/12/state", '{"t": "105.8"}', retain=True)
    home.publish(CONFIG, json.dumps(ANNOUNCED), retain=True)
    until(lambda: ("temperature", 41.0) in heard(home))

    home.stop_gateway()
    home.publish("probes/12/state", '{"t": "107.6"}')  # waits for us, ahead of any announcement
    home.start_gateway()
    until(lambda: ("temperature", 42.0) in heard(home))
    assert not [row for row in quarantined(home) if row["topic"] == "probes/12/state"]


def test_what_another_language_owns_is_heard_in_that_one_alone(home: Home) -> None:
    zigbee = {"stat_t": "zigbee2mqtt/Room 12 radiator", "dev_cla": "temperature"}
    template = {"val_tpl": "{{ value_json.temperature }}", "dev": {"ids": ["probe-12"]}}
    home.publish(CONFIG, json.dumps(zigbee | template), retain=True)
    home.settle()
    home.publish("zigbee2mqtt/Room 12 radiator", '{"temperature": 33.0}')
    home.settle()
    items = home.get("/readings")["items"]
    assert {item["device"] for item in items} == {"zigbee2mqtt:Room 12 radiator"}


def test_an_announcement_that_cannot_be_used_is_kept_with_its_reason(home: Home) -> None:
    for_ever = "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}"
    home.publish(CONFIG, json.dumps(ANNOUNCED | {"val_tpl": for_ever}))
    home.settle()
    (row,) = [row for row in quarantined(home) if row["topic"] == CONFIG]
    assert "cannot be understood as a template" in row["reason"]


def quarantined(home: Home) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = home.get("/quarantine")["items"]
    return items
