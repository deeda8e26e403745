"""The rules alone, without broker and store: readings a second, in small and in huge homes.

Uneventful: every bed stays occupied. Eventful: every reading is a bed left or taken, so that it
raises or clears. As in the gateway, what was touched is taken up after every batch.
"""

import gc
import sys
import time
import tracemalloc
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from benchmarks.figures import Row, Table
from benchmarks.sizes import Sizes
from nightwarden.model.hours import ALWAYS
from nightwarden.model.places import EquipmentKind, PlaceId
from nightwarden.model.plan import PlacedItem, Plan, PlannedRequirement
from nightwarden.model.readings import DeviceId, Quantity, Reading
from rules.engine import Engine

START = datetime(2026, 11, 2, 22, tzinfo=UTC)
BATCH = 100
BEAT_EVERY = timedelta(minutes=1)
"""How often each device speaks: often enough never to be silent."""


_A_READING = Reading(DeviceId("nightwarden", "mat-1"), Quantity.OCCUPANCY, True, START, START)


def run(_folder: Path, sizes: Sizes) -> Table:
    """Measures each size of home, uneventful and eventful."""
    rows: list[Row] = []
    smallest: dict[bool, float] = {}
    for devices in sizes.devices:
        home = _Home(devices)
        for eventful in (False, True):
            found = median(home.hear(sizes.readings, eventful) for _ in range(sizes.rounds))
            reference = smallest.setdefault(eventful, found)
            what = "eventful" if eventful else "uneventful"
            rows.append(Row(f"{devices:,} devices, {what}", found, "readings/s", reference))
    cost, one_reading = _bytes_a_place(), float(sys.getsizeof(_A_READING))
    rows.append(Row("a watched bed with its mat, in memory", cost, "bytes", one_reading))
    return Table(
        "Engine: readings a second through the rules alone",
        "the same work in the smallest home: 1 is what does not grow with the devices; "
        "of memory, one reading",
        tuple(rows),
        (f"Median of {sizes.rounds} rounds of {sizes.readings:,} readings in batches of {BATCH}.",),
    )


def _bytes_a_place(places: int = 2_000) -> float:
    """What a watched place costs the engine: every watch, memory and deadline of it."""
    devices = [DeviceId("nightwarden", f"mat-{number}") for number in range(places)]
    plan = _plan(devices)
    gc.collect()
    tracemalloc.start()
    try:
        engine = Engine(plan, {}, START)
        for device in devices:
            engine.hear(Reading(device, Quantity.OCCUPANCY, True, START, START), START)
        engine.changed()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] / places
    finally:
        tracemalloc.stop()


class _Home:
    """An engine at work; time goes on by a device's share of a beat with each reading."""

    def __init__(self, devices: int) -> None:
        self._devices = [DeviceId("nightwarden", f"mat-{number}") for number in range(devices)]
        self._step = BEAT_EVERY / devices
        self._now = START
        self._next = 0
        self._occupied = [False] * devices
        self._engine = Engine(_plan(self._devices), {}, START)
        self.hear(devices, eventful=True)  # everybody goes to bed, and every mat is known

    def hear(self, count: int, eventful: bool) -> float:
        """Readings a second through the engine."""
        readings = self._readings(count, eventful)
        engine = self._engine
        began = time.perf_counter()
        for first in range(0, count, BATCH):
            for reading in readings[first : first + BATCH]:
                engine.hear(reading, reading.received_at)
            engine.tick(reading.received_at)
            engine.changed()
            engine.repeated()
        return count / (time.perf_counter() - began)

    def _readings(self, count: int, eventful: bool) -> Sequence[Reading]:
        made = []
        for _ in range(count):
            number = self._next
            self._next = (number + 1) % len(self._devices)
            self._now += self._step
            if eventful:
                self._occupied[number] = not self._occupied[number]
            occupied = self._occupied[number]
            device = self._devices[number]
            made.append(Reading(device, Quantity.OCCUPANCY, occupied, self._now, self._now))
        return made


def _plan(devices: Sequence[DeviceId]) -> Plan:
    beds = [PlaceId(str(number), "bed") for number in range(len(devices))]
    return Plan(
        home="bench-house",
        zone=ZoneInfo("Europe/London"),
        requirements=tuple(
            PlannedRequirement(
                place=bed,
                needs=EquipmentKind.BED_MAT,
                hours=ALWAYS,
                resident="Joan",
                because="falls assessment",
                review_by=date(2099, 1, 1),
                since=START,
            )
            for bed in beds
        ),
        items=tuple(
            PlacedItem(f"MAT-{bed.room}", EquipmentKind.BED_MAT, bed, START, device=device)
            for bed, device in zip(beds, devices, strict=True)
        ),
    )
