"""Whether the gateway's memory grows with what it has heard: after ten thousand messages, and many.

Run by itself: ``.venv/bin/python -m benchmarks.endurance [MESSAGES]``, a million unless told. They
are written as bytes, with a window of messages that the store does not have yet, so that the
gateway and not the feeder sets the pace: a million take some minutes.
"""

import socket
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.big_home import mat_topic, room, sensor_topic
from benchmarks.machine import memory_of
from benchmarks.mosquitto import DEPLOYED, mosquitto
from benchmarks.running_home import furnish, running_home
from nightwarden.broker_url import BrokerUrl
from nightwarden.commands.options import store_file
from simulators.load.packets import IDS, LAST_ID, connect, publish_head

BEDS = 200
AT_ONCE = 500
WINDOW = 6_000
RATE = 7_000
"""A second at the most: of 400 topics, so that none is held to flood (``gateway/floods.py``)."""

FEW = 10_000
LOOK_EVERY_S = 0.02


def main(many: int) -> None:
    """Prints the gateway's PSS after ``FEW`` messages, and on the way to ``many``."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        token = furnish(folder, BEDS)
        with (
            mosquitto(folder / "broker", DEPLOYED) as broker,
            running_home(folder, token, broker) as home,
            _line(broker) as line,
            closing(sqlite3.connect(f"file:{store_file(home.data)}?mode=ro", uri=True)) as store,
        ):
            base, begin, said = time.time_ns() // 1000, time.monotonic(), 0
            for goal in (FEW, *(many * share // 10 for share in (1, 4, 7)), many):
                while said < goal:
                    line.sendall(_messages(base, said))
                    line.recv(65_536)  # receipts; nobody counts them
                    said += AT_ONCE
                    _wait_for(store, said - WINDOW)
                    time.sleep(max(0.0, begin + said / RATE - time.monotonic()))
                _wait_for(store, said)
                pss = memory_of(home.processes["gateway"]).pss
                took_s = time.monotonic() - begin
                sys.stdout.write(f"after {said:,} messages, {took_s:.0f} s: {pss:.1f} MiB PSS\n")
                sys.stdout.flush()


@contextmanager
def _line(broker: str) -> Iterator[socket.socket]:
    url = BrokerUrl.parse(broker)
    with socket.create_connection((url.host, url.port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.sendall(connect("endurance", None, None, 0))
        line.recv(4)
        yield line


def _messages(base: int, said: int) -> bytes:
    """The next ones: mats that are lain on, and temperatures that change."""
    packets = []
    for number in range(said, said + AT_ONCE):
        name = room(number // 2 % BEDS)
        topic = mat_topic(name) if number % 2 else sensor_topic(name)
        what = '"occupancy": true' if number % 2 else f'"temperature": {20 + number % 50 / 10}'
        body = f'{{{what}, "seq": {base + number}}}'.encode()
        packets.append(publish_head(topic, len(body)) + IDS[number % LAST_ID + 1] + body)
    return b"".join(packets)


def _wait_for(store: sqlite3.Connection, due: int) -> None:
    while store.execute("SELECT coalesce(max(id), 0) FROM reading").fetchone()[0] < due:
        time.sleep(LOOK_EVERY_S)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
