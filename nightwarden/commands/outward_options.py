"""Options for what leaves the home's own machines: long history, Home Assistant, dead-man's switch.

Each is also in the environment and in ``nightwarden.toml``, as ``options.py`` says.
"""

import re
from typing import NamedTuple

import click

from nightwarden.commands.options import Command, secret
from nightwarden.elsewhere.contact import NOBODY
from nightwarden.web_address import checked

CONTACT = re.compile(r"mailto:[^@\s<>]+@[\w-]+(\.[\w-]+)+|https://[\w-]+(\.[\w-]+)+")
"""What RFC 8292 2.1 lets a push service be told, as pywebpush takes it: no path behind the host."""


class InfluxOptions(NamedTuple):
    """Where the long history goes."""

    url: str
    token: str
    org: str
    bucket: str


def influx_options(command: Command) -> Command:
    """``--influx URL`` and what it needs, passed on as ``influx: InfluxOptions | None``."""

    def assembled(context: click.Context, _option: object, url: str | None) -> InfluxOptions | None:
        parameters = [context.params.pop(f"influx_{name}") for name in ("org", "bucket")]
        if url is None:
            return None
        return InfluxOptions(url, secret("NIGHTWARDEN_INFLUX_TOKEN") or "", *parameters)

    options = (
        click.option(
            "--influx",
            envvar="NIGHTWARDEN_INFLUX",
            metavar="URL",
            callback=assembled,
            help="InfluxDB 2 for the long history; its token in NIGHTWARDEN_INFLUX_TOKEN[_FILE].",
        ),
        click.option(
            "--influx-org",
            envvar="NIGHTWARDEN_INFLUX_ORG",
            default="nightwarden",
            is_eager=True,
            metavar="NAME",
            help="Its organisation.",
        ),
        click.option(
            "--influx-bucket",
            envvar="NIGHTWARDEN_INFLUX_BUCKET",
            default="nightwarden",
            is_eager=True,
            metavar="NAME",
            help="Its bucket.",
        ),
    )
    for option in options:
        command = option(command)
    return command


def discovery_option(command: Command) -> Command:
    """``--home-assistant-discovery``, passed on as ``home_assistant_discovery: str``."""
    option = click.option(
        "--home-assistant-discovery",
        type=click.Choice(["off", "rooms", "names"]),
        default="rooms",
        envvar="NIGHTWARDEN_HOME_ASSISTANT_DISCOVERY",
        show_default=True,
        help="What a Home Assistant on the broker is shown; names: residents' shown names too.",
    )
    return option(command)


def push_contact_option(command: Command) -> Command:
    """``--push-contact``, passed on as ``push_contact: str``."""

    def checked_contact(_context: click.Context, _option: object, given: str) -> str:
        if not CONTACT.fullmatch(given):
            raise click.BadParameter(
                f'"{given}" is no address to write to; such as mailto:manager@example.org'
            )
        return given

    option = click.option(
        "--push-contact",
        default=NOBODY,
        envvar="NIGHTWARDEN_PUSH_CONTACT",
        metavar="ADDRESS",
        callback=checked_contact,
        help="mailto: or https: address of whoever looks after Web Push; told to push services.",
    )
    return option(command)


class DeadmanOptions(NamedTuple):
    """The address to fetch while all is well, and every how many seconds."""

    url: str
    every_s: int

    def environment(self) -> dict[str, str]:
        """For the api's process: the address holds a secret, and ``ps`` shows arguments."""
        return {
            "NIGHTWARDEN_DEADMAN": self.url,
            "NIGHTWARDEN_DEADMAN_EVERY": str(self.every_s),
        }


def deadman_options(command: Command) -> Command:
    """``--deadman URL`` and its pace, passed on as ``deadman: DeadmanOptions | None``."""

    def assembled(
        context: click.Context, _option: object, url: str | None
    ) -> DeadmanOptions | None:
        every_s = context.params.pop("deadman_every")
        url = url or secret("NIGHTWARDEN_DEADMAN")
        return None if not url else DeadmanOptions(checked(url, "--deadman"), every_s)

    options = (
        click.option(
            "--deadman",
            envvar="NIGHTWARDEN_DEADMAN",
            metavar="URL",
            callback=assembled,
            help="A dead-man's switch outside of the home: fetched while all is well.",
        ),
        click.option(
            "--deadman-every",
            envvar="NIGHTWARDEN_DEADMAN_EVERY",
            type=click.IntRange(1, 3600),
            default=60,
            show_default=True,
            is_eager=True,
            metavar="SECONDS",
            help="How often it is fetched.",
        ),
    )
    for option in options:
        command = option(command)
    return command
