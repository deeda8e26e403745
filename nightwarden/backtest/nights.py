"""Nights: an alert belongs to the night whose evening comes before it, noon to noon in the home."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NOON = time(12)


def night_of(instant: datetime, zone: ZoneInfo) -> date:
    """The evening's date of the night that ``instant`` (aware) lies in."""
    local = instant.astimezone(zone)
    return local.date() if local.time() >= NOON else local.date() - timedelta(days=1)


def night_begins(night: date, zone: ZoneInfo) -> datetime:
    """Noon before a night, aware, UTC; a night with a clock change has 23 or 25 hours."""
    return datetime.combine(night, NOON, zone).astimezone(UTC)


def nights_between(since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[date]:
    """Every night that lies at least partly between two instants, the first before."""
    night = night_of(since, zone)
    while night_begins(night, zone) < until:
        yield night
        night += timedelta(days=1)
