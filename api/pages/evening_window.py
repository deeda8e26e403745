"""Which hours of which day a room's picture shows, by the home's own wall clock."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from nightwarden.errors import Invalid
from nightwarden.languages import gettext
from nightwarden.model.phrases import phrase

A_DAY = timedelta(days=1)
HOURS = {"evening": (16, 8), "night": (20, 12), "day": (0, 24)}
"""What may be looked at of a day: the hour at which it begins, and how many hours it has."""
WORDS = {"evening": phrase("Evening"), "night": phrase("Night"), "day": phrase("Whole day")}
_MORNING, _FIVE = 10, 17


@dataclass(frozen=True, slots=True)
class Window:
    """What is looked at: hours of the home's day ``day``; instants aware, UTC."""

    day: date
    hours: str
    since: datetime
    until: datetime

    @property
    def title(self) -> str:
        """What the picture is of, for the reader; with a gap for the day."""
        if self.hours == "evening":
            return gettext("Evening of {day}")
        return gettext("Night of {day}") if self.hours == "night" else gettext("Day of {day}")

    @property
    def day_before(self) -> date:
        """The day before."""
        return self.day - A_DAY

    @property
    def day_after(self) -> date:
        """The day after."""
        return self.day + A_DAY


def window_of(day: str, hours: str, now: datetime, zone: ZoneInfo) -> Window:
    """What is asked for; without a day what a person means now by "this evening".

    Raises:
        Invalid: no such day, or other hours.
    """
    here = now.astimezone(zone)
    chosen = hours or _meant(here.hour)
    if chosen not in HOURS:
        raise Invalid(f'hours: "{hours[:40]}" is none of {", ".join(HOURS)}.')
    last_night = here.hour < HOURS[chosen][0] and chosen != "day"
    begins = here.date() - A_DAY if last_night else here.date()
    if day:
        try:
            begins = date.fromisoformat(day)
        except ValueError:
            raise Invalid(f'day: "{day[:40]}" is not a day, such as 2026-11-24.') from None
    if not timedelta(days=-3650) < begins - here.date() < timedelta(days=2):
        raise Invalid("day: nothing is kept of that day.")
    start, length = HOURS[chosen]
    since = datetime.combine(begins, time(start), zone)
    until = since + timedelta(hours=length)  # wall clock: the nights of both clock changes too
    utc = now.tzinfo
    return Window(begins, chosen, since.astimezone(utc), until.astimezone(utc))


def _meant(hour: int) -> str:
    """What somebody who looks at this hour most likely wants to see."""
    if hour < _MORNING or hour >= HOURS["night"][0]:
        return "night"
    return "day" if hour < _FIVE else "evening"
