"""``nightwarden check`` on a folder of the test's own, and a home ready for the night."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from click.testing import CliRunner

from gateway.listen_address import free_port
from nightwarden.clock import utc_now
from nightwarden.commands.check import check
from nightwarden.homefile import plan
from nightwarden.homefile.reader import read_home_file
from nightwarden.model.roles import Role
from nightwarden.store import people
from nightwarden.store.engine import Store, Transaction, open_store
from tests.api_server import HOME

STORE = "nightwarden.db"


class Checker:
    """Runs ``check`` on one data folder, on ports of its own."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.http = f"127.0.0.1:{free_port()}"
        self.mqtt = f"127.0.0.1:{free_port()}"
        self.exit_code = 0

    def lines(self, *more: str) -> dict[str, str]:
        """What it says, by subject: the word in front, two spaces, the sentence."""
        words = ["--data", str(self.data), "--http", self.http, "--mqtt", self.mqtt, *more]
        result = CliRunner().invoke(check, words)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.exit_code = result.exit_code
        split = [line.split(None, 2) for line in result.stdout.splitlines()]
        return {about: f"{word}  {sentence}" for word, about, sentence in split}


@contextmanager
def ready_store(folder: Path) -> Iterator[Store]:
    """A store with a home and a manager."""
    with closing(open_store(folder / STORE)) as store:
        now = utc_now()
        with store.transaction(now) as tx:
            plan.apply(tx, read_home_file(HOME.encode(), "home.yaml", now), "test")
            people.add_user(tx, "Mary", Role.MANAGER, "correct horse battery", "test")
        yield store


def enrol_screen(tx: Transaction, name: str) -> None:
    """A screen that has just shown the board."""
    cookie = people.use_enrol_code(tx, people.enrol_code(tx, name, "test"))
    people.note_use(tx, people.screen_of(tx, cookie))


@contextmanager
def up(checker: Checker) -> Iterator[None]:
    """The real monitor on the checker's folder and ports, once it watches."""
    command = [sys.executable, "-m", "nightwarden", "up", "--data", str(checker.data)]
    command += ["--http", checker.http, "--mqtt", checker.mqtt]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert any("Watching," in line for line in process.stdout), "it did not come up"
            yield
        finally:
            process.terminate()
            process.communicate(timeout=60)


@contextmanager
def something_silent() -> Iterator[str]:
    """A program that accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        ended = threading.Event()
        accepted: list[socket.socket] = []

        def accept() -> None:
            while not ended.is_set():
                try:
                    accepted.append(server.accept()[0])
                except TimeoutError:
                    continue

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        ended.set()
        thread.join()
        for connection in accepted:
            connection.close()
