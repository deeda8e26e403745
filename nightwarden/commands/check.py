"""``nightwarden check``: is all in order? A line for each thing looked at.

It works while the monitor runs and while it does not. Then the broker and the pages of ``up`` are
not there either, and what is looked at is whether ``up`` could start: one cause has one line.
"""

import fcntl
import json
import os
import socket
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

import click

from nightwarden.broker_url import BrokerUrl
from nightwarden.checking.finding import Finding, fine, unseen, wrong
from nightwarden.clock import utc_now
from nightwarden.commands.embedded import EmbeddedOptions
from nightwarden.commands.openid_options import openid_options
from nightwarden.commands.options import (
    broker_options,
    ca_option,
    data_option,
    http_option,
    mqtt_option,
    store_file,
)
from nightwarden.commands.outward_options import discovery_option
from nightwarden.errors import Invalid
from nightwarden.openid_settings import OpenIdSettings

ANSWERS_WITHIN_S = 3.0
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104  read, not listened on


@dataclass(frozen=True, slots=True)
class Checked:
    """Where to look. ``broker`` None: the embedded one, at ``mqtt``."""

    data: Path
    http: str
    mqtt: str
    broker: str | None
    broker_ca: Path | None
    ca: Path
    access: Path | None = None
    discovery: str = "rooms"
    openid: OpenIdSettings | None = None


BROKER_HELP = "The broker that `up` was given (mqtt:// or mqtts://); without it the embedded one."


@click.command()
@data_option
@http_option
@broker_options(default=None, help_text=BROKER_HELP)
@mqtt_option()
@ca_option
@discovery_option
@openid_options
@click.option(
    "--access",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="NIGHTWARDEN_MOSQUITTO_OUT",
    metavar="DIR",
    help="The folder of `nightwarden broker mosquitto`, to be compared with the register.",
)
def check(  # noqa: PLR0913  each is an option
    data: Path,
    http: str,
    broker: str | None,
    broker_ca: Path | None,
    mqtt: str,
    ca: Path | None,
    access: Path | None,
    home_assistant_discovery: str,
    openid: OpenIdSettings | None,
) -> None:
    """Look at configuration, store, rules, clock, broker and receivers, a line each.

    Give it the options that `up` was given. Exit code 1 where something is wrong.
    """
    address = BrokerUrl.parse(broker or _embedded(mqtt), broker_ca)  # wrong usage is exit code 2
    address.tls_context()
    _host_and_port(http)
    findings = []
    ca = ca or data / "ca"
    told = home_assistant_discovery
    checked = Checked(data, http, mqtt, broker, broker_ca, ca, access, told, openid)
    for finding in _findings(checked, address):
        click.echo(str(finding))
        findings.append(finding)
    amiss = sum(finding.ok is False for finding in findings)
    if amiss:
        click.echo(f"{amiss} of {len(findings)} wrong.", err=True)
    sys.exit(1 if amiss else 0)


def _findings(checked: Checked, address: BrokerUrl) -> Iterator[Finding]:
    running = _runs(checked.data)
    yield _configuration()
    yield from _store_and_home(checked, running=running)
    broker = _broker(checked, address, running=running)
    yield broker
    yield _discovery(checked, address, broker, running=running)
    yield _certificates(checked, address)
    yield _pages(checked.http, running=running)
    if checked.openid is not None:
        from nightwarden.checking.openid import look_at_openid

        yield look_at_openid(checked.openid)


def _configuration() -> Finding:
    from nightwarden.checking.settings import look_at_settings
    from nightwarden.cli import SETTINGS_FILE, nightwarden_command

    with click.Context(nightwarden_command) as context:
        found = {
            name: nightwarden_command.get_command(context, name)
            for name in nightwarden_command.list_commands(context)
        }
    commands = {name: command for name, command in found.items() if command is not None}
    return look_at_settings(SETTINGS_FILE, os.environ, commands)


def _store_and_home(checked: Checked, *, running: bool) -> Iterator[Finding]:
    """The file first; only one that is sound and of our schema is opened as a store."""
    from sqlalchemy.exc import DBAPIError

    from nightwarden.checking.access import look_at_access
    from nightwarden.checking.channels import look_at_channels
    from nightwarden.checking.home import look_at_all
    from nightwarden.checking.store import ABOUT, look_at_store
    from nightwarden.store.engine import open_store

    path = store_file(checked.data)
    file = look_at_store(path)
    yield file
    try:
        if not file.ok:
            yield unseen("home", "the store must be right first")
            return
        with closing(open_store(path)) as store, store.reading(utc_now()) as tx:
            yield from look_at_all(tx, running=running)
            yield from look_at_channels(tx)
            if checked.broker is not None or checked.access is not None:
                yield look_at_access(tx, checked.access)
    except DBAPIError as problem:
        yield wrong(ABOUT, f"{path} cannot be read: {problem.orig}; try again.")


