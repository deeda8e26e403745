"""``nightwarden personal``: a resident's data as one file, the erasure of a name, the scrubbing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from nightwarden.clock import utc_now
from nightwarden.commands.apply import actor
from nightwarden.commands.options import data_option, store_file
from nightwarden.errors import Invalid
from nightwarden.store.engine import Store


@click.group()
def personal() -> None:
    """A resident's data: all of it out, or the name erased."""


@personal.command("export")
@click.argument("resident", metavar="RESIDENT")
@click.option(
    "--to",
    "to",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    envvar="NIGHTWARDEN_TO",
    help="The ZIP to write; it must not be there yet.",
)
@data_option
def export_resident(resident: str, to: Path, data: Path) -> None:
    """Write everything that names or concerns the resident of the id RESIDENT into one ZIP."""
    from nightwarden.personal.taking_out import write_resident

    try:
        with _store(data) as store, store.reading(utc_now()) as tx, to.open("xb") as out:
            try:
                counts = write_resident(tx, data, resident, out)
            except BaseException:
                to.unlink(missing_ok=True)
                raise
    except FileExistsError:
        raise Invalid(f"{to} is there already; name a file that is not") from None
    except OSError as problem:
        raise Invalid(f"{to} cannot be written: {problem.strerror}") from None
    click.echo(f"{sum(counts.values())} lines in {len(counts)} files in {to}")


@personal.command("erase")
@click.argument("resident", metavar="RESIDENT")
@click.option("--because", required=True, envvar="NIGHTWARDEN_BECAUSE", help="Why; without a name.")
@click.option("--also", multiple=True, envvar="NIGHTWARDEN_ALSO", help="A further name of theirs.")
@click.option(
    "--dry-run",
    is_flag=True,
    envvar="NIGHTWARDEN_DRY_RUN",
    help="Print what would be replaced and change nothing.",
)
@data_option
def erase(resident: str, because: str, also: tuple[str, ...], dry_run: bool, data: Path) -> None:
    """Erase the name of a resident who has left; the record keeps its facts under a pseudonym.

    Afterwards the store is written anew, so that nothing stays between its rows: nobody can write
    meanwhile, which takes a second for 200 MB.
    """
    from nightwarden.personal import erasing

    with _store(data) as store:
        if dry_run:
            with store.reading(utc_now()) as tx:
                found = erasing.look(tx, resident, also)
        else:
            with store.transaction(utc_now()) as tx:
                found = erasing.erase(tx, resident, because, actor(), also)
            store.scrub()
    for where, text in found.shown:
        click.echo(f"{where}: {text}")
    for line in found.left:
        click.echo(f"left as it is, look at it: {line}", err=True)
    rows = sum(found.replaced.values())
    done = "this was a dry run, nothing was changed" if dry_run else f"now {found.pseudonym}"
    click.echo(f"{', '.join(found.words)}: {rows} rows in {len(found.replaced)} tables; {done}")


@personal.command("scrub")
@data_option
def scrub(data: Path) -> None:
    """Write the store anew, so that nothing of what was erased stays between its rows."""
    with _store(data) as store:
        store.scrub()
    click.echo("written anew")


@contextmanager
def _store(data: Path) -> Iterator[Store]:
    from nightwarden.store.engine import open_store

    path = store_file(data)
    if not path.exists():
        raise Invalid(f"there is no store in {data}")
    store = open_store(path)
    try:
        yield store
    finally:
        store.close()
