"""A home with a real store file, a stand-in for its InfluxDB, and the sink between the two."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from gateway.history.influx import IDLE_S, SINK, InfluxSink
from nightwarden.store import history
from nightwarden.store.engine import open_store
from nightwarden.store.tables import HistoryCursor, ReadingRow
from tests.influx_standin import BUCKET, ORG, TOKEN, InfluxStandin

NOW = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)


class InfluxHome:
    """A context manager; the sink moves only when a test steps or starts it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "nightwarden.db"
        self.store = open_store(self.path)
        self.influx = InfluxStandin()
        self.sink = self.another_sink()

    def another_sink(
        self, token: str = TOKEN, bucket: str = BUCKET, timeout_s: float = 10.0
    ) -> InfluxSink:
        return InfluxSink(
            self.influx.url, token, ORG, bucket, self.store, "elm-house", lambda: NOW, timeout_s
        )

    def __enter__(self) -> Self:
        self.influx.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.sink.stop()
        self.influx.__exit__(*error)
        self.store.close()

    def hear(self, count: int, *, quantity: str = "temperature", word: str | None = None) -> None:
        """Readings a second apart, numbered in their value, from 40 devices."""
        with self.store.transaction(NOW) as tx:
            tx.add_all(
                ReadingRow(
                    dialect="nightwarden",
                    address=f"device-{number % 40}",
                    quantity=quantity,
                    number=None if word else number,
                    word=word,
                    measured_at=NOW + timedelta(seconds=number),
                    received_at=NOW + timedelta(seconds=number),
                )
                for number in range(count)
            )

    def cursor(self) -> HistoryCursor:
        with self.store.reading(NOW) as tx:
            return history.cursor(tx, SINK)

    def drain(self, most: int = 200) -> int:
        """Step until nothing is waiting; how many steps that took."""
        for steps in range(1, most):
            if self.sink.step() == IDLE_S:
                return steps
        raise AssertionError(f"still sending after {most} steps")

    def values(self) -> list[object]:
        """The values that InfluxDB was sent, in order of arrival."""
        return [point.field("value") for point in self.influx.received]
