"""Hours of the day in which something is required, local to the home.

A night watch crosses midnight and, twice a year, a clock change. The rule kept here: hours are
wall-clock hours of the home. "21:00-07:00" is ten hours on an ordinary night, eleven when
the clocks go back and nine when they go forward; it starts when the wall says 21:00 and ends when
the wall says 07:00.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_FORM = re.compile(r"^([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$")
_MINUTES_A_DAY = 24 * 60
_A_DAY = timedelta(days=1)


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
        """The first instant at or after ``instant`` that these hours cover.

        A start that a clock change skips is taken at the first minute that exists after it.
        """
        return instant if self.cover(instant, zone) else self._next_change(instant, zone)

    def next_end(self, instant: datetime, zone: ZoneInfo) -> datetime | None:
        """The first instant after ``instant`` that ends these hours, in UTC; None for always."""
        if self.always:
            return None
        return self._next_change(self.next_start(instant, zone), zone)

    def night_of(self, instant: datetime, zone: ZoneInfo) -> date:
        """The local date on which the night that covers ``instant`` began.

        Hours that do not cross midnight, and those that never end, are counted by the day.
        """
        local = instant.astimezone(zone)
        in_the_morning = self.start > self.end and local.hour * 60 + local.minute < self.end
        return local.date() - _A_DAY if in_the_morning else local.date()

    def part_end(self, instant: datetime, zone: ZoneInfo) -> datetime:
        """When the covered part that ``instant`` lies in ends: midnight, for what never ends."""
        if not self.always:
            return self._next_change(instant, zone)
        day, at = instant.astimezone(zone).date(), instant.astimezone(UTC)
        while at.astimezone(zone).date() == day:
            at = _wall_next_says(0, at, zone)
        return at

    def parts(
        self, since: datetime, until: datetime, zone: ZoneInfo
    ) -> Iterator[tuple[date, datetime, datetime]]:
        """Each covered part from ``since`` that has begun by ``until``: its night, begin and end.

        A night has one part; two where the clocks go back over its beginning or its end.
        """
        at = self.next_start(since.astimezone(UTC), zone)
        while at <= until:
            end = self.part_end(at, zone)
            yield self.night_of(at, zone), at, end
            at = self.next_start(end, zone)

    def _next_change(self, instant: datetime, zone: ZoneInfo) -> datetime:
        """The first instant after ``instant`` at which these hours begin or end, in UTC."""
        covered, at = self.cover(instant, zone), instant.astimezone(UTC)
        while self.cover(at, zone) is covered:
            at = _wall_next_says(self.end if covered else self.start, at, zone)
        return at


ALWAYS = Hours(0, _MINUTES_A_DAY)


def _wall_next_says(minute: int, after: datetime, zone: ZoneInfo) -> datetime:
    """The first instant after ``after`` at which the wall clock says ``minute`` of a day.

    A clock change that comes before it is given instead: there the wall may jump over the minute,
    or back before it, and whoever asks must look again.
    """
    local = after.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    ahead = midnight + timedelta(minutes=minute) - local.replace(tzinfo=None)
    then = after + ahead % _A_DAY if ahead % _A_DAY else after + _A_DAY
    offset = local.utcoffset()
    if then.astimezone(zone).utcoffset() == offset:
        return then
    whole = after.replace(microsecond=0)  # clocks change at whole seconds
    seconds = range(int((then - whole).total_seconds()) + 1)

    def changed(second: int) -> bool:
        return (whole + timedelta(seconds=second)).astimezone(zone).utcoffset() != offset

    return whole + timedelta(seconds=bisect_left(seconds, True, key=changed))
