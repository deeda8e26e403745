"""Messages a second through the whole path with everything committed, beside a bare callback.

Both are stopped (SIGSTOP) while the broker is given a backlog, so that the publisher takes no part
in what is measured, and run on at one instant. The clock stops when the last message's reading is
in the store; for the bare callback, when it has acknowledged the last. Beside the clock stands the
processor time of the receiving process, which others on the machine disturb less.
"""

import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import NamedTuple

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks import bare_reader
from benchmarks.big_home import ALL_DEVICES, mat_topic, room, sensor_topic
from benchmarks.figures import Row, Table
from benchmarks.load import Devices, devices
from benchmarks.machine import processor_seconds
from benchmarks.mosquitto import DEFAULT, DEPLOYED, mosquitto
from benchmarks.running_home import RunningHome, furnish, running_home
from benchmarks.sizes import Sizes
from nightwarden.broker_url import BrokerUrl
from nightwarden.commands.options import store_file
from nightwarden.errors import Invalid

LOOK_EVERY_S = 0.01
THROUGH_WITHIN_S = 120.0
Receiver = Callable[["Connection[int, int]", str], None]
BROKERS = {"Mosquitto's defaults": DEFAULT, "Mosquitto as deployed": DEPLOYED}


class Pace(NamedTuple):
    """Messages a second by the clock; microseconds of processor time a message."""

    a_second: float
    processor_us: float


def run(folder: Path, sizes: Sizes) -> Table:
    """Measures with Mosquitto as it comes, and as ``deploy/mosquitto`` sets it."""
    token = furnish(folder, sizes.beds)
    rows = []
    for number, (name, lines) in enumerate(BROKERS.items()):
        with mosquitto(folder / f"broker-{number}", lines) as broker:
            ceiling = measure_ceiling(broker, sizes)
            bare = measure_ceiling(broker, sizes, bare_reader.acknowledge)
            with running_home(folder, token, broker) as home:
                path = measure_path(home, broker, sizes)
            rows += [
                Row(f"{name}, a bare reader", bare.a_second, "messages/s", ceiling.a_second),
                Row(name, path.a_second, "messages/s", ceiling.a_second),
                Row(f"{name}, processor", path.processor_us, "µs", ceiling.processor_us),
            ]
    return Table(
        "Throughput: a backlog through the whole path, every reading committed",
        "an empty paho callback that acknowledges by hand",
        tuple(rows),
        (
            f"Median of {sizes.rounds} backlogs of {sizes.backlog:,} messages at QoS 1.",
            "Processor: what the receiving process takes for a message, in the kernel too.",
        ),
    )


def measure_path(home: RunningHome, broker: str, sizes: Sizes) -> Pace:
    """How fast messages go until their readings are in the store."""
    gateway = home.processes["gateway"]
    store = sqlite3.connect(f"file:{store_file(home.data)}?mode=ro", uri=True)
    with closing(store), devices(broker) as speaking:

        def recorded() -> int:
            found: int = store.execute("SELECT coalesce(max(id), 0) FROM reading").fetchone()[0]
            return found

        def one_backlog() -> Pace:
            due = recorded() + sizes.backlog
            return _drained(gateway, speaking, sizes, lambda: recorded() >= due)

        return _median(one_backlog() for _ in range(sizes.rounds))


def measure_ceiling(broker: str, sizes: Sizes, receiver: Receiver | None = None) -> Pace:
    """How fast they go through a receiver that does nothing but acknowledge; paho's by default."""
    with (
        _receiving(receiver or _acknowledge, broker) as (pid, counted),
        devices(broker) as speaking,
    ):

        def one_backlog() -> Pace:
            counted.send(sizes.backlog)
            return _drained(pid, speaking, sizes, lambda: counted.poll() and counted.recv())

        return _median(one_backlog() for _ in range(sizes.rounds))


def _median(rounds: Iterable[Pace]) -> Pace:
    return Pace(*(median(figures) for figures in zip(*rounds, strict=True)))


def _drained(pid: int, speaking: Devices, sizes: Sizes, through: Callable[[], object]) -> Pace:
    """Stops process ``pid``, gives the broker a backlog, and times what follows."""
    os.kill(pid, signal.SIGSTOP)
    try:
        _publish(speaking, sizes)
    finally:
        began, spent = time.monotonic(), processor_seconds(pid)
        os.kill(pid, signal.SIGCONT)
    while not through():
        if time.monotonic() - began > THROUGH_WITHIN_S:
            raise Invalid(f"The backlog was not through after {THROUGH_WITHIN_S:.0f} s.")
        time.sleep(LOOK_EVERY_S)
    took_s = time.monotonic() - began
    return Pace(sizes.backlog / took_s, (processor_seconds(pid) - spent) / sizes.backlog * 1e6)


def _publish(speaking: Devices, sizes: Sizes) -> None:
    for number in range(sizes.backlog):
        name = room(number // 2 % sizes.beds)
        if number % 2:
            last = speaking.say(mat_topic(name), occupancy=True)
        else:
            last = speaking.say(sensor_topic(name), temperature=20.0 + number % 50 / 10)
    last.wait_for_publish(THROUGH_WITHIN_S)


@contextmanager
def _receiving(receiver: Receiver, broker: str) -> Iterator[tuple[int, "Connection[int, int]"]]:
    processes = get_context("spawn")
    ours, theirs = processes.Pipe()
    process = processes.Process(target=receiver, args=(theirs, broker), daemon=True)
    process.start()
    try:
        ours.recv()
        assert process.pid is not None
        yield process.pid, ours
    finally:
        process.terminate()
        process.join()
        process.close()


def _acknowledge(parent: "Connection[int, int]", broker: str) -> None:
    """Tells the parent whenever as many messages as it last asked for have been acknowledged."""
    url = BrokerUrl.parse(broker)
    client = paho.Client(CallbackAPIVersion.VERSION2, "ceiling", manual_ack=True)
    left = 0

    def on_message(_client: object, _data: object, message: paho.MQTTMessage) -> None:
        nonlocal left
        client.ack(message.mid, message.qos)
        left = (left or parent.recv()) - 1
        if not left:
            parent.send(1)

    def on_connect(*_: object) -> None:
        client.subscribe(ALL_DEVICES, qos=1)

    client.on_message = on_message
    client.on_connect = on_connect
    client.on_subscribe = lambda *_: parent.send(0)
    client.connect(url.host, url.port)
    client.loop_forever()
