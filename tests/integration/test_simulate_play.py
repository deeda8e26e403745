"""A simulated home speaks over a real broker, and its mats fall silent as real ones do."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import click
import pytest
from click.testing import CliRunner

from gateway.listen_address import free_port
from gateway.messages import RawMessage
from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import utc_now
from nightwarden.commands.simulate import simulate
from nightwarden.errors import Invalid
from nightwarden.recording.live_homes import Homes, refuse_unknown_home
from simulators.faults import parse_fault
from simulators.home_description import HomeDescription, describe, parse_home, read_demo_home
from simulators.homes import demo_home
from simulators.play import OWN_LINES, Tally, play
from simulators.simulation import Simulation
from simulators.story import Story, Unplug
from tests.brokers import Broker, Ear, Mosquitto, until

START = datetime(2026, 11, 23, 23, tzinfo=UTC)
DEVICES = "nightwarden/v1/elm-house/device/#"
UNPLUGGED = Story(unplugs=(Unplug(after_s=60, for_s=60),), quiet_s=3600)


def demo() -> HomeDescription:
    return read_demo_home(START.date())


def large_home(beds: int) -> HomeDescription:
    """As many residents and native mats; ``mat-0`` to ``mat-N``."""
    residents = [{"id": f"r{n}", "shown_as": "A.", "room": str(n)} for n in range(beds)]
    mats = [
        {
            "tag": f"MAT-{n}",
            "kind": "bed_mat",
            "at": f"{n}/bed",
            "device": {"dialect": "nightwarden", "address": f"mat-{n}"},
        }
        for n in range(beds)
    ]
    home = {"id": "big", "timezone": "Europe/London"}
    return describe({"home": home, "residents": residents, "equipment": mats})


class Playing:
    """A play in the background, as a person at another terminal would have it."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.progress: list[str] = []
        self.tally: Tally | None = None


@contextmanager
def playing(simulation: Simulation, url: str, speed: float) -> Iterator[Playing]:
    now = Playing()

    def run() -> None:
        now.tally = play(simulation, url, speed=speed, stop=now.stop, progress=now.progress.append)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield now
    finally:
        now.stop.set()
        thread.join(60)
        assert not thread.is_alive()


def heard(ear: Ear, count: int) -> list[RawMessage]:
    return [ear.next() for _ in range(count)]


@pytest.mark.parametrize("speed", [300.0, 3000.0])
def test_the_messages_on_the_wire_are_those_of_the_simulation_at_any_speed(
    broker: Broker, speed: float
) -> None:
    simulation = Simulation(demo(), 7, START)
    said = simulation.messages_until(START + timedelta(minutes=3))
    mat = [message for message in said if message.sender.address == "mat-12"]
    with Ear(broker.url, "nightwarden/v1/elm-house/device/mat-12/#") as ear:
        before = utc_now()
        with playing(simulation, broker.url, speed):
            messages = heard(ear, len(mat))
        after = utc_now()
    assert [message.topic for message in messages] == [meant.topic for meant in mat]
    for message, meant in zip(messages, mat, strict=True):
        if meant.time_field is None:
            assert message.payload == meant.payload()
            continue
        told, body = json.loads(message.payload), json.loads(meant.payload())
        claimed = datetime.fromisoformat(told.pop("at"))
        assert told == {name: value for name, value in body.items() if name != "at"}
        assert before - timedelta(milliseconds=1) <= claimed <= after


def test_what_is_said_is_the_same_to_the_byte_at_once_and_at_sixty_times(
    embedded_broker: Broker,
) -> None:
    """With the devices' own clocks, so that the simulated instants are in the bytes."""
    simulation = Simulation(demo(), 7, START)
    length = timedelta(seconds=3)
    meant = [(m.topic, m.payload()) for m in simulation.messages_until(START + length)]
    assert len(meant) > 20
    for speed in (1.0, 60.0):
        with Ear(embedded_broker.url, DEVICES, "zigbee2mqtt/#") as ear:
            play(
                simulation,
                embedded_broker.url,
                speed=speed,
                duration=length / speed + timedelta(seconds=0.1),
                stop=threading.Event(),
                clock=None,
            )
            ear.say("zigbee2mqtt/end", b"end")
            said = [m for m in ear.up_to(b"end") if not m.retain]
        for topic in {topic for topic, _ in meant}:
            of_topic = [payload for on, payload in meant if on == topic]
            told = [m.payload for m in said if m.topic == topic]
            assert told[: len(of_topic)] == of_topic, (topic, speed)


def test_a_mat_that_loses_power_leaves_its_will_and_says_online_when_it_is_back(
    broker: Broker,
) -> None:
    simulation = Simulation(demo(), 1, START, UNPLUGGED)
    with (
        Ear(broker.url, "nightwarden/v1/elm-house/device/+/availability") as ear,
        playing(simulation, broker.url, 60.0),
    ):
        first = heard(ear, len([d for d in simulation.speakers() if d.dialect == "nightwarden"]))
        assert {message.payload for message in first} == {b"online"}
        gone, back = ear.next(), ear.next()
    assert gone.topic == back.topic == "nightwarden/v1/elm-house/device/mat-17/availability"
    assert (gone.payload, back.payload) == (b"offline", b"online")