def _broker(checked: Checked, address: BrokerUrl, *, running: bool) -> Finding:
    """The embedded broker lives and dies with ``up``; any other must be there at all times."""
    from nightwarden.checking.broker import reach

    if checked.broker is None and not running:
        if _listening(address.host, address.port):
            return wrong(
                "broker",
                f"Another program listens at {address}; stop it, use it with --broker, or give "
                "the embedded broker another address with --mqtt.",
            )
        return fine("broker", f"The embedded one comes with `nightwarden up`, at {address}.")
    if checked.broker is None and address.tls:  # what its users may is not ours to try
        if _listening(address.host, address.port):
            return fine("broker", f"The embedded one listens for devices at {checked.mqtt}.")
        return wrong("broker", f"Nothing listens at {checked.mqtt}; see what `up` has said.")
    if trouble := reach(address):
        hint = "" if checked.broker else " Give check the --broker or --mqtt that up was given."
        return wrong("broker", f"{trouble[0].upper()}{trouble[1:]}{hint}")
    kind = "The broker" if checked.broker else "The embedded broker"
    return fine("broker", f"{kind} at {address} lets us in.")


def _discovery(checked: Checked, address: BrokerUrl, broker: Finding, *, running: bool) -> Finding:
    from sqlalchemy.exc import DBAPIError

    from gateway.outlets.home_assistant import Discovery
    from nightwarden.checking.discovery import ABOUT, look_at_discovery, our_topics
    from nightwarden.checking.store import look_at_store
    from nightwarden.store.engine import open_store

    if not broker.ok:
        return unseen(ABOUT, "the broker must be right first")
    if checked.broker is None and not running:
        return unseen(ABOUT, "the embedded broker comes with `nightwarden up`")
    if checked.broker is None and address.tls:
        return unseen(ABOUT, "what the embedded broker's users may is not ours to try")
    path = store_file(checked.data)
    ours: list[str] = []
    try:
        if look_at_store(path).ok:
            with closing(open_store(path)) as store, store.reading(utc_now()) as tx:
                ours = our_topics(tx)
    except DBAPIError:
        pass  # it has a line of its own
    if not ours:
        return unseen(ABOUT, "there must be a home first")
    return look_at_discovery(address, ours, Discovery(checked.discovery), running=running)


def _certificates(checked: Checked, address: BrokerUrl) -> Finding:
    from nightwarden.checking.certificates import look_at_certificates

    files = [checked.broker_ca] if checked.broker_ca and address.tls else []
    over_tls = address if address.tls else None
    return look_at_certificates(utc_now(), checked.ca, files, over_tls)


def _pages(http: str, *, running: bool) -> Finding:
    """Whether the pages answer, as a board would ask them."""
    host, port = _host_and_port(http)
    if not running:
        if _listening(host, port):
            return wrong(
                "pages",
                f"Another program listens at {http}; stop it, or choose another with --http.",
            )
        return fine("pages", f"They come with `nightwarden up`, at http://{http}.")
    status = _ask(f"{host}:{port}")
    if status is None:
        return wrong(
            "pages",
            f"Nothing of ours answers at http://{http}; give check the --http that up was given, "
            "and see what the api has logged.",
        )
    return fine("pages", f"They answer at http://{http}: {status.replace('_', ' ')}.")


def _embedded(mqtt: str) -> str:
    """Where to reach the embedded broker: one that others reach too speaks TLS there."""
    host, _, port = mqtt.rpartition(":")
    if EmbeddedOptions(mqtt).wide:
        return f"mqtts://{EVERYWHERE.get(host, host)}:{port}"
    return f"mqtt://{mqtt}"


def _host_and_port(address: str) -> tuple[str, int]:
    """What to connect to for an address that is listened on.

    Raises:
        Invalid: it is not HOST:PORT.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65_535:
        raise Invalid(f'--http "{address}" is not HOST:PORT, such as 127.0.0.1:8080.')
    return EVERYWHERE.get(host, host), int(port)


def _listening(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host.strip("[]"), port), timeout=ANSWERS_WITHIN_S):
            return True
    except OSError:
        return False


def _ask(address: str) -> str | None:
    """The status that the health page gives; None where there is none."""
    url = f"http://{address}/api/v1/health"
    try:
        with urllib.request.urlopen(url, timeout=ANSWERS_WITHIN_S) as answer:  # noqa: S310
            body: Any = json.load(answer)
    except HTTPError as answer:  # 503 when not watching, with the same body
        with answer:
            body = _json_or_none(answer.read())
    except (URLError, OSError, ValueError):
        return None
    return str(body["status"]) if isinstance(body, dict) and "proof_age_s" in body else None


def _json_or_none(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _runs(data: Path) -> bool:
    """Whether ``up`` holds this data directory. Only asked, for an instant, and shared."""
    try:
        with (data / "nightwarden.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
