"""What was recorded, in the order in which the engine was told it.

A line of the journal stands after the reading that the engine had heard last, so readings and
lines have one order, by number; the clock may have gone back between two of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightwarden.model.readings import DeviceId, Reading
from nightwarden.model.runs import Run
from nightwarden.store import journal, stretches
from nightwarden.store.engine import Transaction
from nightwarden.store.journal import Input, Snapshot
from nightwarden.store.times import as_text


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a replay begins: a snapshot, and its place in the order."""

    line: Input
    snapshot: Snapshot

    @property
    def at(self) -> datetime:
        """The instant that the engine had reached."""
        return self.line.reached


def beginning(tx: Transaction, since: datetime) -> Beginning | None:
    """The snapshot at or before ``since``, or the first there is; None without any journal."""
    line = journal.snapshot_before(tx, since) or journal.first_snapshot(tx)
    return None if line is None else Beginning(line, journal.snapshot_of(tx, line.body))


@dataclass(slots=True)
class Part:
    """Everything between two readings: what was heard, and the lines among it, by position.

    ``runs``: what was heard has runs in it; otherwise it is every reading. A line stands after the
    reading that has its position.
    """

    heard: Iterable[tuple[int, Reading | Run]]
    lines: list[Input]
    last: int
    until: datetime | None = None
    runs: bool = False


class Recording:
    """What the engine was told after ``begin`` and until ``until``, in its order.

    Args:
        tx: a reading transaction.
        begin: where to begin.
        until: where to end (aware, UTC).
        in_full: every reading one by one, also where there are runs.
    """

    def __init__(
        self, tx: Transaction, begin: Beginning, until: datetime, *, in_full: bool = False
    ) -> None:
        self._tx = tx
        self._until = until
        self._heard = begin.line.after_reading
        self._in_full = in_full
        self._lines = journal.inputs(tx, begin.line.id, until)
        self._next_line = next(self._lines, None)

    def parts(self) -> Iterator[Part]:
        """Part by part; a stretch of the store is one, and so is what lies between two."""
        end = journal.last_reading_by(self._tx, self._until)
        if not self._in_full:
            for stretch in stretches.stretches(self._tx, self._heard, end):
                if stretch.until > self._until:
                    break
                if stretch.first > self._heard + 1 or self._line_waits(stretch.first - 1):
                    yield self._in_between(stretch.first - 1)
                lines = list(self._lines_until(stretch.last - 1))
                yield Part(stretch.told, lines, stretch.last, stretch.until, runs=True)
                self._heard = stretch.last
        lines = list(self._lines_until(None))
        if lines:  # what stands before a line was heard, whatever the clock said then
            after, self._heard = self._heard, max(self._heard, lines[-1].after_reading)
            yield Part(readings(self._tx, after, self._heard), lines, self._heard)
        yield Part(readings(self._tx, self._heard, end, self._until), [], end)

    def every(self, part: Part) -> Part:
        """A stretch's part again, with every reading instead of runs."""
        first = next(iter(part.heard), (part.last, None))[0]
        return Part(readings(self._tx, first - 1, part.last), part.lines, part.last)

    def of_run(self, run: Run) -> Iterator[tuple[int, Reading]]:
        """The readings of one run."""
        for row in stretches.run_rows(self._tx, run):
            yield _numbered(row)

    def _in_between(self, last: int) -> Part:
        after, self._heard = self._heard, max(last, self._heard)
        return Part(readings(self._tx, after, last), list(self._lines_until(last)), last)

    def _line_waits(self, position: int) -> bool:
        return self._next_line is not None and self._next_line.after_reading <= position

    def _lines_until(self, position: int | None) -> Iterator[Input]:
        while self._next_line is not None and (position is None or self._line_waits(position)):
            yield self._next_line
            self._next_line = next(self._lines, None)


def readings(
    tx: Transaction, after: int, last: int, until: datetime | None = None
) -> Iterator[tuple[int, Reading]]:
    """The readings after number ``after`` up to ``last``, and received by ``until``."""
    if last <= after:
        return
    query = f"SELECT {stretches.COLUMNS} FROM reading WHERE id > ? AND id <= ?"  # noqa: S608
    asked: tuple[object, ...] = (after, last)
    if until is not None:
        query, asked = query + " AND received_at <= ?", (*asked, as_text(until))
    for row in tx.sql.exec_driver_sql(query + " ORDER BY id", asked):
        yield _numbered(row)


def _numbered(row: Sequence[Any]) -> tuple[int, Reading]:
    number, dialect, address, word_for, value, word, measured_at, received_at = row[:8]
    fresh, _, timed, seq = row[8:]
    reading = Reading(
        DeviceId(dialect, address),
        stretches.quantity_of(word_for),
        stretches.value_of(word_for, value if word is None else word),
        datetime.fromisoformat(f"{measured_at}+00:00"),
        datetime.fromisoformat(f"{received_at}+00:00"),
        bool(fresh),
        bool(timed),
        seq,
    )
    return number, reading
