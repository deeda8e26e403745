"""``nightwarden``: the way in. A command's module is imported when the command is called."""

import gc
import importlib
import sys
import tomllib
from pathlib import Path
from typing import Any

import click

import nightwarden
from nightwarden.commands.options import run_command
from nightwarden.errors import Invalid

_COMMANDS = {
    "up": ("nightwarden.commands.up", "up"),
    "demo": ("nightwarden.commands.demo", "demo"),
    "apply": ("nightwarden.commands.apply", "apply"),
    "export": ("nightwarden.commands.export", "export"),
    "evidence": ("nightwarden.commands.evidence", "evidence"),
    "incident": ("nightwarden.commands.evidence", "incident"),
    "import": ("nightwarden.commands.import_sheet", "import_sheet"),
    "personal": ("nightwarden.commands.personal", "personal"),
    "backup": ("nightwarden.commands.backup", "backup"),
    "restore": ("nightwarden.commands.backup", "restore"),
    "user": ("nightwarden.commands.user", "user"),
    "token": ("nightwarden.commands.token", "token"),
    "screen": ("nightwarden.commands.screen", "screen"),
    "devices": ("nightwarden.commands.devices", "devices"),
    "bind": ("nightwarden.commands.devices", "bind"),
    "check": ("nightwarden.commands.check", "check"),
    "broker": ("nightwarden.commands.broker", "broker"),
    "ca": ("nightwarden.commands.ca", "ca"),
    "why": ("nightwarden.commands.why", "why"),
    "backtest": ("nightwarden.commands.backtest", "backtest"),
    "rules": ("nightwarden.commands.rules", "rules"),
    "hazards": ("nightwarden.commands.hazards", "hazards"),
    "scenario": ("nightwarden.commands.scenario", "scenario"),
    "simulate": ("nightwarden.commands.simulate", "simulate"),
    "nights": ("nightwarden.commands.nights", "nights"),
    "try": ("nightwarden.commands.try_device", "try_device"),
    "record": ("nightwarden.commands.record", "record"),
    "replay": ("nightwarden.commands.replay", "replay"),
}

SETTINGS_FILE = Path("nightwarden.toml")


class _Commands(click.Group):
    """Knows the names of the commands, and loads one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=_Commands, context_settings={"auto_envvar_prefix": "NIGHTWARDEN"})
@click.version_option(nightwarden.__version__, prog_name="nightwarden")
@click.pass_context
def nightwarden_command(context: click.Context) -> None:
    """The safety monitor of a care home.

    It tells staff that equipment or the environment needs attention. It is not for diagnosis,
    prevention or monitoring of disease or injury, and not a sole means of supervision.

    Every option is also NIGHTWARDEN_… in the environment and a line of ./nightwarden.toml.
    """
    lines = _settings(SETTINGS_FILE)
    name = context.invoked_subcommand or ""
    command = nightwarden_command.get_command(context, name)
    if isinstance(command, click.Group):  # `user add` asks for its own lines: they are `user`'s
        lines[name] = dict.fromkeys(command.list_commands(context), lines.get(name))
    context.default_map = lines


def main() -> None:
    """The entry point of the ``nightwarden`` script."""
    # Most of what a command makes while it starts stays until its end: look through it rarely.
    gc.set_threshold(20_000, 50, 100)
    run_command(nightwarden_command, sys.argv[1:])


def _settings(path: Path) -> dict[str, Any]:
    """``nightwarden.toml``: lines at the top are for every command, ``[up]`` for one.

    Raises:
        Invalid: the file cannot be read, or names a command or a kind of value there is not.
    """
    if not path.exists():
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise Invalid(f"{path} cannot be read: {problem}") from None
    tables = {name: table for name, table in content.items() if isinstance(table, dict)}
    if unknown := sorted(tables.keys() - _COMMANDS.keys()):
        raise Invalid(
            f"{path}: there is no command [{unknown[0]}]; there are {', '.join(_COMMANDS)}"
        )
    shared = {_parameter(k): v for k, v in content.items() if k not in tables}
    return {
        name: shared | {_parameter(k): v for k, v in tables.get(name, {}).items()}
        for name in _COMMANDS
    }


def _parameter(line: str) -> str:
    return line.replace("-", "_")
