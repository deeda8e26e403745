"""Making a backup while the monitor runs: nobody waits for it, and it is of one instant."""

import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

import nightwarden
from nightwarden.backups.parts import CONTENTS, STORE, Contents, beside_the_store, digest_of
from nightwarden.errors import Invalid
from nightwarden.store import audit, meta
from nightwarden.store.engine import open_store


def make_backup(data: Path, file: Path, now: datetime, actor: str) -> Contents:
    """Copy the home in ``data`` into ``file``, and enter into the audit that it was done.

    The file is there whole or not at all. The store is copied first, so that every photo of a row
    is among the files that are copied after it.

    Args:
        data: the data folder of a home, whose monitor may run.
        file: where the backup goes; nothing may be there yet.
        now: the present time, UTC.
        actor: who asked for it, for the audit.

    Raises:
        Invalid: there is no store in ``data``, ``file`` exists, lies in ``data`` or cannot be
            written.
    """
    store = data / STORE
    if not store.exists():
        raise Invalid(f"there is no store in {data}; `nightwarden apply FILE` makes one")
    if file.exists():
        raise Invalid(f"{file} exists already; name another file, a backup never replaces one")
    if file.resolve().is_relative_to(data.resolve()):
        raise Invalid(f"{file} is in {data} and would be lost with it; name a file elsewhere")
    try:
        return _make(data, file, now, actor)
    except OSError as problem:
        raise Invalid(f"{file} cannot be written: {problem.strerror or problem}") from None
    except sqlite3.Error as problem:
        raise Invalid(f"the store in {data} cannot be copied: {problem}") from None


def _make(data: Path, file: Path, now: datetime, actor: str) -> Contents:
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=file.parent) as beside:
        copy = Path(beside) / STORE
        copy_store(data / STORE, copy)
        contents = _contents(copy, now, actor)
        part = Path(beside) / "part"
        with tarfile.open(part, "x:gz", compresslevel=6) as archive:
            os.chmod(part, 0o600)
            archive.add(copy, STORE)
            contents.files[STORE] = digest_of(copy)
            for path in beside_the_store(data):
                name = path.relative_to(data).as_posix()
                contents.files[name] = _add(archive, path, name)
            _write(archive, CONTENTS, json.dumps(contents.as_json(), indent=1).encode(), now)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        os.link(part, file)  # unlike a rename it refuses a file that came meanwhile
    with closing(open_store(data / STORE)) as store, store.transaction(now) as tx:
        detail = {"file": str(file), "files": len(contents.files), "head": contents.audit_head}
        audit.record(tx, actor, "backed up", "store", detail)
    return contents


def copy_store(store: Path, copy: Path) -> None:
    """Copy the store at one instant: what the gateway has under way is not in it.

    ``VACUUM INTO`` reads one snapshot and leaves the log behind.

    Raises:
        sqlite3.Error: it cannot be read, or ``copy`` not be written.
    """
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        connection.execute("PRAGMA busy_timeout=10000")
        connection.execute("VACUUM INTO ?", (str(copy),))
    os.chmod(copy, 0o600)


def _contents(copy: Path, now: datetime, actor: str) -> Contents:
    with closing(open_store(copy)) as store, store.reading(now) as tx:
        verified = audit.verify(tx)
        home = meta.home(tx)
    return Contents(
        home=None if home is None else home.id,
        made_at=now,
        made_by=actor,
        version=nightwarden.__version__,
        audit_entries=verified.entries,
        audit_head=verified.head,
        files={},
    )


def _add(archive: tarfile.TarFile, path: Path, name: str) -> str:
    """Read once, so that digest and content are of the same file even where it changes."""
    content = path.read_bytes()
    _write(archive, name, content, datetime.fromtimestamp(path.stat().st_mtime).astimezone())
    return hashlib.sha256(content).hexdigest()


def _write(archive: tarfile.TarFile, name: str, content: bytes, at: datetime) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = len(content), int(at.timestamp()), 0o600
    archive.addfile(member, io.BytesIO(content))
