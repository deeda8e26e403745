"""Alembic, driven from here: the schema is brought up to date whenever the store is opened.

1. A file that holds something is migrated from where it is, step by step.
2. A new file gets at once what all steps together make of an empty one: they are taken once, in
   memory, and their outcome is kept for the next new file of this process. A story or a scenario
   makes a home of its own each time it is played, and all steps take ten times as long.
3. Nothing of Alembic is imported for a file that is of today, which nearly every start finds: it
   would take a tenth of a second in each process. The steps are numbered, by their files' names.
"""

import sqlite3
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection, Engine, create_engine
from sqlalchemy.pool import StaticPool

if TYPE_CHECKING:
    from alembic.config import Config

_VERSIONS = Path(__file__).parent / "versions"
_HAS_REVISION = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"


class TooNew(Exception):
    """The file's schema is not known here; the argument is its revision."""


def config() -> "Config":
    """The Alembic configuration; no file, so that an installed wheel migrates as well."""
    from alembic.config import Config

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
        present = _present(connection)
    known = revisions()
    if present == known[0]:
        return
    if present is not None and present not in known:
        raise TooNew(present)
    if present is None:
        _outcome()  # before anybody waits for us: on a busy machine it takes seconds
    with engine.connect().execution_options(nightwarden_begin="BEGIN IMMEDIATE") as connection:
        if _is_empty(connection):  # asked again: another process may have been quicker
            for statement in _outcome():
                connection.exec_driver_sql(statement)
        else:
            step_by_step(connection)
        connection.commit()


def step_by_step(connection: Connection, last: str = "head") -> None:
    """Take every step that is missing up to ``last``, in the transaction of ``connection``."""
    from alembic import command

    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, last)


@cache
def revisions() -> tuple[str, ...]:
    """All that are known here, the newest first."""
    return tuple(sorted((file.name[:4] for file in _VERSIONS.glob("[0-9]*_*.py")), reverse=True))


def _present(connection: Connection) -> str | None:
    """The revision of the file; None for a new one."""
    if connection.exec_driver_sql(_HAS_REVISION).first() is None:
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
    return None if found is None else str(found[0])


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
