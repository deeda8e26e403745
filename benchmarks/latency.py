"""From a bed exit published to its frame on a board, beside the floor: an echo and one commit."""

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.big_home import room
from benchmarks.figures import Row, Table, median_percentile
from benchmarks.listeners import Listener, board, commit_one, floor, floor_store
from benchmarks.load import Devices, background, devices
from benchmarks.mosquitto import mosquitto
from benchmarks.running_home import RunningHome, furnish, running_home
from benchmarks.sizes import Sizes

EXIT_EVERY_S = 0.1
"""Under load; the exits count towards the rate."""
ARRIVES_WITHIN_S = 10.0

Rounds = list[list[float]]


def run(folder: Path, sizes: Sizes) -> Table:
    """Measures both on one Mosquitto with its default settings, the floor first."""
    token = furnish(folder, sizes.beds)
    with mosquitto(folder / "broker") as broker:
        lowest = measure_floor(folder, broker, sizes)
        with running_home(folder, token, broker) as home:
            path = measure_path(home, broker, sizes)
    return tabled(path, lowest, folder, sizes)


def measure_path(home: RunningHome, broker: str, sizes: Sizes) -> dict[int, Rounds]:
    """Seconds from publish to frame, by messages a second, a list a round."""
    found: dict[int, Rounds] = {1: [], sizes.busy_rate: []}
    with devices(broker) as mats, board(home.port, home.token) as listener:
        for rate, rounds in found.items():
            for number in range(sizes.rounds):
                rounds.append(_round(mats, listener, broker, rate, sizes, number))
                answer_all(home, mats, _beds(rate, sizes), sizes.settle_s)
    return found


def measure_floor(folder: Path, broker: str, sizes: Sizes) -> dict[int, Rounds]:
    """The same of an echo through the broker and one commit, under the same load."""
    found: dict[int, Rounds] = {1: [], sizes.busy_rate: []}
    with devices(broker) as mats, floor(broker, folder) as listener:
        for rate, rounds in found.items():
            for number in range(sizes.rounds):
                rounds.append(_round(mats, listener, broker, rate, sizes, number))
    return found


def tabled(path: dict[int, Rounds], lowest: dict[int, Rounds], folder: Path, sizes: Sizes) -> Table:
    """Medians over the rounds, in milliseconds."""
    rows = [
        Row(
            f"bed exit to board, {rate}/s, p{share * 100:.0f}",
            median_percentile(path[rate], share) * 1000,
            "ms",
            median_percentile(lowest[rate], share) * 1000,
        )
        for rate in path
        for share in (0.5, 0.99)
    ]
    counts = ", ".join(f"{len(rounds[0])} at {rate}/s" for rate, rounds in path.items())
    worst = max(value for rounds in path.values() for values in rounds for value in values)
    return Table(
        "Latency: a bed exit published until a board has its alert",
        "an echo through the same broker under the same load, and one commit",
        tuple(rows),
        (
            f"Median of {sizes.rounds} rounds; exits in a round: {counts}. Of fewer than a hundred",
            f"the p99 is the slowest. The slowest of all: {worst * 1000:.1f} ms.",
            f"Mosquitto with its defaults. One commit alone: {_one_commit(folder) * 1000:.2f} ms.",
        ),
    )


def _round(  # noqa: PLR0917
    mats: Devices, listener: Listener, broker: str, rate: int, sizes: Sizes, number: int
) -> list[float]:
    beds = _beds(rate, sizes)
    every_s = 1.0 if rate == 1 else EXIT_EVERY_S
    others = [room(bed) for bed in range(len(beds), sizes.beds)]
    with background(broker, others, rate - 1 / every_s):
        mats.press(beds)
        time.sleep(sizes.settle_s)
        listener.forget()
        left = mats.exits(beds, every_s, seed=number)
        arrived = listener.arrivals(set(beds), ARRIVES_WITHIN_S)
    return [arrived[name] - left[name] for name in beds]


def _beds(rate: int, sizes: Sizes) -> Sequence[str]:
    return [room(bed) for bed in range(sizes.slow_exits if rate == 1 else sizes.busy_exits)]


def answer_all(home: RunningHome, mats: Devices, beds: Sequence[str], settle_s: float) -> None:
    """Everybody is back in bed and every alert closed: each round begins as the first did."""
    mats.press(beds)
    time.sleep(settle_s)
    while alerts := home.call("GET", "/alerts?state=open&limit=100")["items"]:
        for alert in alerts:
            home.call("POST", f"/alerts/{alert['id']}/attend")
            home.call("POST", f"/alerts/{alert['id']}/close", {"outcome": "helped"})
    time.sleep(settle_s)


def _one_commit(folder: Path, times: int = 100) -> float:
    store, took = floor_store(folder), []
    for _ in range(times):
        began = time.monotonic()
        commit_one(store, b"one row")
        took.append(time.monotonic() - began)
    store.close()
    return median(took)
