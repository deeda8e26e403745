"""A cell as the home file writes it. What cannot be brought into that form stays as it came: the
home file's reader then says what would be right."""

import re
from datetime import date, datetime, time

from nightwarden.importing.columns import Reads
from nightwarden.spreadsheet import MARKED

_DAY_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_WITH_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]00:00(:00(\.0+)?)?Z?")
_MONTH_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ -]([A-Za-z]{3,9})[ -,]+(\d{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WHOLE = re.compile(r"(\d+)\.0+")


def text_of(value: object) -> str:
    """A spreadsheet's own value as text: days in ISO form, 12.0 as 12."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return " ".join(str(value).split())


def unmarked(text: str) -> str:
    """Without the ' that our own lists put before what looks like a formula."""
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in MARKED else text


def formed(text: str, reads: Reads) -> str:
    """The text as a home file has it."""
    match reads:
        case Reads.WORD:
            return re.sub(r"[\s\-/]+", "_", text.strip().lower())
        case Reads.DAY:
            return _day(text)
        case Reads.NUMBER:
            whole = _WHOLE.fullmatch(text)
            return whole[1] if whole else text
        case Reads.HOURS:
            return re.sub(r"\s*(?:-|–|—|to)\s*", "-", text.strip())
        case Reads.TEXT:
            return text


def _day(text: str) -> str:
    formed = text
    if found := _WITH_TIME.fullmatch(text):
        formed = found[1]
    elif found := _DAY_FIRST.fullmatch(text):
        formed = f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}"
    elif (found := _MONTH_NAMED.fullmatch(text)) and found[2][:3].lower() in _MONTHS:
        month = _MONTHS.index(found[2][:3].lower()) + 1
        formed = f"{found[3]}-{month:02d}-{int(found[1]):02d}"
    try:
        return date.fromisoformat(formed).isoformat()
    except ValueError:
        return text  # the person looks for what they wrote
