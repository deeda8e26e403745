"""Putting a backup back: all is checked beside the data folder before anything in it moves."""

import json
import shutil
import sqlite3
import tarfile
import zlib
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from nightwarden.backups.parts import (
    BEFORE_RESTORE,
    CONTENTS,
    RESTORING,
    STORE,
    Contents,
    digest_of,
)
from nightwarden.errors import Invalid
from nightwarden.store import audit
from nightwarden.store.engine import open_store


class Restored(NamedTuple):
    """``put_aside``: where what was in the data folder before lies now; None, it was empty."""

    contents: Contents
    put_aside: Path | None


def restore_backup(file: Path, data: Path, now: datetime, actor: str) -> Restored:
    """Make ``data`` the home that ``file`` is a backup of; the caller holds the folder's lock.

    The store is the last to come to its place. Killed before that, the folder has no store, and a
    monitor that is started there says so; the same command again goes on from the file.

    Args:
        file: what ``make_backup`` wrote.
        data: the data folder, of which nobody makes use meanwhile.
        now: the present time, UTC.
        actor: who asked for it, for the audit.

    Raises:
        Invalid: ``file`` is no whole backup, or of a newer Nightwarden; nothing was changed.
    """
    fresh = data / RESTORING
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True, mode=0o700)
        contents = _unpacked(file, fresh)
        _enter(fresh / STORE, contents, now, actor)
        put_aside = _exchange(data, fresh, now)
    except OSError as problem:
        raise Invalid(f"{data} cannot be used: {problem.strerror or problem}") from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return Restored(contents, put_aside)


def _unpacked(file: Path, fresh: Path) -> Contents:
    try:
        with tarfile.open(file, "r:gz") as archive:
            archive.extractall(fresh, filter="data")
    except FileNotFoundError:
        raise Invalid(f"there is no file {file}") from None
    except (tarfile.TarError, zlib.error, EOFError, OSError) as problem:
        raise Invalid(f"{file} is no whole backup: {problem}; take another one") from None
    try:
        contents = Contents.from_json(json.loads((fresh / CONTENTS).read_bytes()))
    except (OSError, ValueError):
        raise Invalid(f"{file} is no whole backup: it has no {CONTENTS}; take another") from None
    except Invalid as problem:
        raise Invalid(f"{file} cannot be put back: {problem}") from None
    (fresh / CONTENTS).unlink()
    there = {path.relative_to(fresh).as_posix() for path in fresh.rglob("*") if path.is_file()}
    if there != set(contents.files) or STORE not in there:
        odd = min(there ^ set(contents.files) or {STORE})
        raise Invalid(f"{file} is no whole backup: {odd} is not as its {CONTENTS} says")
    for name, digest in contents.files.items():
        if digest_of(fresh / name) != digest:
            raise Invalid(f"{file} is damaged: {name} is not what was copied; take another")
    return contents


def _enter(store_file: Path, contents: Contents, now: datetime, actor: str) -> None:
    """Bring the copy up to date, see that its record is whole, and enter what is done here."""
    try:
        with closing(open_store(store_file)) as store, store.transaction(now) as tx:
            verified = audit.verify(tx)
            if not verified.intact or verified.head != contents.audit_head:
                why = verified.reason or "its newest entry is another one"
                raise Invalid(f"the record in this backup is not whole: {why}; take another")
            detail = {"made_at": contents.made_at.isoformat(), "head": contents.audit_head}
            audit.record(tx, actor, "restored from a backup", "store", detail)
    except sqlite3.Error as problem:
        raise Invalid(f"the store in this backup cannot be read: {problem}") from None


def _exchange(data: Path, fresh: Path, now: datetime) -> Path | None:
    """What is there goes beside, what is new to its place; the folder itself may be a mount."""
    old = [
        path
        for path in sorted(data.iterdir())
        if path.name != RESTORING
        and not path.name.startswith(BEFORE_RESTORE)
        and not path.name.endswith(".lock")
    ]
    put_aside = None
    if old:
        put_aside = data / f"{BEFORE_RESTORE}{now:%Y-%m-%dT%H-%M-%SZ}"
        put_aside.mkdir(mode=0o700)
        for path in old:
            path.rename(put_aside / path.name)
    for path in sorted(fresh.iterdir(), key=lambda path: path.name == STORE):
        if not path.name.startswith(STORE + "-"):
            path.rename(data / path.name)
    return put_aside
