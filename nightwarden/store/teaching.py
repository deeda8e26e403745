"""What dialects were taught by their devices, as it came: announcements, units."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import delete
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
    """Keep these, each in the place of an earlier one under its key."""
    for dialect, key, content in lessons:
        where = (col(Taught.dialect) == dialect, col(Taught.key) == key)
        tx.sql.execute(delete(Taught).where(*where))
        if content:
            tx.add(Taught(dialect=dialect, key=key, content=content))
            tx.flush()
