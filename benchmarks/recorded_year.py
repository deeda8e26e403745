"""A year of a care home, straight into a store: what its gateway would have recorded.

60 rooms with a bed mat each, half of them with a sensor on a low-surface-temperature radiator and
half with one for the room's air; every device speaks once a minute. Residents lie down and get up,
radiators go up and down, one a day gets too hot, and some nights a room gets cold.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any, NamedTuple

from nightwarden.homefile import plan
from nightwarden.homefile.reader import read_home_file
from nightwarden.store import journal, stretches
from nightwarden.store.engine import Store
from nightwarden.store.journal import InputKind, Snapshot
from nightwarden.store.plan import load_plan
from rules.engine import Engine

BEGINS = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
_MINUTES = 24 * 60
_INSERT = (
    "INSERT INTO reading (id, dialect, address, quantity, number, word, measured_at, received_at,"
    " fresh, late, timed, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_INDEX = "CREATE INDEX reading_device_time ON reading (dialect, address, measured_at)"
Row = tuple[Any, ...]


class Recorded(NamedTuple):
    """What was written: how many readings, and until when."""

    readings: int
    until: datetime


def write(store: Store, rooms: int, days: int) -> Recorded:
    """Write a home of ``rooms`` rooms that was watched for ``days`` days, from noon to noon."""
    with store.transaction(BEGINS) as tx:
        plan.apply(tx, read_home_file(_home_file(rooms).encode(), "bench house", BEGINS), "bench")
        made = load_plan(tx)
        assert made is not None, "it was applied just now"
        engine = Engine(made, {}, BEGINS)
        begin = Snapshot(made, 0, engine.memories(), [], 0, None)
        journal.note(tx, InputKind.SNAPSHOT, BEGINS, journal.snapshot_body(tx, begin))
        tx.sql.exec_driver_sql("DROP INDEX reading_device_time")
    number = 0
    for day in range(days):
        with store.transaction(BEGINS) as tx:
            for rows in _portions(_day(rooms, day, number)):
                tx.sql.exec_driver_sql(_INSERT, rows)
                while rows:
                    number = stretches.keep(tx, rows)
                    rows = [row for row in rows if row[0] > number]
    until = BEGINS + timedelta(days=days)
    with store.transaction(until) as tx:
        tx.sql.exec_driver_sql(_INDEX)
    return Recorded(number, until)


def _portions(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """As many at once as the gateway would make a stretch of."""
    while portion := list(islice(rows, stretches.MOST_READINGS)):
        yield portion


def _day(rooms: int, day: int, number: int) -> Iterator[Row]:
    """A day from noon to noon, minute by minute."""
    chance = Random(day)
    said = [_mat(chance) for _ in range(rooms)] + _temperatures(chance, rooms)
    who = [(f"mat-{n:03d}", "occupancy") for n in range(rooms)]
    who += [(f"tmp-{n:03d}", "temperature") for n in range(rooms)]
    pause = 60 / len(who)
    seconds = [f":{int(n * pause):02d}.{int(n * pause % 1 * 1e6):06d}" for n in range(len(who))]
    begins = BEGINS + timedelta(days=day)
    for minute in range(_MINUTES):
        text = f"{begins + timedelta(minutes=minute):%Y-%m-%d %H:%M}"
        seq = day * _MINUTES + minute + 1
        for (address, quantity), values, second in zip(who, said, seconds, strict=True):
            number += 1
            at = text + second
            value = values[minute]
            yield (number, "nightwarden", address, quantity, value, None, at, at, 1, 0, 1, seq)


def _mat(chance: Random) -> list[float]:
    """Up in the afternoon but for a nap, to bed about half past nine, up a few times at night."""
    bed = [0.0] * _MINUTES
    evening, morning = 570 + chance.randrange(-40, 40), 1170 + chance.randrange(-40, 40)
    for begin, end in ((120, 120 + chance.randrange(0, 60)), (evening, morning)):
        bed[begin:end] = [1.0] * (end - begin)
    for _ in range(chance.randrange(1, 5)):
        up, minutes = chance.randrange(evening, morning - 20), chance.choice((1, 4, 6, 15))
        bed[up : up + minutes] = [0.0] * minutes
    return bed


def _temperatures(chance: Random, rooms: int) -> list[list[float]]:
    """Radiators in even rooms, the air in odd ones; one of each is out of bounds for a while."""
    curves = []
    for room in range(rooms):
        if room % 2:
            base, swing = 21.0 + room % 3 / 2, 0.8
        else:
            base, swing = 30.0, 8.0
        period, phase = chance.randrange(50, 120), chance.random()
        curve = []
        for minute in range(_MINUTES):
            cycle = (minute / period + phase) % 1
            up = 2 * cycle if cycle < 0.5 else 2 - 2 * cycle
            curve.append(round(base + swing * up + chance.random() / 5, 1))
        curves.append(curve)
    hot, from_ = chance.randrange(0, rooms, 2), chance.randrange(600, 1200)
    curves[hot][from_ : from_ + 30] = [44.5 + chance.random() for _ in range(30)]
    if rooms > 1 and chance.random() < 0.3:
        cold = chance.randrange(1, rooms, 2)
        curves[cold][900:1000] = [17.2 + chance.random() / 2 for _ in range(100)]
    return curves


def _home_file(rooms: int) -> str:
    names = [f"{number:03d}" for number in range(rooms)]
    return json.dumps(
        {
            "home": {"id": "bench-house", "name": "Bench House", "timezone": "Europe/London"},
            "rooms": [
                {"id": name, "places": [{"id": "bed"}, {"id": "radiator", "emitter": "radiator"}]}
                for name in names
            ],
            "residents": [_resident(name) for name in names],
            "equipment": [item for n, name in enumerate(names) for item in _equipment(n, name)],
        }
    )


def _resident(name: str) -> dict[str, object]:
    needed = {"place": "bed", "needs": "bed_mat", "hours": "21:00-07:00", "because": "falls"}
    requirements = [needed | {"review_by": "2099-01-01"}]
    return {"id": f"res-{name}", "shown_as": name, "room": name, "requirements": requirements}


def _equipment(number: int, name: str) -> list[dict[str, object]]:
    def device(address: str) -> dict[str, object]:
        return {"dialect": "nightwarden", "address": address, "supervision_s": 900}

    air = number % 2 == 1
    mat = {"tag": f"MAT-{name}", "kind": "bed_mat", "at": f"{name}/bed"}
    sensor = {"tag": f"TMP-{name}", "kind": "temperature_sensor"}
    sensor |= {"mount": "room_air" if air else "accessible_face"}
    sensor |= {"at": f"{name}/{'bed' if air else 'radiator'}"}
    return [mat | {"device": device(f"mat-{name}")}, sensor | {"device": device(f"tmp-{name}")}]
