"""An instant in the form that the store keeps, for statements that go straight to the driver."""

from datetime import UTC, datetime
from functools import lru_cache

_WITHOUT_OFFSET = len("2026-01-01 00:00:00.000000")


@lru_cache(maxsize=2048)  # a batch writes the same instants into several tables
def as_text(instant: datetime) -> str:
    """An aware instant as SQLAlchemy's ``UTCDateTime`` writes it into SQLite; sorts as text."""
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    return instant.isoformat(" ", "microseconds")[:_WITHOUT_OFFSET]
