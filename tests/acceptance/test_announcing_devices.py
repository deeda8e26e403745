"""Devices that announce first and speak afterwards: Sparkplug's aliases, Homie's units."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.brokers import Broker, Ear
from tests.harness import ELM_HOUSE, Home
from tests.wire.sparkplug_wire import encode

NODE = "spBv1.0/elm/{}/node-1"
DEVICE = "spBv1.0/elm/{}/node-1/bed-14"
REBIRTH = "spBv1.0/elm/NCMD/node-1"
HOME_FILE = ELM_HOUSE.replace(
    "{dialect: nightwarden, address: mat-14, supervision_s: 86400}",
    "{dialect: sparkplug, address: elm/node-1/bed-14, supervision_s: 86400}",
).replace(
    "{dialect: zigbee2mqtt, address: Room 12 radiator, supervision_s: 86400}",
    "{dialect: homie, address: rad-12, channel: pipe/heat, supervision_s: 86400}",
)


class Node:
    """A Sparkplug node with one mat; aliases alone after the births."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._seq = 0

    def born(self) -> None:
        """The births of node and device, somebody on the mat."""
        self._say(NODE.format("NBIRTH"), 0, {"name": "bdSeq", "dataType": "UInt64", "value": 1})
        mat = {"name": "Occupancy", "alias": 7, "dataType": "Boolean", "value": True}
        self._say(DEVICE.format("DBIRTH"), 1, mat)
        self._home.settle()

    def says(self, *, occupied: bool, skipping: int = 0) -> None:
        """The mat, after so many messages that were lost."""
        self._seq += skipping
        metric = {"alias": 7, "dataType": "Boolean", "value": occupied, "untyped": True}
        self._say(DEVICE.format("DDATA"), self._seq + 1, metric)
        self._home.settle()

    def dies(self) -> None:
        """Its will."""
        will = {"metrics": [{"name": "bdSeq", "dataType": "UInt64", "value": 1}]}
        self._home.publish(NODE.format("NDEATH"), encode(will))
        self._home.settle()

    def _say(self, topic: str, seq: int, metric: dict[str, Any]) -> None:
        self._seq = seq
        at = int(self._home.clock().timestamp() * 1000)
        self._home.publish(topic, encode({"timestamp": at, "metrics": [metric], "seq": seq}))


@pytest.fixture
def home(embedded_broker: Broker, tmp_path: Path) -> Iterator[Home]:
    with Home(tmp_path, embedded_broker, HOME_FILE) as made:
        yield made


@pytest.fixture
def asked(embedded_broker: Broker) -> Iterator[Ear]:
    with Ear(embedded_broker.url, "spBv1.0/+/NCMD/+", client_id="node") as ear:
        yield ear


def test_a_bed_exit_comes_through_an_alias_that_was_learned_before_a_restart(
    home: Home, asked: Ear
) -> None:
    node = Node(home)
    node.born()
    home.stop_gateway()
    home.start_gateway()
    node.says(occupied=False)
    home.fast_forward(seconds=15)
    home.pager.expects("Room 14", "out of bed", state="raised")
    home.pager.ignores_the_rest()
    assert asked.inbox.empty(), "nothing was missing"


def test_a_node_that_skipped_a_number_is_asked_for_a_rebirth_once_in_a_while(
    home: Home, asked: Ear
) -> None:
    node = Node(home)
    node.born()
    node.says(occupied=True, skipping=3)
    request = asked.next()
    assert request.topic == REBIRTH
    assert not request.retain
    wish = {"name": "Node Control/Rebirth", "dataType": "Boolean", "value": True}
    at = int(home.clock().timestamp() * 1000)
    assert request.payload == encode({"timestamp": at, "metrics": [wish]})

    node.says(occupied=True, skipping=3)
    home.settle()
    assert asked.inbox.empty(), "it was asked a moment ago"
    home.fast_forward(seconds=20)
    assert asked.next().topic == REBIRTH, "what was missed then is asked for later"


def test_a_node_that_dies_takes_its_devices_with_it(home: Home, asked: Ear) -> None:
    node = Node(home)
    node.born()
    node.dies()
    home.fast_forward(minutes=5)
    home.pager.expects("Room 14", state="raised")
    assert [alert["kind"] for alert in home.alerts() if alert["room"] == "14"] == ["device_silent"]
    home.pager.ignores_the_rest()
    assert asked.inbox.empty()


def test_a_homie_pipe_in_fahrenheit_is_as_warm_as_it_is(home: Home) -> None:
    home.publish("homie/rad-12/pipe/heat/$unit", "°F", retain=True)
    home.publish("homie/rad-12/pipe/heat", "104.0", retain=True)
    home.settle()
    home.stop_gateway()
    home.start_gateway()
    home.publish("homie/rad-12/pipe/heat", "105.8", retain=True)
    home.settle()
    said = [
        (reading["value"], reading["fresh"])
        for reading in home.get("/readings?device=homie:rad-12%23pipe/heat")["items"]
    ]
    assert said[0] == (41.0, True), said
    assert not home.alerts(kind="hot_surface"), "105.8 °C would be a scald"
