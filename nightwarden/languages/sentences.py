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
from datetime import date, datetime
from functools import lru_cache

from nightwarden.languages.reading import ENGLISH, language, translations
from nightwarden.languages.shapes import (
    DAY,
    GAP,
    KINDS,
    LETTER,
    LISTED,
    NAMES,
    TIME,
    Phrase,
    phrases,
)
from nightwarden.model.phrases import AND, OR
from nightwarden.model.places import OF_THE_HOUSE, PLACE_WORDS

_MANY_LETTERS = 20

_DATE = re.compile(r"(\d{1,2}) ([A-Z][a-z]{2})(?: (\d{4}))?")
_MOMENT = re.compile(f"({DAY})(,? )({TIME})")
_LENGTHS = re.compile(r"(\d+ [a-z]+) (\d+ [a-z]+)")
_DECIMAL = re.compile(r"-?\d+\.\d+(?: °C| %)?")
_PLACES = "|".join(PLACE_WORDS).replace(" ", "[ -]")
_SPOT = re.compile(rf"(\S+/|\S*\d\S* )({_PLACES})((?: \S+)?)")
_ITEM = re.compile(rf"({KINDS}) ([^a-z\s]\S*)")
_ANY_LEAP_YEAR = 2024
_BETWEEN = " · "  # rules.wording.headline
_ROOM = re.compile(rf"Room \S.*|{'|'.join(OF_THE_HOUSE)}")
_NUMBERED = re.compile(rf"Room \S+{_BETWEEN}")
_PARTS = re.compile(r"(: |; |(?<=[.!?]) )")


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
    for one in phrases(chosen):
        if one.letters >= _MANY_LETTERS and (one.within in text or one.within in lower):
            if found := one.shape.fullmatch(text):
                return _filled(one, chosen, found)
            if found := one.shape.fullmatch(lower):
                made = _filled(one, chosen, found)
                return made[:1].upper() + made[1:]
    return text


def room_said(room: str) -> str:
    """A room as it is called; one of ours that is no room (``Home``) in the reader's language."""
    return said(room) if room in OF_THE_HOUSE else room


@lru_cache(8192)
def _said(chosen: str, sentence: str) -> str:
    if not LETTER.search(sentence):
        return sentence.replace(".", ",") if _DECIMAL.fullmatch(sentence) else sentence
    if "\n" in sentence:  # what is wrong with a file, a line each
        return "\n".join(_said(chosen, line) for line in sentence.split("\n"))
    known = _known(chosen, sentence)
    return _in_parts(chosen, sentence) if known is None else known


def _known(chosen: str, sentence: str) -> str | None:
    """The sentence as one phrase; None where none fits.

    Pages begin a line of the record with a capital: it is looked for as it was made, too.
    """
    there, lower = translations(chosen), sentence[0].lower() + sentence[1:]
    for made in dict.fromkeys((sentence, lower)):
        if (known := str(there.gettext(made))) != made:
            return _as_begun(sentence, known) if made is lower else known
    if measure := _measure(chosen, sentence):
        return measure
    if _NUMBERED.match(sentence) and "; " not in sentence:
        return _headline(chosen, sentence)
    if (fits := _best_fit(chosen, sentence, lower)) is not None:
        phrase, found = fits
        known = _filled(phrase, chosen, found)
        return _as_begun(sentence, known) if found.string is lower else known
    if _BETWEEN in sentence:
        return None if "; " in sentence else _headline(chosen, sentence)
    if spot := _SPOT.fullmatch(sentence):
        return f"{spot[1]}{_place(chosen, spot[2])}{spot[3]}"
    return None


def _best_fit(chosen: str, sentence: str, lower: str) -> tuple[Phrase, re.Match[str]] | None:
    """The phrase of most words that made the sentence, as it is or as it was made."""
    as_it_is = _fit(chosen, sentence)
    if lower == sentence or _BETWEEN in sentence:
        return as_it_is
    as_made = _fit(chosen, lower)
    if as_it_is is None or as_made is None:
        return as_it_is or as_made
    return as_made if as_made[0].letters > as_it_is[0].letters else as_it_is


def _fit(chosen: str, sentence: str) -> tuple[Phrase, re.Match[str]] | None:
    between = _BETWEEN in sentence
    for one in phrases(chosen):
        if between and one.begins_with_a_gap:
            continue  # the part after the room and the resident is said by itself
        if one.within in sentence and (found := one.shape.fullmatch(sentence)):
            return one, found
    return None


def _as_begun(sentence: str, known: str) -> str:
    """With a capital where the sentence has one."""
    return known[0].upper() + known[1:] if sentence[0].isupper() else known


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
    if name in LISTED:
        return _listed(chosen, text)
    return _place(chosen, text) if name == "place" else _said(chosen, text)


def _place(chosen: str, place: str) -> str:
    """``radiator-window`` as homes call it, where they all do; else the home's own name for it."""
    words = place.replace("-", " ")
    there = _said(chosen, words)
    return place if there == words else there


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


def _filled(phrase: Phrase, chosen: str, found: re.Match[str]) -> str:
    values = {
        gap: text if f'"{{{gap}}}"' in phrase.one else _value(chosen, gap, text)
        for gap, text in found.groupdict().items()
    }
    there = translations(chosen)
    if phrase.many is None:
        wanted = there.gettext(phrase.one)
    else:
        numbers = (text for text in found.groups() if text.isdecimal())
        wanted = there.ngettext(phrase.one, phrase.many, int(next(numbers, "2")))
    return GAP.sub(lambda gap: values.get(gap[1], gap[0]), wanted)


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
