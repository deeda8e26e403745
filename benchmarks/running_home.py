"""The real program: ``nightwarden up`` in processes of its own, on a home of many beds."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from benchmarks.big_home import home_file
from benchmarks.machine import children_of
from nightwarden.clock import utc_now
from nightwarden.commands.options import store_file
from nightwarden.errors import Invalid
from nightwarden.homefile import plan
from nightwarden.homefile.reader import read_home_file
from nightwarden.model.roles import Role
from nightwarden.store import people
from nightwarden.store.engine import open_store

STARTS_WITHIN_S = 60.0
LOOK_EVERY_S = 0.01


@dataclass(frozen=True, slots=True)
class RunningHome:
    """A home that is being watched. ``took_s``: from the start of ``up`` to ``watching``."""

    data: Path
    port: int
    token: str
    pid: int
    took_s: float

    @property
    def processes(self) -> dict[str, int]:
        """Process ids by module: ``gateway``, ``api``, ``gateway.embedded_broker``."""
        return children_of(self.pid)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the api; the JSON of its answer, whatever its status."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            sent = None if body is None else json.dumps(body)
            connection.request(method, f"/api/v1{path}", sent, headers)
            answer = connection.getresponse()
            content = json.loads(answer.read())
        if answer.status >= 400 and path != "/health":
            raise Invalid(f"{method} {path} was answered with {answer.status}: {content}")
        return content


def furnish(data: Path, beds: int) -> str:
    """Makes a store for a home of ``beds``; gives a token of its manager."""
    now = utc_now()
    home = read_home_file(home_file(beds).encode(), "the benchmark's home", now)
    with closing(open_store(store_file(data))) as store, store.transaction(now) as tx:
        plan.apply(tx, home, "benchmark")
        return people.create_token(tx, "benchmark", Role.MANAGER, "benchmark")


@contextmanager
def running_home(data: Path, token: str, broker: str | None = None) -> Iterator[RunningHome]:
    """Runs ``nightwarden up`` on furnished ``data``; ``broker`` None: with the embedded one.

    Raises:
        Invalid: it did not come to watch; its own words are in ``data/up.log``.
    """
    where = ["--mqtt", "127.0.0.1:0"] if broker is None else ["--broker", broker]
    common = ["--data", str(data), "--http", "127.0.0.1:0"]
    environment = {name: value for name, value in os.environ.items() if "NIGHTWARDEN" not in name}
    started_at, began = utc_now(), time.monotonic()
    with (data / "up.log").open("a") as errors:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "nightwarden", "up", *common, *where],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment,
        )
    try:
        port = _port_of(process, data)
        home = RunningHome(data, port, token, process.pid, 0.0)
        _wait_until_watched(home, started_at)
        took_s = time.monotonic() - began
        yield RunningHome(data, port, token, process.pid, took_s)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STARTS_WITHIN_S)


def _port_of(process: "subprocess.Popen[str]", data: Path) -> int:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Pages"):
            threading.Thread(target=_read_to_the_end, args=(process.stdout,), daemon=True).start()
            return int(line.rpartition(":")[2])
    raise Invalid(f"nightwarden up did not start; {data / 'up.log'} says why.")


def _read_to_the_end(lines: IO[str]) -> None:
    """Or the pipe would fill, and the writer wait."""
    with lines:
        lines.read()


def _wait_until_watched(home: RunningHome, started_at: datetime) -> None:
    """A proof older than the start is that of the run before this one."""
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, http.client.HTTPException):
            health = home.call("GET", "/health")
            proof_at = datetime.fromisoformat(health["proof_at"] or "1970-01-01T00:00:00Z")
            if health["status"] == "watching" and proof_at.astimezone(UTC) > started_at:
                return
        time.sleep(LOOK_EVERY_S)
    raise Invalid(f"Not watching after {STARTS_WITHIN_S:.0f} s; see {home.data / 'up.log'}.")
