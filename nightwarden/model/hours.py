"""Hours of the day in which something is required, local to the home.

A night watch crosses midnight and, twice a year, a clock change. The rule kept here: hours are
wall-clock hours of the home. "21:00-07:00" is ten hours on an ordinary night, eleven when
the clocks go back and nine when they go forward; it starts when the wall says 21:00 and ends when
the wall says 07:00.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_FORM = re.compile(r"^([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$")
_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Hours:
    """Wall-clock hours ``start`` (included) to ``end`` (excluded), minutes since local midnight.

    ``start > end`` crosses midnight; 0 to 1440 is always.
    """

    start: int
    end: int

    @classmethod
    def parse(cls, text: str) -> "Hours":
        """Read ``"21:00-07:00"``; ``"00:00-24:00"`` is always.

        Raises:
            ValueError: with one sentence that says what would be right.
        """
        match = _FORM.match(text.strip())
        if match is None:
            raise ValueError(f'hours "{text}" are not HH:MM-HH:MM, such as "21:00-07:00"')
        h1, m1, h2, m2 = (int(part) for part in match.groups())
        start, end = h1 * 60 + m1, h2 * 60 + m2
        if start >= _MINUTES_A_DAY or end > _MINUTES_A_DAY:
            raise ValueError(f'hours "{text}" go past the day; the latest are 23:59-24:00')
        if start == end:
            raise ValueError(f'hours "{text}" are empty; for the whole day write "00:00-24:00"')
        return cls(start, end)

    def __str__(self) -> str:
        def clock(minutes: int) -> str:
            return f"{minutes // 60:02d}:{minutes % 60:02d}"

        return f"{clock(self.start)}-{clock(self.end)}"

    @property
    def always(self) -> bool:
        """True when these hours never end."""
        return self.start == 0 and self.end == _MINUTES_A_DAY

    def cover(self, instant: datetime, zone: ZoneInfo) -> bool:
        """Whether the home's wall clock stands within these hours at ``instant`` (aware)."""
        if self.always:
            return True
        local = instant.astimezone(zone)
        minute = local.hour * 60 + local.minute
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end

    def next_start(self, instant: datetime, zone: ZoneInfo) -> datetime:
        """The first instant at or after ``instant`` that these hours cover, in UTC.

        A start that a clock change skips is taken at the first minute that exists after it.
        """
        if self.cover(instant, zone):
            return instant
        day = instant.astimezone(zone).date()
        for ahead in range(3):
            start = _instant(day + timedelta(days=ahead), self.start, zone)
            if start > instant:
                return start
        raise AssertionError("hours start on every day")  # pragma: no cover

    def next_end(self, instant: datetime, zone: ZoneInfo) -> datetime | None:
        """The first instant after ``instant`` at which these hours end, in UTC; None for always."""
        if self.always:
            return None
        day = instant.astimezone(zone).date()
        for ahead in range(-1, 3):
            end = _instant(day + timedelta(days=ahead), self.end, zone)
            if end > instant:
                return end
        raise AssertionError("hours end on every day")  # pragma: no cover


ALWAYS = Hours(0, _MINUTES_A_DAY)


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Local ``minute`` of ``day`` as UTC; a minute that the spring change skips moves past it."""
    day, minute = day + timedelta(days=minute // _MINUTES_A_DAY), minute % _MINUTES_A_DAY
    return datetime.combine(day, time(minute // 60, minute % 60), zone).astimezone(UTC)
