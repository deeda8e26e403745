"""``nightwarden apply FILE``: make the register match a home file."""

import getpass
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from nightwarden.clock import utc_now
from nightwarden.commands.options import data_option, store_file
from nightwarden.errors import Invalid


@click.command()
@click.argument("file", metavar="FILE")
@click.option(
    "--dry-run",
    is_flag=True,
    envvar="NIGHTWARDEN_DRY_RUN",
    help="Print the plan and change nothing.",
)
@data_option
def apply(file: str, dry_run: bool, data: Path) -> None:
    """Make the register match the home file FILE (- is standard input).

    Prints the plan, a line a change, and applies it in one transaction: all of it or nothing.
    A file that is already applied changes nothing.
    """
    from nightwarden.homefile import plan
    from nightwarden.homefile.reader import read_home_file
    from nightwarden.store.engine import open_store

    now = utc_now()
    home_file = read_home_file(_read(file), "standard input" if file == "-" else file, now)
    with _store_path(data, dry_run) as path:
        store = open_store(path)
        try:
            if dry_run:
                with store.reading(now) as tx:
                    changes = plan.plan(tx, home_file)
            else:
                with store.transaction(now) as tx:
                    changes = plan.apply(tx, home_file, actor())
        finally:
            store.close()
    for change in changes:
        click.echo(str(change))
    click.echo(_summary(len(changes), home_file.home.id, dry_run))


def actor() -> str:
    """Who acts on the command line, for the audit."""
    try:
        return f"command line ({getpass.getuser()})"
    except (KeyError, OSError):  # a container's bare number of a user
        return "command line"


def _summary(changes: int, home: str, dry_run: bool) -> str:
    if not changes:
        return f"{home}: nothing to change"
    counted = "1 change" if changes == 1 else f"{changes} changes"
    if dry_run:
        return f"{home}: {counted} to make; this was a dry run, nothing was changed"
    return f"{home}: {counted} made"


def _read(file: str) -> bytes:
    """The file's bytes, one more than are allowed at most: the reader says so."""
    from nightwarden.homefile.reader import MAX_BYTES

    try:
        with click.open_file(file, "rb") as opened:
            return bytes(opened.read(MAX_BYTES + 1))
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise Invalid(f"{file} cannot be read: {reason}") from None


@contextmanager
def _store_path(data: Path, dry_run: bool) -> Iterator[Path]:
    """The home's store; for a dry run where there is none yet, an empty one that is thrown away."""
    path = store_file(data)
    if not dry_run or path.exists():
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="nightwarden-") as elsewhere:
        yield store_file(Path(elsewhere))
