"""Reads ``shifts`` and ``who_is_told`` of a rules file.

1. Shifts together cover the 24 hours without a hole. They may overlap: a handover is part of both.
2. A policy names roles for every rung. A rung that is left out calls whom the delivered policy
   calls there, so that no rung is empty.
3. Only a role that may answer an alert can be called.
"""

from collections.abc import Sequence
from typing import Any

from nightwarden.homefile.yaml_tree import Path
from nightwarden.model import claims
from nightwarden.model.hours import Hours
from nightwarden.model.roles import Role
from nightwarden.rulesfile.document import Document
from rules.telling import DEFAULT_POLICIES, DEFAULT_SHIFTS, EVERYONE, Policy, RungName, Shift

_MINUTES_A_DAY = 24 * 60
_KEYS = ("name", "zones", "shifts", *RungName)
_NAMES = {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": r"\S"}}

SHIFTS_SCHEMA: dict[str, Any] = {
    "type": ["object", "null"],
    "additionalProperties": {
        "type": "string",
        "pattern": r"^([01]\d|2[0-4]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d$",
    },
    "examples": [{"day": "07:00-21:00", "night": "21:00-07:00"}],
}
POLICIES_SCHEMA: dict[str, Any] = {
    "type": ["array", "null"],
    "minItems": 1,
    "items": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "pattern": r"\S"},
            "zones": _NAMES,
            "shifts": _NAMES,
            **{
                rung.value: {"type": "array", "minItems": 1, "items": {"enum": list(EVERYONE)}}
                for rung in RungName
            },
        },
    },
}


def read_shifts(document: Document, here: Path, given: Any) -> tuple[Shift, ...]:
    """The shifts; those as delivered where they cannot be read."""
    if not isinstance(given, dict) or not given:
        document.wrong(here, 'is not a mapping; write shifts: {day: "07:00-21:00", …}')
        return DEFAULT_SHIFTS
    shifts = []
    for name, hours in given.items():
        try:
            claims.name(name)
            shifts.append(Shift(name, Hours.parse(hours if isinstance(hours, str) else "")))
        except ValueError as problem:
            document.wrong((*here, name), str(problem))
    if len(shifts) == len(given) and (hole := _hole(shifts)) is not None:
        document.wrong(here, f"leaves out {hole}; together they have to cover the whole day")
    return tuple(shifts)


def _hole(shifts: Sequence[Shift]) -> str | None:
    """The first stretch of the day that no shift covers: ``05:00-07:00``."""
    covered = bytearray(_MINUTES_A_DAY)
    for _, (start, end) in ((s, (s.hours.start, s.hours.end)) for s in shifts):
        spans = [(start, end)] if start < end else [(start, _MINUTES_A_DAY), (0, end)]
        for first, last in spans:
            covered[first:last] = b"\x01" * (last - first)
    start = covered.find(0)
    if start < 0:
        return None
    end = covered.find(1, start)
    return str(Hours(start, _MINUTES_A_DAY if end < 0 else end))


def read_policies(
    document: Document, here: Path, given: Any, shifts: Sequence[str]
) -> tuple[Policy, ...]:
    """The policies; ``shifts`` are the names that one may use."""
    if not isinstance(given, list) or not given:
        document.wrong(here, "is not a list of policies; start each of them with a dash")
        return DEFAULT_POLICIES
    return tuple(
        _policy(document, (*here, index), part, shifts) for index, part in enumerate(given)
    )


def _policy(document: Document, here: Path, given: Any, shifts: Sequence[str]) -> Policy:
    usual = DEFAULT_POLICIES[0]
    if not isinstance(given, dict):
        document.wrong(here, f"is not a mapping; write {', '.join(_KEYS)} with colons")
        return usual
    for key in given:
        if key not in _KEYS:
            document.unknown((*here, key), _KEYS)
    name = _words(document, (*here, "name"), [given["name"]])[0] if "name" in given else None
    named = _listed(document, here, given, "shifts")
    for index, shift in enumerate(named):
        if shift not in shifts:
            path = (*here, "shifts", index)
            document.wrong(path, f'"{shift}" is no shift; the shifts are {", ".join(shifts)}')
    rungs = {rung.value: _roles(document, here, given, rung, usual) for rung in RungName}
    return Policy(name=name, zones=_listed(document, here, given, "zones"), shifts=named, **rungs)


def _roles(
    document: Document, here: Path, given: dict[str, Any], rung: RungName, usual: Policy
) -> tuple[Role, ...]:
    if rung not in given:
        return usual.roles(rung)
    roles = []
    for index, word in enumerate(_listed(document, here, given, rung)):
        if word in EVERYONE:
            roles.append(Role(word))
        else:
            known = ", ".join(EVERYONE)
            document.wrong((*here, rung, index), f'"{word}" is no role to call; use {known}')
    return tuple(dict.fromkeys(roles)) or usual.roles(rung)


def _listed(document: Document, here: Path, given: dict[str, Any], key: str) -> tuple[str, ...]:
    if key not in given:
        return ()
    path, part = (*here, key), given[key]
    if not isinstance(part, list) or not part:
        document.wrong(path, "is not a list with something in it; write [one, another]")
        return ()
    return tuple(_words(document, path, part))


def _words(document: Document, path: Path, given: list[Any]) -> list[str]:
    for index, word in enumerate(given):
        try:
            claims.name(word if isinstance(word, str) else "")
        except ValueError as problem:
            document.wrong((*path, index), str(problem))
    return [str(word) for word in given]


def shifts_plain(shifts: Sequence[Shift]) -> dict[str, str]:
    """The shifts as the file has them."""
    return {shift.name: str(shift.hours) for shift in shifts}


def policies_plain(policies: Sequence[Policy]) -> list[dict[str, Any]]:
    """The policies as the file has them."""
    return [
        ({"name": policy.name} if policy.name else {})
        | ({"zones": list(policy.zones)} if policy.zones else {})
        | ({"shifts": list(policy.shifts)} if policy.shifts else {})
        | {rung.value: [role.value for role in policy.roles(rung)] for rung in RungName}
        for policy in policies
    ]
