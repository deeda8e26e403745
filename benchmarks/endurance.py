"""Whether the gateway's memory grows with what it has heard: after ten thousand messages, and many.

Run by itself: ``.venv/bin/python -m benchmarks.endurance [MESSAGES]``, a million unless told.
"""

import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks.big_home import mat_topic, room, sensor_topic
from benchmarks.load import Devices, devices
from benchmarks.machine import memory_of
from benchmarks.mosquitto import DEPLOYED, mosquitto
from benchmarks.running_home import furnish, running_home
from nightwarden.commands.options import store_file

BEDS = 200
AT_ONCE = 2_000
FEW = 10_000
LOOK_EVERY_S = 0.02


def main(many: int) -> None:
    """Prints the gateway's PSS after ``FEW`` messages, and after ``many``."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        token = furnish(folder, BEDS)
        with (
            mosquitto(folder / "broker", DEPLOYED) as broker,
            running_home(folder, token, broker) as home,
            devices(broker) as speaking,
            closing(sqlite3.connect(f"file:{store_file(home.data)}?mode=ro", uri=True)) as store,
        ):
            said = 0
            for goal in (FEW, many):
                while said < goal:
                    said = _say(speaking, store, said)
                pss = memory_of(home.processes["gateway"]).pss
                sys.stdout.write(f"after {said:,} messages: {pss:.1f} MiB PSS\n")
                sys.stdout.flush()


def _say(speaking: Devices, store: sqlite3.Connection, said: int) -> int:
    for number in range(said, said + AT_ONCE):
        name = room(number // 2 % BEDS)
        if number % 2:
            speaking.say(mat_topic(name), occupancy=True)
        else:
            speaking.say(sensor_topic(name), temperature=20.0 + number % 50 / 10)
    due = said + AT_ONCE
    while store.execute("SELECT coalesce(max(id), 0) FROM reading").fetchone()[0] < due:
        time.sleep(LOOK_EVERY_S)
    return due


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
