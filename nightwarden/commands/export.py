"""``nightwarden export``: print the register as a home file."""

from pathlib import Path

import click

from nightwarden.clock import utc_now
from nightwarden.commands.options import data_option, store_file
from nightwarden.errors import Invalid


@click.command()
@click.option(
    "--everything",
    type=click.Path(path_type=Path),
    metavar="DIR",
    envvar="NIGHTWARDEN_EVERYTHING",
    help="Write all that was ever recorded into DIR instead: lists as CSV, photos, the rules.",
)
@data_option
def export(everything: Path | None, data: Path) -> None:
    """Print the home file that `nightwarden apply` would accept unchanged.

    Comments of the file that was applied are not kept. With --everything DIR, which must not be
    there yet: files that any program reads, with a page that explains them.
    """
    from nightwarden.everything import write_everything
    from nightwarden.homefile.writer import export_home_file
    from nightwarden.store.engine import open_store

    path = store_file(data)
    if not path.exists():
        raise Invalid(f"there is no store in {data}; `nightwarden apply FILE` makes one")
    store = open_store(path)
    try:
        with store.reading(utc_now()) as tx:
            if everything is not None:
                counts = write_everything(tx, data, everything)
                click.echo(f"{sum(counts.values())} lines in {len(counts)} lists in {everything}")
                return
            text = export_home_file(tx)
    finally:
        store.close()
    # A home file is UTF-8 whatever the terminal speaks.
    click.echo(text.encode(), nl=False)
