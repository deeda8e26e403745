"""``nightwarden export --everything``: all of it, as files that any program reads; no secret."""

import csv
from contextlib import closing
from pathlib import Path

from click.testing import CliRunner
from sqlmodel import SQLModel

from nightwarden.clock import utc_now
from nightwarden.commands.export import export
from nightwarden.elsewhere import phones
from nightwarden.everything import NOT_OUT
from nightwarden.homefile.reader import read_home_file
from nightwarden.model.elsewhere import Serves
from nightwarden.model.roles import Role
from nightwarden.store import channels, people
from nightwarden.store.channels import Address
from nightwarden.store.engine import open_store
from tests.acceptance.test_up import HOME
from tests.integration.test_backup import apply


def test_everything_is_out_but_what_proves_who_somebody_is(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    apply(data, HOME)
    (data / "photos" / "ab").mkdir(parents=True)
    (data / "photos" / "ab" / "abc.jpg").write_bytes(b"a radiator")
    with closing(open_store(data / "nightwarden.db")) as store, store.transaction(utc_now()) as tx:
        people.add_user(tx, "Mary", Role.MANAGER, "correct horse battery", "test")
        token = people.create_token(tx, "board", Role.CARER, "test")
        texts = Address("ntfys://ntfy.sh/s3cret-topic", "ntfy")
        channels.add(tx, "Texts", texts, Serves((Role.MANAGER,)), "test")
    public = phones.public_key(data)
    key = (data / phones.KEYS).read_text().splitlines()[1]

    words = ["--everything", str(out), "--data", str(data)]
    done = CliRunner().invoke(export, words, catch_exceptions=False)
    assert done.exit_code == 0
    there = {path.name for path in out.iterdir()}
    tables = {f"{name}.csv" for name in SQLModel.metadata.tables if name not in NOT_OUT}
    assert there == tables | {"home.yaml", "README.md", "photos"}
    assert (out / "photos" / "ab" / "abc.jpg").read_bytes() == b"a radiator"
    read_home_file((out / "home.yaml").read_bytes(), "home.yaml", utc_now())
    with (out / "equipment.csv").open(newline="") as opened:
        [mat] = csv.DictReader(opened)
    assert (mat["tag"], mat["kind"]) == ("MAT-12", "bed_mat")
    written = "".join(path.read_text() for path in out.glob("*.*") if path.is_file())
    assert "Mary" in written
    assert "argon2" not in written
    assert token not in written
    assert "Texts" in written
    assert "s3cret-topic" not in written
    assert key not in written
    assert public not in written
    guide = (out / "README.md").read_text()
    assert "## equipment.csv, 1 lines" in guide
    assert all(f"- {name}: " in guide for name in NOT_OUT)

    again = CliRunner().invoke(export, words)
    assert "is there already" in str(again.exception)
