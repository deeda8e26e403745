"""Who receives, in a process of its own so that it competes with nobody's interpreter.

A board follows the live stream by HTTP with a bare socket. The floor is the least that any program
of this kind must do: an echo through the broker, and one commit. Both report each bed exit with
the instant, on the machine's monotonic clock, at which they had it.
"""

import json
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.big_home import ALL_DEVICES
from benchmarks.reporting import reporting
from nightwarden.broker_url import BrokerUrl
from nightwarden.errors import Invalid

READY = ("ready", 0.0)
EXIT = b'"occupancy": false'
STARTS_WITHIN_S = 15.0


class Listener:
    """The parent's end: what the listening process has reported."""

    def __init__(self, reports: "Connection[None, tuple[str, float]]") -> None:
        self._reports = reports

    def forget(self) -> None:
        """What was reported until now is of an earlier round."""
        while self._reports.poll():
            self._reports.recv()

    def arrivals(self, rooms: set[str], within_s: float) -> dict[str, float]:
        """The first instant at which each room's exit was there.

        Raises:
            Invalid: one did not come in time; a lost alert is no figure but a fault.
        """
        found: dict[str, float] = {}
        deadline = time.monotonic() + within_s
        while missing := rooms - found.keys():
            if not self._reports.poll(max(0.0, deadline - time.monotonic())):
                raise Invalid(f"No alert within {within_s:.0f} s for rooms {sorted(missing)}.")
            name, instant = self._reports.recv()
            if name in rooms:
                found.setdefault(name, instant)
        return found


@contextmanager
def board(port: int, token: str) -> Iterator[Listener]:
    """Follows the live stream of the api at ``port``."""
    with _listening(_follow_stream, port, token) as listener:
        yield listener


@contextmanager
def floor(broker: str, folder: Path) -> Iterator[Listener]:
    """Hears the home's devices and commits a row for each exit, in a store in ``folder``."""
    with _listening(_echo_and_commit, broker, folder) as listener:
        yield listener


@contextmanager
def _listening(work: Callable[..., None], *arguments: object) -> Iterator[Listener]:
    with reporting(work, *arguments, ready=READY, within_s=STARTS_WITHIN_S) as reports:
        yield Listener(reports)


def _follow_stream(reports: "Connection[tuple[str, float], None]", port: int, token: str) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        request = f"GET /api/v1/stream HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}"
        connection.sendall(f"{request}\r\n\r\n".encode())
        waiting = b""
        while received := connection.recv(65_536):
            instant = time.monotonic()
            *frames, waiting = (waiting + received).split(b"\n\n")
            for frame in frames:
                _report_frame(reports, frame, instant)


def _report_frame(
    reports: "Connection[tuple[str, float], None]", frame: bytes, instant: float
) -> None:
    """The frame may carry the mark of an HTTP chunk before its first line."""
    if b"event: hello\n" in frame:
        reports.send(READY)
    if b"event: alert\n" not in frame:
        return
    alert = json.loads(frame.partition(b"\ndata: ")[2])
    if alert["kind"] == "bed_exit" and alert["events"][-1]["event"] in ("raised", "reopened"):
        reports.send((alert["room"], instant))


def _echo_and_commit(
    reports: "Connection[tuple[str, float], None]", broker: str, folder: Path
) -> None:
    url = BrokerUrl.parse(broker)
    with closing(floor_store(folder)) as store:
        client = paho.Client(CallbackAPIVersion.VERSION2, "floor", clean_session=True)

        def on_message(_client: object, _data: object, message: paho.MQTTMessage) -> None:
            if EXIT in message.payload:
                commit_one(store, bytes(message.payload))
                instant = time.monotonic()
                reports.send((message.topic.rpartition("-")[2], instant))

        def on_connect(*_: object) -> None:
            client.subscribe(ALL_DEVICES, qos=1)

        client.on_message = on_message
        client.on_connect = on_connect
        client.on_subscribe = lambda *_: reports.send(READY)
        client.connect(url.host, url.port)
        client.loop_forever()


def floor_store(folder: Path) -> sqlite3.Connection:
    """A bare store with the settings of ours, and one table."""
    store = sqlite3.connect(folder / "floor.db", isolation_level=None)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute("PRAGMA synchronous=FULL")
    store.execute("CREATE TABLE IF NOT EXISTS heard (id INTEGER PRIMARY KEY, payload BLOB)")
    return store


def commit_one(store: sqlite3.Connection, payload: bytes) -> None:
    """One row, on the disk when this returns."""
    store.execute("BEGIN IMMEDIATE")
    store.execute("INSERT INTO heard (payload) VALUES (?)", (payload,))
    store.execute("COMMIT")
