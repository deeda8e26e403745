"""``nightwarden user``: who among people may act."""

import sys
from contextlib import closing
from pathlib import Path

import click

from nightwarden.clock import utc_now
from nightwarden.commands.apply import actor
from nightwarden.commands.options import data_option, store_file
from nightwarden.commands.token import ROLES
from nightwarden.errors import Invalid
from nightwarden.model.roles import Role
from nightwarden.store import people
from nightwarden.store.engine import open_store

stdin_option = click.option(
    "--stdin", "from_stdin", is_flag=True, help="Read the PIN or password from standard input."
)


@click.group()
def user() -> None:
    """People who may act: add, list, reset, remove."""


@user.command()
@click.argument("name")
@click.option("--role", type=ROLES, required=True, help="What the person may do.")
@stdin_option
@data_option
def add(name: str, role: str, from_stdin: bool, data: Path) -> None:
    """Add NAME; asks twice for a PIN (four digits or more) or, of a manager, a password."""
    secret = _secret(from_stdin)
    with (
        closing(open_store(store_file(data))) as store,
        store.transaction(utc_now()) as tx,
    ):
        added = people.add_user(tx, name, Role(role), secret, actor())
    click.echo(f"{added.name}: added as {role}")


@user.command("list")
@data_option
def list_users(data: Path) -> None:
    """Everybody who can sign in: name and role."""
    with (
        closing(open_store(store_file(data))) as store,
        store.reading(utc_now()) as tx,
    ):
        for member in people.staff(tx):
            click.echo(f"{member.name}\t{member.role}")


@user.command()
@click.argument("name")
@stdin_option
@data_option
def reset(name: str, from_stdin: bool, data: Path) -> None:
    """Give NAME a new PIN or password; ends a lock after wrong attempts, and open sessions."""
    secret = _secret(from_stdin)
    with (
        closing(open_store(store_file(data))) as store,
        store.transaction(utc_now()) as tx,
    ):
        people.reset_secret(tx, name, secret, actor())
    click.echo(f"{name}: new PIN or password set")


@user.command()
@click.argument("name")
@data_option
def remove(name: str, data: Path) -> None:
    """NAME may no longer sign in; the record goes on naming them."""
    with (
        closing(open_store(store_file(data))) as store,
        store.transaction(utc_now()) as tx,
    ):
        people.remove_user(tx, name, actor())
    click.echo(f"{name}: removed")


def _secret(from_stdin: bool) -> str:
    """The PIN or password: asked for twice at a terminal, or the first line of standard input."""
    if not from_stdin:
        asked: str = click.prompt("PIN or password", hide_input=True, confirmation_prompt=True)
        return asked
    secret = sys.stdin.readline().rstrip("\r\n")
    if not secret:
        raise Invalid("Standard input holds no PIN or password; write it on the first line.")
    return secret
