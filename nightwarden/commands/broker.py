"""``nightwarden broker``: who may speak at the home's own broker."""

import grp
import os
import signal
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from nightwarden.clock import utc_now
from nightwarden.commands.apply import actor
from nightwarden.commands.options import ca_option, data_option, store_file
from nightwarden.errors import Invalid


@click.group()
def broker() -> None:
    """The home's own broker: passwords and topics for each device."""


@broker.command()
@data_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    envvar="NIGHTWARDEN_MOSQUITTO_OUT",
    metavar="DIR",
    help="The folder that Mosquitto reads; passwords are kept there from run to run.",
)
@click.option(
    "--reader",
    "readers",
    multiple=True,
    envvar="NIGHTWARDEN_MOSQUITTO_READER",
    metavar="NAME",
    help="A user that hears alerts and health: a pager, a dashboard. One for each that connects.",
)
@click.option(
    "--bridge",
    "bridges",
    multiple=True,
    envvar="NIGHTWARDEN_MOSQUITTO_BRIDGE",
    metavar="DIALECT",
    help="A bridge that connects before any device behind it is in the register.",
)
@click.option("--renew", multiple=True, metavar="USER", help="Give USER a new password.")
@click.option(
    "--group",
    envvar="NIGHTWARDEN_MOSQUITTO_GROUP",
    metavar="GROUP",
    help="The group that Mosquitto runs under, by name or number; it may read the files.",
)
@click.option("--pid", metavar="PID|FILE", help="Tell this Mosquitto to read them anew (SIGHUP).")
@click.option(
    "--monitor-listener",
    envvar="NIGHTWARDEN_MOSQUITTO_MONITOR_LISTENER",
    default="127.0.0.1:1884",
    show_default=True,
    metavar="HOST:PORT",
    help="Where gateway and api connect.",
)
@click.option(
    "--device-listener",
    envvar="NIGHTWARDEN_MOSQUITTO_DEVICE_LISTENER",
    default=None,
    show_default="0.0.0.0:1883, with a certificate 0.0.0.0:8883",
    metavar="HOST:PORT",
    help="Where devices, bridges and readers connect.",
)
@click.option(
    "--certificate",
    envvar="NIGHTWARDEN_MOSQUITTO_CERTIFICATE",
    metavar="NAME",
    help="TLS for the devices, with this certificate of `nightwarden ca issue`.",
)
@click.option(
    "--monitor-tls",
    is_flag=True,
    envvar="NIGHTWARDEN_MOSQUITTO_MONITOR_TLS",
    help="TLS for the monitor too, when it is on another machine.",
)
@click.option(
    "--client-certificates",
    is_flag=True,
    envvar="NIGHTWARDEN_MOSQUITTO_CLIENT_CERTIFICATES",
    help="Devices show a certificate, whose name is their user, instead of a password.",
)
@ca_option
def mosquitto(data: Path, out: Path, pid: str | None, **asked: Any) -> None:
    """Write Mosquitto's password file and access list from the register.

    Each device may publish as itself and nothing else. New passwords are written into
    DIR/credentials, a file for each user, and nowhere else; known ones stay as they are, and users
    of devices that the register no longer holds are withdrawn.
    """
    from nightwarden.mosquitto.access import Wanted, write_access
    from nightwarden.store.engine import open_store

    wanted = Wanted(
        out=out.absolute(),
        group=_group(asked.pop("group")),
        ca=asked.pop("ca") or data / "ca",
        certificate=asked.pop("certificate") or None,
        **asked,
    )
    with closing(open_store(store_file(data))) as store, store.transaction(utc_now()) as tx:
        written = write_access(tx, wanted, actor())
    for line in written.lines():
        click.echo(line)
    if not written.news:
        return
    if pid is None:
        click.echo("Mosquitto reads them when it starts, or at SIGHUP: --pid does that.")
    else:
        _tell(pid)


def _group(name: str | None) -> int | None:
    if name is None:
        return None
    try:
        return int(name) if name.isdigit() else grp.getgrnam(name).gr_gid
    except KeyError:
        raise Invalid(f'there is no group "{name}" on this machine.') from None


def _tell(pid: str) -> None:
    """SIGHUP, after which whoever is no longer let in has been cut off."""
    try:
        number = int(pid if pid.isdigit() else Path(pid).read_text(encoding="utf-8"))
        os.kill(max(number, 1), signal.SIGHUP)
    except (OSError, ValueError, OverflowError) as problem:
        why = getattr(problem, "strerror", None) or "that is no process"
        click.echo(
            f"The files are written, and Mosquitto at --pid {pid} could not be told: {why}; "
            "tell it yourself with SIGHUP.",
            err=True,
        )
        sys.exit(1)
    click.echo(f"Told process {number} to read them anew.")
