"""Options that several commands share, and how a command ends.

Every option is also ``NIGHTWARDEN_…`` in the environment and a line of ``nightwarden.toml``; a
secret may be the content of a file, named by the variable with ``_FILE`` behind it.
"""

import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote, urlsplit, urlunsplit

import click

from nightwarden.errors import Invalid, NightwardenError

if TYPE_CHECKING:
    from nightwarden.rulesfile.reader import RulesFile

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
    gc.freeze()  # it goes with the process; to look through it all first takes a third of a second
    sys.exit(code if isinstance(code, int) else 0)
