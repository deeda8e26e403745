"""``python -m benchmarks [NAME …] [--short]``; ``make bench`` runs them all."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import (
    backtest,
    boards,
    engine,
    flood,
    latency,
    memory,
    pages,
    register,
    senders,
    startup,
    throughput,
)
from benchmarks.figures import Table
from benchmarks.machine import described
from benchmarks.mosquitto import program
from benchmarks.sizes import FULL, SHORT, Sizes
from nightwarden.errors import NightwardenError

BENCHMARKS: dict[str, Callable[[Path, Sizes], Table]] = {
    "startup": startup.run,
    "latency": latency.run,
    "flood": flood.run,
    "throughput": throughput.run,
    "engine": engine.run,
    "memory": memory.run,
    "backtest": backtest.run,
    "register": register.run,
    "senders": senders.run,
    "boards": boards.run,
    "pages": pages.run,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run what was asked for and print a table each. 1: one could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--short", action="store_true", help="fewer rounds: a look while working")
    parser.add_argument(
        "--folder", type=Path, help="where the stores are made; on a disk, not in memory"
    )
    parser.add_argument(
        "--days", type=int, help="recorded days for backtest; 365 need 10 GB and ten minutes"
    )
    parser.add_argument("--real-boards", type=int, help="how many of the 30 boards are Chromium's")
    options = parser.parse_args(argv)
    sizes = SHORT if options.short else FULL
    if options.days:
        sizes = replace(sizes, backtest_days=options.days)
    if options.real_boards is not None:
        sizes = replace(sizes, real_boards=options.real_boards)
    if unknown := set(options.names) - BENCHMARKS.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}; use {', '.join(BENCHMARKS)}.")
    failed = 0
    with tempfile.TemporaryDirectory(prefix="nightwarden-bench-", dir=options.folder) as scratch:
        print(described(Path(scratch), program()), flush=True)
        for name in options.names or BENCHMARKS:
            folder = Path(scratch) / name
            folder.mkdir()
            try:
                table = BENCHMARKS[name](folder, sizes)
            except NightwardenError as problem:
                print(f"\n{name}: {problem}", file=sys.stderr)
                failed = 1
            else:
                print(f"\n{table}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
