"""Every page in every language: nothing on it that no translator has seen."""

import re

import pytest
from babel.messages.catalog import Message

from api.pages.drawing import HERE, templates
from nightwarden.languages import LANGUAGES
from nightwarden.languages.reading import catalogue
from nightwarden.languages.shapes import GAP
from nightwarden.languages.updating import messages
from tests.unit.template_words import unmarked

OTHERS = [code for code in LANGUAGES if code != "en"]
PYTHON_GAP = re.compile(r"%\((\w+)\)s")


def test_every_word_of_a_template_is_in_the_catalogues() -> None:
    files = sorted((HERE / "templates").glob("*.html"))
    assert len(files) > 100
    left = {file.name: unmarked(templates(), file) for file in files}
    assert {name: words for name, words in left.items() if words} == {}


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_holds_what_the_code_says(code: str) -> None:
    ours = {(one.id, one.context) for one in messages() if one.id}
    theirs = {(one.id, one.context) for one in catalogue(code) if one.id}
    assert ours == theirs, "run `make messages`, and translate what is new"


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_is_translated_whole(code: str) -> None:
    wrong = [trouble for one in catalogue(code) if one.id for trouble in _troubles(one)]
    assert wrong == []


def _troubles(one: Message) -> list[str]:
    ids = [one.id] if isinstance(one.id, str) else list(one.id)
    strings = [one.string] if isinstance(one.string, str) else list(one.string or [""])
    if not all(strings):
        return [f"{ids[0]!r} is not translated"]
    wanted = {gap for text in ids for gap in _gaps(text)}
    troubles = []
    for string in strings:
        if not _gaps(string) <= wanted or (len(ids) == 1 and _gaps(string) != wanted):
            troubles.append(f"{string!r} has other gaps than {ids[-1]!r}")
        if (string[0].isspace(), string[-1].isspace()) != (
            ids[0][0].isspace(),
            ids[0][-1].isspace(),
        ):
            troubles.append(f"{string!r} begins or ends with another space than {ids[0]!r}")
        if string.count("<") != ids[0].count("<"):
            troubles.append(f"{string!r} has other tags than {ids[0]!r}")
    return troubles


def _gaps(text: str) -> set[str]:
    return set(GAP.findall(text)) | set(PYTHON_GAP.findall(text))
