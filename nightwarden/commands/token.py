"""``nightwarden token``: who among programs may speak to the api."""

from contextlib import closing
from pathlib import Path

import click

from nightwarden.clock import utc_now
from nightwarden.commands.apply import actor
from nightwarden.commands.options import data_option, store_file
from nightwarden.model.roles import Role
from nightwarden.store import people
from nightwarden.store.engine import open_store
from nightwarden.wire import rfc3339

ROLES = click.Choice([role.value for role in Role])


@click.group()
def token() -> None:
    """API tokens: create, list, revoke."""


@token.command()
@click.option("--role", type=ROLES, required=True, help="What the token may do.")
@click.option("--name", required=True, metavar="NAME", help="What the record calls it.")
@data_option
def create(role: str, name: str, data: Path) -> None:
    """Print a new token, and only that. It is shown once and kept nowhere."""
    with (
        closing(open_store(store_file(data))) as store,
        store.transaction(utc_now()) as tx,
    ):
        made = people.create_token(tx, name, Role(role), actor())
    click.echo(made)


@token.command("list")
@data_option
def list_tokens(data: Path) -> None:
    """The tokens in use: name, role, when made, when last used."""
    with (
        closing(open_store(store_file(data))) as store,
        store.reading(utc_now()) as tx,
    ):
        for row in people.tokens(tx):
            used = rfc3339(row.last_used_at) or "never used"
            click.echo(f"{row.name}\t{row.role}\t{rfc3339(row.created_at)}\t{used}")


@token.command()
@click.argument("name")
@data_option
def revoke(name: str, data: Path) -> None:
    """End every token of this name, at once."""
    with (
        closing(open_store(store_file(data))) as store,
        store.transaction(utc_now()) as tx,
    ):
        people.revoke_token(tx, name, actor())
    click.echo(f"{name}: revoked")
