"""The register of a large home: gaps after a change, and pages at the server.

The reference is what was promised: 20 ms for the gaps after a change, 100 ms for a page, 10 s for
the evidence of a year.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median

import httpx

from api.app import ApiOptions, create_app
from api.evidence.pack import gather
from api.evidence.pdf import as_pdf
from api.gaps import gaps_now
from benchmarks.figures import Row, Table
from benchmarks.large_register import NOW, YEARS, furnish
from benchmarks.sizes import Sizes
from nightwarden.model.places import ItemState, PlaceId
from nightwarden.model.roles import Role
from nightwarden.store import meta, people, sessions, upkeep
from nightwarden.store.engine import Store, Transaction, open_store

PAGES = (
    "/",
    "/tonight",
    "/register",
    "/rooms/001",
    "/equipment/MAT-001",
    "/emitters",
    "/residents",
    "/residents/res-001",
    "/models",
    "/training",
    "/checks",
    "/faults",
    "/notices",
    "/stock",
    "/manager",
)
GAPS_MS, PAGE_MS, YEAR_MS = 20.0, 100.0, 10_000.0


def run(folder: Path, sizes: Sizes) -> Table:
    """Builds the home once, then measures each change and each page."""
    store = open_store(folder / "nightwarden.db")
    try:
        furnish(store, sizes.register_rooms, sizes.register_items)
        changes = {
            f"gaps after a {what}": _after(store, change, sizes.register_rounds)
            for what, change in _CHANGES.items()
        }
        pages = asyncio.run(_pages(store, sizes))
        evidence = {"evidence of a year, PDF": _evidence(store)}
    finally:
        store.close()
    return Table(
        f"Register: {sizes.register_rooms} rooms, {sizes.register_items} items, {YEARS} years",
        "promised: 20 ms gaps after a change, 100 ms a page, 10 s a year's evidence",
        (*_rows(changes, GAPS_MS), *_rows(pages, PAGE_MS), *_rows(evidence, YEAR_MS)),
        (
            f"Medians of {sizes.register_rounds}. A page is timed from the request to the app's",
            "last byte, in process, without a network. Processor: what this process used of it",
            "meanwhile, the figure to go by where the machine has other work.",
        ),
    )


_Took = tuple[float, float]
"""Milliseconds by the clock and of the processor."""


def _rows(found: dict[str, _Took], promised: float) -> Iterator[Row]:
    for what, (clock, processor) in found.items():
        yield Row(what, clock, "ms", promised)
        yield Row(f"{what}, processor", processor, "ms", promised)


class _Watch:
    """A stop watch for both."""

    def __init__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    @property
    def took(self) -> _Took:
        """Since it was made."""
        clock, processor = self._began
        return (time.perf_counter() - clock) * 1000, (time.process_time() - processor) * 1000


def _medians(took: list[_Took]) -> _Took:
    return median(clock for clock, _ in took), median(processor for _, processor in took)


def _confirm(tx: Transaction, number: int) -> None:
    today = tx.now.date()
    upkeep.confirm(tx, "CVR-000", ItemState.IN_PLACE, f"Tom {number}", today, None, "benchmark")


def _fault(tx: Transaction, number: int) -> None:
    upkeep.report_fault(tx, "MAT-001", f"loose {number}", None, "benchmark")


def _move(tx: Transaction, number: int) -> None:
    upkeep.move(tx, "CHR-002", PlaceId("002", "bed" if number % 2 == 0 else "chair"), "benchmark")


_CHANGES: dict[str, Callable[[Transaction, int], None]] = {
    "confirmation": _confirm,
    "fault": _fault,
    "move": _move,
}


def _after(store: Store, change: Callable[[Transaction, int], None], rounds: int) -> _Took:
    """From the commit of a change to the list of all gaps."""
    with store.reading(NOW) as tx:
        gaps_now(tx)
    took = []
    for number in range(rounds):
        now = NOW + timedelta(seconds=number + 1)
        with store.transaction(now) as tx:
            change(tx, number)
        watch = _Watch()
        with store.reading(now) as tx:
            gaps_now(tx)
        took.append(watch.took)
    return _medians(took)


def _evidence(store: Store) -> _Took:
    """A year of it, from the store to the finished file."""
    watch = _Watch()
    with store.reading(NOW) as tx:
        pack = gather(tx, NOW.date() - timedelta(days=364), NOW.date(), "benchmark")
    as_pdf(pack)
    return watch.took


async def _pages(store: Store, sizes: Sizes) -> dict[str, _Took]:
    now = NOW + timedelta(minutes=5)
    with store.transaction(now) as tx:
        people.add_user(tx, "Mia", Role.MANAGER, "a lantern in the hall", "benchmark")
        meta.put(tx, meta.PROOF_AT, now.isoformat())
    with store.transaction(now) as tx:
        cookie = sessions.open_session(tx, people.check_secret(tx, "Mia", "a lantern in the hall"))
    app = create_app(ApiOptions(store, lambda: now))
    transport = httpx.ASGITransport(app=app)
    found = {}
    async with httpx.AsyncClient(transport=transport, base_url="http://bench") as client:
        client.cookies.set("nightwarden_session", cookie)
        for path in PAGES:
            took = []
            for _ in range(sizes.register_rounds + 1):
                watch = _Watch()
                answer = await client.get(path)
                answer.raise_for_status()
                took.append(watch.took)
            found[f"page {path}"] = _medians(took[1:])
    return found
