"""The filters, tests, functions and comparisons that a value template may use, and no others.

Each takes what JSON holds, or ``MISSING``. What it cannot do it raises as ``TypeError``,
``ValueError``, ``ArithmeticError`` or ``LookupError``; every text that it makes is bounded.
"""

from collections.abc import Callable, Mapping
from typing import Any

MOST_SIGNS = 10_000


class _Missing:
    """What is not in the message; it makes no reading, unless a default stands in for it."""

    def __bool__(self) -> bool:
        return False


MISSING = _Missing()


def member(whole: Any, key: Any) -> Any:
    """A member of an object, an element of a list, a sign of a text; nothing else has any."""
    if isinstance(whole, dict) and isinstance(key, str):
        return whole.get(key, MISSING)
    if isinstance(whole, list | str) and isinstance(key, int) and -len(whole) <= key < len(whole):
        return whole[key]
    return MISSING


def _in(left: Any, right: Any) -> bool:
    return isinstance(right, list | tuple | str | dict) and left in right


def is_true(value: Any) -> bool:
    return value is not MISSING and bool(value)


def bounded(text: str) -> str:
    if len(text) > MOST_SIGNS:
        raise ValueError("longer than anything that a device says")
    return text


def as_number(value: Any) -> int | float:
    if isinstance(value, int | float):
        return value
    raise TypeError("not a number")


def _float(value: Any, default: Any = None) -> Any:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        if default is None:
            return _or_missing(value)
        return default


def _int(value: Any, default: Any = None, base: Any = 10) -> Any:
    try:
        return int(value, base) if isinstance(value, str) and base != 10 else int(float(value))
    except (TypeError, ValueError, OverflowError):
        return _or_missing(value) if default is None else default


def _or_missing(value: Any) -> Any:
    """No number can come of a word; of what is not there, nothing comes."""
    if value is MISSING or value is None:
        return MISSING
    raise ValueError("no number")


def _round(value: Any, precision: int = 0, method: str = "common") -> Any:
    if value is MISSING:
        return MISSING
    if method != "common":
        raise ValueError("only the common rounding is known")
    rounded = round(float(value), precision)
    return int(rounded) if precision == 0 else rounded


def _default(value: Any, instead: Any = "", also_if_false: bool = False) -> Any:
    return instead if value is MISSING or (also_if_false and not value) else value


def _iif(value: Any, yes: Any = True, no: Any = False) -> Any:
    return yes if is_true(value) else no


def _text(work: Callable[[str], str]) -> Callable[[Any], Any]:
    return lambda value: MISSING if value is MISSING else bounded(work(str(value)))


def _replace(value: Any, old: str, new: str) -> Any:
    if value is MISSING:
        return MISSING
    text = str(value)
    if len(text) + text.count(old) * len(new) > MOST_SIGNS:
        raise ValueError("longer than anything that a device says")
    return text.replace(old, new)


def _split(text: Any, by: str | None = None) -> list[str]:
    return str(text).split(by)


def _get(whole: Any, key: Any, default: Any = None) -> Any:
    found = member(whole, key)
    return default if found is MISSING else found


FUNCTIONS: Mapping[str, Callable[..., Any]] = {"float": _float, "int": _int, "iif": _iif}
METHODS: Mapping[str, Callable[..., Any]] = {
    "get": _get,
    "split": _split,
    "lower": _text(str.lower),
    "upper": _text(str.upper),
    "strip": _text(str.strip),
}
FILTERS: Mapping[str, Callable[..., Any]] = {
    "float": _float,
    "int": _int,
    "round": _round,
    "abs": lambda value: MISSING if value is MISSING else abs(as_number(value)),
    "is_defined": lambda value: value,
    "default": _default,
    "d": _default,
    "iif": _iif,
    "string": _text(str),
    "lower": _text(str.lower),
    "upper": _text(str.upper),
    "trim": _text(str.strip),
    "replace": _replace,
}
TESTS: Mapping[str, Callable[..., Any]] = {
    "defined": lambda value: value is not MISSING,
    "undefined": lambda value: value is MISSING,
    "none": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float),
    "string": lambda value: isinstance(value, str),
    "true": lambda value: value is True,
    "false": lambda value: value is False,
    "eq": lambda left, right: left == right,
}
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: bool(left == right),
    "ne": lambda left, right: bool(left != right),
    "lt": lambda left, right: bool(left < right),
    "lteq": lambda left, right: bool(left <= right),
    "gt": lambda left, right: bool(left > right),
    "gteq": lambda left, right: bool(left >= right),
    "in": _in,
    "notin": lambda left, right: not _in(left, right),
}
