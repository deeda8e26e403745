"""Lengths of time as people write them: ``30s``, ``6m``, ``1h30m``, ``31d``; ``0`` is none."""

import re
from datetime import timedelta

PATTERN = r"^(0|(?=\d)(\d{1,6}d)?(\d{1,6}h)?(\d{1,6}m)?(\d{1,6}s)?)$"
"""The same rule for JSON Schema."""

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def parse_duration(text: str) -> timedelta:
    """A length of time from its text.

    Raises:
        ValueError: it is none; the message is a sentence for a person.
    """
    if not re.fullmatch(PATTERN, text, re.ASCII):
        hint = f"; write {text}s if seconds are meant" if text.isdecimal() else ""
        raise ValueError(f'"{text}" is not a length of time, such as 30s, 6m, 1h30m or 31d{hint}')
    parts = re.findall(r"(\d+)([dhms])", text)
    return timedelta(**{_UNITS[unit]: int(count) for count, unit in parts})


def duration_text(length: timedelta) -> str:
    """``1h30m``; what :func:`parse_duration` reads back. Whole seconds, zero or more."""
    left, text = round(length.total_seconds()), ""
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        text += f"{count}{unit}" if count else ""
    return text or "0"
