"""What the processes of ``nightwarden up`` hold in memory when nothing happens."""

import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.figures import Row, Table
from benchmarks.machine import Memory, memory_of
from benchmarks.running_home import RunningHome, furnish, running_home
from benchmarks.sizes import Sizes
from benchmarks.startup import LIBRARIES


def run(folder: Path, sizes: Sizes) -> Table:
    """Measures at rest, with the embedded broker."""
    token = furnish(folder, sizes.beds)
    with running_home(folder, token) as home:
        return measure(home, sizes)


def measure(home: RunningHome, sizes: Sizes) -> Table:
    """Measures a running home after its time of rest."""
    time.sleep(sizes.idle_s)
    bare = _libraries_alone()
    held = {"nightwarden up": memory_of(home.pid)}
    held |= {name: memory_of(pid) for name, pid in sorted(home.processes.items())}
    rows = [Row(f"{name}, RSS", memory.rss, "MiB", bare.rss) for name, memory in held.items()]
    rows.append(Row("all together, PSS", sum(m.pss for m in held.values()), "MiB", bare.pss))
    return Table(
        "Memory at rest",
        "one interpreter with the libraries imported (RSS; for the sum its PSS)",
        tuple(rows),
        (f"After {sizes.idle_s:.0f} s of rest, {sizes.beds} beds, nobody signed in.",),
    )


def _libraries_alone() -> Memory:
    command = [sys.executable, "-c", f"{LIBRARIES}\nprint(flush=True)\ninput()"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        memory = memory_of(process.pid)
        process.communicate(b"\n")
    return memory
