"""How fast the simulator's load leaves one core, beside two publishers that people know.

Each publisher is a process of its own, held on one processor, and sends the same number of messages
at QoS 1 to Mosquitto until the last is receipted. By the clock the broker counts too; by processor
time, which the machine's other work changes little, the publisher alone.
"""

import asyncio
import os
import resource
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import NamedTuple

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.figures import Row, Table
from benchmarks.mosquitto import DEPLOYED, mosquitto
from benchmarks.sizes import Sizes
from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import utc_now
from nightwarden.errors import Invalid
from simulators.load.home import LoadHome
from simulators.load.ledger import Ledger
from simulators.load.run import Load, LoadPlan
from simulators.load.sender import Sender

WINDOW = 2_000
PATIENCE_S = 60.0
PAYLOAD = b'{"seq":1795514400000000,"at":"2026-11-24T10:00:00.000Z","occupancy": true}'


class Pace(NamedTuple):
    """Messages a second, by the clock and of the publisher's processor time."""

    clock: float
    processor: float


Publisher = Callable[[str, int], int]
"""Given the broker and how many, sends so many or a few more; gives how many were receipted."""


def run(folder: Path, sizes: Sizes) -> Table:
    """Measures with Mosquitto as ``deploy/mosquitto`` sets it."""
    with mosquitto(folder / "broker", DEPLOYED) as broker:
        known = measure(mosquitto_pub, broker, sizes)
        others = {
            "paho, publish() for each": measure(paho_publisher, broker, sizes),
            "the load's senders alone": measure(senders_alone, broker, sizes),
            "the load, receiving all of it too": measure(whole_load, broker, sizes),
        }
    rows = []
    for name, pace in others.items():
        rows.append(Row(f"{name}, by the clock", pace.clock, "messages/s", known.clock))
        rows.append(Row(f"{name}, processor", pace.processor, "messages/s", known.processor))
    note = (
        f"Median of {sizes.rounds} rounds of {sizes.backlog:,} messages by paho, ten times as many "
    )
    note += "by the others."
    return Table(
        "Senders: messages at QoS 1 from one core until the broker has receipted them",
        "mosquitto_pub -l -q 1",
        tuple(rows),
        (note,),
    )


def measure(publisher: Publisher, broker: str, sizes: Sizes) -> Pace:
    """The median over the rounds, each in a new process; paho's are a tenth as long."""
    count = sizes.backlog * (1 if publisher is paho_publisher else 10)
    rounds = [_one_round(publisher, broker, count) for _ in range(sizes.rounds)]
    return Pace(median(one.clock for one in rounds), median(one.processor for one in rounds))


def _one_round(publisher: Publisher, broker: str, count: int) -> Pace:
    processes = get_context("spawn")
    ours, theirs = processes.Pipe()
    process = processes.Process(target=_publish, args=(theirs, publisher, broker, count))
    process.start()
    try:
        if not ours.poll(PATIENCE_S):
            raise Invalid(f"{count:,} messages were not receipted within {PATIENCE_S:.0f} s.")
        pace: Pace = ours.recv()
        return pace
    finally:
        process.terminate()
        process.join()
        process.close()


def _publish(
    parent: "Connection[Pace, None]", publisher: Publisher, broker: str, count: int
) -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    began, spent = time.monotonic(), _processor_s()
    sent = publisher(broker, count)
    parent.send(Pace(sent / (time.monotonic() - began), sent / (_processor_s() - spent)))


def _processor_s() -> float:
    of = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in of)


def mosquitto_pub(broker: str, count: int) -> int:
    """Lines on its standard input, to one topic, with its usual window of 20."""
    found = shutil.which("mosquitto_pub")
    if found is None:
        raise Invalid("There is no mosquitto_pub on this machine; install mosquitto-clients.")
    url = BrokerUrl.parse(broker)
    where = ["-h", url.host, "-p", str(url.port), "-t", "nightwarden/v1/load-house/device/mat-0001"]
    lines = (PAYLOAD + b"\n") * count
    subprocess.run([found, *where, "-q", "1", "-l"], input=lines, check=True)
    return count


def paho_publisher(broker: str, count: int) -> int:
    """As one writes it: publish() for each, the same window, the network on its own thread."""
    url = BrokerUrl.parse(broker)
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.max_inflight_messages_set(WINDOW)
    client.connect(url.host, url.port)
    client.loop_start()
    home = LoadHome(200, 1_000)
    topics = [home.topic(number) for number in range(home.devices)]
    for number in range(count):
        last = client.publish(topics[number % len(topics)], PAYLOAD, qos=1)
    last.wait_for_publish(PATIENCE_S)
    client.disconnect()
    client.loop_stop()
    return count


def senders_alone(broker: str, count: int) -> int:
    """What the load writes, over its eight connections, with nobody who receives it."""
    return asyncio.run(_send(BrokerUrl.parse(broker), LoadHome(200, 1_000), count))


async def _send(broker: BrokerUrl, home: LoadHome, count: int) -> int:
    loop = asyncio.get_running_loop()
    ledger = Ledger(base=int(utc_now().timestamp() * 1_000_000))
    done = asyncio.Event()

    def pump() -> None:
        for sender in senders:
            if (more := min(sender.room, count - ledger.sent)) > 0:
                sender.send(more, loop.time())
        if ledger.receipted >= count:
            done.set()

    senders = [
        Sender(home, range(n, home.devices, 8), WINDOW // 8, ledger, utc_now, pump)
        for n in range(8)
    ]
    for number, sender in enumerate(senders):
        await sender.open(broker, f"bench-{number}")
    pump()
    await done.wait()
    for sender in senders:
        if sender.line is not None:
            sender.line.close()
    return ledger.receipted


def whole_load(broker: str, count: int) -> int:
    """What ``nightwarden simulate --rate max`` does, until about ``count`` are through."""
    stop = threading.Event()
    plan = LoadPlan(None, timedelta(seconds=count / 10_000), window=WINDOW, exits=0)
    load = Load(
        LoadHome(200, 1_000), plan, BrokerUrl.parse(broker), utc_now, stop, lambda _told: None
    )
    ledger = load.run(monitored=False).ledger
    if ledger.waiting:
        raise Invalid(f"The receiver did not hear {ledger.waiting:,} messages.")
    return ledger.heard
