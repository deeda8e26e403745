"""An instant in the form that the store keeps, for statements that go straight to the driver."""

from datetime import UTC, datetime


def as_text(instant: datetime) -> str:
    """An aware instant as SQLAlchemy's ``UTCDateTime`` writes it into SQLite; sorts as text."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
