"""The store as a file: there, whole, of this version's schema, writable, with room to grow.

It is looked at through SQLite itself, before anything of ours opens it, because opening a store of
ours brings its schema up to date, and a check changes nothing.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from nightwarden.checking.finding import Finding, fine, wrong
from nightwarden.store import migrations

ABOUT = "store"
LEAST_FREE_BYTES = 500 * 1024 * 1024
"""A home of 40 devices writes some 50 MB a month; this leaves time to notice (judgement)."""

BUSY_TIMEOUT_S = 5.0
"""As long as the monitor itself waits for its other process."""


def look_at_store(path: Path) -> Finding:
    """Whether the store at ``path`` can be relied on. A big one takes some seconds to read."""
    if not path.exists():
        return wrong(ABOUT, f"There is no store at {path}; `nightwarden apply FILE` makes one.")
    try:
        sentence = _trouble(path)
    except sqlite3.Error as problem:
        return wrong(ABOUT, f"{path} cannot be used: {problem}; put a backup in its place.")
    if sentence is not None:
        return wrong(ABOUT, sentence)
    free = shutil.disk_usage(path.parent).free
    if free < LEAST_FREE_BYTES:
        return wrong(
            ABOUT,
            f"Only {_megabytes(free)} are free beside {path}; make room for at least "
            f"{_megabytes(LEAST_FREE_BYTES)}.",
        )
    size = path.stat().st_size
    return fine(
        ABOUT,
        f"{path} is whole and can be written; it has {_megabytes(size)}, {_megabytes(free)} are "
        "free.",
    )


def _trouble(path: Path) -> str | None:
    """What is the matter with the file, as a sentence; None when nothing is.

    Raises:
        sqlite3.Error: it is no SQLite file, or cannot be opened or written.
    """
    address = f"{path.resolve().as_uri()}?mode=rw"
    opened = sqlite3.connect(address, timeout=BUSY_TIMEOUT_S, isolation_level=None, uri=True)
    with closing(opened) as connection:
        if sentence := _schema_trouble(path, connection):
            return sentence
        if (said := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            return f"{path} is damaged ({said}); put a backup in its place."
        connection.execute("BEGIN IMMEDIATE")  # fails where it cannot be written
        connection.execute("ROLLBACK")
    return None


def _schema_trouble(path: Path, connection: sqlite3.Connection) -> str | None:
    known = migrations.revisions()
    head = known[0]
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as problem:
        if "no such table" not in str(problem):
            raise
        return f"{path} is not a store of Nightwarden; choose its folder with --data."
    present = row[0] if row else None
    if present == head:
        return None
    if present in known:
        return (
            f"{path} has schema {present}, and this version works with {head}; restart "
            "`nightwarden up`, which brings it up to date."
        )
    return f"{path} was written by a newer Nightwarden (schema {present}); use that one."


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:,.1f} MB" if size < 10 * 1024 * 1024 else f"{size >> 20:,} MB"
