"""``nightwarden`` as a person runs it: a process with children, on free ports, with its own data.

It writes to files, so that it never waits for a test to read; a test waits for what it says.
"""

import os
import signal
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import httpx

from nightwarden.clock import utc_now
from nightwarden.model.roles import Role
from nightwarden.store import people
from nightwarden.store.engine import open_store
from tests.brokers import until

NIGHTWARDEN = (sys.executable, "-m", "nightwarden")
FREE_PORTS = ("--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0")
STARTS_WITHIN_S = 60.0
ENDS_WITHIN_S = 30.0
CHILDREN = {"broker": "gateway.embedded_broker", "gateway": "gateway", "api": "api"}
"""What each child of ``up`` is started as, with ``python -m``."""

ENVIRONMENT = {name: value for name, value in os.environ.items() if "NIGHTWARDEN" not in name}
"""The test's own, without what would change the program's options."""


def nightwarden(
    folder: Path, *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command in ``folder`` until it ends by itself."""
    return subprocess.run(
        [*NIGHTWARDEN, *arguments],
        cwd=folder,
        env=ENVIRONMENT | (environment or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=STARTS_WITHIN_S,
        check=False,
    )


class Program:
    """A ``nightwarden`` that stays; ``up`` on free ports unless told otherwise.

    Args:
        folder: it runs here; its data and what it says are kept here too.
        arguments: after ``up``, or a whole command if ``command`` is given.
    """

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        command: str = "up",
        environment: dict[str, str] | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._out, self._err = folder / "stdout.txt", folder / "stderr.txt"
        self._environment = ENVIRONMENT | (environment or {})
        self._command = [*NIGHTWARDEN, command, *(arguments or FREE_PORTS)]
        words = self._command
        data = words[words.index("--data") + 1] if "--data" in words else "data"
        self._store = folder / data / "nightwarden.db"
        self._process: subprocess.Popen[bytes] | None = None
        self._client = httpx.Client(timeout=20.0, verify=False)
        self.tokens: dict[Role, str] = {}

    # --- its life ---

    def __enter__(self) -> Self:
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen(
                self._command,
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        started = self.descendants()
        self._client.close()
        if self.running:
            self.interrupt()
        if kind is not None:
            sys.stdout.write(f"--- it said:\n{self.out}\n--- and on stderr:\n{self.err}\n")
        gone(started)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The one that was started by hand."""
        assert self._process is not None, "it was not started"
        return self._process

    @property
    def running(self) -> bool:
        """Whether that one is there."""
        return self.process.poll() is None

    def interrupt(self) -> int:
        """Ctrl-C; its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(ENDS_WITHIN_S)

    def kill(self) -> None:
        """As the system does when memory runs out: it has no time for a word to anybody."""
        self.process.kill()
        self.process.wait(ENDS_WITHIN_S)

    def descendants(self) -> list[int]:
        """Every process that it has started."""
        return [] if not self.running else _descendants(self.process.pid)

    def child(self, name: str) -> int:
        """The process id of its broker, gateway or api as it runs now."""
        found: list[int] = []

        def look() -> bool:
            found[:] = [pid for pid in self.descendants() if _module(pid) == CHILDREN[name]]
            return bool(found)

        until(look)
        return found[0]

    # --- what it says ---

    @property
    def out(self) -> str:
        """Its standard output so far."""
        return self._out.read_text()

    @property
    def err(self) -> str:
        """Its standard error so far."""
        return self._err.read_text()

    def says(self, start: str) -> str:
        """Wait for a line that starts with this; the whole line."""
        found: list[str] = []

        def look() -> bool:
            assert self.running, f"it ended instead: {self.err}"
            found[:] = [line for line in self.out.splitlines() if line.startswith(start)]
            return bool(found)

        until(look, STARTS_WITHIN_S)
        return found[0]

    @property
    def pages(self) -> str:
        """Where its pages are: ``http://HOST:PORT``."""
        return self.says("Pages").split()[1]

    @property
    def broker(self) -> str:
        """Where its broker is: the one it was given, or its own. ``mqtt://HOST:PORT``."""
        if "--broker" in self._command:
            return str(self._command[self._command.index("--broker") + 1])
        return self.says("Broker").split()[1]

    def watching(self) -> Self:
        """Wait until it says that it watches."""
        self.says("Watching, ")
        return self

    # --- its api ---

    def token(self, role: Role = Role.CARER) -> str:
        """A token, made once. A person says `nightwarden token create`, as one test does."""
        if role not in self.tokens:
            with closing(open_store(self._store)) as store, store.transaction(utc_now()) as tx:
                made = people.create_token(tx, f"test {role}", role, "test")
            self.tokens[role] = made
        return self.tokens[role]

    def call(self, method: str, path: str, body: Any = None, role: Role = Role.MANAGER) -> Any:
        """A call of the api; the JSON of a good answer."""
        answer = self._client.request(
            method,
            f"{self.pages}/api/v1{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.token(role)}"},
        )
        assert answer.is_success, answer.text
        return answer.json()

    def alerts(self, state: str = "open", kind: str = "bed_exit") -> list[dict[str, Any]]:
        """Alerts of one kind, newest first; up to 200."""
        items = self.call("GET", f"/alerts?state={state}&limit=200")["items"]
        return [item for item in items if item["kind"] == kind]

    def health(self) -> tuple[int, dict[str, Any]]:
        """Status code and body of ``GET /health``; (0, {}) while nobody answers."""
        try:
            answer = self._client.get(f"{self.pages}/api/v1/health")
        except httpx.TransportError:
            return 0, {}
        return answer.status_code, answer.json()

    def proves_itself_after(self, moment: datetime) -> None:
        """Wait until a loop test sent after ``moment`` came through, and it is watching."""

        def proved() -> bool:
            _, body = self.health()
            if body.get("status") != "watching":
                return False
            return datetime.fromisoformat(body["proof_at"]) > moment

        until(proved, STARTS_WITHIN_S)

    def proves_itself(self) -> None:
        """Wait until a loop test sent from now on came through."""
        self.proves_itself_after(utc_now())


def gone(pids: list[int], seconds: float = ENDS_WITHIN_S) -> None:
    """Wait until none of these processes is there any more."""
    until(lambda: not [pid for pid in pids if _alive(pid)], seconds)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"  # an orphan's remains wait for whoever inherited it


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in listing.read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue
        for child in children:
            found += [child, *_descendants(child)]
    return found


def _module(pid: int) -> str:
    """What a Python process was started as with ``-m``; empty when it has gone."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return words[words.index("-m") + 1] if "-m" in words else ""
