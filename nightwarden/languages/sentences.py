"""Saying in another language what the record says in English.

An alert's line, the reason of a gap and the sentence of a refusal are made by the rules and the
store, in English, and are kept as they were said. Each was made by a phrase of the code with gaps
in it; the catalogue holds the phrases. So a page looks for the phrase that fits the sentence whole,
and fills the same values into the phrase of its language.

1. A value that is itself a phrase (a kind, a length of time) is said too. A name never is, nor what
   stands in quotation marks, which is what somebody gave us, nor a word to be written as it is.
2. Of an alert's headline the resident is a name, and so is a room that has one.
3. Where no phrase fits the whole, the longest parts that one fits are said, and the rest stays: an
   action line has a person's own words before ours, a gap's reason has its assessment's.
4. Where nothing fits, it shows the English: a sentence nobody can read is better than none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from nightwarden.languages.reading import ENGLISH, catalogue, language, translations
from nightwarden.model.alerts import AlertState
from nightwarden.model.phrases import AND, OR
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

LISTED: Final = "listed"
"""A gap with several things in it, with commas, "and" or "or" between."""

_LETTER = re.compile(r"[^\W\d_]")
_KINDS = "|".join(KIND_WORDS.values())
_DAY = r"\d{1,2} [A-Z][a-z]{2}(?: \d{4})?"
_TIME = r"\d{1,2}:\d{2}(?::\d{2})?"
_WITHIN = r"(?:(?!: |; | · ).)+?"
_ONE_PART = r"(?:(?!; ).)+?"
_STATES = "|".join(one.replace("_", " ") for one in (*ItemState, *ItemStatus, *AlertState))
_SHAPES = {
    "kind": _KINDS, "day": _DAY, "time": _TIME, "moment": f"(?:{_DAY},? )?{_TIME}",
    "on": r"\d{4}-\d\d-\d\d", "state": _STATES,
}  # fmt: skip
"""What such a gap looks like. A phrase with hardly a word of its own fits nothing else."""
_COUNTS = frozenset({"n", "days", "hours", "minutes", "seconds"})
_FIGURES = r"-?\d[\d.,:-]*"
"""5, -5, 4.6, 21:00-07:00: what a gap with such a name holds."""
_NUMBERED = frozenset({"room", "tag"})
_NUMBER_FIRST = r"\S*\d.*?"
"""``12``, ``3 and 5``, ``MAT-0012``: beside hardly a word nothing else is a room or a tag."""
_FEW_LETTERS, _MANY_LETTERS = 6, 20

_DATE = re.compile(r"(\d{1,2}) ([A-Z][a-z]{2})(?: (\d{4}))?")
_MOMENT = re.compile(f"({_DAY})(,? )({_TIME})")
_LENGTHS = re.compile(r"(\d+ [a-z]+) (\d+ [a-z]+)")
_DECIMAL = re.compile(r"-?\d+\.\d+(?: °C| %)?")
_ITEM = re.compile(rf"({_KINDS}) ([^a-z\s]\S*)")
_ANY_LEAP_YEAR = 2024
_BETWEEN = " · "  # rules.wording.headline
_ROOM = re.compile(r"Room \S.*|Home")
_PARTS = re.compile(r"(: |; |(?<=[.!?]) )")


@dataclass(frozen=True, slots=True)
class _Phrase:
    shape: re.Pattern[str]
    within: str
    """The longest piece between its gaps: without it nothing need be tried."""
    one: str
    many: str | None

    @property
    def letters(self) -> int:
        """How many letters of its own it has."""
        return len(_LETTER.findall(GAP.sub("", self.one)))

    def filled(self, chosen: str, found: re.Match[str]) -> str:
        values = {
            gap: text if f'"{{{gap}}}"' in self.one else _value(chosen, gap, text)
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


def written(text: str) -> str:
    """What somebody may have written, such as what is wrong with a thing: their own words stay.

    It is said only where it is ours beyond doubt: word for word, or by a phrase of many words.
    """
    chosen = language()
    return text if chosen == ENGLISH else _written(chosen, text)


@lru_cache(4096)
def _written(chosen: str, text: str) -> str:
    there = translations(chosen)
    if (known := str(there.gettext(text))) != text:
        return known
    lower = text[:1].lower() + text[1:]
    if (known := str(there.gettext(lower))) != lower:
        return known[:1].upper() + known[1:]
    for one in _phrases(chosen):
        if one.letters >= _MANY_LETTERS and (one.within in text or one.within in lower):
            if found := one.shape.fullmatch(text):
                return one.filled(chosen, found)
            if found := one.shape.fullmatch(lower):
                made = one.filled(chosen, found)
                return made[:1].upper() + made[1:]
    return text


@lru_cache(8192)
def _said(chosen: str, sentence: str) -> str:
    if not _LETTER.search(sentence):
        return sentence.replace(".", ",") if _DECIMAL.fullmatch(sentence) else sentence
    if "\n" in sentence:  # what is wrong with a file, a line each
        return "\n".join(_said(chosen, line) for line in sentence.split("\n"))
    known = _known(chosen, sentence)
    return _in_parts(chosen, sentence) if known is None else known


def _known(chosen: str, sentence: str) -> str | None:
    """The sentence as one phrase; None where none fits."""
    known = str(translations(chosen).gettext(sentence))
    if known != sentence:
        return known
    room, between, _ = sentence.partition(_BETWEEN)
    if between and not _PARTS.search(room):  # else it is a sentence that has a headline in it
        return _headline(chosen, sentence)
    for one in _phrases(chosen):
        if one.within in sentence and (found := one.shape.fullmatch(sentence)):
            return one.filled(chosen, found)
    return _measure(chosen, sentence) or _other_case(chosen, sentence)


def _headline(chosen: str, sentence: str) -> str:
    """``Room 12 · Joan · out of bed``."""
    room, *resident, what = sentence.split(_BETWEEN)
    room = _said(chosen, room) if _ROOM.fullmatch(room) else room
    return _BETWEEN.join((room, *resident, _said(chosen, what)))


def _measure(chosen: str, sentence: str) -> str | None:
    """A day, a moment, a temperature, an item with its tag."""
    if day := _DATE.fullmatch(sentence):
        return _day(chosen, day)
    if moment := _MOMENT.fullmatch(sentence):
        return f"{_said(chosen, moment[1])}{moment[2]}{moment[3]}"
    if lengths := _LENGTHS.fullmatch(sentence):
        return f"{_said(chosen, lengths[1])} {_said(chosen, lengths[2])}"
    if _DECIMAL.fullmatch(sentence):
        return sentence.replace(".", ",")
    if item := _ITEM.fullmatch(sentence):
        return f"{_said(chosen, item[1])} {item[2]}"
    return None


def _other_case(chosen: str, sentence: str) -> str | None:
    """Pages begin a line of the record with a capital: look for it as it was made."""
    if not sentence[0].isupper():
        return None
    known = _known(chosen, sentence[0].lower() + sentence[1:])
    return known and known[0].upper() + known[1:]


def _in_parts(chosen: str, sentence: str) -> str:
    """What is known of it said, the longest parts first from its beginning on; the rest kept."""
    parts = _PARTS.split(sentence)  # a part, what is between, a part, ...
    made, at = "", 0
    while at < len(parts):
        for end in range(len(parts), at, -2):
            if (known := _known_part(chosen, "".join(parts[at:end]))) is not None:
                break
        else:
            end, known = at + 1, parts[at]
        made += known
        if end < len(parts):
            made += parts[end]
        at = end + 1
    return made


def _known_part(chosen: str, part: str) -> str | None:
    known = _known(chosen, part) if part else None
    if known is None and part.endswith((".", "?")):
        known = _known(chosen, part[:-1]) if part[:-1] else None
        return known and f"{known}{part[-1]}"
    if known is None and part:  # a sentence that was put after a colon, without its end
        known = _known(chosen, f"{part}.")
        return known and known.removesuffix(".")
    return known


def _value(chosen: str, gap: str, text: str) -> str:
    """What stands in a gap, said where it is no name."""
    name = gap.rstrip("0123456789")
    if name in NAMES or name.endswith("_by"):
        return text
    return _listed(chosen, text) if name == LISTED else _said(chosen, text)


def _listed(chosen: str, text: str) -> str:
    whole = _said(chosen, text)
    if whole != text:
        return whole
    if ", " in text:
        return ", ".join(_listed(chosen, one) for one in text.split(", "))
    for word in (AND, OR):
        first, between, last = text.rpartition(f" {word} ")
        if between:
            there = translations(chosen).gettext(word)
            return f"{_listed(chosen, first)} {there} {_listed(chosen, last)}"
    return text


@lru_cache
def _phrases(chosen: str) -> tuple[_Phrase, ...]:
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


def _of(one: str, many: str | None) -> Iterator[_Phrase]:
    for form in filter(None, (one, many)):
        yield _Phrase(_shape(form), max(GAP.split(form)[::2], key=len), one, many)


def _shape(form: str) -> re.Pattern[str]:
    parts = GAP.split(form)  # what is said, the name of a gap, what is said, ...
    texts = [re.escape(part) for part in parts[::2]]
    bare = len(_LETTER.findall("".join(parts[::2]))) < _FEW_LETTERS
    gaps = [f"(?P<{name}>{_gap_shape(name.rstrip('0123456789'), bare)})" for name in parts[1::2]]
    return re.compile("".join(a + b for a, b in zip(texts, [*gaps, ""], strict=True)), re.DOTALL)


def _gap_shape(name: str, bare: bool) -> str:  # noqa: FBT001
    if name in _COUNTS:
        return _FIGURES
    if name in _SHAPES:
        return _SHAPES[name] if bare else f"{_SHAPES[name]}|{_WITHIN}"
    if bare and name in _NUMBERED:
        return _NUMBER_FIRST
    if name in NAMES - _WORDS or name.endswith("_by"):
        return _WITHIN
    return _ONE_PART if bare else ".+?"


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
