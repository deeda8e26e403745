"""Lines for a spreadsheet, wherever a list leaves the house as CSV."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

MARKED = "=+-@\t\r"
"""What a spreadsheet would take for the beginning of a formula (OWASP, CSV injection)."""


def lines(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The head and each row as a line of RFC 4180, ended by CR LF."""
    yield _line(columns)
    for row in rows:
        yield _line([cell(value) for value in row])


def cell(value: Any) -> Any:
    """A value as a cell: true as yes, times in ISO 8601, what is composed as JSON.

    A text that a spreadsheet would take for a formula is marked as text.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, str) and value[:1] and value[0] in MARKED:
        return f"'{value}"
    return value


def columns_of(items: Iterable[Mapping[str, Any]]) -> list[str]:
    """Every key of the items, in the order in which they are first seen."""
    return list(dict.fromkeys(key for item in items for key in item))


def _line(values: Sequence[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(values)
    return text.getvalue()
