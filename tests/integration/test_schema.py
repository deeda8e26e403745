"""A new store's schema: the same, made at once or step by step, by one process or by two."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from nightwarden.store import migrations
from nightwarden.store.engine import open_store

SETTINGS = ("user_version", "application_id", "page_size", "auto_vacuum", "encoding")


def everything(path: Path) -> tuple[list[tuple[object, ...]], list[str], list[object]]:
    """Every table, index and trigger as it was written; every row; what the file itself says."""
    with closing(sqlite3.connect(path)) as file:
        schema = file.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2")
        settings = [file.execute(f"PRAGMA {name}").fetchone()[0] for name in SETTINGS]
        return schema.fetchall(), sorted(file.iterdump()), settings


def migrated(path: Path) -> None:
    """What every step of Alembic makes of an empty file, in the file itself."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        migrations.step_by_step(connection)
        connection.commit()
    engine.dispose()


def test_a_new_store_is_what_all_steps_make_of_an_empty_file(tmp_path: Path) -> None:
    migrated(tmp_path / "steps.db")
    for name in ("first.db", "second.db"):  # the second is made from what is kept of the first
        open_store(tmp_path / name).close()
        assert everything(tmp_path / name) == everything(tmp_path / "steps.db")


def test_the_names_of_the_files_are_the_steps_that_alembic_takes() -> None:
    steps = ScriptDirectory.from_config(migrations.config()).walk_revisions()
    assert migrations.revisions() == tuple(step.revision for step in steps)


def test_a_store_of_the_first_schema_becomes_the_same_step_by_step(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.connect() as connection:
        migrations.step_by_step(connection, "0001")
        connection.commit()
    engine.dispose()
    open_store(tmp_path / "old.db").close()
    open_store(tmp_path / "new.db").close()
    assert everything(tmp_path / "old.db") == everything(tmp_path / "new.db")


def test_processes_that_make_the_same_store_at_once_both_find_it_whole(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from nightwarden.store.engine import open_store;"
        "sys.stdin.read(1); open_store(Path(sys.argv[1])).close()"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "both.db")]
    both = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(2)]
    for process in both:
        assert process.stdin is not None
        process.stdin.close()  # go
    assert [process.wait(60) for process in both] == [0, 0]
    open_store(tmp_path / "one.db").close()
    assert everything(tmp_path / "both.db") == everything(tmp_path / "one.db")
