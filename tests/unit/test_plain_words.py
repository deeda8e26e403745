"""What night staff read is of a reading age of ten.

Measured as the Flesch-Kincaid grade (Kincaid, Fishburne, Rogers and Chissom 1975, for the US Navy):
0.39 words a sentence + 11.8 syllables a word - 15.59. A grade of 5 is a child of ten. The formula
was made for running text. So labels of fewer than four words are left out, and each page is
measured as a whole; as one long sentence may hide among short ones, none has more than 18 words.
An action line is too short for the formula, where one "temperature" would fail it: those are
measured all together, and so is what Python adds to the pages.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import rules
from api.pages.drawing import HERE, templates
from nightwarden.languages.extracting import forms, phrases

OF_THE_NIGHT = (
    "blind", "board", "board_live", "evening", "fault_parts", "fault_report", "faults_board",
    "gap_parts", "guest", "handover", "label_open", "listening", "notices_unread", "parts", "phone",
    "press_live", "room", "round_sheet", "rounds_board", "shift", "shift_live", "signin", "tonight",
    "welcome", "who", "who_dialog",
)  # fmt: skip
MADE_IN_PYTHON = (
    "alert_cards", "asking", "handover_view", "problem", "room_tiles", "rounds", "shift_view",
)  # fmt: skip
GRADE, LONGEST = 5.0, 18
RUNNING = 4
"""Fewer words than these are a label."""


@pytest.mark.parametrize("page", OF_THE_NIGHT)
def test_a_page_of_the_night_can_be_read_at_ten(page: str) -> None:
    source = (HERE / "templates" / f"{page}.html").read_text(encoding="utf-8")
    _can_be_read(_said_by(source))


def test_what_python_adds_to_the_pages_can_be_read_at_ten() -> None:
    texts = []
    for module in MADE_IN_PYTHON:
        with (HERE / f"{module}.py").open("rb") as file:
            found = [text for _, _, text, _ in phrases(file, {}, (), {})]
        texts += [text if isinstance(text, str) else text[0] for text in found]
    _can_be_read(texts)


def test_what_an_alert_says_to_do_can_be_read_at_ten() -> None:
    lines = [line for file in Path(rules.__file__).parent.glob("*.py") for line in _actions(file)]
    assert len(lines) > 20, "they are found"
    _can_be_read(lines)


def _can_be_read(texts: list[str]) -> None:
    sentences = [one for text in texts for one in _sentences(text)]
    long = [one for one in sentences if len(one.split()) > LONGEST]
    assert not long, f"too long: {long}"
    words = [word for one in sentences for word in one.split()]
    if words:
        syllables = sum(map(_syllables, words))
        grade = 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59
        hard = sorted({word for word in words if _syllables(word) > 2})
        assert grade <= GRADE, f"grade {grade:.1f}; long words: {', '.join(hard)}"


def _said_by(source: str) -> list[str]:
    """What a template says, the singular of what is counted."""
    found = templates().extract_translations(source)  # type: ignore[attr-defined]
    texts = [text[0] if isinstance(text, tuple) else text for _, _, text in found]
    return [text for text in texts if text]


def _sentences(text: str) -> Iterator[str]:
    """Running sentences; a gap is one short word."""
    bare = re.sub(r"<[^>]+>", "", text)
    bare = re.sub(r"%\(\w+\)s|\{\w+\}", "12", bare)
    for one in re.split(r"[.!?]+\s*", bare):
        words = " ".join(re.findall(r"[\w'’-]+", one))
        if len(words.split()) >= RUNNING:
            yield words


def _syllables(word: str) -> int:
    """Groups of vowels, without a silent e; a number or an abbreviation counts as one."""
    word = word.lower().strip("'’")
    groups = re.findall(r"[aeiouy]+", word)
    silent = word.endswith(("e", "es", "ed")) and not word.endswith(("le", "les", "ted", "ded"))
    return max(1, len(groups) - (silent and len(groups) > 1))


def _actions(file: Path) -> Iterator[str]:
    """The action lines of a rule: what it gives as ``action``, straight or through a name."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            for given in call.keywords:
                if given.arg == "action":
                    yield from _phrases(given.value)
    for made in ast.walk(tree):
        match made:
            case ast.FunctionDef(name=name) if "action" in name:
                yield from _phrases(made)
            case ast.Assign(targets=[ast.Name(id="action")]):
                yield from _phrases(made)
            case _:
                pass


def _phrases(node: ast.AST) -> Iterator[str]:
    for one in ast.walk(node):
        match one:
            case ast.Call(func=ast.Name(id="phrase"), args=[text]):
                yield from forms(text)
            case _:
                pass
