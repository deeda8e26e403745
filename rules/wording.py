"""What an alert says: one line that names room, person and cause, and one that says what to do.

Plain words, reading age of ten. The room comes first: it is what a carer runs to.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from nightwarden.model.phrases import by_number, phrase
from nightwarden.model.places import KIND_WORDS, EquipmentKind, PlaceId

UNWATCHED = phrase("while not watching")


def kind_words(kind: EquipmentKind) -> str:
    """An equipment kind as a person says it."""
    return KIND_WORDS[kind]


def headline(place: PlaceId, resident: str | None, what: str, unwatched_at: str = "") -> str:
    """``Room 12 · Joan · out of bed``; with the time and the words where nobody watched."""
    parts = [room_words(place.room), resident, what]
    line = " · ".join(part for part in parts if part)
    return phrase(f"{line} (at {unwatched_at}, while not watching)") if unwatched_at else line


def room_words(room: str) -> str:
    """``Room 12``; a room that has a name is called by it."""
    return phrase(f"Room {room}") if room[:1].isdigit() else room


def todo(own: str | None, standard: str) -> str:
    """The action line: what the requirement says, if it says anything, before the usual words."""
    if not own:
        return standard
    return f"{own} {standard}" if own[-1:] in ".!?" else f"{own}. {standard}"


def go_now(what: str, because: str) -> str:
    """What to do of an alert that a plan asks for, with the assessment's own words."""
    return phrase(f"{what} Plan: {because}.")


def at_time(what: str, instant: datetime, zone: ZoneInfo) -> str:
    """``back in bed at 02:14``."""
    time = wall_time(instant, zone)
    return phrase(f"{what} at {time}")


def raised(what: str, *, so: bool) -> str:
    """What a watch has in mind, and that it has raised it where it has."""
    return phrase(f"{what}, raised") if so else what


def wall_time(instant: datetime, zone: ZoneInfo) -> str:
    """The home's wall clock: ``02:14``."""
    return f"{instant.astimezone(zone):%H:%M}"


def exactly(instant: datetime, zone: ZoneInfo) -> str:
    """The home's wall clock to the second: ``02:14:07``."""
    return f"{instant.astimezone(zone):%H:%M:%S}"


def moment(instant: datetime, zone: ZoneInfo, now: datetime) -> str:
    """``02:14:07``, or ``3 Nov 02:14:07`` where that is not the day of ``now``."""
    local = instant.astimezone(zone)
    other_day = local.date() != now.astimezone(zone).date()
    return f"{local:%-d %b %H:%M:%S}" if other_day else exactly(instant, zone)


def length(of: timedelta) -> str:
    """A length of time with its two largest units: ``10 s``, ``3 min``, ``1 h 30 min``, ``2 d``."""
    left, parts = round(of.total_seconds()), []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


def span(length: timedelta) -> str:
    """A length of time in words: ``40 seconds``, ``6 minutes``, ``3 hours``."""
    seconds = round(length.total_seconds())
    if (days := seconds // 86_400) > 0:
        return by_number(days, f"{days} day", f"{days} days")
    if (hours := seconds // 3_600) > 0:
        return by_number(hours, f"{hours} hour", f"{hours} hours")
    if (minutes := seconds // 60) > 0:
        return by_number(minutes, f"{minutes} minute", f"{minutes} minutes")
    return by_number(seconds, f"{seconds} second", f"{seconds} seconds")


def counted(kind: EquipmentKind, n: int) -> str:
    """How many of a kind: ``2 bed mats``."""
    match kind:
        case EquipmentKind.BED_MAT:
            return by_number(n, f"{n} bed mat", f"{n} bed mats")
        case EquipmentKind.FLOOR_MAT:
            return by_number(n, f"{n} floor mat", f"{n} floor mats")
        case EquipmentKind.CHAIR_MAT:
            return by_number(n, f"{n} chair mat", f"{n} chair mats")
        case EquipmentKind.RADIATOR_COVER:
            return by_number(n, f"{n} radiator cover", f"{n} radiator covers")
        case EquipmentKind.TEMPERATURE_SENSOR:
            return by_number(n, f"{n} temperature sensor", f"{n} temperature sensors")
        case EquipmentKind.COVER_SWITCH:
            # As it was always said: what is recorded has to be what a replay says again.
            return by_number(n, f"{n} cover switch", f"{n} cover switchs")
        case EquipmentKind.CALL_BUTTON:
            return by_number(n, f"{n} call button", f"{n} call buttons")
        case EquipmentKind.HUB:
            return by_number(n, f"{n} hub", f"{n} hubs")
        case EquipmentKind.PORTABLE_HEATER:
            return by_number(n, f"{n} portable heater", f"{n} portable heaters")
        case EquipmentKind.MAINS_MONITOR:
            return by_number(n, f"{n} mains monitor", f"{n} mains monitors")
        case EquipmentKind.SOUNDER:
            return by_number(n, f"{n} sounder", f"{n} sounders")
        case EquipmentKind.LIGHT:
            return by_number(n, f"{n} light", f"{n} lights")


def moment_of_day(instant: datetime, zone: ZoneInfo, day: str = "%-d %b") -> str:
    """``16:00 on 3 Nov``; ``day`` is how the day is written."""
    local = instant.astimezone(zone)
    time, day = f"{local:%H:%M}", local.strftime(day)
    return phrase(f"{time} on {day}")
