"""What a simulation meant is what the gateway read: each dialect, one home file, a real broker."""

from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nightwarden.model.places import EquipmentKind
from nightwarden.model.readings import Quantity
from simulators.home_description import Fitting
from simulators.simulation import Simulation
from tests.brokers import Broker
from tests.every_dialect import EVERYBODY_UP, START, described, every_dialect
from tests.harness import Home

LENGTH = timedelta(minutes=8)
STEP = timedelta(seconds=10)
"""The home's clock goes on by this much."""

Told = list[tuple[datetime, Any]]


def play_into(home: Home, simulation: Simulation) -> None:
    """A simulated night on the home's own clock, through the real broker into the real gateway."""
    home.somebody_listens = False  # nobody is called in this test
    settled = home.clock.now = simulation.start
    for message in simulation.messages_until(simulation.start + LENGTH):
        if message.at - settled > STEP:
            home.settle()  # what was published before belongs to before
            home.clock.now = settled = message.at
        home.publish(message.topic, message.payload(message.at), retain=message.retain)
    home.settle()


def heard(home: Home, device: object, quantity: str) -> Told:
    """What the gateway recorded of a device, in order of time."""
    items = home.get(f"/readings?device={quote(str(device), safe='')}&limit=500")["items"]
    return [
        (datetime.fromisoformat(one["measured_at"]), one["value"])
        for one in reversed(items)
        if one["quantity"] == quantity
    ]


def edges(told: Told) -> Told:
    """Where the value changes."""
    return [next(group) for _, group in groupby(told, key=lambda one: one[1])]


def really(simulation: Simulation, fitting: Fitting) -> Told:
    """What was so at the item, where it changed."""
    told: Told = []
    for change in simulation.truth(fitting).changes:
        if change.at >= simulation.start + LENGTH or (told and change.at == simulation.start):
            break
        told.append((change.at, change.value))
    return edges(told)


def mat_as_meant(home: Home, simulation: Simulation, mat: Fitting) -> None:
    read, meant = edges(heard(home, mat.device, "occupancy")), really(simulation, mat)
    assert [value for _, value in read] == [True, False, True], mat
    for (at, value), (due, wanted) in zip(read[1:], meant[1:], strict=True):
        assert value is wanted, mat
        assert abs(at - due) <= STEP, mat


def probe_as_meant(home: Home, simulation: Simulation, probe: Fitting) -> None:
    level = simulation.truth(probe).level
    assert level is not None
    warm = heard(home, probe.device, "temperature")
    assert warm, probe
    for at, celsius in warm:  # a probe that warms is read at most a step before or after
        assert level(at - STEP) - 0.5 <= celsius, (probe, at, celsius)
        assert celsius <= level(at + STEP) + 0.5, (probe, at, celsius)


def test_what_the_simulation_meant_is_what_the_gateway_read(
    tmp_path: Path, embedded_broker: Broker
) -> None:
    simulation = Simulation(described(), 3, START, EVERYBODY_UP)
    assert simulation.left_out() == ()
    with Home(tmp_path, embedded_broker, every_dialect()) as home:
        play_into(home, simulation)
        for one in simulation.home.fittings:
            link = {value for _, value in heard(home, one.device, "link")}
            if one.says is not Quantity.TEMPERATURE or one.device.channel is None:
                assert link == {True}, one
            if one.kind is EquipmentKind.BED_MAT:
                mat_as_meant(home, simulation, one)
            elif one.kind is EquipmentKind.TEMPERATURE_SENSOR:
                probe_as_meant(home, simulation, one)
            else:
                assert {value for _, value in heard(home, one.device, "contact")} == {True}, one
        # What a DS18B20 says before it has measured; and an edge node is nobody's equipment.
        why = {one["topic"]: one["reason"] for one in home.get("/quarantine")["items"]}
        assert set(why) == {"tele/tas-1/SENSOR", "spBv1.0/elm/NBIRTH/node-1"}
        assert "85.0 °C is a sensor's power-on value" in why["tele/tas-1/SENSOR"]
        home.pager.ignores_the_rest()
