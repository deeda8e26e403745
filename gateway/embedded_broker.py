"""The broker for a home that has none of its own: rumqttd, in a process of its own.

1. It cannot tell devices apart, so anyone who reaches it could speak for any mat: it listens on
   this machine only. A second listener for the network is to be had with passwords and TLS
   (``wide_listener.py``), and is second best to Mosquitto and ``--broker``.
2. It keeps everything in memory: a restart forgets sessions, retained messages and whatever a
   consumer had not yet acknowledged. Clients come back and subscribe again.
3. Its memory is bounded. For each subscription filter rumqttd keeps a log of what matched, and its
   own default lets each grow to a gigabyte; ours end at ``LOG_SEGMENTS * LOG_SEGMENT_BYTES``.
   A consumer that falls further behind than that loses the oldest.
4. It ends with its parent: the parent holds the other end of its standard input.
5. It speaks MQTT 3.1.1, and refuses a client whose keep-alive is 0. It hands over at most
   ``MAX_IN_FLIGHT`` retained messages for one new filter, in no order, and leaves out the others:
   enough for about fifty Zigbee2MQTT devices, which keep two each.
"""

import argparse
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from gateway.listen_address import LOOPBACK, ListenAddress, free_port
from gateway.wide_listener import WideListener
from nightwarden.errors import NightwardenError

MAX_PAYLOAD_BYTES = 4 * 1024 * 1024  # a Zigbee2MQTT device list, or a fault worth keeping
LOG_SEGMENT_BYTES = 8 * 1024 * 1024
LOG_SEGMENTS = 4
MAX_IN_FLIGHT = 100  # rumqttd's own ceiling for one client; its packet ids run from 1 to 100
STARTS_WITHIN_S = 10.0
STOPS_WITHIN_S = 5.0

_ROUTER = """
id = 0
[router]
id = 0
max_connections = 2000
max_outgoing_packet_count = 200
max_segment_size = {segment}
max_segment_count = {segments}
"""
_LISTENER = """
[v4.{number}]
name = "nightwarden-{number}"
listen = "{address}"
next_connection_delay_ms = 0
[v4.{number}.connections]
connection_timeout_ms = 10000
max_payload_size = {payload}
max_inflight_count = {in_flight}
dynamic_filters = true
"""


class EmbeddedBroker:
    """The broker process, seen from the one that started it.

    Args:
        host: an address of this machine, which no other machine can reach.
        port: TCP; with 0 a free port is chosen at the first start and then kept, so that a
            restarted broker is found where it was.

    Raises:
        Invalid: other machines could reach it there.
    """

    def __init__(self, host: str = LOOPBACK, port: int = 0) -> None:
        self.address = ListenAddress.parse(str(ListenAddress(host, port)))
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """For ``BrokerUrl.parse`` and ``--broker``."""
        return f"mqtt://{self.address}"

    @property
    def pid(self) -> int | None:
        """The process to watch; None when it was not started."""
        return self._process.pid if self._process else None

    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Starts the broker and returns when it accepts connections.

        Raises:
            Invalid: its port is taken.
            NightwardenError: it did not come up; its own words are on the standard error.
        """
        if self.running():
            return
        self.address.check_free()
        self._process = subprocess.Popen(  # noqa: S603  our own interpreter, our own module
            [sys.executable, "-m", "gateway.embedded_broker", "--listen", str(self.address)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        address = self._process.stdout.readline().strip()  # the child gives up in time by itself
        if not address:
            self.stop()
            raise NightwardenError(f"the embedded broker did not start on {self.address}.")
        self.address = ListenAddress.parse(address)

    def stop(self) -> None:
        """Ends the broker and frees its port; harmless when it has ended already."""
        self._end(kill=False)

    def kill(self) -> None:
        """SIGKILL, as the system does when memory runs out."""
        self._end(kill=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _end(self, *, kill: bool) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if kill:
            process.kill()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()  # what the broker takes as the word to go
        try:
            process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def serve(listen: ListenAddress, wide: WideListener | None = None) -> None:
    """Runs the broker in this process until standard input closes; does not return.

    Writes the address it listens on to standard output, one line, once it accepts connections.

    Raises:
        Invalid: the port is taken.
    """
    if listen.port == 0:
        listen = listen._replace(port=free_port(listen.host))
    listen.check_free()
    if wide is not None:
        wide.address.check_free()
    broker = _configured(listen, wide)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    threading.Thread(target=_announce, args=(listen,), daemon=True).start()
    broker.run_forever()


def main(arguments: Sequence[str] | None = None) -> int:
    """``python -m gateway.embedded_broker --listen HOST:PORT``; 2 when it may not or cannot."""
    parser = argparse.ArgumentParser(prog="python -m gateway.embedded_broker")
    parser.add_argument("--listen", default=f"{LOOPBACK}:1883", metavar="HOST:PORT")
    for name in ("--wide", "--certificate", "--key", "--users"):
        parser.add_argument(name, help=f"see gateway/wide_listener.py: {name[2:]}")
    parser.add_argument("--debug", action="store_true", help="show what rumqttd says")
    options = parser.parse_args(arguments)
    # rumqttd opens an "error" span for every packet: unless silenced it writes a line for each.
    logging.basicConfig(level=logging.DEBUG if options.debug else logging.WARNING)
    logging.getLogger("rumqttd").setLevel(logging.DEBUG if options.debug else logging.CRITICAL + 1)
    # Ctrl-C reaches every process of the terminal: whoever started us says goodbye through us
    # first. At a terminal of our own the default ends us; Python's own SIGINT would wait for Rust.
    signal.signal(signal.SIGINT, signal.SIG_DFL if sys.stdin.isatty() else signal.SIG_IGN)
    try:
        asked = (options.wide, options.certificate, options.key, options.users)
        serve(ListenAddress.parse(options.listen), WideListener.asked_for(*asked))
    except NightwardenError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 1  # the broker came back by itself, which it never should


def _configured(listen: ListenAddress, wide: WideListener | None) -> Any:
    from iotcore.iotcore import IotCoreBroker  # 14 MB of Rust that only the child needs

    limits = {"payload": MAX_PAYLOAD_BYTES, "in_flight": MAX_IN_FLIGHT}
    text = _ROUTER.format(segment=LOG_SEGMENT_BYTES, segments=LOG_SEGMENTS)
    text += _LISTENER.format(number=1, address=listen, **limits)
    if wide is not None:
        text += _LISTENER.format(number=2, address=wide.address, **limits) + wide.configuration(2)
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(text)
        file.flush()
        return IotCoreBroker(config_path=file.name)


def _end_with_parent() -> None:
    with contextlib.suppress(OSError):
        sys.stdin.buffer.read()
    os._exit(0)  # the main thread is in Rust, which has no way to be asked


def _announce(listen: ListenAddress) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(listen, timeout=1.0):
            sys.stdout.write(f"{listen}\n")
            sys.stdout.flush()
            return
        time.sleep(0.01)
    sys.stderr.write(f"the embedded broker accepts nothing on {listen}.\n")
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
