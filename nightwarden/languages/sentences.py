"""Saying in another language what the record says in English.

An alert's line, the reason of a gap and the sentence of a refusal are made by the rules and the
store, in English, and are kept as they were said. Each was made by a phrase of the code with gaps
in it; the catalogue holds the phrases. So a page looks for the phrase that fits the sentence whole,
and fills the same values into the phrase of its language. Where none fits, it shows the English:
a sentence nobody can read is better than none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from nightwarden.languages.reading import ENGLISH, catalogue, language, translations

GAP: Final = re.compile(r"\{([a-z_]+[0-9]*)\}")
"""A gap of a phrase: ``{span}``; a second one of that name is ``{span2}``."""

NAMES: Final = frozenset(
    {"name", "resident", "room", "tag", "by", "who", "person", "shown_as", "given", "text", "value"}
)
"""Gaps that hold what people wrote; they stay as they are, whatever word they look like."""

_DATE = re.compile(r"(\d{1,2}) ([A-Z][a-z]{2})(?: (\d{4}))?")
_ANY_LEAP_YEAR = 2024
_BETWEEN = " · "  # rules.wording.headline


@dataclass(frozen=True, slots=True)
class _Phrase:
    shape: re.Pattern[str]
    one: str
    many: str | None

    def filled(self, chosen: str, found: re.Match[str]) -> str:
        values = {
            gap: text if gap.rstrip("0123456789") in NAMES else said(text)
            for gap, text in found.groupdict().items()
        }
        there = translations(chosen)
        if self.many is None:
            wanted = there.gettext(self.one)
        else:
            numbers = (text for text in found.groups() if text.isdecimal())
            wanted = there.ngettext(self.one, self.many, int(next(numbers, "2")))
        return GAP.sub(lambda gap: values.get(gap[1], gap[0]), wanted)


def said(sentence: str) -> str:
    """A sentence of the record in the reader's language; itself where no phrase fits."""
    chosen = language()
    return sentence if chosen == ENGLISH else _said(chosen, sentence)


@lru_cache(8192)
def _said(chosen: str, sentence: str) -> str:
    if not sentence.strip():
        return sentence
    known = translations(chosen).gettext(sentence)
    if known != sentence:
        return known
    if _BETWEEN in sentence:
        return _BETWEEN.join(said(part) for part in sentence.split(_BETWEEN))
    if day := _DATE.fullmatch(sentence):
        return _day(chosen, day)
    for one in _phrases(chosen):
        if found := one.shape.fullmatch(sentence):
            return one.filled(chosen, found)
    return _other_case(chosen, sentence)


def _other_case(chosen: str, sentence: str) -> str:
    """Pages begin a line of the record with a capital: look for it as it was made."""
    if not sentence[0].isupper():
        return sentence
    lower = sentence[0].lower() + sentence[1:]
    there = _said(chosen, lower)
    return sentence if there == lower else there[0].upper() + there[1:]


@lru_cache
def _phrases(chosen: str) -> tuple[_Phrase, ...]:
    """Every phrase with gaps, the one with the most words of its own first."""
    made = [phrase for one, many in _ids(chosen) for phrase in _of(one, many)]
    return tuple(sorted(made, key=lambda phrase: -len(GAP.sub("", phrase.shape.pattern))))


def _ids(chosen: str) -> Iterator[tuple[str, str | None]]:
    for message in catalogue(chosen):
        if "python-brace-format" not in message.flags:
            continue
        if isinstance(message.id, str):
            yield message.id, None
        else:
            yield message.id[0], message.id[1]


def _of(one: str, many: str | None) -> Iterator[_Phrase]:
    for form in filter(None, (one, many)):
        yield _Phrase(_shape(form), one, many)


def _shape(form: str) -> re.Pattern[str]:
    parts = GAP.split(form)  # what is said, the name of a gap, what is said, ...
    texts = [re.escape(part) for part in parts[::2]]
    gaps = [f"(?P<{name}>.+?)" for name in parts[1::2]]
    return re.compile("".join(a + b for a, b in zip(texts, [*gaps, ""], strict=True)), re.DOTALL)


def _day(chosen: str, found: re.Match[str]) -> str:
    """``3 Nov 2026`` as that language writes it."""
    try:
        day = datetime.strptime(  # noqa: DTZ007  (a day and no instant)
            f"{found[1]} {found[2]} {found[3] or _ANY_LEAP_YEAR}", "%d %b %Y"
        ).date()
    except ValueError:
        return found[0]
    return day_words(day, chosen, year=found[3] is not None)


def day_words(day: date, chosen: str, *, year: bool = True) -> str:
    """A day: ``3 Nov 2026``, ``3 lis 2026``."""
    if chosen == ENGLISH:
        return f"{day:%-d %b %Y}" if year else f"{day:%-d %b}"
    from babel.dates import format_date

    return format_date(day, "d MMM y" if year else "d MMM", locale=chosen)
