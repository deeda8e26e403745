"""Everything out as files that any program reads: the end of the home's tie to this one.

1. Every table of the store as CSV, with a page that says what each is and what its columns mean;
   the home file, the rules, every photo and every file of a notice.
2. Left out are secrets alone (PINs, tokens, sessions), by column, and what only this program can
   read (``NOT_OUT``): it is derived from what is there.
3. A table that is added later is out as well, without a word here; a test sees to it.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select
from sqlmodel import SQLModel
from sqlmodel import select as sql_select

from nightwarden import spreadsheet
from nightwarden.errors import Invalid
from nightwarden.homefile.writer import export_home_file
from nightwarden.store import audit, meta, tables
from nightwarden.store.engine import Transaction

NOT_OUT = {
    "meta": "small facts of this program, salts among them",
    "readingstretch": "derived from the readings",
    "engineinput": "what the rules were told, packed for this program's replay",
    "keptplan": "plans packed for this program's replay",
    "unacked": "a moment's state of the connection to the broker",
    "session": "who is signed in now",
    "enrolcode": "links that work once",
    "guestcode": "codes that work once",
    "recoverycode": "codes that work once",
    "passkey": "public keys with which people sign in to this program",
    "notice_file": "each is a file in notices/",
}
"""Tables that no other program has a use for, with the reason."""

SECRET_COLUMNS = frozenset({"secret", "digest", "totp_secret", "totp_pending"})
"""Never out; a photo's digest is its file's name and is."""

PHOTOS = "photos"
GUIDE = "README.md"


def write_everything(tx: Transaction, data: Path, folder: Path) -> dict[str, int]:
    """Write all that the home has recorded into ``folder``, which must not be there yet.

    Args:
        tx: a reading transaction: the files are of one instant.
        data: the home's data folder, for the photos.
        folder: where the files go.

    Returns:
        How many lines each table has, by the name of its file.

    Raises:
        Invalid: the folder is there, or cannot be written.
    """
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise Invalid(f"{folder} is there already; name a folder that is not") from None
    except OSError as problem:
        raise Invalid(f"{folder} cannot be made: {problem.strerror}") from None
    try:
        counts = {f"{table.name}.csv": _write_table(tx, table, folder) for table in _tables()}
        (folder / "home.yaml").write_text(export_home_file(tx), encoding="utf-8")
        _write_rules(tx, folder)
        _write_notice_files(tx, folder)
        if (data / PHOTOS).is_dir():
            shutil.copytree(data / PHOTOS, folder / PHOTOS)
        (folder / GUIDE).write_text("\n".join(_guide(tx, counts)), encoding="utf-8")
    except OSError as problem:
        raise Invalid(f"{folder} cannot be written: {problem.strerror}") from None
    return counts


def _tables() -> list[Table]:
    return [table for table in SQLModel.metadata.sorted_tables if table.name not in NOT_OUT]


def columns_out(table: Table) -> list[str]:
    """The columns of a table that leave the house."""
    secret = SECRET_COLUMNS - ({"digest"} if table.name == tables.Photo.__tablename__ else set())
    return [column.name for column in table.columns if column.name not in secret]


def _write_table(tx: Transaction, table: Table, folder: Path) -> int:
    names = columns_out(table)
    found = tx.sql.execution_options(yield_per=2000).execute(
        select(*(table.c[name] for name in names)).order_by(*table.primary_key.columns)
    )
    count = 0

    def rows() -> Iterator[Any]:
        nonlocal count
        for row in found:
            count += 1
            yield row

    with (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as out:
        out.writelines(spreadsheet.lines(names, rows()))
    return count


def _write_rules(tx: Transaction, folder: Path) -> None:
    for kept in tx.exec(sql_select(tables.RuleFile)):
        (folder / f"rules-{kept.version}.yaml").write_text(kept.text, encoding="utf-8")


def _write_notice_files(tx: Transaction, folder: Path) -> None:
    for kept in tx.exec(sql_select(tables.NoticeFile)):
        (folder / "notices").mkdir(exist_ok=True)
        (folder / "notices" / f"{kept.notice}").write_bytes(kept.content)


def _guide(tx: Transaction, counts: dict[str, int]) -> Iterator[str]:
    home = meta.home(tx)
    verified = audit.verify(tx)
    yield f"# {home.name if home else 'A home'}: everything that Nightwarden has recorded"
    yield ""
    yield f"As of {tx.now:%Y-%m-%d %H:%M:%S} UTC. Times are UTC, in ISO 8601; lists are RFC 4180."
    yield "A text that begins like a formula has ' before it. What is composed is JSON."
    yield ""
    yield f"The audit has {verified.entries} entries; the hash of the last is {verified.head}."
    yield "Each entry's hash covers itself and the hash before it (docs/register.md)."
    yield ""
    yield "`home.yaml` is the register as `nightwarden apply` reads it, `rules-N.yaml` each version"
    yield "of the rules, `photos/` by the digest in photo.csv, `notices/` by the notice's id."
    for name, table in sorted((table.name, table) for table in _tables()):
        yield ""
        yield f"## {name}.csv, {counts[f'{name}.csv']} lines"
        yield ""
        yield _words_of(name)
        yield ""
        yield "Columns: " + ", ".join(columns_out(table))
    yield ""
    yield "## Left out"
    yield ""
    yield from (f"- {name}: {why}" for name, why in NOT_OUT.items())
    yield "- what proves who somebody is: PINs, passwords, tokens"
    yield "- where channels and phones are reached"


def _words_of(name: str) -> str:
    """What the table's class says of it, in one line."""
    for model in vars(tables).values():
        if isinstance(model, type) and getattr(model, "__tablename__", None) == name:
            return " ".join((model.__doc__ or "").replace("``", "`").split())
    return ""
