"""A look at a store without opening it: no schema is changed, nothing heavy is imported.

``up`` has a second to say what is wrong before it starts anything, and importing an ORM to read two
lines would take all of it.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from nightwarden.errors import Invalid

_VERSIONS = Path(__file__).parent / "migrations" / "versions"


class Glance(NamedTuple):
    """What a store says of itself; ``home`` and ``name`` are empty before a home was applied."""

    home: str
    name: str


def glance(path: Path) -> Glance:
    """Look at the store in ``path``; one that is not there yet has no home.

    Raises:
        Invalid: the file is no store, cannot be read, or was written by a newer Nightwarden.
    """
    if not path.exists():
        return Glance("", "")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as store:
            [revision] = _first(store, "alembic_version", "version_num") or [None]
            home = _first(store, "home", "id, name") or ("", "")
    except sqlite3.Error as problem:
        raise Invalid(f"{path} is no store of Nightwarden, or cannot be read: {problem}.") from None
    known = {file.name.partition("_")[0] for file in _VERSIONS.glob("[0-9]*.py")}
    if revision is not None and revision not in known:
        raise Invalid(
            f"{path} was written by a newer Nightwarden (schema {revision}); start that one, "
            "or restore a backup made before the upgrade."
        )
    return Glance(*home)


def _first(store: sqlite3.Connection, table: str, columns: str) -> tuple[str, ...] | None:
    known = store.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    if known is None:
        return None
    row: tuple[str, ...] | None = store.execute(f"SELECT {columns} FROM {table}").fetchone()  # noqa: S608
    return row
