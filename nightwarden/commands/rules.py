"""``nightwarden rules``: see, check, change and test the home's rules."""

from pathlib import Path

import click

from nightwarden.clock import utc_now
from nightwarden.commands.apply import actor
from nightwarden.commands.options import data_option, existing_store, rules_in
from nightwarden.commands.shadow import promote, shadow


@click.group()
def rules() -> None:
    """The home's rules: when an alert is raised, and whom it calls when nobody answers."""


@rules.command()
@data_option
def show(data: Path) -> None:
    """Print the rules in force as a rules file, with every setting in it."""
    from nightwarden.rulesfile.in_force import load_rules
    from nightwarden.rulesfile.writer import rules_text
    from nightwarden.store.engine import open_store

    store = open_store(existing_store(data))
    try:
        with store.reading(utc_now()) as tx:
            text = rules_text(load_rules(tx))
    finally:
        store.close()
    click.echo(text.encode(), nl=False)


@rules.command()
@click.argument("file", metavar="FILE")
def check(file: str) -> None:
    """Say whether FILE (- is standard input) can be applied, and what it sets."""
    from nightwarden.rulesfile.changes import differences, section_differences, unexplained
    from nightwarden.rulesfile.sections import Sections
    from nightwarden.rulesfile.settings import defaults

    rules_file = rules_in(file)
    changes = differences(defaults(), rules_file.values)
    changes += section_differences(Sections(), rules_file.sections)
    if changes and rules_file.because is None:
        raise unexplained(rules_file, len(changes))
    for change in changes:
        click.echo(str(change))
    counted = "1 setting" if len(changes) == 1 else f"{len(changes)} settings"
    differ = "differs" if len(changes) == 1 else "differ"
    click.echo(f"{rules_file.source}: can be applied; {counted} {differ} from the defaults")


@rules.command()
@click.argument("file", metavar="FILE")
@click.option(
    "--dry-run",
    is_flag=True,
    envvar="NIGHTWARDEN_DRY_RUN",
    help="Print what would change and change nothing.",
)
@data_option
def apply(file: str, dry_run: bool, data: Path) -> None:
    """Put the rules file FILE (- is standard input) in force.

    Prints each setting that changes. A running monitor takes it up within a second; running
    timers are kept.
    """
    from nightwarden.rulesfile.changes import apply_rules, plan_rules
    from nightwarden.rulesfile.in_force import load_rules
    from nightwarden.store.engine import open_store

    rules_file = rules_in(file)
    store, now = open_store(existing_store(data)), utc_now()
    try:
        if dry_run:
            with store.reading(now) as tx:
                changes = plan_rules(tx, rules_file)
                version = load_rules(tx).version
        else:
            with store.transaction(now) as tx:
                changes = apply_rules(tx, rules_file, actor())
                version = load_rules(tx).version
    finally:
        store.close()
    for change in changes:
        click.echo(str(change))
    click.echo(_outcome(len(changes), version, dry_run))


@rules.command()
@click.argument("file", metavar="FILE")
def test(file: str) -> int:
    """Run the story in FILE through the rules and compare what is raised with what it expects.

    Exit 0 when everything is as expected, 1 when not, 2 for a file that cannot be read.
    """
    from nightwarden.rulesfile.story import read_story
    from nightwarden.rulesfile.trial import run_story

    story = read_story(Path(file))
    outcome = run_story(story)
    for line in outcome.lines:
        click.echo(line)
    return 0 if outcome.as_expected else 1


def _outcome(changes: int, version: int, dry_run: bool) -> str:
    if not changes:
        return f"rules version {version}: nothing to change"
    counted = "1 setting" if changes == 1 else f"{changes} settings"
    if dry_run:
        return f"{counted} to change; this was a dry run, nothing was changed"
    return f"{counted} changed; rules version {version} is in force"


rules.add_command(shadow)
rules.add_command(promote)
