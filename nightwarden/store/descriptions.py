"""What may be said of an item of equipment, and what may not, whoever says it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from nightwarden.errors import Invalid
from nightwarden.model import claims
from nightwarden.model.alerts import Priority
from nightwarden.model.places import CALLS_PEOPLE, EquipmentKind, Mount, SoundsFor

Claim = TypeVar("Claim")

LONGEST_LIFE = 7_300
"""Days; no mat, pad or sensor has a longer service life."""

_WORDS: Mapping[str, tuple[str, ...]] = {
    "kind": tuple(EquipmentKind),
    "mount": tuple(Mount),
    "sounds_for": tuple(SoundsFor),
    "sounds_from": (Priority.HIGH, Priority.MEDIUM, Priority.LOW),
}


@dataclass(frozen=True, slots=True)
class Description:
    """What an item is. ``mount`` for temperature sensors, and for them only; ``sounds_for`` and
    ``sounds_from`` likewise for sounders and lights; ``meant_for`` the id of the resident whose
    it is; ``owner`` and ``use_until`` who answers for what is here for a time, and its last day."""

    kind: EquipmentKind
    mount: Mount | None = None
    make: str | None = None
    model: str | None = None
    serial: str | None = None
    in_service_on: date | None = None
    service_life_days: int | None = None
    meant_for: str | None = None
    sounds_for: SoundsFor | None = None
    sounds_from: Priority | None = None
    owner: str | None = None
    use_until: date | None = None


def described(fields: dict[str, Any]) -> Description:
    """The description that these fields make, every one of :class:`Description`.

    Raises:
        Invalid: a value that cannot be.
    """
    for field in ("make", "model", "serial", "owner"):
        if fields[field] is not None:
            fields[field] = checked(claims.text, fields[field], field)
    for field, words in _WORDS.items():
        if fields[field] is not None and fields[field] not in words:
            raise Invalid(f'{field}: "{fields[field]}" is none of {", ".join(words)}.')
    what = Description(**fields)
    if what.service_life_days is not None and not 1 <= what.service_life_days <= LONGEST_LIFE:
        raise Invalid(f"service_life_days: from 1 to {LONGEST_LIFE}, which is 20 years.")
    sensor = what.kind == EquipmentKind.TEMPERATURE_SENSOR
    if sensor and what.mount is None:
        raise Invalid(f"mount: a temperature sensor needs one of {', '.join(Mount)}.")
    if not sensor and what.mount is not None:
        raise Invalid(f"mount: a {what.kind} has none; only a temperature_sensor has one.")
    _calls(what)
    return what


def _calls(what: Description) -> None:
    if what.kind in CALLS_PEOPLE:
        if what.sounds_for is None:
            raise Invalid(f"sounds_for: a {what.kind} needs one of {', '.join(SoundsFor)}.")
    elif what.sounds_for or what.sounds_from:
        raise Invalid(f"sounds_for: a {what.kind} does not sound; only a sounder or light does.")


def checked(check: Callable[[Claim], Claim], value: Claim, field: str) -> Claim:
    """What ``check`` makes of a value; Invalid, with the field's name, where it refuses it."""
    try:
        return check(value)
    except ValueError as problem:
        raise Invalid(f"{field}: {problem}.") from None
