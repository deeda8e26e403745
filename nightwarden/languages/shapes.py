"""The phrases of a catalogue, and what a sentence looks like that one of them made."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from nightwarden.languages.reading import catalogue
from nightwarden.model.alerts import AlertState
from nightwarden.model.places import KIND_WORDS, ItemState, ItemStatus

GAP: Final = re.compile(r"\{([a-z_]+[0-9]*)\}")
"""A gap of a phrase: ``{span}``; a second one of that name is ``{span2}``."""

_WORDS = frozenset({"given", "text", "value"})
NAMES: Final = _WORDS | {
    "name", "resident", "room", "tag", "tags", "by", "who", "person", "shown_as", "dialect",
    "meant_for", "lent_to", "owner", "choices", "actor",
}  # fmt: skip
"""Gaps that hold what people wrote, and so does ``..._by``; they stay as they are, whatever word
they look like."""

LISTED: Final = frozenset({"listed", "named"})
"""Gaps with several things in them, with commas, "and" or "or" between."""

LETTER: Final = re.compile(r"[^\W\d_]")
KINDS: Final = "|".join(f"[{word[0].upper()}{word[0]}]{word[1:]}" for word in KIND_WORDS.values())
DAY: Final = r"\d{1,2} [A-Z][a-z]{2}(?: \d{4})?"
TIME: Final = r"\d{1,2}:\d{2}(?::\d{2})?"
_WITHIN = r"(?:(?!: |; | · ).)+?"
_CLAUSE = r"(?:(?!: |; | · |\. ).)+?"
_ONE_PART = r"(?:(?!; ).)+?"
_STATES = "|".join(one.replace("_", " ") for one in (*ItemState, *ItemStatus, *AlertState))
_SHAPES = {
    "kind": KINDS, "day": DAY, "time": TIME, "moment": f"(?:{DAY},? )?{TIME}",
    "on": r"\d{4}-\d\d-\d\d", "state": _STATES,
}  # fmt: skip
"""What such a gap looks like. A phrase with hardly a word of its own fits nothing else."""
_COUNTS = frozenset({"n", "days", "hours", "minutes", "seconds"})
_FIGURES = r"-?\d[\d.,:-]*"
"""5, -5, 4.6, 21:00-07:00: what a gap with such a name holds."""
_NUMBERED = frozenset({"room", "tag"})
_NUMBER_FIRST = r"\S*\d(?:(?!: |; | · ).)*?"
"""``12``, ``3 and 5``, ``MAT-0012``: alone beside hardly a word nothing else is a room or a tag."""
_ONE_WORD = "word"
"""A gap that holds a word or two, and no sentence."""
_FEW_LETTERS = 6


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase in one of its forms."""

    shape: re.Pattern[str]
    within: str
    """The longest piece between its gaps: without it nothing need be tried."""
    one: str
    many: str | None

    @property
    def letters(self) -> int:
        """How many letters of its own it has."""
        return len(LETTER.findall(GAP.sub("", self.one)))

    @property
    def begins_with_a_gap(self) -> bool:
        """Whether it has no word of its own before the first."""
        return self.one.startswith("{")


@lru_cache
def phrases(chosen: str) -> tuple[Phrase, ...]:
    """Every phrase with gaps, the one with the most words of its own first."""
    made = [phrase for one, many in _ids(chosen) for phrase in _of(one, many)]
    return tuple(sorted(made, key=lambda phrase: -len(GAP.sub("", phrase.one))))


def _ids(chosen: str) -> Iterator[tuple[str, str | None]]:
    for message in catalogue(chosen):
        if "python-brace-format" not in message.flags:
            continue
        if isinstance(message.id, str):
            yield message.id, None
        else:
            yield message.id[0], message.id[1]


def _of(one: str, many: str | None) -> Iterator[Phrase]:
    for form in filter(None, (one, many)):
        yield Phrase(_shape(form), max(GAP.split(form)[::2], key=len), one, many)


def _shape(form: str) -> re.Pattern[str]:
    parts = GAP.split(form)  # what is said, the name of a gap, what is said, ...
    texts = [re.escape(part) for part in parts[::2]]
    bare = len(LETTER.findall("".join(parts[::2]))) < _FEW_LETTERS
    names = [(name, name.rstrip("0123456789")) for name in parts[1::2]]
    alone = len(names) == 1 and bare and names[0][1] in _NUMBERED
    gaps = [
        f"(?P<{name}>{_NUMBER_FIRST if alone else _gap_shape(base, bare=bare)})"
        for name, base in names
    ]
    return re.compile("".join(a + b for a, b in zip(texts, [*gaps, ""], strict=True)), re.DOTALL)


def _gap_shape(name: str, *, bare: bool) -> str:
    if name in _COUNTS:
        return _FIGURES
    if name in _SHAPES:
        return _SHAPES[name] if bare else f"{_SHAPES[name]}|{_CLAUSE}"
    if name == _ONE_WORD:
        return _CLAUSE
    if name in LISTED | (NAMES - _WORDS) | {"place"} or name.endswith("_by"):
        return _WITHIN
    return _ONE_PART if bare else ".+?"
