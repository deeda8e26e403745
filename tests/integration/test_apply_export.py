"""``nightwarden apply`` and ``export`` on a real store: the register becomes what the file says."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from nightwarden.commands.apply import apply as apply_command
from nightwarden.commands.export import export as export_command
from nightwarden.errors import Invalid, NotFound
from nightwarden.homefile import plan
from nightwarden.homefile.reader import read_home_file
from nightwarden.homefile.shape import HomeFile
from nightwarden.store.engine import Store, open_store
from tests.unit.test_home_file import EXAMPLE

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=3)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "nightwarden.db")
    yield opened
    opened.close()


def read(text: str) -> HomeFile:
    return read_home_file(text.encode(), "home.yaml", LATER)


def make(store: Store, text: str, now: datetime = NOW) -> list[str]:
    """Apply a home file and give the lines of its plan."""
    with store.transaction(now) as tx:
        return [str(change) for change in plan.apply(tx, read(text), "Ann")]


def run(command: click.Command, *arguments: str, given: bytes | None = None) -> str:
    result = CliRunner().invoke(command, list(arguments), input=given, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def changed(before: str, after: str, text: str = EXAMPLE) -> str:
    assert before in text
    return text.replace(before, after, 1)


def test_a_file_is_applied_once_and_then_there_is_nothing_to_change(tmp_path: Path) -> None:
    data, file = str(tmp_path / "data"), tmp_path / "home.yaml"
    file.write_text(EXAMPLE)

    first = run(apply_command, str(file), "--data", data).splitlines()
    assert first == [
        "+ home elm-house (Elm House, Europe/London)",
        "+ room 12",
        "+ 12/bed",
        "+ 12/radiator-window (radiator)",
        "+ 12/ensuite-pipe (pipe)",
        '+ res-12 "Joan" in room 12',
        "+ res-12 needs bed_mat at 12/bed, 21:00-07:00",
        "+ res-12 needs radiator_cover at 12/radiator-window, 00:00-24:00",
        "+ MAT-0012 bed_mat at 12/bed (nightwarden:mat-12)",
        "+ TMP-0012 temperature_sensor at 12/radiator-window (zigbee2mqtt:Room 12 radiator)",
        "+ CVR-0012 radiator_cover at 12/radiator-window",
        "+ CVR-0012 confirmed in_place by A. Smith on 2026-11-01",
        "elm-house: 12 changes made",
    ]
    second = run(apply_command, str(file), "--data", data)
    assert second == "elm-house: nothing to change\n"


def test_an_export_is_a_home_file_that_changes_nothing(tmp_path: Path) -> None:
    here, there = str(tmp_path / "here"), str(tmp_path / "there")
    run(apply_command, "-", "--data", here, given=EXAMPLE.encode())
    exported = run(export_command, "--data", here)

    again = run(apply_command, "-", "--data", here, given=exported.encode())
    assert again == "elm-house: nothing to change\n"
    run(apply_command, "-", "--data", there, given=exported.encode())
    assert run(export_command, "--data", there) == exported
    assert "{place: bed, needs: bed_mat, hours: " in exported


def test_a_dry_run_prints_the_plan_and_leaves_no_trace(tmp_path: Path) -> None:
    data = tmp_path / "data"
    output = run(apply_command, "-", "--dry-run", "--data", str(data), given=EXAMPLE.encode())
    assert "+ room 12" in output
    assert "nothing was changed" in output
    assert not data.exists()

    run(apply_command, "-", "--data", str(data), given=EXAMPLE.encode())
    before = run(export_command, "--data", str(data))
    renamed = changed("Joan", "Joan B.").encode()
    output = run(apply_command, "-", "--dry-run", "--data", str(data), given=renamed)
    assert '~ res-12 shown_as "Joan" -> "Joan B."' in output
    assert run(export_command, "--data", str(data)) == before


def test_a_wrong_file_is_refused_whole(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "home.yaml"
    file.write_text(changed("emitter: pipe", "emitter: pip", changed("Joan", "Jo")))
    with pytest.raises(Invalid) as refused:
        run(apply_command, str(file), "--data", str(data))
    assert str(refused.value).startswith(f"{file}:7: rooms[0].places[2].emitter: ")
    assert not data.exists()


def test_the_program_itself_says_every_error_in_a_line_and_exits_with_2(tmp_path: Path) -> None:
    text = changed("emitter: pipe", "emitter: pip", changed("kind: bed_mat", "kind: mat"))
    program = str(Path(sys.executable).with_name("nightwarden"))
    ended = subprocess.run(
        [program, "apply", "-", "--data", str(tmp_path / "data")],
        input=text.encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    first, second = ended.stderr.decode().splitlines()
    assert "standard input:7: rooms[0].places[2].emitter: " in first
    assert "standard input:16: equipment[0].kind: " in second
    assert (ended.returncode, ended.stdout) == (2, b"")


def test_what_cannot_be_read_or_exported_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"nowhere\.yaml cannot be read: No such file"):
        run(apply_command, str(tmp_path / "nowhere.yaml"), "--data", str(tmp_path))
    with pytest.raises(Invalid, match="cannot be read: Is a directory"):
        run(apply_command, str(tmp_path), "--data", str(tmp_path))
    with pytest.raises(Invalid, match="there is no store in"):
        run(export_command, "--data", str(tmp_path / "none"))
    open_store(tmp_path / "nightwarden.db").close()
    with pytest.raises(NotFound, match="holds no home yet"):
        run(export_command, "--data", str(tmp_path))


def test_the_data_directory_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTWARDEN_DATA", str(tmp_path / "env"))
    run(apply_command, "-", given=EXAMPLE.encode())
    assert (tmp_path / "env" / "nightwarden.db").exists()
