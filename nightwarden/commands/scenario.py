"""``nightwarden scenario``: named things that go wrong, and what must come of them."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from nightwarden.errors import Invalid

if TYPE_CHECKING:
    from nightwarden.practice.scenario import Scenario

FASTEST = 10_000.0


@click.group()
def scenario() -> None:
    """Named things that go wrong, played through the real program on a throw-away home."""


@scenario.command("list")
@click.option("--json", "as_json", is_flag=True, help="As one JSON array.")
def list_pack(*, as_json: bool) -> None:
    """The scenarios of the pack: id, the kind of alert it is about, and what it shows."""
    from nightwarden.practice import pack

    found = [pack.find(name) for name in pack.ids()]
    if as_json:
        every = [
            {"id": one.id, "kind": one.kind or "", "title": one.title, "lasts": str(one.lasts)}
            for one in found
        ]
        click.echo(json.dumps(every))
        return
    name = max(len(one.id) for one in found)
    subjects = {one.id: one.kind or ", ".join(one.broken) for one in found}
    kind = max(map(len, subjects.values()))
    for one in found:
        click.echo(f"{one.id:<{name}}  {subjects[one.id]:<{kind}}  {one.title}")


@scenario.command()
@click.argument("ids", metavar="ID...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="The whole pack, one after the other.")
@click.option(
    "--speed", type=float, metavar="N", help="Times faster than reality. Default: at once."
)
@click.option("--show", is_flag=True, help="Print what happens as it happens, beside the verdict.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print it as it happens, JSON objects by line."
)
@click.option("--without", hidden=True, metavar="KIND", help="Break a rule: raise none of a kind.")
@click.option("--broken", hidden=True, metavar="NAME", help="Break something else, by its name.")
def run(
    ids: tuple[str, ...],
    speed: float | None,
    without: str | None,
    broken: str | None,
    *,
    every: bool,
    show: bool,
    as_json: bool,
) -> int:
    """Play the scenarios ID (or FILE.yaml) and print what was expected beside what happened.

    Broker, gateway, rules, store and api are the real ones, on a home that is thrown away and a
    clock that is turned: an hour takes a second. Exit 0 when everything was as expected, 1 when
    not, 2 for a scenario that cannot be played.
    """
    from nightwarden.model.alerts import AlertKind
    from nightwarden.practice import pack
    from nightwarden.practice.breakages import BREAKAGES
    from nightwarden.rulesfile.story_values import word_among, word_of

    if speed is not None and not 0 < speed <= FASTEST:
        raise Invalid(f"--speed {speed:g} cannot be played; give one over 0 to {FASTEST:.0f}.")
    if bool(ids) == every:
        raise Invalid("say which: `nightwarden scenario run ID`, or --all.")
    try:
        missing: AlertKind | None = word_of(AlertKind)(without) if without else None
        breakage = word_among({name: name for name in BREAKAGES})(broken) if broken else None
    except ValueError as problem:
        raise Invalid(f"--without, --broken: {problem}.") from None
    wanted = [pack.find(one) for one in (pack.ids() if every else ids)]
    failed = 0
    if as_json:
        return _run_as_lines(wanted, speed)
    with pack.Stage() as stage:
        for one in wanted:
            click.echo(f"{one.id}: {one.title}")
            tell = _tell if show else _quiet
            played = stage.play(one, speed=speed, tell=tell, without=missing, breakage=breakage)
            for line in played.verdict.lines():
                click.echo(line)
            met = sum(row.met for row in played.verdict.rows)
            said = f"{met} of {len(played.verdict.rows)} as expected"
            click.echo(f"{one.id}: {said}; {one.lasts} in {played.seconds:.1f} s\n")
            failed += not played.verdict.as_expected
    if len(wanted) > 1:
        click.echo(f"{len(wanted) - failed} of {len(wanted)} scenarios as expected")
    return 1 if failed else 0


def _run_as_lines(wanted: list["Scenario"], speed: float | None) -> int:
    from nightwarden.practice.as_lines import play_as_lines, speed_to_watch
    from nightwarden.practice.pack import Stage

    with Stage() as stage:
        met = [
            play_as_lines(stage, one, speed or speed_to_watch(one), click.echo) for one in wanted
        ]
    return 0 if all(met) else 1


@scenario.command(hidden=True)
@click.argument("ids", metavar="ID...", nargs=-1)
@click.option("--changed", is_flag=True, help="Only what has changed since it was proved.")
def prove(ids: tuple[str, ...], *, changed: bool) -> int:
    """Play each scenario whole and with its feature switched off; keep and print what came of it.

    Exit 1 when one is not as expected, or is as expected with its feature switched off: it would
    not notice.
    """
    from nightwarden.practice import pack, proof, table

    scenarios = [pack.find(name) for name in pack.ids()]
    proofs = proof.last_run()
    known = {name: one.mark for name, one in proofs.items() if one.holds}
    chosen = {pack.find(one).id for one in ids} or {one.id for one in scenarios}
    with pack.Stage() as stage:
        for one in scenarios:
            fresh = known.get(one.id) == proof.mark_of(one)
            if one.id in chosen and not (changed and fresh):
                proofs[one.id] = proof.prove(stage, one)
                click.echo(table.rows(one, proofs[one.id]), nl=False)
                proof.keep(proofs, pack.ids())
    return 0 if all(name in proofs and proofs[name].holds for name in pack.ids()) else 1


@scenario.command("table", hidden=True)
def print_table() -> None:
    """Print the table of docs/scenarios.md, from what was last proved."""
    from nightwarden.practice import pack, proof, table

    scenarios = [pack.find(name) for name in pack.ids()]
    click.echo(table.table(scenarios, proof.last_run()), nl=False)


def _tell(at: timedelta, line: str) -> None:
    click.echo(f"    {at!s:>8}  {line}")


def _quiet(_at: timedelta, _line: str) -> None:
    pass
