"""What an alert says: one line that names room, person and cause, and one that says what to do.

Plain words, reading age of ten. The room comes first: it is what a carer runs to.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from nightwarden.model.places import EquipmentKind, PlaceId

UNWATCHED = "while not watching"

_KIND_WORDS = {
    EquipmentKind.BED_MAT: "bed mat",
    EquipmentKind.FLOOR_MAT: "floor mat",
    EquipmentKind.CHAIR_MAT: "chair mat",
    EquipmentKind.RADIATOR_COVER: "radiator cover",
    EquipmentKind.TEMPERATURE_SENSOR: "temperature sensor",
    EquipmentKind.COVER_SWITCH: "cover switch",
    EquipmentKind.CALL_BUTTON: "call button",
    EquipmentKind.HUB: "hub",
    EquipmentKind.PORTABLE_HEATER: "portable heater",
    EquipmentKind.MAINS_MONITOR: "mains monitor",
    EquipmentKind.SOUNDER: "sounder",
    EquipmentKind.LIGHT: "light",
}


def kind_words(kind: EquipmentKind) -> str:
    """An equipment kind as a person says it."""
    return _KIND_WORDS[kind]


def headline(place: PlaceId, resident: str | None, what: str, unwatched_at: str = "") -> str:
    """``Room 12 · Joan · out of bed``; with the time and the words where nobody watched."""
    room = place.room if not place.room[:1].isdigit() else f"Room {place.room}"
    parts = [room, resident, what]
    line = " · ".join(part for part in parts if part)
    return f"{line} (at {unwatched_at}, {UNWATCHED})" if unwatched_at else line


def todo(own: str | None, standard: str) -> str:
    """The action line: what the requirement says, if it says anything, before the usual words."""
    if not own:
        return standard
    return f"{own} {standard}" if own[-1:] in ".!?" else f"{own}. {standard}"


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
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"
