"""docs/alarms.md has every kind of alert, and every setting with the default that is in force."""

from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from api.pages.alert_cards import alert_cards
from nightwarden.model.alerts import AlertKind, AlertRecord, AlertState, Cause, Priority
from rules.outcomes import DEFAULT_OUTCOMES
from rules.rulebook import DEFAULT_RULEBOOK
from rules.wording import span
from tests.unit.rule_builders import BED, at

PAGE = (Path(__file__).parents[2] / "docs" / "alarms.md").read_text(encoding="utf-8")
SETTINGS = [
    (f"{rule.name}.{setting.name}", getattr(getattr(DEFAULT_RULEBOOK, rule.name), setting.name))
    for rule in fields(DEFAULT_RULEBOOK)
    for setting in fields(getattr(DEFAULT_RULEBOOK, rule.name))
]


@pytest.mark.parametrize("kind", AlertKind)
def test_every_kind_has_a_line_and_a_chapter(kind: AlertKind) -> None:
    assert f"| [`{kind}`](#{kind}) |" in PAGE
    chapter = PAGE.split(f"\n### `{kind}`\n")[1].split("\n### ")[0]
    for word in ("**Cause.**", "**Raised**", "**Cleared**"):
        assert word in chapter


@pytest.mark.parametrize(("setting", "default"), SETTINGS)
def test_every_setting_is_there_with_its_default(setting: str, default: object) -> None:
    said = span(default) if isinstance(default, timedelta) else f"{default:g}"
    (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{setting}` |")]
    value, why = line.split(" | ")[1:3]
    assert value in (said, f"{said} °C", f"{said} %")
    assert why.strip(" |")


def test_no_setting_is_there_that_does_not_exist() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    assert len(rows) == len(SETTINGS)


@pytest.mark.parametrize("kind", AlertKind)
def test_the_board_has_a_card_for_every_kind(kind: AlertKind) -> None:
    alert = AlertRecord(
        id=1,
        cause=Cause(kind, BED),
        priority=Priority.HIGH,
        state=AlertState.RAISED,
        resident="Joan",
        text="Room 12 · Joan · something is the matter",
        action="Go.",
        caused_at=at("22:00"),
        raised_at=at("22:00"),
    )
    (card,) = alert_cards([alert])
    assert card.what == "Something is the matter"
    assert {outcome for outcome, _ in card.outcomes} <= {one.id for one in DEFAULT_OUTCOMES}
    assert card.sort.cleared
