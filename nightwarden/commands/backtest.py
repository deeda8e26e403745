"""``nightwarden backtest``: what rules would have raised on recorded readings."""

from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from nightwarden.clock import utc_now
from nightwarden.commands.options import data_option, existing_store, rules_in
from nightwarden.errors import Invalid

if TYPE_CHECKING:
    from nightwarden.backtest.trial import Backtest


@click.command()
@click.option(
    "--rules",
    "file",
    metavar="FILE",
    help="The rules file to try (- is standard input); without it, those that were in force.",
)
@click.option(
    "--from",
    "since",
    required=True,
    metavar="T",
    help="Where to begin: a day (2026-11-01), or a time (2026-11-01T21:00, RFC 3339).",
)
@click.option(
    "--to",
    "until",
    required=True,
    metavar="T",
    help="Where to end; a day is taken to its end. A time without a zone is the home's.",
)
@click.option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.svg",
    help="Also draw it: a night a row.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the tables.")
@data_option
def backtest(  # noqa: PLR0913, PLR0917
    file: str | None, since: str, until: str, picture: Path | None, as_json: bool, data: Path
) -> int:
    """Run rules over what was recorded, and compare with what was raised then.

    Nothing is changed and nobody is called. Exit 0; without --rules exit 1 if the rules that were
    in force do not raise exactly what was raised; exit 2 for wrong input.
    """
    from nightwarden.backtest.picture import svg_picture
    from nightwarden.backtest.report import report_json, report_lines

    found = _run(file, since, until, data)
    if picture is not None:
        try:
            picture.write_text(svg_picture(found), encoding="utf-8")
        except OSError as problem:
            raise Invalid(f"--picture: {picture} cannot be written: {problem.strerror}") from None
    if as_json:
        click.echo(orjson.dumps(report_json(found), option=orjson.OPT_INDENT_2))
    else:
        click.echo("\n".join(report_lines(found)))
    return 1 if file is None and found.comparison.surprises else 0


def _run(file: str | None, since: str, until: str, data: Path) -> "Backtest":
    from nightwarden.backtest.times import instant_of
    from nightwarden.backtest.trial import backtest as run
    from nightwarden.store import meta
    from nightwarden.store.engine import open_store

    rules = None if file is None else rules_in(file)
    with closing(open_store(existing_store(data))) as store, store.reading(utc_now()) as tx:
        home = meta.home(tx)
        zone = "UTC" if home is None else home.timezone
        begin: datetime = instant_of("--from", since, zone)
        return run(tx, rules, begin, instant_of("--to", until, zone, end=True))
