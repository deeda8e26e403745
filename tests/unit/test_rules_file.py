"""The rules file: what it may say, what is wrong with it in words, and its schema and table."""

from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from nightwarden.errors import Invalid
from nightwarden.homefile.yaml_tree import read_tree
from nightwarden.model.alerts import Priority
from nightwarden.rulesfile import bounds
from nightwarden.rulesfile.changes import differences
from nightwarden.rulesfile.durations import duration_text, parse_duration
from nightwarden.rulesfile.in_force import RulesInForce
from nightwarden.rulesfile.reader import RulesFile, read_rules_file
from nightwarden.rulesfile.schema import rules_schema
from nightwarden.rulesfile.settings import (
    all_settings,
    defaults,
    escalation_of,
    plain,
    rulebook_of,
)
from nightwarden.rulesfile.writer import rules_text, settings_table
from rules.escalation import DEFAULT_ESCALATION
from rules.rulebook import DEFAULT_RULEBOOK, Rulebook

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
EXAMPLE = """
bed_exit: {dwell: 5s}
hot_surface: {limit_c: 42.5, hold: 1m30s}
because: "mats bounce; agreed 2026-11-20"
escalation:
  high: {everyone: 1m, then_every: 45s}
  acceptance_holds: 2m
"""


def read(text: str) -> RulesFile:
    return read_rules_file(text.encode(), "rules.yaml")


def errors(text: str) -> list[str]:
    with pytest.raises(Invalid) as refused:
        read(text)
    return str(refused.value).splitlines()


def test_a_file_sets_what_it_names_and_leaves_the_rest() -> None:
    file = read(EXAMPLE)
    book, policy = rulebook_of(file.sets), escalation_of(file.sets)
    assert book.bed_exit.dwell == timedelta(seconds=5)
    assert book.hot_surface.limit_c == 42.5
    assert book.hot_surface.hold == timedelta(seconds=90)
    assert book.hot_surface.at_once_c == DEFAULT_RULEBOOK.hot_surface.at_once_c
    high = policy.ladders[Priority.HIGH]
    assert [rung.after.total_seconds() for rung in high.rungs] == [30, 60, 180, 360]
    assert high.then_every == timedelta(seconds=45)
    assert policy.acceptance_holds == timedelta(minutes=2)
    assert policy.ladders[Priority.LOW] == DEFAULT_ESCALATION.ladders[Priority.LOW]
    assert file.because == "mats bounce; agreed 2026-11-20"


@pytest.mark.parametrize("text", ["", "# nothing\n", "bed_exit:\n", "escalation: {high: }\n"])
def test_a_file_that_sets_nothing_is_the_rules_as_delivered(text: str) -> None:
    file = read(text)
    assert rulebook_of(file.sets) == DEFAULT_RULEBOOK
    assert escalation_of(file.sets) == DEFAULT_ESCALATION


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "bed_exti: {dwell: 5s}",
            '1: bed_exti: is not known here; did you mean "bed_exit"? Known are bed_exit,',
        ),
        ("bed_exit: {dwel: 5s}", '1: bed_exit.dwel: is not known here; did you mean "dwell"?'),
        (
            "\nbed_exit: {dwell: 5}",
            '2: bed_exit.dwell: "5" is not a length of time, such as 30s, 6m, 1h30m or 31d; wri',
        ),
        (
            "bed_exit: {dwell: 11m}",
            "1: bed_exit.dwell: 11m is too large; the most is 10m: later than that nobody",
        ),
        (
            "hot_surface:\n  limit_c: 430",
            "2: hot_surface.limit_c: 430 is too large; the most is 60 °C: a warm hand",
        ),
        ("hot_surface: {limit_c: 4}", "1: hot_surface.limit_c: 4 is too small; the least is 30 °C"),
        (
            "hot_surface: {limit_c: nan}",
            '1: hot_surface.limit_c: "nan" is not a number, such as 43',
        ),
        ("hot_surface: {limit_c: true}", "1: hot_surface.limit_c: true is a truth value; this is"),
        ("hot_surface: {limit_c: }", "1: hot_surface.limit_c: has no value; write one after"),
        ("hot_surface: {limit_c: [43]}", "1: hot_surface.limit_c: is one value; write it after"),
        ("hot_surface: 43", "1: hot_surface: is not a mapping; write hot_surface: {limit_c: …}"),
        ("because: [a, b]", "1: because: is not a text; say in a line why"),
        ("because: ''", "1: because: is empty; write at least one character"),
        (
            "bed_exit: {}\nbed_exit: {}",
            "2: bed_exit: is there already; a key is written once",
        ),
        ("- bed_exit", "1: is not a mapping; write keys with colons"),
        ("--- {}\n--- {}", "2: a second document starts here; a rules file is one"),
        ("bed_exit: {dwell: 5s", "1: is not YAML:"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_field(text: str, said: str) -> None:
    [line] = errors(text)
    assert line.startswith(f"rules.yaml:{said}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "hot_surface: {clear_c: 43}",
            "hot_surface.clear_c (43) has to be less than hot_surface.limit_c (43)",
        ),
        (
            "hot_surface: {limit_c: 51}",
            "hot_surface.limit_c (51) has to be at most hot_surface.at_once_c (50)",
        ),
        (
            "bed_exit: {dwell: 2m}\nnot_back_in_bed: {after: 2m}",
            "bed_exit.dwell (2m) has to be less than not_back_in_bed.after (2m)",
        ),
        (
            "escalation: {high: {senior: 1m}}",
            "escalation.high.everyone (1m30s) has to be less than escalation.high.senior (1m)",
        ),
        (
            "escalation: {technical: {repeat: 20s}}",
            "escalation.high.repeat (30s) has to be at most escalation.technical.repeat (20s)",
        ),
    ],
)
def test_two_numbers_that_contradict_each_other_are_named(text: str, said: str) -> None:
    [line] = errors(text)
    assert line.endswith(said)


