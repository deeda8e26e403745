"""Alembic, driven from here: the schema is brought up to date whenever the store is opened."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine


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
    settings = config()
    script = ScriptDirectory.from_config(settings)
    head = script.get_current_head()
    with engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    if present == head:
        return
    if present is not None and present not in {r.revision for r in script.walk_revisions()}:
        raise TooNew(present)
    with engine.connect().execution_options(nightwarden_begin="BEGIN IMMEDIATE") as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
        connection.commit()
