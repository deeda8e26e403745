"""Alembic, driven from here: the schema is brought up to date whenever the store is opened.

1. A file that holds something is migrated from where it is, step by step.
2. A new file gets at once what all steps together make of an empty one: they are taken once, in
   memory, and their outcome is kept for the next new file of this process. A story or a scenario
   makes a home of its own each time it is played, and all steps take ten times as long.
"""

import sqlite3
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine, create_engine
from sqlalchemy.pool import StaticPool


class TooNew(Exception):
    """The file's schema is not known here; the argument is its revision."""


def config() -> Config:
    """The Alembic configuration; no file, so that an installed wheel migrates as well."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    settings.set_main_option("path_separator", "os")
    return settings


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest revision; a second process waits for the first.

    Raises:
        TooNew: the file was written by a newer program.
    """
    with engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    known = _revisions()
    if present == known[0]:
        return
    if present is not None and present not in known:
        raise TooNew(present)
    with engine.connect().execution_options(nightwarden_begin="BEGIN IMMEDIATE") as connection:
        if _is_empty(connection):  # asked again: another process may have been quicker
            for statement in _outcome():
                connection.exec_driver_sql(statement)
        else:
            step_by_step(connection)
        connection.commit()


def step_by_step(connection: Connection, last: str = "head") -> None:
    """Take every step that is missing up to ``last``, in the transaction of ``connection``."""
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, last)


@cache
def _revisions() -> tuple[str, ...]:
    """All that are known here, the newest first."""
    script = ScriptDirectory.from_config(config())
    return tuple(step.revision for step in script.walk_revisions())


def _is_empty(connection: Connection) -> bool:
    return connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1").first() is None


@cache
def _outcome() -> tuple[str, ...]:
    """The statements that make of an empty file what all steps make of it, rows included."""
    memory = sqlite3.connect(":memory:", check_same_thread=False)
    try:
        engine = create_engine("sqlite://", creator=lambda: memory, poolclass=StaticPool)
        with engine.connect() as connection:
            step_by_step(connection)
            connection.commit()
        dumped = list(memory.iterdump())
    finally:
        memory.close()
    return tuple(dumped[1:-1])  # without BEGIN and COMMIT, which are the caller's
