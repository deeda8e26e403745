"""Each phrase of the code is found again in the sentences that it makes, and no other is.

A sentence of the record is English and nobody wrote down which phrase made it. So each phrase is
filled with values that look like nothing of ours, and has to come back as itself, values and all.
"""

from collections.abc import Iterator
from functools import cache

import pytest
from babel.messages.catalog import Catalog

from nightwarden.languages import said
from nightwarden.languages.shapes import GAP
from nightwarden.languages.updating import messages
from tests.pseudo import speaking, wrapped

LIKE_OURS = {
    "kind": "bed mat", "day": "3 Nov 2026", "time": "21:00", "moment": "3 Nov 21:00",
    "state": "in place", "on": "2026-11-01", "listed": "Zy, Zz", "choices": "Zy, Zz",
    "hours": "21:00-07:00", "n": "5", "days": "5", "minutes": "-5", "seconds": "4.6",
}  # fmt: skip
"""What such a gap holds, and a phrase that is hardly more than it fits nothing else."""


@pytest.fixture(scope="module", autouse=True)
def _pseudo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with speaking(code(), tmp_path_factory.mktemp("catalogue")):
        yield


@cache
def code() -> Catalog:
    """Every message; the code is read once."""
    return messages()


def phrases() -> Iterator[tuple[str, str]]:
    """Every phrase with a gap, and a number that goes with it: 1 for the first form of two."""
    for one in code():
        if "python-brace-format" not in one.flags:
            continue
        if isinstance(one.id, str):
            yield one.id, ""
        else:
            yield from zip(one.id, ("1", "5"), strict=True)


def filled(phrase: str, number: str) -> tuple[str, str]:
    """A sentence that the phrase makes, and how it is said."""
    sentence, told = phrase, phrase
    for at, gap in enumerate(GAP.findall(phrase)):
        value = LIKE_OURS.get(gap.rstrip("0123456789"), f"Zq{at}")
        if number and at == 0:
            value = number
        elif f'"{{{gap}}}"' in phrase:  # what somebody wrote, word for word
            value = f"Zq{at}"
        sentence = sentence.replace(f"{{{gap}}}", value)
        told = told.replace(f"{{{gap}}}", said(value))
    return sentence, wrapped(told)


def test_each_phrase_is_found_in_its_own_sentence() -> None:
    lost = []
    for phrase, number in dict.fromkeys(phrases()):
        sentence, told = filled(phrase, number)
        if said(sentence) != told:
            lost.append((phrase, said(sentence)))
    assert lost == []


def test_a_sentence_that_no_phrase_made_stays_as_it_is() -> None:
    assert said("Qwerty zxcvb.") == "Qwerty zxcvb."
