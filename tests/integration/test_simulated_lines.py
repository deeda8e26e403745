"""Simulated boards on a real broker: their own lines, wills, and orders that they obey."""

import threading
from datetime import UTC, datetime
from typing import Any

from simulators.home_description import describe
from simulators.play import play
from simulators.simulation import Simulation
from simulators.story import Story, Unplug
from tests.brokers import Broker, Ear
from tests.wire.sparkplug_wire import encode

START = datetime(2026, 11, 23, 23, tzinfo=UTC)


def home_of(device: dict[str, Any]) -> Simulation:
    raw = {
        "home": {"id": "one", "timezone": "Europe/London"},
        "residents": [{"id": "r", "shown_as": "A.", "room": "1"}],
        "equipment": [{"tag": "MAT", "kind": "bed_mat", "at": "1/bed", "device": device}],
    }
    story = Story(unplugs=(Unplug(after_s=60, for_s=60),), quiet_s=3600)
    return Simulation(describe(raw), 1, START, story)


def test_an_edge_node_dies_by_its_will_and_is_born_again_when_asked(
    embedded_broker: Broker,
) -> None:
    simulation = home_of({"dialect": "sparkplug", "address": "elm/node/bed"})
    stop = threading.Event()
    thread = threading.Thread(
        target=play, args=(simulation, embedded_broker.url), kwargs={"speed": 30.0, "stop": stop}
    )
    with Ear(embedded_broker.url, "spBv1.0/elm/+/node/#", client_id="witness") as ear:
        thread.start()
        try:
            kinds = [ear.next().topic.split("/")[2] for _ in range(5)]
            assert kinds == ["NBIRTH", "DBIRTH", "NDEATH", "NBIRTH", "DBIRTH"]
            rebirth = {"name": "Node Control/Rebirth", "dataType": "Boolean", "value": True}
            order = encode({"timestamp": 1, "metrics": [rebirth]})
            ear.link.publish("spBv1.0/elm/NCMD/node", order)
            again: list[str] = []
            while again[-2:] != ["NBIRTH", "DBIRTH"]:
                again.append(ear.next().topic.split("/")[2])
        finally:
            stop.set()
            thread.join(60)
    assert not thread.is_alive()


def test_a_tasmota_that_loses_power_leaves_its_last_will(embedded_broker: Broker) -> None:
    device = {"dialect": "tasmota", "address": "t", "channel": "Switch1"}
    simulation = home_of({**device, "reads": {"contact": "occupancy"}})
    stop = threading.Event()
    thread = threading.Thread(
        target=play, args=(simulation, embedded_broker.url), kwargs={"speed": 30.0, "stop": stop}
    )
    with Ear(embedded_broker.url, "tele/t/LWT") as ear:
        thread.start()
        try:
            assert [ear.next().payload for _ in range(3)] == [b"Online", b"Offline", b"Online"]
        finally:
            stop.set()
            thread.join(60)
