"""Settings that nobody reads: a misspelt line is otherwise the quietest of all failures.

``nightwarden.toml`` and the environment are read by name, so ``htpp = …`` simply does nothing and
the monitor runs with a default that nobody chose.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from nightwarden.checking.finding import Finding, fine, wrong

ABOUT = "configuration"
PREFIX = "NIGHTWARDEN_"
SECRETS = ("BROKER_PASSWORD", "API_BROKER_PASSWORD", "INFLUX_TOKEN", "DEADMAN")
"""Read from the environment alone, or with ``_FILE`` from the file that is named there."""

Commands = Mapping[str, click.Command]


def look_at_settings(file: Path, environment: Iterable[str], commands: Commands) -> Finding:
    """Whether every line and every variable is one that some command reads.

    Args:
        file: ``nightwarden.toml``, which need not be there.
        environment: the names of the environment's variables.
        commands: every command, by name.
    """
    lines: dict[str, Any] = {}
    if file.exists():
        try:
            lines = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
            return wrong(ABOUT, f"{file} cannot be read: {problem}; correct it.")
    ours = [name for name in environment if name.startswith(PREFIX)]
    unread = [*_unread_lines(lines, commands), *_unread_variables(ours, commands)]
    if unread:
        return wrong(ABOUT, f"Nothing reads {'; nor '.join(unread)}.")
    read = [str(file)] * file.exists() + sorted(ours)
    return fine(ABOUT, f"Set here: {', '.join(read)}." if read else "Everything is as it comes.")


def _unread_lines(lines: Mapping[str, Any], commands: Commands) -> Iterator[str]:
    known = {name: _options(command) for name, command in commands.items()}
    everywhere = set().union(*known.values())
    for name, value in lines.items():
        if isinstance(value, dict):
            for line in value:
                if line.replace("-", "_") not in known.get(name, ()):
                    near = _near(line, known.get(name, ()))
                    yield f'"{line}" under [{name}] in nightwarden.toml{near}'
        elif name.replace("-", "_") not in everywhere:
            yield f'"{name}" in nightwarden.toml{_near(name, everywhere)}'


def _unread_variables(names: Iterable[str], commands: Commands) -> Iterator[str]:
    known = {f"{PREFIX}{secret}{end}" for secret in SECRETS for end in ("", "_FILE")}
    for name, command in commands.items():
        for option in _options(command):
            # click's own names, for one command; ours, for all, stand at the options below
            known.add(f"{PREFIX}{name}_{option}".upper())
        known.update(_variables(command))
    for variable in names:
        if variable not in known:
            yield f"the variable {variable}{_near(variable, known)}"


def _options(command: click.Command) -> set[str]:
    inner = command.commands.values() if isinstance(command, click.Group) else ()
    own = {parameter.name for parameter in command.params if isinstance(parameter, click.Option)}
    return {name for name in own if name}.union(*(_options(part) for part in inner))


def _variables(command: click.Command) -> set[str]:
    inner = command.commands.values() if isinstance(command, click.Group) else ()
    own = {p.envvar for p in command.params if isinstance(p.envvar, str)}
    return own.union(*(_variables(part) for part in inner))


def _near(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, sorted(known), n=1)
    return f' (did you mean "{close[0]}"?)' if close else ""
