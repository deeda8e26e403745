"""A Mosquitto of our own for the length of a benchmark.

``DEFAULT`` leaves everything that matters to speed as Mosquitto has it. ``DEPLOYED`` has the two
lines that differ in ``deploy/mosquitto/mosquitto.conf``. In both the memory is written to disk
once a second and not after every change, which would cost seconds at 500 messages a second.
"""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.listen_address import free_port
from nightwarden.errors import Invalid

DEFAULT: tuple[str, ...] = ()
DEPLOYED = ("max_inflight_messages 1000", "set_tcp_nodelay true")
STARTS_WITHIN_S = 10.0


def program() -> str | None:
    """Where Mosquitto is on this machine; None where it is not."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    return shutil.which("mosquitto", path=path)


@contextmanager
def mosquitto(folder: Path, lines: tuple[str, ...] = DEFAULT) -> Iterator[str]:
    """Runs one with its memory in ``folder``, which is made; gives its URL.

    Raises:
        Invalid: there is no Mosquitto on this machine, or it did not start.
    """
    found = program()
    if found is None:
        raise Invalid("There is no mosquitto on this machine; install it to measure with it.")
    folder.mkdir(parents=True)
    port = free_port()
    settings = [
        f"user {getpass.getuser()}",
        f"listener {port} 127.0.0.1",
        "allow_anonymous true",
        "persistence true",
        f"persistence_location {folder}/",
        "autosave_interval 1",
        "autosave_on_changes false",
        "max_queued_messages 0",
        f"log_dest file {folder}/mosquitto.log",
        *lines,
    ]
    (folder / "mosquitto.conf").write_text("\n".join(settings) + "\n")
    process = subprocess.Popen(
        [found, "-c", str(folder / "mosquitto.conf")], stderr=subprocess.DEVNULL
    )
    try:
        _wait_until_it_listens(port)
        yield f"mqtt://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _wait_until_it_listens(port: int) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise Invalid(f"Mosquitto did not listen on port {port} within {STARTS_WITHIN_S:.0f} s.")
