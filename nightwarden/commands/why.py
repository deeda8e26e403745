"""``nightwarden why``: why an alert was raised, from what was recorded."""

from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import orjson

from nightwarden.clock import utc_now
from nightwarden.commands.options import data_option, existing_store
from nightwarden.errors import Invalid


@click.command()
@click.argument("what", metavar="ALERT")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@data_option
def why(what: str, as_json: bool, data: Path) -> None:
    """Why alert number ALERT was raised."""
    from nightwarden.explaining.alerts import why_alert
    from nightwarden.explaining.answers import as_json as plain
    from nightwarden.explaining.text import alert_lines
    from nightwarden.store import meta
    from nightwarden.store.engine import open_store

    if not what.isascii() or not what.isdigit():
        raise Invalid(f'"{what}" is no alert; write its number, such as 17')
    with closing(open_store(existing_store(data))) as store, store.reading(utc_now()) as tx:
        answer = why_alert(tx, int(what[:18]))
        if as_json:
            click.echo(orjson.dumps(plain(answer), option=orjson.OPT_INDENT_2))
        else:
            home = meta.home(tx)
            zone = ZoneInfo("UTC" if home is None else home.timezone)
            click.echo("\n".join(alert_lines(answer, zone)))
