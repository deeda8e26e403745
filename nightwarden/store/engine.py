"""Opening the store, and the one way to change it.

A transaction begins with ``BEGIN IMMEDIATE``: SQLite has one writer, and whoever will write says
so first, so that two processes never deadlock half way. pysqlite's own BEGIN is taken over for
that, which also makes DDL and savepoints behave.

``synchronous=FULL`` with WAL: when ``COMMIT`` has returned the pages are on the disk, and only
then is an MQTT message acknowledged.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine, create_engine
from sqlalchemy.util import LRUCache
from sqlmodel import Session as OrmSession

from nightwarden.errors import Conflict, Invalid
from nightwarden.store import migrations

BUSY_TIMEOUT_MS = 5_000
"""How long a writer waits for the other process; a batch takes a few milliseconds."""

READERS_CACHE_KIB = 2_000
"""SQLite's own default."""

WRITERS_CACHE_KIB = 8_000
"""A batch of readings changes a page of their index for each device: in 2 MB those of 400 devices
would be read and written several times a transaction (8.5 µs of processor time a reading; 6.2)."""


class Transaction(OrmSession):
    """A unit of work with one frozen ``now`` (aware, UTC). Leaving without an error commits."""

    now: datetime

    @property
    def sql(self) -> Connection:
        """The connection of this transaction, for statements on many rows."""
        return self.connection()


READING = "reading"
"""Set in ``Transaction.info`` of a view in which nothing is changed."""


class Store:
    """The SQLite file of one home. Safe to share between threads; one per process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._marker: sqlite3.Connection | None = None
        self._marking = threading.Lock()

    @property
    def folder(self) -> Path:
        """Where its file is."""
        return Path(self._engine.url.database or ".").parent

    @contextmanager
    def transaction(self, now: datetime) -> Iterator[Transaction]:
        """A writing transaction at ``now``; an exception rolls everything back."""
        with self._begin("BEGIN IMMEDIATE", now) as tx:
            yield tx
            tx.commit()

    @contextmanager
    def reading(self, now: datetime) -> Iterator[Transaction]:
        """A consistent view for reading only; nothing done in it is kept."""
        with self._begin("BEGIN", now) as tx:
            tx.info[READING] = True
            yield tx

    @contextmanager
    def _begin(self, begin: str, now: datetime) -> Iterator[Transaction]:
        options = {"nightwarden_begin": begin, "compiled_cache": _compiled()}
        with (
            self._engine.connect().execution_options(**options) as connection,
            Transaction(connection, expire_on_commit=False, autoflush=True) as tx,
        ):
            tx.now = now
            yield tx

    def mark(self) -> int:
        """A number that is another one after each commit to the file, by whichever process.

        Some microseconds. It may change without a commit, and says nothing across processes.
        """
        with self._marking:
            if self._marker is None:  # its own, since a connection's own commits do not count
                path = self._engine.url.database or ""
                self._marker = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            return int(self._marker.execute("PRAGMA data_version").fetchone()[0])

    def scrub(self) -> None:
        """Write the file anew, so that nothing of what was erased stays in it or in its log. Waits
        for readers as any write does, and lets nobody write meanwhile: a second for 200 MB.

        Raises:
            Conflict: something else was at work for too long.
        """
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy = cursor.fetchall()[0][0]
            cursor.close()
        except sqlite3.OperationalError as problem:
            raise Conflict(f"The store could not be written anew now ({problem}).") from None
        finally:
            connection.close()
        if busy:
            raise Conflict("The store's log could not be emptied now; somebody was reading.")

    def close(self) -> None:
        """Give every connection back; the write-ahead log is folded into the file."""
        with self._marking:
            if self._marker is not None:
                self._marker.close()
                self._marker = None
        self._engine.dispose()


@cache
def _compiled() -> LRUCache[Any, Any]:
    """Every statement as SQLite hears it, for all stores of this process together: a story or a
    scenario has a store of its own, and would put all of them together once more."""
    return LRUCache(2_000)


@cache
def _dialect() -> Dialect:
    """The one of all stores: what is compiled is kept by it."""
    engine = create_engine("sqlite://")
    engine.connect().close()  # learns what this SQLite can
    engine.dispose()
    return engine.dialect


def open_store(path: Path, cache_kib: int = READERS_CACHE_KIB) -> Store:
    """Open the store at ``path``, making it and bringing its schema up to date.

    Args:
        path: the file.
        cache_kib: of its pages, that each connection may hold in memory.

    Raises:
        Invalid: when the path cannot hold a store, or holds one of a newer Nightwarden.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{path}", pool_size=8, max_overflow=24)
    engine.dialect = _dialect()
    event.listen(engine, "connect", partial(_prepare, cache_kib))
    event.listen(engine, "begin", _begin_as_asked)
    try:
        migrations.upgrade(engine)
    except migrations.TooNew as problem:
        engine.dispose()
        raise Invalid(
            f"{path} was written by a newer Nightwarden (schema {problem}); start that one, "
            "or restore a backup made before the upgrade"
        ) from problem
    return Store(engine)


def _prepare(cache_kib: int, connection: Any, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours, see above
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "wal_autocheckpoint=2000",
        f"cache_size=-{cache_kib}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_as_asked(connection: Connection) -> None:
    begin = connection.get_execution_options().get("nightwarden_begin", "BEGIN")
    connection.exec_driver_sql(begin)
