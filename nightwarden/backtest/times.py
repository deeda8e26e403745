"""The times of a backtest as people write them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from nightwarden.errors import Invalid

_A_DAY = len("2026-11-01")


def instant_of(name: str, written: str, zone: str, *, end: bool = False) -> datetime:
    """What was written, as an aware instant in UTC.

    Args:
        name: of the option or field, for the error.
        written: a day, or a time; without a zone it is the home's.
        zone: the home's IANA name.
        end: a day means its end rather than its beginning.

    Raises:
        Invalid: it is neither.
    """
    try:
        if len(written) == _A_DAY:
            day = date.fromisoformat(written) + timedelta(days=end)
            instant = datetime.combine(day, time())
        else:
            instant = datetime.fromisoformat(written)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=ZoneInfo(zone))
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(
            f'{name}: "{written}" is no time; write a day such as 2026-11-01, '
            "or a time such as 2026-11-01T21:00"
        ) from None
