"""Whether other rooms' exits keep their latency while one mat, or a stranger, floods.

The same exits in turn without and with a flood, of one Mosquitto as we deploy it and one running
home: the ratio is what a flood costs everybody else. The flood is written as bytes by a process of
its own, since a client that takes one message at a time would use the processor that is measured.
"""

import itertools
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.big_home import mat_topic, room
from benchmarks.figures import Row, Table, median_percentile
from benchmarks.latency import EXIT_EVERY_S, answer_all
from benchmarks.listeners import Listener, board
from benchmarks.load import Devices, devices
from benchmarks.mosquitto import DEPLOYED, mosquitto
from benchmarks.running_home import RunningHome, furnish, running_home
from benchmarks.sizes import Sizes
from nightwarden.broker_url import BrokerUrl
from nightwarden.errors import Invalid
from simulators.load.packets import IDS, LAST_ID, connect, publish_head

RATE = 5_000
AT_ONCE = 100
AT_ONCE_S = AT_ONCE / RATE
ARRIVES_WITHIN_S = 60.0
"""A machine that cannot keep up is to be seen in the figures."""

HEAD_START_S = 2.0
"""By then a topic's first 600 messages, and a stranger's first 1,000, are used up."""

Topics = Callable[[int], str]


def one_mat(beds: int) -> Topics:
    """The mat of the last room, which nobody else is in."""
    topic = mat_topic(room(beds - 1))
    return lambda _number: topic


def invented(_beds: int) -> Topics:
    """A new topic below ours for each message."""
    return lambda number: mat_topic(f"invented-{number}")


FLOODS: dict[str, Callable[[int], Topics]] = {"one mat": one_mat, "a stranger": invented}


def run(folder: Path, sizes: Sizes) -> Table:
    """Measures with Mosquitto as ``deploy/mosquitto`` sets it."""
    token = furnish(folder, sizes.beds)
    with (
        mosquitto(folder / "broker", DEPLOYED) as broker,
        running_home(folder, token, broker) as home,
    ):
        return measure(home, broker, sizes)


def measure(home: RunningHome, broker: str, sizes: Sizes) -> Table:
    """Each flood beside the same without one, round by round."""
    rows: list[Row] = []
    sent: list[str] = []
    with devices(broker) as mats, board(home.port, home.token) as listener:
        for name in FLOODS:
            calm: list[list[float]] = []
            flooded: list[list[float]] = []
            rates: list[float] = []
            for number in range(sizes.rounds):
                calm.append(_round(mats, listener, sizes, number))
                answer_all(home, mats, _beds(sizes), sizes.settle_s)
                with flood(broker, name, sizes.beds) as rate:
                    time.sleep(min(HEAD_START_S, sizes.settle_s * 4))
                    flooded.append(_round(mats, listener, sizes, number))
                rates += rate
                answer_all(home, mats, _beds(sizes), sizes.settle_s)
            sent.append(f"{name} {min(rates):,.0f}/s")
            rows += _rows(name, flooded, calm)
    return Table(
        "Flood: other rooms' exits to the board while one client sends without end",
        "the same exits without a flood, in turn",
        tuple(rows),
        (f"{RATE:,} messages a second; receipted in the slowest round: {', '.join(sent)}.",),
    )


def _rows(name: str, flooded: list[list[float]], calm: list[list[float]]) -> list[Row]:
    return [
        Row(
            f"exit while {name} floods, p{share * 100:.0f}",
            median_percentile(flooded, share) * 1000,
            "ms",
            median_percentile(calm, share) * 1000,
        )
        for share in (0.5, 0.99)
    ]


def _round(mats: Devices, listener: Listener, sizes: Sizes, number: int) -> list[float]:
    beds = _beds(sizes)
    mats.press(beds)
    time.sleep(sizes.settle_s)
    listener.forget()
    left = mats.exits(beds, EXIT_EVERY_S, seed=number)
    arrived = listener.arrivals(set(beds), ARRIVES_WITHIN_S)
    return [arrived[name] - left[name] for name in beds]


def _beds(sizes: Sizes) -> Sequence[str]:
    return [room(bed) for bed in range(min(sizes.busy_exits, sizes.beds - 1))]


@contextmanager
def flood(broker: str, name: str, beds: int) -> Iterator[list[float]]:
    """While this lasts one client sends at :data:`RATE`; afterwards the list has what it managed.

    Raises:
        Invalid: the broker receipted less than half, so that the figures mean something else.
    """
    processes = get_context("spawn")
    ours, theirs = processes.Pipe()
    process = processes.Process(target=_pour, args=(theirs, broker, name, beds), daemon=True)
    process.start()
    managed: list[float] = []
    try:
        ours.recv()
        yield managed
        ours.send(None)
        rate: float = ours.recv()
        managed.append(rate)
        if rate < RATE / 2:
            raise Invalid(f"The broker receipted {rate:,.0f} of {RATE:,} messages a second.")
    finally:
        process.terminate()
        process.join()
        process.close()


def _pour(parent: "Connection[float | None, None]", broker: str, name: str, beds: int) -> None:
    url, topic_of = BrokerUrl.parse(broker), FLOODS[name](beds)
    with socket.create_connection((url.host, url.port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.sendall(connect("flood", None, None, 0))
        line.recv(4)
        parent.send(None)
        begin, receipted = time.monotonic(), 0
        base = time.monotonic_ns() // 1000  # past every number of an earlier round
        for step in itertools.count():
            line.sendall(_messages(base, step * AT_ONCE, topic_of))
            receipted += len(line.recv(65_536)) // 4
            if parent.poll():
                parent.send(receipted / (time.monotonic() - begin))
                return
            time.sleep(max(0.0, begin + (step + 1) * AT_ONCE_S - time.monotonic()))


def _messages(base: int, first: int, topic_of: Topics) -> bytes:
    packets = []
    for number in range(first, first + AT_ONCE):
        body = b'{"occupancy": %s, "seq": %d}' % (
            b"false" if number % 2 else b"true",
            base + number,
        )
        packets.append(publish_head(topic_of(number), len(body)) + IDS[number % LAST_ID + 1] + body)
    return b"".join(packets)
