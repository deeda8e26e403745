"""How long a rules file takes over a recorded year of a home of 60 rooms.

The reference is the aim: a year in 60 s, scaled to the days that were recorded.
"""

from pathlib import Path
from time import perf_counter

from benchmarks import recorded_year
from benchmarks.figures import Row, Table
from benchmarks.sizes import Sizes
from nightwarden.backtest.trial import backtest
from nightwarden.rulesfile.reader import read_rules_file
from nightwarden.store.engine import open_store

AIM_S = 60.0
OTHER = b"bed_exit: {dwell: 1m}\nhot_surface: {hold: 10m}\nbecause: fewer calls for a short roll\n"


def run(folder: Path, sizes: Sizes) -> Table:
    """Write the record, then run other rules over it."""
    rooms, days = sizes.backtest_rooms, sizes.backtest_days
    store = open_store(folder / "nightwarden.db")
    try:
        begun = perf_counter()
        recorded = recorded_year.write(store, rooms, days)
        written_s = perf_counter() - begun
        with store.reading(recorded.until) as tx:
            rules = read_rules_file(OTHER, "other rules")
            begun = perf_counter()
            found = backtest(tx, rules, recorded_year.BEGINS, recorded.until)
            took_s = perf_counter() - begun
    finally:
        store.close()
    assert found.readings == recorded.readings, "every reading was heard or passed over"
    passed = 100 * found.passed_over / found.readings
    return Table(
        title=f"Backtest: {days} days of {rooms} rooms, {recorded.readings:,} readings",
        against="a year in 60 s",
        rows=(
            Row("backtest", took_s, "s", AIM_S * days / 365),
            Row("readings a second", found.readings / took_s, "1/s"),
        ),
        notes=(
            f"{passed:.1f}% passed over in runs; {len(found.again)} alerts.",
            f"Written with its stretches in {written_s:.0f} s, which is not measured.",
        ),
    )
