"""What dialects were taught by their devices, as it came: announcements, units."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlmodel import col, select

from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Taught


class Teaching(NamedTuple):
    """One lesson of one dialect; empty content is forgotten."""

    dialect: str
    key: str
    content: bytes


def all_taught(tx: Transaction) -> list[Teaching]:
    """Every lesson that is kept, in the order of their keys."""
    rows = tx.exec(select(Taught).order_by(col(Taught.dialect), col(Taught.key)))
    return [Teaching(row.dialect, row.key, row.content) for row in rows]


def keep(tx: Transaction, lessons: Iterable[Teaching]) -> None:
    """Keep these, each in the place of an earlier one under its key.

    On the driver and all together: whoever announces thousands of things at once holds up nobody.
    """
    said = list(lessons)
    gone = [(dialect, key) for dialect, key, content in said if not content]
    kept = [tuple(each) for each in said if each.content]
    if gone:
        tx.sql.exec_driver_sql("DELETE FROM taught WHERE dialect = ? AND key = ?", gone)
    if kept:
        tx.sql.exec_driver_sql(
            "INSERT OR REPLACE INTO taught (dialect, key, content) VALUES (?, ?, ?)", kept
        )
