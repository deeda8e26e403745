"""Marks for what a page may have to say in another language.

Records, rules and the API speak English, and the record keeps what was said. A page whose reader
chose Polish finds the phrase that made a sentence and says it in Polish
(``nightwarden.languages``). These marks tell the catalogues which phrases there are; they change
nothing where they stand.
"""

from enum import StrEnum
from typing import TypeVar

Vocabulary = TypeVar("Vocabulary", bound=type[StrEnum])


def phrase(text: str) -> str:
    """``text``, marked. An f-string becomes a phrase with a gap for each value.

    ``phrase(f"out of bed for {span}")`` stands in the catalogue as ``out of bed for {span}``.
    """
    return text


def by_number(number: int, one: str, many: str) -> str:
    """``one`` when ``number`` is 1, else ``many``; both marked, as the two forms of one phrase.

    The number is the first gap: ``by_number(n, f"{n} mat is silent", f"{n} mats are silent")``.
    """
    return one if number == 1 else many


def vocabulary(words: Vocabulary) -> Vocabulary:
    """A vocabulary whose values a page shows: each is marked, with spaces for underscores."""
    return words


def listed(text: str) -> str:
    """A gap with several things in it: ``phrase(f"Look in on {listed(rooms)}")``."""
    return text


AND, OR = phrase("and"), phrase("or")
"""What stands before the last of a list that was made for a gap."""
