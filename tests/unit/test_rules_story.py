"""``nightwarden rules test``: stories that are met, that are not, and that cannot be read."""

from dataclasses import fields
from pathlib import Path

import pytest

import nightwarden.rulesfile
from nightwarden.errors import Invalid
from nightwarden.rulesfile.story import read_story
from nightwarden.rulesfile.trial import run_story
from rules.rulebook import Rulebook

FOLDER = Path(nightwarden.rulesfile.__file__).parent
DEFAULT_STORIES = sorted(FOLDER.glob("default_rules*_test.yaml"))
STORY = """\
home: |
  home: {id: example, name: Example, timezone: Europe/London}
  rooms: [{id: "12", places: [{id: bed}]}]
  residents:
    - id: res-12
      shown_as: Joan
      room: "12"
      requirements:
        - {place: bed, needs: bed_mat, because: falls, review_by: 2027-01-01}
  equipment:
    - tag: MAT-12
      kind: bed_mat
      at: 12/bed
      device: {dialect: nightwarden, address: mat-12, supervision_s: 86400}
rules: |
  bed_exit: {dwell: 30s}
start: 2026-11-23T23:00:00Z
steps:
  - {at: 1s, device: mat-12, occupancy: true}
  - {at: 2s, device: mat-12, occupancy: false}
  - {at: 31s, expect: none}
  - {at: 32s, expect: [{kind: bed_exit, place: 12/bed, priority: high, text: out of bed}]}
"""


def written(folder: Path, text: str = STORY) -> Path:
    path = folder / "night.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def changed(before: str, after: str) -> str:
    assert before in STORY
    return STORY.replace(before, after)


@pytest.mark.parametrize("story", DEFAULT_STORIES, ids=lambda path: path.stem)
def test_the_rules_as_delivered_are_as_their_story_tells(story: Path) -> None:
    outcome = run_story(read_story(story))
    assert outcome.as_expected, "\n".join(outcome.lines)


def test_the_stories_of_the_rules_as_delivered_have_every_kind() -> None:
    steps = [step for story in DEFAULT_STORIES for step in read_story(story).steps]
    told = {one.kind.value for step in steps for one in step.expected or ()}
    assert told >= {rule.name for rule in fields(Rulebook)}


def test_a_story_runs_under_its_own_rules(tmp_path: Path) -> None:
    outcome = run_story(read_story(written(tmp_path)))
    assert outcome.as_expected, outcome.lines
    assert outcome.lines == (f"{tmp_path}/night.yaml: 2 expectations, all met",)


def test_what_differs_stands_beside_each_other(tmp_path: Path) -> None:
    outcome = run_story(read_story(written(tmp_path, changed("dwell: 30s", "dwell: 10s"))))
    assert not outcome.as_expected
    place, head, early, late_place, _, late, verdict = outcome.lines
    assert place == f"{tmp_path}/night.yaml:21: at 31s"
    assert head.split() == ["expected", "raised"]
    assert early.startswith("  ! -  ")
    assert early.endswith('bed_exit 12/bed high "Room 12 · Joan · out of bed"')
    assert late_place.endswith("night.yaml:22: at 32s")
    assert late == '  ! bed_exit 12/bed high "out of bed"  -'
    assert verdict.endswith("2 of 2 expectations not met")


def test_another_priority_is_shown_beside_the_one_expected(tmp_path: Path) -> None:
    outcome = run_story(read_story(written(tmp_path, changed("priority: high", "priority: low"))))
    [row] = [line for line in outcome.lines if line.startswith("  !")]
    assert "bed_exit 12/bed low" in row
    assert "bed_exit 12/bed high" in row


def test_what_is_raised_after_the_last_expectation_is_a_difference(tmp_path: Path) -> None:
    outcome = run_story(read_story(written(tmp_path, STORY + "  - {at: 7m, tick: true}\n")))
    assert not outcome.as_expected
    assert any("after the last expectation" in line for line in outcome.lines)
    assert any("not_back_in_bed 12/bed" in line for line in outcome.lines)


def test_home_and_rules_may_be_files_beside_it(tmp_path: Path) -> None:
    home, _, rest = STORY.partition("rules: |\n")
    inside = home.removeprefix("home: |\n")
    (tmp_path / "home.yaml").write_text(inside, encoding="utf-8")
    (tmp_path / "rules.yaml").write_text("bed_exit: {dwell: 30s}\n", encoding="utf-8")
    text = "home: home.yaml\nrules: rules.yaml\n" + rest.partition("\n")[2]
    assert run_story(read_story(written(tmp_path, text))).as_expected


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("dwell: 30s", "dwel: 30s", '16: bed_exit.dwel: is not known here; did you mean "dwell"?'),
        ("id: bed}", "di: bed}", "3: rooms[0].places[0].di: is not known here"),
        ("at: 31s", "at: 1s", "21: steps[2].at: is before the step above it"),
        ("at: 31s", "at: soon", '21: steps[2].at: "soon" is not a length of time'),
        ("{at: 1s, device", "{device", '19: steps[0]: "at" is missing'),
        (
            "device: mat-12, occupancy: true",
            "device: mat-21, occupancy: true",
            '19: steps[0].device: no item has a device "mat-21"; did you mean "mat-12"',
        ),
        (
            "occupancy: true",
            "occupancy: 1",
            '19: steps[0].occupancy: "1" is neither true nor false',
        ),
        ("occupancy: true", "temperature: hot", '19: steps[0].temperature: "hot" is not a number'),
        (
            "occupancy: true",
            "link: down",
            '19: steps[0].link: "down" is not one of online, offline',
        ),
        (", occupancy: true", "", "19: steps[0]: says nothing; write one of occupancy,"),
        (", occupancy: true", ", occupied: true", "19: steps[0].occupied: is not known here; "),
        (
            "kind: bed_exit",
            "kind: bed_exits",
            '22: steps[3].expect[0].kind: "bed_exits" is not one',
        ),
        (
            "place: 12/bed",
            "place: 21/bed",
            '22: steps[3].expect[0].place: there is no place "21/be',
        ),
        ("expect: none", "expect: nothing", "21: steps[2].expect: is none, or a list such as"),
        ("2026-11-23T23:00:00Z", "tonight", '17: start: "tonight" is not an instant in UTC'),
        ("steps:", "step:", '18: step: is not known here; did you mean "steps"?'),
    ],
)
def test_a_wrong_story_is_refused_with_its_line(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    path = written(tmp_path, changed(before, after))
    with pytest.raises(Invalid) as refused:
        read_story(path)
    assert f"{path}:{said}" in str(refused.value)


def test_a_story_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"night\.yaml cannot be read: No such file"):
        read_story(tmp_path / "night.yaml")
