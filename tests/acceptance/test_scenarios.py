"""The scenario pack: each is as it says, and the command says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from nightwarden.cli import nightwarden_command
from nightwarden.errors import Invalid, NightwardenError
from nightwarden.practice import pack, proof, table
from nightwarden.practice.reader import read_scenario


@pytest.fixture(scope="module")
def stage() -> Iterator[pack.Stage]:
    with pack.Stage() as made:
        yield made


@pytest.mark.parametrize("name", pack.ids())
def test_what_happens_is_what_is_expected(name: str, stage: pack.Stage) -> None:
    verdict = stage.play(pack.find(name)).verdict
    assert verdict.as_expected, "\n".join(["", *verdict.lines()])


@pytest.mark.slow
@pytest.mark.parametrize("name", pack.ids())
def test_it_fails_where_its_feature_is_switched_off(name: str, stage: pack.Stage) -> None:
    proved = proof.prove(stage, pack.find(name))
    assert proved.cuts
    assert proved.holds, proved


def test_each_is_named_by_its_file() -> None:
    for name in pack.ids():
        assert pack.find(name).id == name


def test_the_table_in_the_docs_is_of_this_pack() -> None:
    """``nightwarden scenario prove --changed`` proves what is new, and ``table`` prints it."""
    page = Path("docs/scenarios.md").read_text(encoding="utf-8")
    proofs = proof.last_run()
    scenarios = [pack.find(name) for name in pack.ids()]
    stale = [s.id for s in scenarios if s.id in proofs and proofs[s.id].mark != proof.mark_of(s)]
    assert not stale, "nightwarden scenario prove --changed"
    assert all(proofs[s.id].holds for s in scenarios if s.id in proofs)
    for scenario in scenarios:
        if (proved := proofs.get(scenario.id)) is not None:
            assert [cut.off for cut in proved.cuts] == proof.words_of_cuts(scenario)
    assert table.table(scenarios, proofs) in page, "nightwarden scenario table"


def test_the_command_prints_expected_beside_actual_and_ends_with_0_or_1() -> None:
    fine = CliRunner().invoke(nightwarden_command, ["scenario", "run", "m2"], standalone_mode=False)
    assert fine.return_value == 0, fine.output
    [line] = [line for line in fine.output.splitlines() if "MAT-12" in line]
    assert line.startswith("  = 5m to 6m")
    assert "5m30s  device_silent 12/bed raised" in line
    broken = ["scenario", "run", "M2", "--without", "device_silent"]
    failed = CliRunner().invoke(nightwarden_command, broken, standalone_mode=False)
    assert failed.return_value == 1
    assert "  ! 5m to 6m" in failed.output


GOOD = """\
id: mine
title: A test
kind: bed_exit
home: |
  home: {id: practice, name: Two Beds, timezone: Europe/London, practice: true}
  rooms: [{id: "12", places: [{id: bed}]}]
  equipment:
    - {tag: MAT-12, kind: bed_mat, at: 12/bed, device: {dialect: nightwarden, address: mat-12}}
start: 2026-11-23T23:00:00Z
lasts: 10m
steps:
  - {at: 1m, device: mat-12, occupancy: true}
  - {at: 2m, unplug: mat-12}
expect:
  - {raised: bed_exit, place: 12/bed, by: 3m}
