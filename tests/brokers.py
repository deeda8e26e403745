"""Real brokers for tests, and ears to listen at them with.

``tests/conftest.py`` makes the fixtures known with ``pytest_plugins = ["tests.brokers"]``:

- ``broker``: each broker that we support, one after the other; started.
- ``embedded_broker`` and ``mosquitto``: that one; started.
"""

import getpass
import os
import queue
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Protocol, Self

import pytest

from gateway.backoff import Backoff
from gateway.embedded_broker import EmbeddedBroker
from gateway.listen_address import free_port
from gateway.messages import RawMessage, Will
from gateway.mqtt import MqttLink
from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import utc_now

PATIENCE_S = 60.0
IMPATIENT = Backoff(first=0.02, longest=0.2)


class Broker(Protocol):
    """A broker process that a test starts, stops and kills; it keeps its port."""

    name: ClassVar[str]
    remembers: ClassVar[bool]  # sessions and retained messages outlive the process

    @property
    def url(self) -> str: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...


class EmbeddedForTests(EmbeddedBroker):
    """Ours."""

    name: ClassVar[str] = "embedded"
    remembers: ClassVar[bool] = False


class Mosquitto:
    """A Mosquitto that saves every change to ``folder`` at once.

    Args:
        folder: empty, for its configuration, log and memory.
        users: name to password; with them anonymous clients are refused.
        lines: more of its configuration.
    """

    name: ClassVar[str] = "mosquitto"
    remembers: ClassVar[bool] = True

    def __init__(
        self, folder: Path, users: dict[str, str] | None = None, lines: tuple[str, ...] = ()
    ) -> None:
        self.port = free_port()
        self.folder = folder
        self._program = find_program("mosquitto")
        self._process: subprocess.Popen[bytes] | None = None
        settings = [
            f"user {getpass.getuser()}",
            f"listener {self.port} 127.0.0.1",
            f"allow_anonymous {'false' if users else 'true'}",
            "persistence true",
            f"persistence_location {folder}/",
            "autosave_interval 1",
            "autosave_on_changes true",
            "max_queued_messages 0",
            f"log_dest file {folder}/mosquitto.log",
            *lines,
        ]
        if users:
            settings.append(f"password_file {folder}/passwords")
            (folder / "passwords").touch(mode=0o600)
            for name, password in users.items():
                command = [
                    find_program("mosquitto_passwd"),
                    "-b",
                    str(folder / "passwords"),
                    name,
                    password,
                ]
                subprocess.run(command, check=True, capture_output=True)
        (folder / "mosquitto.conf").write_text("\n".join(settings) + "\n")

    @property
    def url(self) -> str:
        """Where it is, without a user."""
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns when it accepts connections."""
        self._process = subprocess.Popen(
            [self._program, "-c", str(self.folder / "mosquitto.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(self._accepts)

    def stop(self) -> None:
        """As an operator does; it saves before it goes."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As a power cut does."""
        self._end(signal.SIGKILL)

    def _end(self, sign: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(sign)
            process.wait(PATIENCE_S)

    def _accepts(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1.0):
                return True
        except OSError:
            return False


class Ear:
    """A link whose messages wait in an inbox until the test takes them.

    ``acknowledging``: each message is acknowledged as the test takes it.
    """

    def __init__(
        self,
        url: str,
        *filters: str,
        client_id: str = "ear",
        will: Will | None = None,
        acknowledging: bool = True,
        room: int = 0,
    ) -> None:
        self.inbox: queue.Queue[RawMessage] = queue.Queue(room)
        self.changes: list[bool] = []
        self.acknowledging = acknowledging
        self.link = MqttLink(
            BrokerUrl.parse(url),
            client_id,
            filters,
            utc_now,
            partial(self.inbox.put, timeout=0.05),
            on_change=self.changes.append,
            will=will,
            backoff=IMPATIENT,
        )

    def __enter__(self) -> Self:
        self.link.start()
        # With its in-flight window full, rumqttd confirms a subscription after the first
        # acknowledgement only; then there is something to hear already.
        until(lambda: self.link.connected or not self.inbox.empty())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.link.stop()

    def next(self) -> RawMessage:
        """The next message; fails the test when there is none in time."""
        try:
            message = self.inbox.get(timeout=PATIENCE_S)
        except queue.Empty:
            pytest.fail(f"no message within {PATIENCE_S} s; trouble: {self.link.trouble}")
        if self.acknowledging:
            self.link.ack(message)
        return message

    def up_to(self, payload: bytes) -> list[RawMessage]:
        """All messages before the one with this payload, which is taken too."""
        messages = []
        while (message := self.next()).payload != payload:
            messages.append(message)
        return messages

    def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publishes, and returns when the broker has it."""
        self.link.publish(topic, payload, retain=retain).result(PATIENCE_S)


def until(condition: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    """Waits for the condition, and fails the test when it does not come true in time.

    It looks at once and often, then ever more rarely: each look may be a call of the api, and
    what is waited for needs the processor too. No wait becomes longer than by a tenth.
    """
    began = time.monotonic()
    while not condition():
        waited = time.monotonic() - began
        if waited > seconds:
            pytest.fail(f"still not so after {seconds} s")
        time.sleep(min(max(waited / 10, 0.005), 0.3))


def find_program(name: str) -> str:
    """A program's path; without it the test is skipped, and under ``CI=true`` it fails."""
    program = _path_of(name)
    if program is None:
        why = f"there is no {name} on this machine"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    return program


def _path_of(name: str) -> str | None:
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    return shutil.which(name, path=path)


def _started(broker: EmbeddedForTests | Mosquitto) -> Iterator[Broker]:
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture(params=["embedded", pytest.param("mosquitto", marks=pytest.mark.mosquitto)])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    """Each supported broker."""
    folder = tmp_path / "broker"
    folder.mkdir()
    yield from _started(EmbeddedForTests() if request.param == "embedded" else Mosquitto(folder))


@pytest.fixture
def any_broker(tmp_path: Path) -> Iterator[Broker]:
    """One broker, for tests in which it does not matter which; Mosquitto, if there is one.

    What depends on the broker is tested on both (``broker``); all that the gateway has taken is
    the same from there on.
    """
    folder = tmp_path / "broker"
    folder.mkdir()
    yield from _started(Mosquitto(folder) if _path_of("mosquitto") else EmbeddedForTests())


@pytest.fixture
def embedded_broker() -> Iterator[Broker]:
    """The one that comes with Nightwarden."""
    yield from _started(EmbeddedForTests())


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Broker]:
    """Mosquitto, open to everybody; mark the test with ``pytest.mark.mosquitto``."""
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    yield from _started(Mosquitto(folder))
