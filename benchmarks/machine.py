"""What the figures were measured on, and what a process holds in memory (Linux: /proc)."""

import os
import platform
import sqlite3
import subprocess
from pathlib import Path
from typing import NamedTuple


class Memory(NamedTuple):
    """MiB. ``pss`` shares each page among the processes that map it, so that it adds up."""

    rss: float
    pss: float


def memory_of(pid: int) -> Memory:
    """What a process holds now."""
    found: dict[str, float] = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, _, rest = line.partition(":")
        found[name] = int(rest.split()[0]) / 1024
    return Memory(found["Rss"], found["Pss"])


def processor_seconds(pid: int) -> float:
    """What a process has used of processors until now, its threads and the kernel for it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children_of(pid: int) -> dict[str, int]:
    """The children of ``nightwarden up`` by the name of the module that each runs."""
    numbers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    found: dict[str, int] = {}
    for number in numbers:
        words = Path(f"/proc/{number}/cmdline").read_text().split("\0")
        found[words[words.index("-m") + 1]] = int(number)
    return found


def described(folder: Path, mosquitto: str | None) -> str:
    """The machine in a line or two, how busy it is at this moment among it."""
    processor = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            processor = line.partition(":")[2].strip()
            break
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    facts = [
        f"{os.cpu_count()} x {processor}",
        f"{memory_gib:.0f} GiB",
        f"store on {_filesystem(folder)}",
        f"Linux {platform.release()}",
        f"Python {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version}",
        _mosquitto_version(mosquitto),
        f"load before it began {os.getloadavg()[0]:.1f}",
    ]
    return ", ".join(facts)


def _filesystem(folder: Path) -> str:
    inside = folder.resolve()
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    holding = [mount for mount in mounts if inside.is_relative_to(mount[0])]
    return max(holding, key=lambda mount: len(mount[0]))[1]


def _mosquitto_version(program: str | None) -> str:
    if program is None:
        return "no Mosquitto"
    said = subprocess.run([program, "-h"], capture_output=True, text=True, check=False).stdout
    return said.partition("\n")[0].replace("mosquitto version", "Mosquitto")
