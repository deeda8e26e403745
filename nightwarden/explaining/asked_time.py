"""The minute that somebody asks about, as people write it."""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from nightwarden.errors import Invalid

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")


def asked_instant(written: str | None, now: datetime, zone: ZoneInfo) -> datetime:
    """The instant that ``written`` names, in UTC; ``now`` where nothing is written.

    Args:
        written: ``03:12``, the last such minute by the home's clock; or a day and a time with an
            offset (RFC 3339) or, without one, by the home's clock.
        now: the present instant, aware.
        zone: the home's.

    Raises:
        Invalid: it is no time, or lies in the future.
    """
    text = (written or "").strip()
    if not text:
        return now
    if clock := _CLOCK.fullmatch(text):
        hour, minute, second = (int(part or 0) for part in clock.groups())
        return _last(time(hour, minute, second), now, zone)
    # A "+" that was not written as %2B arrives as a space.
    whole = re.sub(r"(?<=:\d\d) (?=\d\d:\d\d$)", "+", text)
    try:
        instant = datetime.fromisoformat(whole)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=zone)
        instant = instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(
            f'"{text[:40]}" is no time; write 03:12 for the last such minute, '
            "or a day with it, such as 2026-11-01T03:12"
        ) from None
    if instant > now:
        raise Invalid(f'"{text[:40]}" lies in the future; ask about what has been')
    return instant


def _last(clock: time, now: datetime, zone: ZoneInfo) -> datetime:
    """The last instant until ``now`` at which the home's wall says ``clock``.

    A minute that the wall says twice, in the night on which the clocks go back, is the second one;
    one that it skips, in spring, is that of the day before.
    """
    today = now.astimezone(zone).date()
    for days in range(3):
        day = today - timedelta(days=days)
        for fold in (1, 0):
            at = datetime.combine(day, clock, zone).replace(fold=fold).astimezone(UTC)
            said = at.astimezone(zone)
            if at <= now and said.date() == day and said.time() == clock:
                return at
    raise AssertionError("a minute comes at least every other day")
