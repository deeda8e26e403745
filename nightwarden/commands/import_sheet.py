"""``nightwarden import FILE``: take a list of the home's into the register."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nightwarden.clock import utc_now
from nightwarden.commands.apply import actor
from nightwarden.commands.options import data_option, store_file
from nightwarden.errors import Invalid

if TYPE_CHECKING:
    from nightwarden.importing.preview import Preview


@click.command("import")
@click.argument("file", metavar="FILE")
@click.option(
    "--of",
    "of",
    required=True,
    metavar="KIND",
    envvar="NIGHTWARDEN_OF",
    help="What FILE lists: equipment, rooms, residents or assessments.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    envvar="NIGHTWARDEN_DRY_RUN",
    help="Print what would be done and change nothing.",
)
@click.option(
    "--skip-unreadable",
    is_flag=True,
    envvar="NIGHTWARDEN_SKIP_UNREADABLE",
    help="Leave rows out that cannot be read, and apply the others.",
)
@data_option
def import_sheet(file: str, of: str, dry_run: bool, skip_unreadable: bool, data: Path) -> None:
    """Take the CSV or .xlsx file FILE (- is standard input) into the register.

    Prints each row that is new, changes something or cannot be read, and applies all of them in
    one transaction, or nothing. What FILE does not name stays as it is; nothing is removed.
    """
    from nightwarden.importing import preview
    from nightwarden.importing.sheets import read_sheet
    from nightwarden.store.engine import open_store

    kind = preview.kind_of(of)
    sheet = read_sheet(_read(file), "standard input" if file == "-" else Path(file).name)
    path = store_file(data)
    if not path.exists():
        raise Invalid(f"there is no store in {data}; `nightwarden apply FILE` makes one")
    store, now = open_store(path), utc_now()
    try:
        if dry_run:
            with store.reading(now) as tx:
                seen = preview.preview(tx, kind, sheet)
        else:
            with store.transaction(now) as tx:
                seen = preview.apply(tx, kind, sheet, actor(), skip_unreadable=skip_unreadable)
    finally:
        store.close()
    _print(seen, dry_run)


def _print(seen: Preview, dry_run: bool) -> None:
    from nightwarden.importing.preview import RowState, unreadable

    for row in seen.rows:
        if row.state is RowState.SAME or row.problems:
            continue
        said = ", ".join(
            f"{one.column} {one.before or 'none'} -> {one.after or 'none'}" for one in row.changes
        )
        sign = "+" if row.state is RowState.NEW else "~"
        click.echo(f"{sign} row {row.number}: {row.name}{f' ({said})' if said else ''}")
    for line in unreadable(seen):
        click.echo(line, err=True)
    counts = ", ".join(f"{seen.count(state)} {state.value}" for state in RowState)
    if seen.unused:
        click.echo(f"columns that are not read: {', '.join(seen.unused)}", err=True)
    done = "this was a dry run, nothing was changed" if dry_run else "applied"
    click.echo(f"{len(seen.rows)} rows: {counts}; {len(seen.lines)} changes; {done}")
    if dry_run and seen.count(RowState.UNREADABLE):
        raise SystemExit(1)


def _read(file: str) -> bytes:
    """The file's bytes, one more than are allowed at most: the reader says so."""
    from nightwarden.importing.sheets import LARGEST_SHEET

    try:
        with click.open_file(file, "rb") as opened:
            return bytes(opened.read(LARGEST_SHEET + 1))
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise Invalid(f"{file} cannot be read: {reason}") from None
