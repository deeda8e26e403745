"""Nights are scored against the truth, and a product that misses is found out.

The guard: bounds for the rules as delivered, over nights that cross both clock changes.
"""

from datetime import date

from nightwarden.model.alerts import AlertKind
from nightwarden.nights import report
from nightwarden.nights.night import Setting, play, setting_of
from nightwarden.nights.score import Score, score, share
from simulators.homes import home_of

ROOMS = 12
NIGHTS = (date(2026, 3, 28), date(2026, 10, 24), date(2026, 11, 23))
MOST_FALSE_A_BED_AND_NIGHT = 1.5
"""The rules as delivered have no dwell: who turns over and lifts off the mat is raised."""
MOST_SECONDS_TO_ALERT = 2.0
MOST_SECONDS_TO_BEDSIDE = 150.0
"""Of half of the exits."""


def setting(night: date, **more: object) -> Setting:
    return setting_of(home_of(ROOMS, night), night, 1, **more)


def scored(**more: object) -> Score:
    total = Score()
    for night in NIGHTS:
        total.add(score(play(setting(night, **more), night)))
    return total


def test_the_rules_as_delivered_keep_within_their_bounds() -> None:
    found = scored()
    lines = "\n".join(report.lines(found))
    assert found.exits > 50, lines
    assert found.missed == 0, lines
    assert found.hot_missed == 0, lines
    assert not found.not_believed, lines
    assert found.false_a_bed_and_night <= MOST_FALSE_A_BED_AND_NIGHT, lines
    assert share(found.to_alert, 0.95) <= MOST_SECONDS_TO_ALERT, lines
    assert share(found.to_bedside, 0.5) <= MOST_SECONDS_TO_BEDSIDE, lines


def test_a_product_without_its_bed_exit_rule_is_found_out() -> None:
    night = NIGHTS[-1]
    found = score(play(setting(night, without=AlertKind.BED_EXIT), night))
    assert found.missed == found.exits - found.mute - found.not_sensed > 10
    assert any("no bed_exit was raised" in remark for remark in found.remarks)
