"""Thirty open boards: how soon an alert is painted on them, and what they cost the server.

From the instant at which the gateway began the transaction that wrote the alert, which the store
keeps (the commit itself is in the figure), to the frame of a real Chromium; and to the last byte
of the part that changes at boards without a browser, which ask for the same.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks.big_home import room, sensor_topic
from benchmarks.board_clients import BoardClients, board_clients
from benchmarks.figures import Row, Table, percentile
from benchmarks.latency import answer_all
from benchmarks.listeners import Listener, board
from benchmarks.load import Devices, background, devices
from benchmarks.machine import processor_seconds
from benchmarks.mosquitto import mosquitto
from benchmarks.real_boards import RealBoards, chromium, real_boards
from benchmarks.running_home import RunningHome, furnish, running_home
from benchmarks.sizes import Sizes
from benchmarks.viewers import viewers
from nightwarden.clock import utc_now
from nightwarden.commands.options import store_file

BEDS = 60
HEARTBEATS = 2.0
"""A second, of 60 mats and 60 sensors: about one a minute of each, also at rest."""

ARRIVES_WITHIN_S = 30.0
PAGER_EVERY_S = 5.0
PROCESSES = ("api", "gateway")

Waits = dict[str, list[float]]
"""Seconds from the store's instant, by who had the alert."""

REAL, CLIENTS, BARE = "painted by Chromium", "read by a board", "bare"


def run(folder: Path, sizes: Sizes) -> Table:
    """Measures at rest without boards, then with them, then with alerts one by one and at once."""
    token = furnish(folder, BEDS)
    carers = sizes.boards // 3
    cookies = viewers(folder, sizes.boards - carers, carers)
    with ExitStack() as stack:
        broker = stack.enter_context(mosquitto(folder / "broker"))
        home = stack.enter_context(running_home(folder, token, broker))
        stack.enter_context(_pager(home))
        mats = stack.enter_context(devices(broker))
        browser = stack.enter_context(chromium())
        everybody = [room(bed) for bed in range(BEDS)]
        mats.press(everybody)  # or each mat's first word would close a gap, on every board
        for name in everybody:
            mats.say(sensor_topic(name), temperature=20.0)
        beating = [room(bed) for bed in range(sizes.board_exits, BEDS)]
        stack.enter_context(background(broker, beating, HEARTBEATS))
        time.sleep(sizes.board_rest_s / 5)
        alone = _at_rest(home, sizes.board_rest_s / 2, time.sleep)
        bare = stack.enter_context(board(home.port, home.token))
        clients = stack.enter_context(board_clients(home.port, cookies[sizes.real_boards :]))
        real = stack.enter_context(real_boards(browser, home.port, cookies[: sizes.real_boards]))
        real.rest(sizes.board_rest_s / 5)
        rest = _at_rest(home, sizes.board_rest_s, real.rest)
        night = _Night(home, mats, bare, clients, real, sizes)
        kinds = {
            "one by one": night.rounds(every_s=sizes.board_exit_every_s),
            "at once": night.rounds(every_s=0.0),
        }
    return _tabled(alone, rest, kinds, sizes)


class _Night:
    """The home with everybody who looks at it."""

    def __init__(  # noqa: PLR0917
        self,
        home: RunningHome,
        mats: Devices,
        bare: Listener,
        clients: BoardClients,
        real: RealBoards,
        sizes: Sizes,
    ) -> None:
        self._home = home
        self._mats = mats
        self._bare = bare
        self._clients = clients
        self._real = real
        self._sizes = sizes
        self._beds = [room(bed) for bed in range(sizes.board_exits)]

    def rounds(self, every_s: float) -> tuple[Waits, float]:
        """All rounds' waits, and the api's seconds of processor for an alert (median)."""
        waits: Waits = {REAL: [], CLIENTS: [], BARE: []}
        spent = []
        for number in range(self._sizes.rounds):
            self._mats.press(self._beds)
            self._real.rest(self._sizes.settle_s * 2)
            self._bare.forget()
            before = processor_seconds(self._home.processes["api"])
            self._one(waits, every_s, number)
            self._real.rest(self._sizes.settle_s * 2)  # what follows from being painted
            used = processor_seconds(self._home.processes["api"]) - before
            spent.append(used / len(self._beds))
            answer_all(self._home, self._mats, self._beds, self._sizes.settle_s)
        return waits, median(spent)

    def _one(self, waits: Waits, every_s: float, number: int) -> None:
        began = utc_now().timestamp()
        self._mats.exits(self._beds, every_s, seed=number)
        others = self._sizes.boards - self._sizes.real_boards
        seen = self._clients.seen(others * len(self._beds), began, ARRIVES_WITHIN_S)
        arrived = self._bare.arrivals(set(self._beds), ARRIVES_WITHIN_S)
        since_boot = utc_now().timestamp() - time.monotonic()
        committed = _committed(self._home.data, began)
        at = {number: instant for number, (_, instant) in committed.items()}
        waits[CLIENTS] += [instant - at[alert] for _, alert, instant in seen]
        waits[BARE] += [
            arrived[name] + since_boot - instant for name, instant in committed.values()
        ]
        for page in self._real.painted(list(at), ARRIVES_WITHIN_S):
            waits[REAL] += [instant - at[alert] for alert, instant in page.items()]