def test_a_play_that_is_stopped_says_goodbye_and_leaves_no_will(broker: Broker) -> None:
    simulation = Simulation(demo(), 1, START)
    filters = ("zigbee2mqtt/bridge/state", "nightwarden/v1/elm-house/device/+/availability")
    with Ear(broker.url, *filters) as ear:
        with playing(simulation, broker.url, 60.0) as now:
            heard(ear, 1 + 8)
        assert (message := ear.next()).topic == "zigbee2mqtt/bridge/state"
        assert json.loads(message.payload) == {"state": "offline"}
        ear.say("zigbee2mqtt/bridge/state", b"end")
        assert ear.up_to(b"end") == []
    assert now.tally is not None
    assert (now.tally.lost, now.tally.unconfirmed) == (0, 0)
    assert now.tally.lines()[0].startswith(f"{now.tally.messages} messages in ")


def test_a_large_home_shares_a_connection_and_its_mats_still_go_offline(
    embedded_broker: Broker,
) -> None:
    simulation = Simulation(large_home(OWN_LINES + 1), 1, START, UNPLUGGED)
    with (
        Ear(embedded_broker.url, "nightwarden/v1/big/device/mat-50/availability") as ear,
        playing(simulation, embedded_broker.url, 600.0),
    ):
        assert [m.payload for m in heard(ear, 3)] == [b"online", b"offline", b"online"]


def test_a_broker_that_restarts_hears_the_devices_again(embedded_broker: Broker) -> None:
    simulation = Simulation(demo(), 1, START)
    with playing(simulation, embedded_broker.url, 60.0) as now:
        with Ear(embedded_broker.url, DEVICES) as ear:
            heard(ear, 10)
        embedded_broker.kill()
        until(lambda: any("trying again" in line for line in now.progress))
        embedded_broker.start()
        until(lambda: any("is back" in line for line in now.progress))
        with Ear(embedded_broker.url, DEVICES) as ear:
            kept = {m.topic: m.payload for m in heard(ear, 10) if m.retain}
    assert kept["nightwarden/v1/elm-house/device/mat-12/availability"] == b"online"


def test_a_disconnection_on_order_is_one_for_the_broker_too(mosquitto: Mosquitto) -> None:
    """A clean one is said with DISCONNECT and leaves no will; both devices connect again."""
    simulation = Simulation(demo(), 1, START)
    orders = ["mat-12:disconnect=clean@1m-2m", "mat-11:disconnect=unclean@1m-2m"]
    with Ear(mosquitto.url, "nightwarden/v1/elm-house/device/+/availability") as ear:
        play(
            simulation,
            mosquitto.url,
            speed=200,
            duration=timedelta(seconds=1.2),
            stop=threading.Event(),
            faults=[parse_fault(order) for order in orders],
        )
        ear.say("nightwarden/v1/elm-house/device/end/availability", b"end")
        said = ear.up_to(b"end")
    words = {
        mat: [m.payload for m in said if f"/{mat}/" in m.topic] for mat in ("mat-12", "mat-11")
    }
    assert b"offline" not in words["mat-12"]
    assert words["mat-11"] == [b"online", b"offline", b"online"]
    log = (mosquitto.folder / "mosquitto.log").read_text()
    of = {mat: f"simulated-elm-house-{_number(simulation, mat)}" for mat in words}
    assert log.count(f"as {of['mat-12']} ") == log.count(f"as {of['mat-11']} ") == 2
    assert f"Client {of['mat-12']} disconnected." in log
    assert f"Client {of['mat-12']} closed its connection" not in log
    assert f"Client {of['mat-11']} closed its connection" in log


def _number(simulation: Simulation, address: str) -> int:
    """Of a device among those that connect for themselves, which its client id ends with."""
    own = [one.address for one in simulation.speakers() if one.dialect == "nightwarden"]
    return own.index(address)


def test_without_a_broker_the_play_is_one_sentence() -> None:
    simulation = Simulation(demo(), 1, START)
    with pytest.raises(Invalid, match=r"cannot be reached: .*; start one, or name another"):
        play(simulation, f"mqtt://127.0.0.1:{free_port()}", stop=threading.Event())


@pytest.mark.parametrize("speed", [0, -1, 1e9, float("nan")])
def test_a_speed_that_cannot_be_played_is_refused(speed: float) -> None:
    with pytest.raises(Invalid, match="cannot be played"):
        play(Simulation(demo(), 1, START), "mqtt://127.0.0.1", speed=speed, stop=threading.Event())


def test_a_home_without_devices_is_refused() -> None:
    home = parse_home("home: {id: a, timezone: UTC}", "home.yaml")
    with pytest.raises(Invalid, match="no device that can be simulated"):
        play(Simulation(home, 1, START), "mqtt://127.0.0.1", stop=threading.Event())


