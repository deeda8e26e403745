"""``nightwarden screen``: which screens show the board with nobody signed in."""

from contextlib import closing
from pathlib import Path

import click

from nightwarden.clock import utc_now
from nightwarden.commands.apply import actor
from nightwarden.commands.options import data_option, store_file
from nightwarden.store import people
from nightwarden.store.engine import open_store
from nightwarden.wire import rfc3339


@click.group()
def screen() -> None:
    """Enrolled screens: add, list, remove."""


@screen.command()
@click.argument("name")
@click.option(
    "--http",
    default="127.0.0.1:8080",
    show_default=True,
    envvar="NIGHTWARDEN_HTTP",
    metavar="HOST:PORT",
    help="Where the screen reaches the monitor.",
)
@data_option
def add(name: str, http: str, data: Path) -> None:
    """Print a link; the browser that opens it within half an hour becomes the screen NAME."""
    with (
        closing(open_store(store_file(data))) as store,
        store.transaction(utc_now()) as tx,
    ):
        code = people.enrol_code(tx, name, actor())
    click.echo(f"http://{http}/enrol/{code}")


@screen.command("list")
@data_option
def list_screens(data: Path) -> None:
    """The enrolled screens: name, who enrolled it, when, when last seen."""
    with (
        closing(open_store(store_file(data))) as store,
        store.reading(utc_now()) as tx,
    ):
        for row in people.screens(tx):
            since, seen = rfc3339(row.enrolled_at), rfc3339(row.seen_at) or "never seen"
            click.echo(f"{row.name}\t{row.enrolled_by}\t{since}\t{seen}")


@screen.command()
@click.argument("name")
@data_option
def remove(name: str, data: Path) -> None:
    """The screen NAME goes dark."""
    with (
        closing(open_store(store_file(data))) as store,
        store.transaction(utc_now()) as tx,
    ):
        people.remove_screen(tx, name, actor())
    click.echo(f"{name}: removed")
