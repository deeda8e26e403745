"""Nights are scored against the truth, and a product that misses is found out.

The guard: bounds for the rules as delivered, over nights that cross both clock changes.
"""

import json
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nightwarden.cli import nightwarden_command
from nightwarden.errors import Invalid
from nightwarden.model.alerts import AlertKind
from nightwarden.nights import report
from nightwarden.nights.night import Setting, hours_of, play, setting_of, stage_of
from nightwarden.nights.score import Score, score, share
from simulators.homes import home_of
from simulators.trouble import Odds
from tests.every_dialect import every_dialect
from tests.unit.simulated import LONDON

ROOMS = 8
NIGHTS = (date(2026, 3, 28), date(2026, 10, 24))
TONIGHT = date(2026, 11, 23)
OFTEN = Odds(cover_off=0.2, sticks_open=0.4)
"""So that there are hot surfaces in so few rooms and nights."""

MOST_FALSE_A_BED_AND_NIGHT = 1.5
"""The rules as delivered have no dwell: who turns over and lifts off the mat is raised."""
MOST_SECONDS_TO_ALERT = 2.0
MOST_SECONDS_TO_BEDSIDE = 150.0
"""Of half of the exits."""


@lru_cache
def setting(night: date, rooms: int = ROOMS) -> Setting:
    return setting_of(home_of(rooms, night), night, 1, odds=OFTEN)


def test_the_rules_as_delivered_keep_within_their_bounds() -> None:
    found = Score()
    for night in NIGHTS:
        found.add(score(play(setting(night), night)))
    lines = "\n".join(report.lines(found))
    assert found.exits > 20, lines
    assert found.hot > 1, lines
    assert found.missed == 0, lines
    assert found.hot_missed == 0, lines
    assert not found.not_believed, lines
    assert found.false_a_bed_and_night <= MOST_FALSE_A_BED_AND_NIGHT, lines
    assert share(found.to_alert, 0.95) <= MOST_SECONDS_TO_ALERT, lines
    assert share(found.to_bedside, 0.5) <= MOST_SECONDS_TO_BEDSIDE, lines


def test_a_product_without_its_bed_exit_rule_is_found_out() -> None:
    night = NIGHTS[-1]
    found = score(play(replace(setting(night), without=AlertKind.BED_EXIT), night))
    assert found.missed == found.exits - found.mute - found.not_sensed > 10
    assert any("no bed_exit was raised" in remark for remark in found.remarks)


def test_a_product_that_knows_of_no_heat_is_found_out() -> None:
    found = score(play(replace(setting(TONIGHT, 4), without=AlertKind.HOT_SURFACE), TONIGHT))
    assert found.hot_missed == found.hot > 0
    assert any("and nothing was raised" in remark for remark in found.remarks)


def test_the_same_seed_is_the_same_night_to_the_byte() -> None:
    """What carers do depends on what was raised, and it changes what is said."""
    night = TONIGHT
    start, _ = hours_of(night, LONDON)

    def said(seed: int) -> str:
        digest, stage = sha256(), stage_of(replace(setting(night, 4), seed=seed), night)
        stage.run(
            start + timedelta(hours=5),
            lambda m: digest.update(f"{m.at} {m.topic} ".encode() + m.payload()),
        )
        assert stage.visits
        return digest.hexdigest()

    first = said(1)
    assert said(1) == first
    assert said(2) != first


def run(*arguments: str) -> Result:
    command = ["nights", "--nights", "1", "--rooms", "3", "--from", "2026-11-23", *arguments]
    return CliRunner().invoke(nightwarden_command, command, standalone_mode=False)


def test_the_command_reports_and_ends_with_1_where_something_was_missed() -> None:
    fine = run("--json")
    assert fine.return_value == 0, fine.output
    found = json.loads(fine.output)
    assert (found["bed_nights"], found["exits"]["missed"]) == (3, 0)
    assert found["exits"]["total"] > 3
    broken = run("--without", "bed_exit")
    assert broken.return_value == 1
    assert "missed by the product" in broken.output
    assert "no bed_exit was raised" in broken.output


def test_a_dwell_takes_away_false_alerts_and_takes_its_time(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("because: a test\nbed_exit: {dwell: 10s}\n")
    at_once, later = (
        json.loads(run("--json").output),
        json.loads(run("--json", "--rules", str(rules)).output),
    )
    assert later["exits"]["missed"] == 0
    assert later["false_alerts"]["total"] <= at_once["false_alerts"]["total"]
    assert later["exits"]["seconds_to_alert"]["median"] >= 9


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--nights", "0"), "--nights 0 cannot be played"),
        (("--rooms", "100000"), "--rooms 100000 cannot be played"),
        (("--carers", "0"), "--carers 0 cannot be"),
        (("--from", "soon"), "is not a day; write one such as 2026-11-01"),
        (("--home", "/nowhere.yaml"), "cannot read the home file"),
        (("--rules", "/nowhere.yaml"), "cannot read the rules file"),
        (("--without", "love"), "--without"),
    ],
)
def test_what_cannot_be_played_is_refused(arguments: tuple[str, str], words: str) -> None:
    refused = run(*arguments)
    assert isinstance(refused.exception, Invalid)
    assert words in str(refused.exception)


def test_the_residents_in_the_docs_are_those_of_the_program() -> None:
    page = Path("docs/nights.md").read_text(encoding="utf-8")
    assert report.residents_table() in page


@pytest.mark.slow
def test_a_night_in_every_dialect_misses_nobody() -> None:
    """Channels, endpoints, announcements that teach, and a clock of each device's own."""
    found = score(play(setting_of(every_dialect(), TONIGHT, 1), TONIGHT))
    lines = "\n".join(report.lines(found))
    assert found.exits > 30, lines
    assert found.missed == 0, lines
