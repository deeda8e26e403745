"""``nightwarden rules shadow`` and ``promote``: try changed rules beside those in force."""

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from nightwarden.clock import utc_now
from nightwarden.commands.apply import actor
from nightwarden.commands.options import data_option, existing_store, rules_in
from nightwarden.errors import Invalid

if TYPE_CHECKING:
    from nightwarden.backtest.shadow import ShadowReport
    from nightwarden.store.engine import Store


@click.command()
@click.argument("file", metavar="[FILE]", required=False)
@click.option("--stop", is_flag=True, help="End it; the rules in force stay as they are.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@data_option
def shadow(file: str | None, stop: bool, as_json: bool, data: Path) -> None:
    """Run the rules file FILE beside those in force; without FILE, say what would differ so far.

    It raises nothing and calls nobody.
    """
    from nightwarden.backtest.shadow import begin_shadow, stop_shadow
    from nightwarden.store.engine import open_store

    if file is not None and stop:
        raise Invalid("FILE begins a shadow run and --stop ends one; give one of them")
    rules_file = None if file is None else rules_in(file)
    with closing(open_store(existing_store(data))) as store:
        if rules_file is not None:
            with store.transaction(utc_now()) as tx:
                begun = begin_shadow(tx, rules_file, actor())
            click.echo(f"{rules_file.source}: runs in the shadow ({begun.because})")
        elif stop:
            with store.transaction(utc_now()) as tx:
                ended = stop_shadow(tx, actor())
            click.echo(f"the shadow run of {ended.begun_by} ({ended.because}) was stopped")
        else:
            _print(_report(store), as_json)


@click.command()
@click.option("--as", "name", required=True, metavar="NAME", help="The manager who signs.")
@click.option("--stdin", "from_stdin", is_flag=True, help="Read the password from standard input.")
@data_option
def promote(name: str, from_stdin: bool, data: Path) -> None:
    """Put the rules that run in the shadow in force: a manager's step, signed with a password.

    Shows first what would have differed; the audit keeps its figures.
    """
    from nightwarden.backtest.shadow import promote_shadow
    from nightwarden.store.engine import open_store

    with closing(open_store(existing_store(data))) as store:
        report = _report(store)
        _print(report, as_json=False)
        manager = _signed(store, name, from_stdin)
        with store.transaction(utc_now()) as tx:
            changes = promote_shadow(tx, report.number, report.figures, manager)
        click.echo(f"{changes} setting{'s' if changes != 1 else ''} changed; signed by {manager}")


def _report(store: "Store") -> "ShadowReport":
    from nightwarden.backtest.shadow import shadow_report

    with store.reading(utc_now()) as tx:
        return shadow_report(tx)


def _print(report: "ShadowReport", as_json: bool) -> None:
    from nightwarden.backtest.report import report_lines, shadow_json

    if as_json:
        click.echo(orjson.dumps(shadow_json(report), option=orjson.OPT_INDENT_2))
        return
    begun = report.shadow
    click.echo(
        f"In the shadow since {begun.begun_at:%Y-%m-%d %H:%M} UTC, by {begun.begun_by}: "
        f"{begun.because}"
    )
    if report.found is not None:
        click.echo("\n".join(report_lines(report.found)))


def _signed(store: "Store", name: str, from_stdin: bool) -> str:
    """The manager of this name, who knows the password; Invalid when it is not so."""
    from nightwarden.model.roles import Right, Role, may
    from nightwarden.store import people

    secret: str
    if from_stdin:
        secret = sys.stdin.readline().rstrip("\r\n")
    else:
        secret = click.prompt(f"Password of {name}", hide_input=True)
    with store.transaction(utc_now()) as tx:
        user = people.check_secret(tx, name, secret)
    if not may(Role(user.role), Right.MANAGE):
        raise Invalid(f"{name} is a {user.role}; a manager has to sign")
    return user.name
