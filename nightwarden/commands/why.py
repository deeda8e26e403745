"""``nightwarden why``: why an alert was raised, or a place silent, from what was recorded."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click
import orjson

from nightwarden.clock import utc_now
from nightwarden.commands.options import data_option, existing_store
from nightwarden.errors import Invalid

if TYPE_CHECKING:
    from nightwarden.store.engine import Transaction


@click.command()
@click.argument("what", metavar="ALERT|ROOM/PLACE")
@click.option(
    "--at",
    metavar="T",
    help="The minute to ask about: 03:12 is the last one, a day with it (2026-11-01T03:12) any; "
    "without it, now.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@data_option
def why(what: str, at: str | None, as_json: bool, data: Path) -> None:
    """Why alert number ALERT was raised, or why ROOM/PLACE is silent, or was."""
    from nightwarden.explaining.answers import as_json as plain
    from nightwarden.store import meta
    from nightwarden.store.engine import open_store

    if at is not None and "/" not in what:
        raise Invalid("--at goes with a place, such as 12/bed; an alert has its own time")
    with closing(open_store(existing_store(data))) as store, store.reading(utc_now()) as tx:
        zone = meta.zone(tx)
        answer, lines = _answer(tx, what, at, zone)
        if as_json:
            click.echo(orjson.dumps(plain(answer), option=orjson.OPT_INDENT_2))
        else:
            click.echo("\n".join(lines))


def _answer(tx: "Transaction", what: str, at: str | None, zone: ZoneInfo) -> tuple[Any, list[str]]:
    from nightwarden.explaining.alerts import why_alert
    from nightwarden.explaining.asked_time import asked_instant
    from nightwarden.explaining.silence import why_quiet
    from nightwarden.explaining.text import alert_lines, silence_lines
    from nightwarden.model.places import PlaceId

    if what.isascii() and what.isdigit():
        alert = why_alert(tx, int(what[:18]))
        return alert, alert_lines(alert, zone)
    room, sign, place = what.partition("/")
    if not sign:
        raise Invalid(f'"{what}" is neither an alert, such as 17, nor a place, such as 12/bed')
    quiet = why_quiet(tx, PlaceId(room, place), asked_instant(at, tx.now, zone))
    return quiet, silence_lines(quiet, zone)
