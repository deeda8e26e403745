"""Options that several commands share, and how a command ends.

Every option is also ``NIGHTWARDEN_…`` in the environment and a line of ``nightwarden.toml``; a
secret may be the content of a file, named by the variable with ``_FILE`` behind it.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn
from urllib.parse import quote, urlsplit, urlunsplit

import click

from nightwarden.errors import Invalid, NightwardenError

if TYPE_CHECKING:
    from nightwarden.rulesfile.reader import RulesFile
from nightwarden.web_address import checked

Command = Callable[..., Any]

DEFAULT_HTTP = "127.0.0.1:8080"
DEFAULT_MQTT = "127.0.0.1:1883"


def data_option(command: Command) -> Command:
    """``--data DIR``, passed on as ``data: Path``."""
    option = click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("data"),
        envvar="NIGHTWARDEN_DATA",
        show_default="./data",
        metavar="DIR",
        help="Where the store is.",
    )
    return option(command)


def ca_option(command: Command) -> Command:
    """``--ca DIR``, passed on as ``ca: Path | None``; None is ``ca`` in the data folder."""
    option = click.option(
        "--ca",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="NIGHTWARDEN_CA",
        show_default="DATA/ca",
        metavar="DIR",
        help="Where the home's certificate authority is.",
    )
    return option(command)


def http_option(command: Command) -> Command:
    """``--http HOST:PORT``, passed on as ``http: str``."""
    option = click.option(
        "--http",
        default=DEFAULT_HTTP,
        envvar="NIGHTWARDEN_HTTP",
        show_default=True,
        metavar="HOST:PORT",
        help="Where the pages and the API are served.",
    )
    return option(command)


def mqtt_option(callback: Callable[..., Any] | None = None) -> Callable[[Command], Command]:
    """``--mqtt HOST:PORT``, passed on as ``mqtt``: text, or what ``callback`` makes of it."""
    return click.option(
        "--mqtt",
        default=DEFAULT_MQTT,
        envvar="NIGHTWARDEN_MQTT",
        show_default=True,
        metavar="HOST:PORT",
        callback=callback,
        help="Where the embedded broker listens.",
    )


def broker_options(
    default: str | None = f"mqtt://{DEFAULT_MQTT}",
    help_text: str = "mqtt://[USER[:PASSWORD]@]HOST[:PORT], or mqtts:// over TLS.",
) -> Callable[[Command], Command]:
    """``--broker URL`` and ``--broker-ca FILE``, passed on as ``broker`` and ``broker_ca``."""

    def decorated(command: Command) -> Command:
        for option in _broker_options(default, help_text):
            command = option(command)
        return command

    return decorated


def _broker_options(default: str | None, help_text: str) -> tuple[Command, Command]:
    return (
        click.option(
            "--broker-ca",
            type=click.Path(path_type=Path, dir_okay=False, exists=True),
            envvar="NIGHTWARDEN_BROKER_CA",
            metavar="FILE",
            help="PEM file that an mqtts:// broker's certificate is checked against.",
        ),
        click.option(
            "--broker",
            envvar="NIGHTWARDEN_BROKER",
            default=default,
            show_default=default is not None,
            metavar="URL",
            callback=lambda _context, _option, url: with_password(url),
            help=help_text,
        ),
    )


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


def until_stdin_closes_option(command: Command) -> Command:
    """A child of ``up`` ends when its parent does, however that ended."""
    return click.option("--until-stdin-closes", is_flag=True, hidden=True)(command)


def store_file(data: Path) -> Path:
    """The store in a data directory."""
    return data / "nightwarden.db"


def rules_in(file: str) -> "RulesFile":
    """The rules file FILE, - being standard input; Invalid says what is wrong with it."""
    from nightwarden.rulesfile.document import MAX_BYTES
    from nightwarden.rulesfile.reader import read_rules_file

    try:
        with click.open_file(file, "rb") as opened:
            raw = bytes(opened.read(MAX_BYTES + 1))
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise Invalid(f"{file} cannot be read: {reason}") from None
    return read_rules_file(raw, "standard input" if file == "-" else file)


def existing_store(data: Path) -> Path:
    """The store in ``data``; Invalid when there is none."""
    path = store_file(data)
    if not path.exists():
        raise Invalid(f"there is no store in {data}; `nightwarden apply FILE` makes one")
    return path


def secret(variable: str) -> str | None:
    """A secret from the environment, or from the file that ``variable`` + ``_FILE`` names.

    Raises:
        Invalid: the file cannot be read.
    """
    if value := os.environ.get(variable):
        return value
    if (file := os.environ.get(f"{variable}_FILE")) is None:
        return None
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise Invalid(f"{variable}_FILE names {file}, which cannot be read: {problem}.") from None


def with_password(url: str | None) -> str | None:
    """A broker's URL, completed with the password that the environment keeps apart from it."""
    if url is None or (password := secret("NIGHTWARDEN_BROKER_PASSWORD")) is None:
        return url
    parts = urlsplit(url)
    if parts.password is not None or not parts.username:
        return url
    before, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{before}:{quote(password, safe='')}@{host}"))


def run_command(command: click.Command, arguments: list[str] | None = None) -> NoReturn:
    """Run a command and leave: 0 fine, 1 the thing checked is not so, 2 wrong usage or input.

    What a user can cause is one line on standard error, never a traceback.
    """
    try:
        code = command.main(args=arguments, standalone_mode=False)
    except click.ClickException as problem:
        problem.show()
        code = 2
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        code = 130
    except NightwardenError as problem:
        click.echo(str(problem), err=True)
        code = 2
    except BrokenPipeError:
        code = 1
    sys.exit(code if isinstance(code, int) else 0)
