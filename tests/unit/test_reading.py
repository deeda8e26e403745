"""Who reads in which language, and the words that scripts are given."""

import json

import pytest

from nightwarden.languages import language, ngettext, preferred, reading_in
from nightwarden.languages.reading import catalogue
from nightwarden.languages.scripts import SCRIPTS, script_words


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("pl", "pl"),
        ("pl-PL,pl;q=0.9,en;q=0.8", "pl"),
        ("RO-md;q=0.7", "ro"),
        ("de-DE, de;q=0.9, ro;q=0.8, pl;q=0.7", "ro"),
        ("en-GB,pl;q=0.5", "en"),
        ("de,fr;q=0.5", "en"),
        ("*", "en"),
        ("", "en"),
        (",;;q=,--", "en"),
    ],
)
def test_the_first_language_that_we_speak_is_taken(accept: str, chosen: str) -> None:
    assert preferred(accept) == chosen


def test_a_language_holds_for_what_is_made_inside_and_no_longer() -> None:
    with reading_in("pl"):
        assert language() == "pl"
        with reading_in("xx"):
            assert language() == "en"
        assert language() == "pl"
    assert language() == "en"


def test_a_number_has_its_own_form_in_english() -> None:
    assert [ngettext("{n} day", "{n} days", n) for n in (0, 1, 2)] == [
        "{n} days", "{n} day", "{n} days",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("chosen", "categories"), [("pl", {"one", "few", "many"}), ("ro", {"one", "few", "other"})]
)
def test_scripts_are_given_their_words_with_a_form_for_each_kind_of_number(
    chosen: str, categories: set[str]
) -> None:
    with reading_in(chosen):
        sent = script_words()
    assert "<" not in sent, "it stands inside a <script>"
    words = json.loads(sent)
    wanted = {
        message.id if isinstance(message.id, str) else "\n".join(message.id)
        for message in catalogue(chosen)
        if any(path.endswith(SCRIPTS) for path, _ in message.locations)
    }
    assert words.keys() == wanted
    for key, text in words.items():
        if "\n" in key:  # a counted one, as static/words.js asks for it
            assert text.keys() == categories
            assert all(text.values())


def test_in_english_scripts_have_their_words_already() -> None:
    assert script_words() == ""
