"""Residents' names out of a recording, by construction.

1. Of our own topics only named fields that cannot carry a name are kept (:mod:`ours`).
2. Others' topics and payloads are theirs: a bed's sensor may be called "Joan's bed". Every word
   there that is a shown name of the register, now or formerly, or a part of one, is replaced.
3. The pseudonym is a number by the order in which residents came into the register: the same in
   every recording of a home, and nothing about the name can be worked out from it.
4. What is in no register cannot be known: a surname that the board never showed stays.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import orjson

from nightwarden.recording.lines import Recorded

_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "sir", "lady", "and"})
_LOWER = "a-zß-öø-ÿ"
_UPPER = "A-ZÀ-ÖØ-Þ"


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """What each name is replaced by; made by :func:`pseudonyms`. Empty: nothing is replaced."""

    words: dict[str, str]
    pattern: re.Pattern[str] | None

    def of(self, message: Recorded) -> Recorded:
        """The message without the names, in topic and payload; itself where there are none."""
        if self.pattern is None:
            return message
        topic = self.in_text(message.topic)
        try:
            text = message.payload.decode()
        except UnicodeDecodeError:
            return replace(message, topic=topic)
        told = self.in_text(text)
        if "\\u" in told:
            told = self._in_escaped_json(told)
        return replace(message, topic=topic, payload=told.encode())

    def in_text(self, text: str) -> str:
        """The text with every name in it replaced."""
        if self.pattern is None:
            return text
        return self.pattern.sub(lambda found: self.words[_key(found.group("name"))], text)

    def _in_escaped_json(self, text: str) -> str:
        """``Zo\\u00eb`` is Zoë too."""
        try:
            body = orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
        told = self._walk(body)
        return text if told == body else orjson.dumps(told).decode()

    def _walk(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.in_text(value)
        if isinstance(value, list):
            return [self._walk(one) for one in value]
        if isinstance(value, dict):
            return {self.in_text(key): self._walk(one) for key, one in value.items()}
        return value


def pseudonyms(shown: Iterable[str]) -> Pseudonyms:
    """Pseudonyms for shown names, given in the order in which they came into the register.

    ``Joan Smith``, the third, becomes ``resident3``, and ``Joan`` alone ``resident3a``: two
    devices that are called by different parts of one name stay two.
    """
    words: dict[str, str] = {}
    for number, name in enumerate(shown, 1):
        _add(words, name, f"resident{number}")
        parts = [part for part in re.split(r"[^\w]+|_+", name) if part]
        if len(parts) > 1:
            for letter, part in zip("abcdefghij", parts, strict=False):
                if len(part) > 1 and part.lower() not in _TITLES:
                    _add(words, part, f"resident{number}{letter}")
    if not words:
        return Pseudonyms({}, None)
    longest_first = sorted(words, key=len, reverse=True)
    names = "|".join(_loosely(word) for word in longest_first)
    # A name begins where no letter stands before it (or a hump: bedJoan), and ends where no small
    # letter follows, save for the s of a genitive: "Ken" is in "Ken's bed", and not in "Kent".
    before = rf"(?:(?<![^\W\d_])|(?<=[{_LOWER}])(?=[{_UPPER}]))"
    after = rf"(?!(?!['’]?s(?![^\W\d_]))['’]?[{_LOWER}])"
    return Pseudonyms(words, re.compile(rf"{before}(?P<name>(?i:{names})){after}"))


def _add(words: dict[str, str], name: str, pseudonym: str) -> None:
    key = _key(name)
    if key:
        words.setdefault(key, pseudonym)
        words.setdefault(_key(_plain(name)), pseudonym)


def _key(name: str) -> str:
    """Names are the same whatever their case, and whatever joins their parts."""
    return " ".join(re.split(r"[\W_]+", unicodedata.normalize("NFC", name).lower())).strip()


def _loosely(key: str) -> str:
    """``joan smith`` is found in ``Joan_Smith`` and ``joan-smith`` too."""
    return r"[\W_]{0,3}".join(re.escape(part) for part in key.split())


def _plain(name: str) -> str:
    """``Zoë`` as a device's maker may have allowed it: ``Zoe``."""
    spelt = unicodedata.normalize("NFKD", name)
    return "".join(sign for sign in spelt if not unicodedata.combining(sign))
