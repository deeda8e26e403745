"""The store is slow, locked, read-only or full: it is said loudly, and nothing is lost by it."""

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Self

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from gateway.inbox import MOST_WAITING
from nightwarden.model.roles import Role
from tests.acceptance.program import Program, nightwarden
from tests.acceptance.test_kill import home_of
from tests.brokers import Broker, Ear, Mosquitto, until
from tests.faults import full_disk, locked, locked_in_turns, small_disk
from tests.harness import HOME_ID, Home

pytestmark = pytest.mark.mosquitto
HEALTH = f"nightwarden/v1/{HOME_ID}/health"
BEDS = 4


class Watched:
    """``up`` on a small disk with a Mosquitto, a mat's connection, and ears on the health topic."""

    def __init__(self, folder: Path, program: Program, mats: Ear, *, mounted: bool) -> None:
        self.program, self.mats, self.mounted = program, mats, mounted
        self.data = folder / "data"
        self.store = self.data / "nightwarden.db"
        self._seq = 0

    def say(self, bed: int, *, occupied: bool) -> None:
        """A mat speaks; the broker has it."""
        self._seq += 1
        body = json.dumps({"occupancy": occupied, "seq": self._seq}).encode()
        self.mats.say(f"nightwarden/v1/{HOME_ID}/device/mat-{bed}", body)

    def say_at_once(self, count: int) -> None:
        """Mats speak so often; the broker has it all."""
        receipts = []
        for number in range(count):
            self._seq += 1
            body = json.dumps({"occupancy": True, "seq": self._seq}).encode()
            topic = f"nightwarden/v1/{HOME_ID}/device/mat-{1 + number % BEDS}"
            receipts.append(self.mats.link.publish(topic, body))
        for receipt in receipts:
            receipt.result(60)

    def lies_down(self, bed: int) -> None:
        """Somebody does, and it is recorded."""
        before = self.readings()
        self.say(bed, occupied=True)
        until(lambda: self.readings() > before)

    def readings(self) -> int:
        """How many are in the store."""
        with closing(sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)) as store:
            found: int = store.execute("SELECT count(*) FROM reading").fetchone()[0]
        return found

    def told(self, status: str) -> dict[str, Any]:
        """Wait until the health topic says so; what it says."""
        while (said := json.loads(self.mats.next().payload)).get("status") != status:
            pass
        assert isinstance(said, dict)
        return said

    def told_trouble(self) -> str:
        """Wait until the health topic says why nobody watches."""
        while "trouble" not in (said := self.told("not_watching")):
            pass  # the proof was old first
        return str(said["trouble"])

    def raised(self, bed: int) -> bool:
        """Whether this bed has exactly one open exit."""
        return [alert["room"] for alert in self.program.alerts()].count(str(bed)) == 1

    def nobody_watches(self) -> dict[str, Any]:
        """Wait until ``GET /health`` says so, which is what boards show; its checks."""
        until(lambda: self.program.health()[0] == 503)
        checks: dict[str, Any] = self.program.health()[1]["checks"]
        return checks


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """One program for all of these tests: each leaves it watching."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "broker").mkdir()
    # Saving its memory at each change, a Mosquitto would be slower than the store.
    broker = Mosquitto(folder / "broker", lines=("autosave_on_changes false",))
    broker.start()
    (folder / "home.yaml").write_text(home_of(BEDS))
    try:
        with small_disk(folder / "data", mib=48) as mounted:
            assert nightwarden(folder, "apply", "home.yaml").returncode == 0
            options = ("--http", "127.0.0.1:0", "--broker", broker.url)
            with Program(folder, *options) as program, Ear(broker.url, HEALTH) as mats:
                program.watching().token(Role.MANAGER)  # while there is room for it
                yield Watched(folder, program, mats, mounted=mounted)
    finally:
        broker.stop()


def test_a_slow_store_makes_messages_wait_and_that_is_said(up: Watched) -> None:
    before, count = up.readings(), 2000

    def waits() -> bool:
        detail = str(up.program.health()[1]["checks"]["gateway"]["detail"])
        return detail.startswith("Messages wait")

    with locked_in_turns(up.store, hold_s=2.5, pause_s=0.15):
        up.say_at_once(count)
        until(waits)
    until(lambda: up.readings() == before + count)
    up.program.proves_itself()
    until(lambda: not waits())


def test_a_store_that_another_process_locks_for_long(up: Watched) -> None:
    up.lies_down(1)
    with locked(up.store):
        up.say(1, occupied=False)
        assert "database is locked" in up.told_trouble()
        up.nobody_watches()
    up.told("watching")
    until(lambda: up.raised(1))


def test_a_full_disk_is_said_and_survived_without_a_restart(up: Watched) -> None:
    up.lies_down(2)
    gateway = up.program.child("gateway")
    with full_disk(up.data, gateway, mounted=up.mounted):
        up.say(2, occupied=False)
        assert "The store cannot be written" in up.told_trouble()
        checks = up.nobody_watches()
        if up.mounted:
            assert "0 MiB left" in checks["store"]["detail"]
        assert not up.raised(2)
    up.told("watching")
    until(lambda: up.raised(2))
    assert up.program.child("gateway") == gateway, "the same process goes on"


def test_what_came_while_the_disk_was_full_was_not_acknowledged(up: Watched) -> None:
    up.lies_down(3)
    with full_disk(up.data, up.program.child("gateway"), mounted=up.mounted):
        up.say(3, occupied=False)
        up.told_trouble()
        os.kill(up.program.child("gateway"), signal.SIGKILL)
    until(lambda: up.raised(3))
    up.program.proves_itself()
    assert up.raised(3)


class Remountable:
    """Whether this store's connections refuse to write, as on a disk that was remounted so."""

    def __init__(self, path: Path) -> None:
        self.read_only = False
        self._path = str(path)

    def __enter__(self) -> Self:
        event.listen(Pool, "checkout", self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(Pool, "checkout", self._ask)

    def _ask(self, connection: Any, *_: object) -> None:
        if connection.execute("PRAGMA database_list").fetchone()[2] == self._path:
            connection.execute(f"PRAGMA query_only = {'ON' if self.read_only else 'OFF'}")


def test_a_read_only_store_is_said_nothing_is_acknowledged_and_it_recovers(
    tmp_path: Path, broker: Broker
) -> None:
    with (
        Home(tmp_path / "data", broker) as home,
        Remountable(home.api.path) as disk,
        Ear(broker.url, HEALTH) as ear,
    ):
        for address in ("mat-12", "mat-14"):
            home.mat(address).press()
        home.settle()
        disk.read_only = True
        home.mat("mat-12").say(occupancy=False, seq=2)
        while "trouble" not in (said := json.loads(ear.next().payload)):
            pass
        assert said["status"] == "not_watching"
        assert "readonly database" in said["trouble"]
        home.stop_gateway()  # what it had in its hands comes again, since it was not acknowledged
        disk.read_only = False
        home.start_gateway()
        home.pager.expects("Room 12", "out of bed")
        assert home.running is not None
        disk.read_only = True
        home.mat("mat-14").say(occupancy=False, seq=2)
        home.clock.advance(seconds=40)
        while "trouble" not in json.loads(ear.next().payload):
            pass
        disk.read_only = False  # and without a restart
        home.settle()
        home.fast_forward(seconds=20)
        home.pager.expects("Room 14", "out of bed")
        home.pager.ignores_the_rest()
        home.expects_error("The store cannot be written")


def test_a_full_inbox_holds_the_broker_back_and_health_says_that_messages_wait(
    tmp_path: Path,
) -> None:
    (tmp_path / "broker").mkdir()
    broker = Mosquitto(tmp_path / "broker", lines=("max_inflight_messages 0",))
    broker.start()
    try:
        with Home(tmp_path / "data", broker) as home, Ear(broker.url, client_id="bridge") as ear:
            count = MOST_WAITING + 1000
            with locked(home.api.path):
                home.clock.advance(seconds=2)
                publish(ear, count)
                assert home.running is not None
                inbox = home.running.inbox
                until(lambda: len(inbox) >= MOST_WAITING)
                assert len(inbox) <= MOST_WAITING

            def detail() -> str:
                return str(home.get("/health")["checks"]["gateway"]["detail"])

            until(lambda: "messages wait" in detail())
            home.settle()
            with closing(sqlite3.connect(home.api.path)) as store:
                [[speak]] = store.execute("SELECT count(*) FROM heard_device")
            assert speak == 20
            home.fast_forward(seconds=3)
            assert "decides and writes" in detail()
    finally:
        broker.stop()


def publish(ear: Ear, count: int) -> None:
    """Devices that nobody has bound speak so often in all; the broker has it."""
    receipts = [
        ear.link.publish(
            f"zigbee2mqtt/mat {number % 20}", json.dumps({"occupancy": True, "n": number}).encode()
        )
        for number in range(1, count + 1)
    ]
    receipts[-1].result(60)