def test_the_command_plays_the_demo_home_for_as_long_as_it_is_told(
    embedded_broker: Broker,
) -> None:
    began = monotonic()
    with Ear(embedded_broker.url, "nightwarden/v1/elm-house/device/mat-11") as ear:
        arguments = ["--broker", embedded_broker.url, "--for", "1s", "--speed", "30"]
        done = CliRunner().invoke(simulate, arguments, catch_exceptions=False)
        told = [json.loads(message.payload)["occupancy"] for message in heard(ear, 2)]
    assert monotonic() - began < 20
    assert done.exit_code == 0
    assert "Arthur in room 11 gets up" in done.output
    assert " messages in 1 s" in done.output
    assert told == [True, False]


def test_the_command_plays_a_homes_own_file(
    embedded_broker: Broker, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("home") / "home.yaml"
    path.write_text(demo_home(START.date()).replace("elm-house", "oak-lodge"), encoding="utf-8")
    arguments = ["--home", str(path), "--no-story", "--speed", "5", "--for", "1s"]
    with Ear(embedded_broker.url, "nightwarden/v1/oak-lodge/device/mat-12/availability") as ear:
        done = CliRunner().invoke(
            simulate, [*arguments, "--broker", embedded_broker.url], catch_exceptions=False
        )
        assert ear.next().payload == b"online"
    assert "gets up" not in done.output


def test_the_command_plays_nothing_where_a_home_is_live(embedded_broker: Broker) -> None:
    with Ear(embedded_broker.url, "nightwarden/v1/+/device/#") as ear:
        ear.say("nightwarden/v1/elm-house/health", b'{"status":"watching"}', retain=True)
        with pytest.raises(Invalid, match=r'serves the home "elm-house", which is not known to be'):
            simulate.main(["--broker", embedded_broker.url], standalone_mode=False)
        ear.say("nightwarden/v1/elm-house/device/end", b"end")
        assert ear.up_to(b"end") == []


def test_a_live_home_that_comes_while_something_is_played_ends_it(embedded_broker: Broker) -> None:
    practice = b'{"status":"watching","practice":true}'
    found: list[Exception] = []

    def plays() -> None:
        try:
            simulate.main(["--broker", embedded_broker.url, "--for", "60s"], standalone_mode=False)
        except Invalid as ended:
            found.append(ended)

    with Ear(embedded_broker.url, "nightwarden/v1/elm-house/device/#") as ear:
        ear.say("nightwarden/v1/elm-house/health", practice, retain=True)
        with pytest.MonkeyPatch.context() as patch:  # signals are the main thread's
            patch.setattr("nightwarden.commands.simulate.stop_on_signals", threading.Event)
            thread = threading.Thread(target=plays)
            thread.start()
            ear.next()
            ear.say("nightwarden/v1/elm-house/health", b'{"status":"not_watching"}', retain=True)
            ear.next()
            assert not found
            ear.say("nightwarden/v1/oak-lodge/health", b'{"status":"watching"}', retain=True)
            thread.join(60)
    assert not thread.is_alive()
    [ended] = found
    assert 'serves the home "oak-lodge"' in str(ended)


def test_a_home_that_nobody_called_one_for_practice_is_not_played(
    embedded_broker: Broker, tmp_path: Path
) -> None:
    path = tmp_path / "home.yaml"
    path.write_text(demo_home(START.date()).replace(", practice: true", ""), encoding="utf-8")
    command = ["--broker", embedded_broker.url, "--for", "0.1s"]
    command += ["--home", str(path)]
    with pytest.raises(Invalid, match=r'home "elm-house" is not marked .* add `practice: true`'):
        simulate.main(command, standalone_mode=False)
    with pytest.raises(Invalid, match='names "oak", and the home that is played is "elm-house"'):
        simulate.main([*command, "--practice-home", "oak"], standalone_mode=False)
    assert simulate.main([*command, "--practice-home", "elm-house"], standalone_mode=False) == 0
    with Ear(embedded_broker.url) as ear:
        health = json.dumps({"status": "watching", "practice": True}).encode()
        ear.say("nightwarden/v1/elm-house/health", health, retain=True)
    assert simulate.main(command, standalone_mode=False) == 0


def test_a_broker_elsewhere_of_which_no_monitor_tells_is_asked_about() -> None:
    away, ours = BrokerUrl.parse("mqtt://broker.home"), BrokerUrl.parse("mqtt://[::1]")
    nobody, practising = Homes(), Homes()
    practising.practice.add("oak-lodge")
    refuse_unknown_home(ours, nobody, "elm-house", None, marked=True)
    refuse_unknown_home(away, practising, "elm-house", None, marked=True)
    refuse_unknown_home(away, nobody, "elm-house", "elm-house", marked=False)
    with pytest.raises(
        Invalid, match=r"No monitor at broker.home:1883 says .* --practice-home elm"
    ):
        refuse_unknown_home(away, nobody, "elm-house", None, marked=True)


def test_the_command_raises_what_a_person_can_mend() -> None:
    with pytest.raises(Invalid, match="is not a duration"):
        simulate.main(["--for", "soon"], standalone_mode=False)
    with pytest.raises(click.UsageError):
        simulate.main(["--speed", "fast"], standalone_mode=False)