"""


@pytest.mark.parametrize(
    ("was", "becomes", "line", "said"),
    [
        ("device: mat-12,", "device: mat-13,", 12, 'no item has a device "mat-13"; did you mean'),
        ("at: 2m", "at: 30s", 13, "is before the step above it"),
        ("at: 2m", "at: 2h", 13, "is after the end; the scenario lasts 0:10:00"),
        ("at: 2m", "at: soon", 13, '"soon" is not a length of time, such as 30s'),
        ("by: 3m", "by: 3h", 15, "is after the end"),
        ("by: 3m", "after: 4m, by: 3m", 15, "is before after: 4m"),
        (", by: 3m", "", 15, '"by" is missing'),
        ("raised: bed_exit", "raised: bed_exits", 15, 'did you mean "bed_exit"'),
        ("raised: bed_exit", "kind: bed_exit", 15, "needs one of raised, reopened"),
        ("place: 12/bed", "place: 12/bad", 15, 'there is no place "12/bad"; did you mean "12/bed"'),
        ("expect:\n", "expect: []\nexpected:\n", 15, 'did you mean "expect"?'),
        (
            "expect:\n  - {raised: bed_exit, place: 12/bed, by: 3m}",
            "expect: []",
            14,
            "has no expec",
        ),
        ("expect:\n  - {raised: bed_exit, place: 12/bed, by: 3m}", "", 1, '"expect" is missing'),
        ("unplug", "unplugged", 13, "needs one of device, publish, unplug"),
        ("occupancy: true", "", 12, "says nothing; write one of occupancy"),
        ("occupancy: true", "occupancy: yes", 12, '"yes" is neither true nor false'),
        ("occupancy: true", "occupansy: true", 12, 'did you mean "occupancy"'),
        ("kind: bed_exit", "kind: hot_surface", 15, "has nothing about hot_surface, which the sce"),
        ("title: A test", "", 1, '"title" is missing: what happens, in one sentence'),
        ("at: 2m", "at: -2m", 13, '"-2m" is not a length of time'),
        (", practice: true", "", 4, "is not marked as a home to practise on"),
        ("lasts: 10m", "lasts: 90d", 10, "is over 0 and at most 31d"),
        ("lasts: 10m", "lasts: 10m\nfaults: [lost=0.1]", 11, '"lost=0.1" is not a fault; write'),
        ("lasts: 10m", "lasts: 10m\nfaults: [mat-13:stuck]", 11, 'did you mean "mat-12"'),
        ("lasts: 10m", "lasts: 10m\nfaults: [restart=5s@1m]", 11, "{at: 5m, broker: restart}"),
        ("lasts: 10m", "lasts: 10m\nfaults: loss=0.1", 11, "is not a list, such as"),
        ("lasts: 10m", "lasts: 10m\nseed: x", 11, '"x" is not a whole number'),
        ("occupancy: true", "occupancy: true, faults: [mat-12:stuck]", 12, "leave out the device"),
        ("unplug: mat-12", "broker: off", 13, '"off" is not one of restart'),
        ("bed_mat, at", "bed_mats, at", 8, '"bed_mats" is not a kind of equipment'),
    ],
)
def test_what_is_wrong_is_one_line_with_file_line_and_what_would_be_right(
    tmp_path: Path, was: str, becomes: str, line: int, said: str
) -> None:
    path = tmp_path / "mine.yaml"
    assert was in GOOD
    path.write_text(GOOD.replace(was, becomes, 1))
    with pytest.raises(Invalid) as refused:
        read_scenario(path)
    found = str(refused.value).splitlines()
    assert any(f"{path}:{line}: " in one and said in one for one in found), found


BEFALLEN = """\
seed: 3
faults: [mat-12:disconnect=unclean@5m]
steps:
  - {at: 1m, device: mat-12, occupancy: true, every: 30s, faults: [flapping=1m@1m-2m, loss=0.2]}
  - {at: 4m30s, broker: restart}
expect:
  - {raised: bed_exit, place: 12/bed, after: 2m, by: 2m}
  - {cleared: bed_exit, place: 12/bed, by: 3m30s}
  - {raised: device_silent, place: 12/bed, after: 5m, by: 6m}
"""


def test_faults_befall_what_devices_say_and_the_broker_can_be_restarted(
    stage: pack.Stage, tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    lived_in = (
        "\n  residents: [{id: r12, shown_as: A, room: '12', requirements: [{place: bed, needs: "
    )
    lived_in += "bed_mat, hours: '00:00-24:00', because: falls, review_by: 2027-01-01}]}]\n  equip"
    text = GOOD.partition("steps:")[0].replace("\n  equip", lived_in)
    path.write_text(text + BEFALLEN)
    verdict = stage.play(read_scenario(path)).verdict
    assert verdict.as_expected, "\n".join(["", *verdict.lines()])
    path.write_text(
        text + BEFALLEN.replace("flapping", "delay").replace("faults: [mat", "ignore: []\n#")
    )
    failed = [row.expected for row in stage.play(read_scenario(path)).verdict.rows if not row.met]
    assert len(failed) == 3, failed


def test_an_answer_to_an_alert_that_there_is_not_is_a_difference(
    stage: pack.Stage, tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    answer = "  - {at: 90s, accept: bed_exit, place: 12/bed}\n"
    path.write_text(GOOD.replace("  - {at: 2m", f"{answer}  - {{at: 2m"))
    lines = stage.play(read_scenario(path)).verdict.lines()
    [line] = [line for line in lines if "accept" in line]
    assert line.startswith("  ! at 1m30s")
    assert line.endswith("there is no such open alert")


def test_a_scenario_that_there_is_not_is_refused() -> None:
    with pytest.raises(NightwardenError, match='no scenario "M200"'):
        pack.find("M200")
