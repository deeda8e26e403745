"""``nightwarden nights``: simulated nights through the real rules, scored against the truth."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import click

from nightwarden.clock import utc_now
from nightwarden.errors import Invalid
from nightwarden.model.alerts import AlertKind

if TYPE_CHECKING:
    from nightwarden.rulesfile.in_force import RulesInForce

MOST_NIGHTS, MOST_ROOMS = 366, 2_000


@click.command("nights")
@click.option("--nights", "count", default=7, show_default=True, help="How many nights.")
@click.option("--rooms", default=60, show_default=True, help="How many rooms the home has.")
@click.option(
    "--home",
    "home_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Your own home file instead of a made one.",
)
@click.option(
    "--rules",
    "rules_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A rules file. Default: the rules as delivered.",
)
@click.option(
    "--from", "since", metavar="DAY", help="The first night, 2026-11-01. Default: last night."
)
@click.option("--seed", default=1, show_default=True, help="The same seed, the same nights.")
@click.option("--carers", type=int, metavar="N", help="Default: one for 15 residents.")
@click.option("--json", "as_json", is_flag=True, help="Print the score as JSON.")
@click.option("--table", is_flag=True, hidden=True, help="Print the table of docs/nights.md.")
@click.option("--without", hidden=True, metavar="KIND", help="Break a rule: raise none of a kind.")
def nights(  # noqa: PLR0913
    count: int,
    rooms: int,
    home_file: Path | None,
    rules_file: Path | None,
    since: str | None,
    seed: int,
    carers: int | None,
    without: str | None,
    *,
    as_json: bool,
    table: bool,
) -> int:
    """Play nights of a simulated home through the real rules, and score the alerts.

    Residents sleep, rise and fall, radiators heat, carers answer; it is known who was out of bed
    and what was hot, and the report says what was missed, what was false and how long it took.
    Nothing is listened to and nobody is called. Exit 1 when the product missed something.
    """
    from nightwarden.nights import month, report
    from nightwarden.nights.score import Score
    from simulators.homes import home_of

    for name, given, most in (("nights", count, MOST_NIGHTS), ("rooms", rooms, MOST_ROOMS)):
        if not 0 < given <= most:
            raise Invalid(f"--{name} {given} cannot be played; give 1 to {most}.")
    if carers is not None and not 0 < carers <= MOST_ROOMS:
        raise Invalid(f"--carers {carers} cannot be; give at least 1.")
    first = _day(since) if since else (utc_now() - timedelta(days=1)).date()
    own = _text(home_file) if home_file is not None else None
    total, began = Score(), monotonic()
    each = month.scores(
        lambda day: own or home_of(rooms, day),
        first,
        count,
        seed,
        rules=_rules(rules_file),
        carers=carers,
        without=_kind(without),
    )
    quiet = as_json or table
    for night, found in each:
        total.add(found)
        if not quiet:
            click.echo(
                f"{night}: {found.exits} exits, {found.missed} missed; "
                f"{found.false_alerts} false; {found.hot} hot, {found.hot_missed} missed"
            )
    if as_json:
        click.echo(json.dumps(report.as_json(total), indent=2))
    elif table:
        click.echo(report.table(total), nl=False)
    else:
        click.echo(f"seed {seed}, {monotonic() - began:.0f} s")
        for line in report.lines(total):
            click.echo(line)
    return 1 if total.missed or total.hot_missed else 0


def _day(text: str) -> date:
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise Invalid(f'--from "{text}" is not a day; write one such as 2026-11-01.') from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise Invalid(f"cannot read the home file {path}: {problem}") from None


def _rules(path: Path | None) -> "RulesInForce":
    from nightwarden.rulesfile.in_force import RulesInForce
    from nightwarden.rulesfile.reader import read_rules_file
    from nightwarden.rulesfile.settings import escalation_of, rulebook_of

    if path is None:
        return RulesInForce()
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise Invalid(f"cannot read the rules file {path}: {problem.strerror}") from None
    file = read_rules_file(content, str(path))
    return RulesInForce(book=rulebook_of(file.sets), policy=escalation_of(file.sets))


def _kind(word: str | None) -> AlertKind | None:
    from nightwarden.rulesfile.story_values import word_of

    try:
        return word_of(AlertKind)(word) if word else None
    except ValueError as problem:
        raise Invalid(f"--without: {problem}.") from None
