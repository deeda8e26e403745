"""How the values in a test of rules are read, each with a sentence for what is wrong with it."""

import re
from collections.abc import Callable
from datetime import timedelta
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from nightwarden.model.readings import Quantity
from nightwarden.rulesfile.durations import parse_duration

_LINK = {"online": True, "offline": False}
_ACTIONS = ("press", "cancel", "help")


def duration(given: Any) -> timedelta:
    return parse_duration(given if isinstance(given, str) else str(given))


def truth(given: Any) -> bool:
    if not isinstance(given, bool):
        raise ValueError(f'"{given}" is neither true nor false')  # noqa: TRY004
    return given


def number(given: Any) -> float:
    if not (isinstance(given, str) and re.fullmatch(r"-?\d{1,6}(\.\d{1,6})?", given, re.ASCII)):
        raise ValueError(f'"{given}" is not a number, such as 21.5')
    return float(given)


def word_among(words: dict[str, Any]) -> Callable[[Any], Any]:
    def read(given: Any) -> Any:
        if given not in words:
            near = near_word(str(given), words)
            raise ValueError(f'"{given}" is not one of {", ".join(words)}{near}')
        return words[given]

    return read


def word_of(words: type[StrEnum]) -> Callable[[Any], Any]:
    return word_among({word.value: word for word in words})


def near_word(word: str, words: dict[str, Any]) -> str:
    near = get_close_matches(word, words, n=1)
    return f'; did you mean "{near[0]}"' if near else ""


READS: dict[Quantity, Callable[[Any], Any]] = {
    Quantity.OCCUPANCY: truth,
    Quantity.CONTACT: truth,
    Quantity.TEMPERATURE: number,
    Quantity.BATTERY: number,
    Quantity.ACTION: word_among({word: word for word in _ACTIONS}),
    Quantity.LINK: word_among(_LINK),
}
"""How a step gives each quantity."""
