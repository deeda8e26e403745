"""A backup of a home that runs, and the way back; whatever is wrong with one changes nothing."""

import io
import json
import os
import sqlite3
import stat
import subprocess
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from nightwarden.alone import alone
from nightwarden.backups.making import copy_store, make_backup
from nightwarden.backups.restoring import restore_backup
from nightwarden.clock import utc_now
from nightwarden.commands.backup import backup, restore
from nightwarden.commands.export import export
from nightwarden.errors import Invalid
from nightwarden.homefile import plan
from nightwarden.homefile.reader import read_home_file
from nightwarden.store import audit
from nightwarden.store.engine import open_store
from tests.acceptance.program import NIGHTWARDEN
from tests.acceptance.test_up import HOME

PHOTO = "photos/ab/abcd.jpg"


def apply(data: Path, home_file: str) -> None:
    """As ``nightwarden apply``."""
    with closing(open_store(data / "nightwarden.db")) as store, store.transaction(utc_now()) as tx:
        plan.apply(tx, read_home_file(home_file.encode(), "home.yaml", utc_now()), "test")


def exported(data: Path) -> str:
    """The register, as a home file."""
    return CliRunner().invoke(export, ["--data", str(data)], catch_exceptions=False).stdout


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Elm House, with a photo, a key and what no backup has."""
    data = tmp_path / "data"
    apply(data, HOME)
    (data / PHOTO).parent.mkdir(parents=True)
    (data / PHOTO).write_bytes(b"a radiator")
    (data / "ca").mkdir()
    (data / "ca" / "ca.key").write_text("secret")
    (data / "nightwarden.lock").write_text("")
    return data


def backed_up(data: Path, name: str = "monday.tar.gz") -> Path:
    """What ``nightwarden backup`` made."""
    file = data.parent / name
    words = [str(file), "--data", str(data)]
    said = CliRunner().invoke(backup, words, catch_exceptions=False).stdout
    assert "elm-house: 3 files in" in said
    return file


def test_what_is_restored_is_the_home_of_that_time_and_what_was_there_is_kept(data: Path) -> None:
    before = exported(data)
    file = backed_up(data)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    apply(data, HOME.replace("Joan", "Somebody Else"))
    (data / PHOTO).unlink()

    words = [str(file), "--data", str(data)]
    said = CliRunner().invoke(restore, words, catch_exceptions=False).stdout
    assert exported(data) == before
    assert (data / PHOTO).read_bytes() == b"a radiator"
    assert (data / "ca" / "ca.key").read_text() == "secret"
    [aside] = data.glob("before-restore-*")
    assert str(aside) in said
    assert "Somebody Else" in exported(aside)
    with closing(open_store(data / "nightwarden.db")) as store, store.reading(utc_now()) as tx:
        assert audit.verify(tx).intact
    backed_up(data, "tuesday.tar.gz")  # three files again: not what was put aside


def test_it_goes_to_another_machine_through_a_pipe(data: Path) -> None:
    here = data.parent
    made = subprocess.run(
        [*NIGHTWARDEN, "backup", "-"], cwd=here, capture_output=True, check=True, timeout=30
    ).stdout
    subprocess.run(
        [*NIGHTWARDEN, "restore", "-", "--data", "other"],
        cwd=here,
        input=made,
        check=True,
        timeout=60,
    )
    assert exported(here / "other") == exported(data)


def test_it_is_of_one_instant_while_somebody_writes(data: Path) -> None:
    with closing(sqlite3.connect(data / "nightwarden.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO meta VALUES ('half', 'done')")
        copy_store(data / "nightwarden.db", data.parent / "copy.db")
        writer.execute("ROLLBACK")
    with closing(sqlite3.connect(data.parent / "copy.db")) as copy:
        assert copy.execute("SELECT count(*) FROM meta WHERE key = 'half'").fetchone() == (0,)
        assert copy.execute("SELECT name FROM home").fetchone() == ("Elm House",)


def test_under_a_running_monitor_nothing_is_put_back(data: Path) -> None:
    file = backed_up(data)
    with alone(data, "nightwarden.lock"), pytest.raises(Invalid, match="Another Nightwarden runs"):
        CliRunner().invoke(restore, [str(file), "--data", str(data)], catch_exceptions=False)


def _cut_off(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def _without_contents(file: Path) -> None:
    _rewrite(file, lambda name, content: None if name == "backup.json" else content)


def _another_photo(file: Path) -> None:
    _rewrite(file, lambda name, content: b"a wall" if name == PHOTO else content)


def _from_tomorrow(file: Path) -> None:
    def newer(name: str, content: bytes) -> bytes:
        return (
            json.dumps(json.loads(content) | {"format": 2}).encode()
            if (name == "backup.json")
            else content
        )

    _rewrite(file, newer)


def _no_archive(file: Path) -> None:
    file.write_text("hello")


def _out_of_the_folder(file: Path) -> None:
    with tarfile.open(file, "w:gz") as archive:
        member = tarfile.TarInfo("../escaped")
        member.size = 1
        archive.addfile(member, io.BytesIO(b"x"))


def _rewrite(file: Path, change: object) -> None:
    assert callable(change)
    with tarfile.open(file) as archive:
        members = [(one, archive.extractfile(one)) for one in archive.getmembers()]
        contents = [(one.name, b"" if read is None else read.read()) for one, read in members]
    with tarfile.open(file, "w:gz") as archive:
        for name, content in contents:
            if (changed := change(name, content)) is not None:
                member = tarfile.TarInfo(name)
                member.size = len(changed)
                archive.addfile(member, io.BytesIO(changed))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_cut_off, "is no whole backup"),
        (_without_contents, "it has no backup.json"),
        (_another_photo, f"is damaged: {PHOTO} is not what was copied"),
        (_from_tomorrow, "is not one that this Nightwarden knows"),
        (_no_archive, "is no whole backup"),
        (_out_of_the_folder, "is no whole backup"),
        (Path.unlink, "there is no file"),
    ],
)
def test_a_backup_that_is_none_changes_nothing(data: Path, spoil: object, words: str) -> None:
    file = backed_up(data)
    assert callable(spoil)
    spoil(file)
    before = sorted(path.name for path in data.iterdir())
    with pytest.raises(Invalid, match=words) as caught:
        restore_backup(file, data, utc_now(), "test")
    assert "\n" not in str(caught.value)
    assert sorted(path.name for path in data.iterdir()) == before
    assert not (data.parent / "escaped").exists()


def test_where_a_backup_cannot_go_is_one_line(data: Path) -> None:
    file = backed_up(data)
    for wrong, words in (
        (file, "exists already"),
        (data / "x.tar.gz", "would be lost with it"),
        (data.parent / "nowhere" / "x.tar.gz", "cannot be written: No such file"),
    ):
        with pytest.raises(Invalid, match=words):
            make_backup(data, wrong, utc_now(), "test")
    with pytest.raises(Invalid, match="there is no store"):
        make_backup(data.parent / "none", data.parent / "x", utc_now(), "test")