def _tabled(
    alone: dict[str, float],
    rest: dict[str, float],
    kinds: dict[str, tuple[Waits, float]],
    sizes: Sizes,
) -> Table:
    """Percentiles over all rounds, in milliseconds; the reference is the bare reader's."""
    rows = [
        Row(
            f"{how}: {who}, p{share * 100:.0f}",
            percentile(waits[who], share) * 1000,
            "ms",
            percentile(waits[BARE], share) * 1000,
        )
        for how, (waits, _) in kinds.items()
        for who in (REAL, CLIENTS)
        if waits[who]
        for share in (0.5, 0.95, 0.99)
    ]
    rows += [
        Row(f"{how}: api for an alert", spent * 1000, "ms") for how, (_, spent) in kinds.items()
    ]
    for name in PROCESSES:
        rows.append(Row(f"at rest: {name}, a minute", rest[name], "s", alone[name]))
        rows.append(Row(f"at rest: {name}, of a core", rest[name] / 0.6, "%", alone[name] / 0.6))
    counts = ", ".join(f"{len(waits[REAL])} {how}" for how, (waits, _) in kinds.items())
    return Table(
        f"Boards: {sizes.boards} open, {sizes.real_boards} of them in Chromium, {BEDS} beds",
        "a bare reader of the live stream hears the same alert; at rest, the same without boards",
        tuple(rows),
        (
            f"From the gateway's transaction to the frame; painted: {counts}. Processor of the api",
            f"and the gateway: at rest over {sizes.board_rest_s:.0f} s, with {HEARTBEATS:.0f}",
            "heartbeats a second; for an alert, with all that follows, until nothing more does.",
        ),
    )


def _committed(data: Path, began: float) -> dict[int, tuple[str, float]]:
    """The alerts raised since ``began``: room, and the instant of the gateway's transaction."""
    query = (
        "SELECT alert.id, alert.room, alert_event.recorded_at FROM alert"
        " JOIN alert_event ON alert_event.alert = alert.id"
        " WHERE alert_event.event = 'raised' AND alert.kind = 'bed_exit'"
        " AND alert_event.recorded_at >= ?"
    )
    since = datetime.fromtimestamp(began, UTC).isoformat(" ", "microseconds")[:26]
    with closing(sqlite3.connect(store_file(data))) as store:
        return {
            number: (name, datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp())
            for number, name, at in store.execute(query, [since])
        }


def _at_rest(home: RunningHome, seconds: float, rest: Callable[[float], None]) -> dict[str, float]:
    """Seconds of processor a minute, by process, while nobody gets up."""
    pids = {name: home.processes[name] for name in PROCESSES}
    before, began = {name: processor_seconds(pid) for name, pid in pids.items()}, time.monotonic()
    rest(seconds)
    lasted = time.monotonic() - began
    return {
        name: (processor_seconds(pid) - before[name]) * 60 / lasted for name, pid in pids.items()
    }


@contextmanager
def _pager(home: RunningHome) -> Iterator[None]:
    """Somebody listens, with boards or without, or the home would raise that nobody does."""
    stop = threading.Event()

    def say() -> None:
        while True:
            home.call("POST", "/receivers/benchmark-pager", {"kind": "pager", "sound": True})
            if stop.wait(PAGER_EVERY_S):
                return

    saying = threading.Thread(target=say, daemon=True)
    saying.start()
    try:
        yield
    finally:
        stop.set()
        saying.join()
