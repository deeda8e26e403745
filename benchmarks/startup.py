"""From the start of ``nightwarden up`` to ``watching``, which only a committed loop test gives."""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from benchmarks.figures import Row, Table
from benchmarks.mosquitto import mosquitto
from benchmarks.running_home import furnish, running_home
from benchmarks.sizes import Sizes

LIBRARIES = "import fastapi, jinja2, paho.mqtt.client, sqlmodel, uvicorn"


def run(folder: Path, sizes: Sizes) -> Table:
    """Measures the start with the embedded broker and with a Mosquitto that is there already."""
    token = furnish(folder, sizes.beds)
    bare = median(_libraries_alone() for _ in range(sizes.rounds))
    embedded = median(_start(folder, token, None) for _ in range(sizes.rounds))
    with mosquitto(folder / "broker") as broker:
        other = median(_start(folder, token, broker) for _ in range(sizes.rounds))
    return Table(
        "Start: `nightwarden up` until GET /health says watching",
        "one interpreter that imports the libraries and ends",
        (
            Row("embedded broker", embedded, "s", bare),
            Row("--broker, a Mosquitto that runs already", other, "s", bare),
        ),
        (f"Median of {sizes.rounds} starts on a store of {sizes.beds} beds, files in cache.",),
    )


def _start(folder: Path, token: str, broker: str | None) -> float:
    with running_home(folder, token, broker) as home:
        return home.took_s


def _libraries_alone() -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", LIBRARIES], check=True)
    return time.monotonic() - began
