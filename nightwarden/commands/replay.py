"""``nightwarden replay FILE``: a recording, said again."""

from pathlib import Path
from typing import Any

import click

from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import utc_now
from nightwarden.commands.options import broker_options
from nightwarden.commands.simulate import stop_on_signals
from nightwarden.errors import Invalid

FASTEST = 100_000.0


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@broker_options()
@click.option(
    "--speed",
    default="1",
    show_default=True,
    metavar="N|max",
    help="Times faster than it happened; max: as fast as the broker takes it.",
)
@click.option("--home", metavar="ID", help="The home that native devices speak to.")
@click.option(
    "--shift-times",
    is_flag=True,
    help="Move the times that devices claim to now; else they stay as they were recorded.",
)
@click.option(
    "--until-damage", is_flag=True, help="Play what stands before the place where FILE breaks off."
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="[DEVICE:]FAULT[=AMOUNT][@FROM[-UNTIL]]",
    help="Such as loss=0.1 or mat-12:stuck@5m; may be given again. See docs/simulators.md.",
)
@click.option("--seed", default=1, show_default=True, help="The same seed, the same faults.")
def replay(
    file: Path,
    broker: str,
    broker_ca: Path | None,
    speed: str,
    home: str | None,
    *,
    shift_times: bool,
    until_damage: bool,
    **ordered: Any,
) -> None:
    """Play a recording against a broker that serves no live home; Ctrl-C ends it."""
    from nightwarden.model import claims
    from nightwarden.recording.player import Play, Player, survey
    from simulators.faults import parse_fault

    if home is not None:
        try:
            claims.name(home)
        except ValueError as problem:
            raise Invalid(f"--home {problem}.") from None
    address = BrokerUrl.parse(broker, broker_ca)
    befalling = [parse_fault(each) for each in ordered["faults"]]
    play = Play(
        file, address, _speed(speed), home, shift_times, until_damage, befalling, ordered["seed"]
    )
    extent = survey(play)
    length = str(extent.length).partition(".")[0]
    click.echo(f"{extent.messages} messages of {length}, from {file}.", err=True)
    player = Player(play, extent, utc_now, lambda line: click.echo(line, err=True))
    player.run(stop_on_signals())
    for line in player.tally.lines():
        click.echo(line)


def _speed(text: str) -> float | None:
    """Times faster; None for ``max``."""
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= FASTEST:
        raise Invalid(f'--speed "{text}" is not a number over 0 to {FASTEST:.0f}, or max.')
    return speed
