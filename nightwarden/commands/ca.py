"""``nightwarden ca``: the home's own certificates, for a broker over TLS."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from nightwarden.clock import utc_now
from nightwarden.commands.apply import actor
from nightwarden.commands.options import ca_option, data_option, store_file
from nightwarden.errors import Invalid
from nightwarden.store import audit, meta, people, register
from nightwarden.store.engine import Transaction, open_store

days_option = click.option(
    "--days", type=int, default=730, show_default=True, help="How long it lasts, up to 825."
)


@click.group()
def ca() -> None:
    """The home's own certificate authority: create, issue, renew, show."""


@ca.command()
@data_option
@ca_option
def create(data: Path, ca: Path | None) -> None:
    """Make the authority; its certificate is what devices and --broker-ca are given."""
    from nightwarden.certificates.authority import Authority

    authority = Authority(ca or data / "ca")
    with closing(open_store(store_file(data))) as store, store.transaction(utc_now()) as tx:
        home = meta.home(tx)
        made = authority.create(f"Nightwarden {home.id if home else 'home'}", tx.now)
        audit.record(tx, actor(), "created authority", "certificate ca", _detail(made))
    click.echo(f"{made.certificate}: valid until {made.not_after:%Y-%m-%d}; give it to devices")
    click.echo(f"{made.key}: whoever has it can be anybody; keep a copy off this machine")


@ca.command()
@click.argument("name")
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="HOST",
    help="A server's host name or IP address, as clients call it; may be given several times.",
)
@click.option("--client", is_flag=True, help="A client's; NAME is its user at the broker.")
@days_option
@data_option
@ca_option
def issue(  # noqa: PLR0913  each is an option
    name: str, hosts: tuple[str, ...], client: bool, days: int, data: Path, ca: Path | None
) -> None:
    """Make a key and a certificate called NAME: --host for a server, --client for a client."""
    from nightwarden.certificates.authority import Authority, Purpose

    authority = Authority(ca or data / "ca")
    with closing(open_store(store_file(data))) as store, store.transaction(utc_now()) as tx:
        _names_nobody(tx, (name, *hosts))
        made = authority.issue(name, Purpose(hosts, client), tx.now, timedelta(days=days))
        audit.record(tx, actor(), "issued certificate", f"certificate {name}", _detail(made))
    click.echo(f"{made.certificate}: valid until {made.not_after:%Y-%m-%d}")
    click.echo(f"{made.key}: its key, to be read by {name} alone")


@ca.command()
@click.argument("name")
@days_option
@data_option
@ca_option
def renew(name: str, days: int, data: Path, ca: Path | None) -> None:
    """Make a new certificate for NAME's key; the old one stays valid until its own end."""
    from nightwarden.certificates.authority import Authority

    authority = Authority(ca or data / "ca")
    with closing(open_store(store_file(data))) as store, store.transaction(utc_now()) as tx:
        made = authority.renew(name, tx.now, timedelta(days=days))
        audit.record(tx, actor(), "renewed certificate", f"certificate {name}", _detail(made))
    click.echo(f"{made.certificate}: valid until {made.not_after:%Y-%m-%d}")


@ca.command()
@data_option
@ca_option
def show(data: Path, ca: Path | None) -> None:
    """Every certificate: name, what for, its last day, the days left."""
    from nightwarden.certificates.authority import AUTHORITY, Authority

    now = utc_now()
    for issued in Authority(ca or data / "ca").all():
        uses = [", ".join(issued.purpose.hosts)] if issued.purpose.hosts else []
        uses += ["client"] if issued.purpose.client else []
        uses += ["authority"] if issued.name == AUTHORITY else []
        left = (issued.not_after - now).days
        until = f"{issued.not_after:%Y-%m-%d}"
        click.echo(f"{issued.name}\t{', '.join(uses)}\t{until}\t{left} days")


def _detail(made: Any) -> dict[str, Any]:
    return {
        "hosts": list(made.purpose.hosts),
        "client": made.purpose.client,
        "until": f"{made.not_after:%Y-%m-%d}",
        "serial": f"{made.serial:x}",
    }


def _names_nobody(tx: Transaction, names: tuple[str, ...]) -> None:
    """A certificate is shown to whoever connects, so it names no resident and nobody of the staff.

    Raises:
        Invalid: a part of a name is that of somebody here.
    """
    present = {part for name in _people(tx) for part in _parts(name)}
    for name in names:
        if found := sorted(_parts(name) & present):
            raise Invalid(
                f'"{name}" has the name of a person here in it ({found[0]}), and everybody on the '
                "network can read a certificate; name it after the room or the device."
            )


def _people(tx: Transaction) -> Iterator[str]:
    yield from (resident.shown_as for resident in register.residents(tx))
    yield from (member.name for member in people.staff(tx))


def _parts(name: str) -> set[str]:
    """Its words of three letters or more; shorter ones are initials, which prove nothing."""
    return {word for word in re.split(r"[\W\d_]+", name.casefold()) if len(word) >= 3}