def test_a_contradiction_is_told_in_the_line_that_made_it() -> None:
    [line] = errors("bed_exit: {dwell: 7m}\n\nhot_surface: {hold: 1m}\n")
    assert line.startswith("rules.yaml:1: bed_exit.dwell: ")
    [line] = errors("bed_exit: {}\nhot_surface: {limit_c: 40}\n")  # below the default of clear_c
    assert line.startswith("rules.yaml:2: hot_surface.limit_c: ")
    [line] = errors("hot_surface:\n  limit_c: 44\n  clear_c: 44\n")
    assert line.startswith("rules.yaml:3: hot_surface.clear_c: ")


def test_every_error_is_told_at_once_in_the_order_of_the_lines() -> None:
    said = errors("bed_exit: {dwell: soon}\nhot_surface: {hold: 0, limit_c: x}\nwhat: 1\n")
    assert [line.split(":")[1] for line in said] == ["1", "2", "3"]


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_the_bytes_they_are_read_or_refused_with_a_line(raw: bytes) -> None:
    said: list[str] = []
    try:
        read_rules_file(raw, "rules.yaml")
    except Invalid as refused:
        said = str(refused).splitlines()
    assert all(line.startswith("rules.yaml:") for line in said)


@given(st.integers(min_value=0, max_value=400 * 86_400).map(lambda s: timedelta(seconds=s)))
def test_a_length_of_time_is_read_as_it_is_written(length: timedelta) -> None:
    assert parse_duration(duration_text(length)) == length


@pytest.mark.parametrize("text", ["", "5", "-5s", "5 s", "1m1h", "5S", "1.5s", "s", "٣s"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a length of time"):
        parse_duration(text)


# --- what is made from the settings -----------------------------------------------------------


def test_every_field_of_every_rule_can_be_set() -> None:
    paths = {
        (rule.name, one.name)
        for rule in fields(Rulebook)
        for one in fields(getattr(DEFAULT_RULEBOOK, rule.name))
    }
    assert paths <= all_settings().keys()
    assert rulebook_of(defaults()) == DEFAULT_RULEBOOK
    assert escalation_of(defaults()) == DEFAULT_ESCALATION


def test_every_default_is_within_its_bound_and_every_bound_has_a_setting() -> None:
    names = {setting.name for setting in all_settings().values()}
    assert bounds.named() <= names
    for setting in all_settings().values():
        assert setting.meaning
        if not isinstance(setting.default, str | bool):
            assert setting.parse(str(plain(setting.default))) == setting.default


def test_what_is_shown_can_be_applied_and_changes_nothing() -> None:
    file = read(EXAMPLE)
    in_force = RulesInForce(version=1, values=file.values, sets=file.sets, because="x: 'y' \"z\"")
    shown = rules_text(in_force)
    assert "  dwell: 5s  # default 0\n" in shown
    again = read(shown)
    assert differences(file.values, again.values) == []
    assert again.because == in_force.because


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (EXAMPLE, True),
        ("bed_exit: {dwell: 0}", True),
        ("bed_exit: {dwell: 5 s}", False),
        ("bed_exit: {dwel: 5s}", False),
        ("hot_surface: {limit_c: 90}", False),
        ("because: 5s", True),
    ],
)
def test_the_schema_and_the_reader_agree(text: str, fits: bool) -> None:
    schema = rules_schema()
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid(_as_an_editor_reads(read_tree(text).value)) == fits
    if fits:
        read(text)
    else:
        assert errors(text)


def _as_an_editor_reads(value: object) -> object:
    """``yaml_tree`` keeps numbers as their text; an editor knows them as numbers."""
    if isinstance(value, dict):
        return {key: _as_an_editor_reads(inside) for key, inside in value.items()}
    try:
        return float(str(value))
    except ValueError:
        return value


def test_the_page_has_the_table_of_every_setting() -> None:
    assert settings_table() in PAGE.read_text(encoding="utf-8"), (
        'print it anew: python -c "from nightwarden.rulesfile.writer import settings_table; '
        'print(settings_table())"'
    )
