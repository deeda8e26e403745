"""Whether each place is watched, as the gateway last saw it; the api has no engine and reads it."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, insert
from sqlmodel import col, select

from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Watch

WatchKey = tuple[str, str, str]
"""Room, place and the kind of equipment that watches there."""


class KeptWatch(NamedTuple):
    """One row of the watch table. ``until`` is when the state ends by itself, if it does."""

    room: str
    place: str
    needs: str
    state: str
    why: str
    since: datetime
    until: datetime | None

    @property
    def key(self) -> WatchKey:
        """What tells it apart."""
        return self.room, self.place, self.needs


def load(tx: Transaction) -> dict[WatchKey, KeptWatch]:
    """Every watch as it was last seen."""
    rows = (KeptWatch(**row.model_dump()) for row in tx.exec(select(Watch)))
    return {row.key: row for row in rows}


def put(tx: Transaction, watches: Iterable[KeptWatch]) -> None:
    """Keep these as they are now."""
    rows = [watch._asdict() for watch in watches]
    if rows:
        tx.sql.execute(insert(Watch).prefix_with("OR REPLACE"), rows)


def remove(tx: Transaction, watches: Iterable[KeptWatch]) -> None:
    """Nothing asks for these any more."""
    for room, place, needs, *_ in watches:
        here = (col(Watch.room) == room, col(Watch.place) == place, col(Watch.needs) == needs)
        tx.sql.execute(delete(Watch).where(*here))
