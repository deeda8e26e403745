"""``nightwarden user``: who among people may act."""

import sys
from contextlib import closing
from pathlib import Path

import click

from nightwarden.clock import utc_now
from nightwarden.commands.apply import actor
from nightwarden.commands.options import data_option, existing_store, store_file
from nightwarden.commands.token import ROLES
from nightwarden.errors import Invalid
from nightwarden.model.roles import Role
from nightwarden.store import locks, passkeys, people, second_steps, sessions
from nightwarden.store.engine import open_store
from nightwarden.wire import rfc3339

stdin_option = click.option(
    "--stdin", "from_stdin", is_flag=True, help="Read the PIN or password from standard input."
)


@click.group()
def user() -> None:
    """People who may act: add, list, unlock, reset, sign out, remove."""


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
    """Everybody who can sign in: name, role, and the rest (locked, guest, code, passkey)."""
    with (
        closing(open_store(store_file(data))) as store,
        store.reading(utc_now()) as tx,
    ):
        keys = passkeys.counted(tx)
        for member in people.everybody(tx):
            said = [member.name, member.role]
            if member.locked_until is not None and member.locked_until > tx.now:
                said.append(f"locked until {rfc3339(member.locked_until)}")
            if member.guest_until is not None:
                said.append(f"guest until {rfc3339(member.guest_until)}")
            if member.totp_secret is not None:
                said.append("second step")
            if keys[member.name]:
                said.append("passkey")
            click.echo("\t".join(said))


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
def unlock(name: str, data: Path) -> None:
    """End NAME's lock after wrong attempts; the PIN or password stays."""
    with (
        closing(open_store(existing_store(data))) as store,
        store.transaction(utc_now()) as tx,
    ):
        locks.unlock(tx, name, actor())
    click.echo(f"{name}: unlocked")


@user.command("second-step-off")
@click.argument("name")
@data_option
def second_step_off(name: str, data: Path) -> None:
    """NAME's password is enough again, and their passkeys are gone: for a phone that is lost."""
    with (
        closing(open_store(existing_store(data))) as store,
        store.transaction(utc_now()) as tx,
    ):
        taken = passkeys.counted(tx)[name]
        second_steps.phone_lost(tx, name, actor())
    gone = f"; {taken} passkey{'' if taken == 1 else 's'} removed, signed out" if taken else ""
    click.echo(f"{name}: no code is asked any more{gone}")


@user.command("sessions")
@click.argument("name", required=False)
@data_option
def list_sessions(name: str | None, data: Path) -> None:
    """Who is signed in: name, session, device, since when, last used."""
    with (
        closing(open_store(existing_store(data))) as store,
        store.reading(utc_now()) as tx,
    ):
        for session, member in sessions.running(tx, name):
            device = f"{session.place} device, {session.browser or 'a browser'}"
            times = f"{rfc3339(session.created_at)}\t{rfc3339(session.seen_at) or ''}"
            click.echo(f"{member.name}\t{sessions.handle_of(session)}\t{device}\t{times}")


@user.command("sign-out")
@click.argument("name")
@data_option
def sign_out(name: str, data: Path) -> None:
    """End every session of NAME."""
    with (
        closing(open_store(existing_store(data))) as store,
        store.transaction(utc_now()) as tx,
    ):
        ended = sessions.sign_out_everywhere(tx, people.expected(tx, name).name, actor())
    click.echo(f"{name}: {ended} session{'' if ended == 1 else 's'} ended")


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
