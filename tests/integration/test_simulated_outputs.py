"""Simulated boards with a sounder or light do as they are told, and say so as real ones do."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import Clock
from simulators.home_description import HomeDescription, parse_home
from simulators.play import play
from simulators.simulation import Simulation
from simulators.tongues.base import is_output
from tests.brokers import Broker, Ear, until
from tests.harness import ELM_HOUSE, Home

OUTPUTS = ELM_HOUSE + "".join(
    f"  - {{tag: OUT-{n}, kind: {kind}, at: 12/bed, sounds_for: home, device: {{{device}}}}}\n"
    for n, (kind, device) in enumerate(
        (
            ("sounder", "dialect: tasmota, address: siren, channel: POWER2"),
            ("sounder", "dialect: shelly, address: shellyplus1pm-aa00, channel: 'switch:0'"),
            ("sounder", "dialect: esphome, address: horn, channel: siren"),
            ("light", "dialect: esphome, address: lamp, channel: strip"),
        )
    )
)
ONLINE = {"tele/siren/LWT", "shellyplus1pm-aa00/online", "horn/status", "lamp/status"}


def _word(body: bytes) -> bool:
    return body == b"ON"


def _relay(body: bytes) -> bool | None:
    found = json.loads(body)["params"].get("switch:0", {}).get("output")
    return None if found is None else bool(found)


def _light(body: bytes) -> bool:
    return bool(json.loads(body)["state"] == "ON")


SAYS: dict[str, Callable[[bytes], bool | None]] = {
    "stat/siren/POWER2": _word,
    "shellyplus1pm-aa00/events/rpc": _relay,
    "horn/switch/siren/state": _word,
    "lamp/light/strip/state": _light,
}
"""On which topic each says whether it is on, and how."""


def outputs_alone() -> HomeDescription:
    """The home as the simulators read it, without what the test plays itself."""
    home = parse_home(OUTPUTS, "outputs.yaml")
    return replace(home, fittings=tuple(one for one in home.fittings if is_output(one)))


@contextmanager
def playing(broker: Broker, clock: Clock) -> Iterator[None]:
    stop = threading.Event()
    simulation = Simulation(outputs_alone(), 7, clock())
    assert simulation.left_out() == ()
    url = BrokerUrl.parse(broker.url)
    thread = threading.Thread(target=lambda: play(simulation, url, stop=stop, clock=clock))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_they_sound_until_somebody_is_going(any_broker: Broker, tmp_path: Path) -> None:
    with (
        Home(tmp_path, any_broker, OUTPUTS) as home,
        Ear(any_broker.url, *SAYS, *ONLINE, client_id="ear") as ear,
        playing(any_broker, home.clock),
    ):
        on: dict[str, bool] = {}
        there: set[str] = set()

        def all_are(wanted: bool) -> bool:  # noqa: FBT001
            while not ear.inbox.empty():
                message = ear.next()
                if message.topic in ONLINE:
                    there.add(message.topic)
                elif (said := SAYS[message.topic](message.payload)) is not None:
                    on[message.topic] = said
            return on == dict.fromkeys(SAYS, wanted)

        until(lambda: all_are(True) or there == ONLINE)
        mat = home.mat("mat-14")
        mat.press()
        mat.release()
        home.fast_forward(seconds=12)
        until(lambda: all_are(True))
        [alert] = home.alerts(kind="bed_exit")
        home.post(f"/alerts/{alert['id']}/accept")
        until(lambda: all_are(False))
        doubted = [row["reason"] for row in home.get("/quarantine")["items"]]
        assert doubted == [], "what they answer is understood"
        home.pager.ignores_the_rest()
