"""``nightwarden evidence`` and ``nightwarden incident``: what an inspector asks for, as files."""

from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import click
import orjson

from nightwarden.clock import utc_now
from nightwarden.commands.apply import actor
from nightwarden.commands.options import data_option, existing_store
from nightwarden.errors import Invalid

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--from", "since", type=DAY, required=True, help="The first day.")
@click.option("--to", "until", type=DAY, required=True, help="The last day.")
@click.option("--resident", default="", metavar="ID", help="Only what concerns this resident.")
@click.option("--item", default="", metavar="TAG", help="Only what concerns this item.")
@data_option
def evidence(  # noqa: PLR0913, PLR0917  each is an option
    file: Path, since: datetime, until: datetime, resident: str, item: str, data: Path
) -> None:
    """Write the evidence of a period into FILE: NAME.pdf, or NAME.zip with the lists as CSV."""
    from api.evidence.files import as_zip
    from api.evidence.pack import gather
    from api.evidence.pdf import as_pdf
    from nightwarden.store.engine import open_store

    forms = {".pdf": as_pdf, ".zip": as_zip}
    if file.suffix not in forms:
        raise Invalid(f"{file} ends in neither .pdf nor .zip; name it as you want it")
    days: tuple[date, date] = since.date(), until.date()
    with closing(open_store(existing_store(data))) as store, store.reading(utc_now()) as tx:
        pack = gather(tx, *days, actor(), resident=resident, item=item)
    _write(file, forms[file.suffix](pack))
    click.echo(f"{pack.home}, {pack.since} to {pack.until}: {file}")
    click.echo(f"Audit    {pack.entries} entries, the head is {pack.head}")


@click.command()
@click.argument("number", metavar="ALERT", type=click.IntRange(min=1))
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@data_option
def incident(number: int, file: Path, data: Path) -> None:
    """Write all that belongs to alert number ALERT into FILE, chained and verifiable."""
    from api.evidence.incident import incident as made
    from nightwarden.store.engine import open_store

    with closing(open_store(existing_store(data))) as store, store.reading(utc_now()) as tx:
        content = made(tx, number, actor())
    _write(file, orjson.dumps(content, option=orjson.OPT_INDENT_2))
    click.echo(f"{file}: {len(content['entries'])} entries, the head is {content['head']}")


def _write(file: Path, content: bytes) -> None:
    try:
        with file.open("xb") as opened:
            opened.write(content)
    except FileExistsError:
        raise Invalid(f"{file} exists already; name another file") from None
    except OSError as problem:
        raise Invalid(f"{file} cannot be written: {problem.strerror}") from None
