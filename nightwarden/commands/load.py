"""``nightwarden simulate --rooms … --devices … --rate …``: a load, as one command with simulate."""

import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import click

from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import utc_now
from nightwarden.errors import Invalid
from simulators.load.home import LoadHome

Command = Any
USUAL_ROOMS = 200
USUAL_RATE = 500.0
WITHOUT_A_SCREEN_S = 10.0
"""Where there is no terminal for a bar, a line is written so often."""


class AskedLoad(NamedTuple):
    """A load as a person asks for it; a rate of None is as many as the broker takes."""

    home: LoadHome
    rate: float | None
    window: int
    connections: int
    exits: float
    seed: int


def load_options(command: Command) -> Command:
    """The options of a load."""
    options = (
        click.option("--rooms", type=int, metavar="N", help="Load: rooms, each with a bed mat."),
        click.option("--devices", type=int, metavar="N", help="Load: mats and sensors in all."),
        click.option("--rate", metavar="N|max", help="Load: messages a second, all together."),
        click.option(
            "--window",
            type=int,
            default=2_000,
            show_default=True,
            help="Load: so many messages may be without the broker's receipt.",
        ),
        click.option(
            "--connections",
            type=click.IntRange(1, 500),
            default=8,
            show_default=True,
            help="Load: connections that the devices share.",
        ),
        click.option(
            "--exits",
            type=click.FloatRange(0, 1_000),
            default=1.0,
            show_default=True,
            help="Load: residents who get up each second, each of them once.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def asked_for_load(how: dict[str, Any]) -> AskedLoad | None:
    """What the options ask for; None where they ask for no load.

    Raises:
        Invalid: it cannot be played.
    """
    given = {name: how[name] for name in ("rooms", "devices", "rate")}
    if all(value is None for value in given.values()):
        return None
    rooms = given["rooms"] or min(USUAL_ROOMS, given["devices"] or USUAL_ROOMS)
    home = LoadHome(rooms, given["devices"] or 2 * rooms)
    rest = (how[name] for name in ("window", "connections", "exits", "seed"))
    if how["faults"] or how["speed"] != 1.0:
        raise Invalid("A load has --rate instead of --speed, and takes no --fault.")
    return AskedLoad(home, _rate(given["rate"]), *rest)


def _rate(given: str | None) -> float | None:
    if given is None:
        return USUAL_RATE
    if given == "max":
        return None
    try:
        return float(given)
    except ValueError:
        raise Invalid(
            f'--rate "{given}" is no number of messages a second; write 5000, or max.'
        ) from None


def refuse_beside_load(home_file: Path | None) -> None:
    """A load has a home of its own.

    Raises:
        Invalid: a home file was given as well.
    """
    if home_file is not None:
        raise Invalid(
            "A load is played on a home of its own: leave out --home; --print-home prints it."
        )


def print_what_would_be_played(home_file: Path | None, load: AskedLoad | None) -> None:
    """The home file on the standard output, for ``nightwarden apply``.

    Raises:
        Invalid: the file that was given cannot be read.
    """
    from simulators.homes import demo_home

    if load is not None:
        for line in load.home.file(load.rate or USUAL_RATE):
            click.echo(line)
    elif home_file is None:
        click.echo(demo_home(utc_now().date()), nl=False)
    else:
        try:
            click.echo(home_file.read_text(encoding="utf-8"), nl=False)
        except (OSError, UnicodeDecodeError) as error:
            raise Invalid(f"cannot read the home file {home_file}: {error}") from error


def play_load(
    asked: AskedLoad,
    address: BrokerUrl,
    length: timedelta | None,
    practice_home: str | None,
    stop: threading.Event,
) -> int:
    """Play it with a bar on the standard error, and print what came of it.

    Returns:
        0, or 1 where something was lost, not receipted or not raised, or the rate not reached.

    Raises:
        Invalid: the broker serves a live home, or cannot be used.
    """
    from nightwarden.recording.live_homes import (
        refuse_live_home,
        refuse_unknown_home,
        stopping_at_live_home,
    )
    from simulators.load.run import Load, LoadPlan
    from simulators.load.summary import summary

    home = asked.home
    plan = LoadPlan(asked.rate, length, asked.window, asked.connections, asked.exits, asked.seed)
    found = refuse_live_home(address, "load")
    refuse_unknown_home(address, found, home.id, practice_home, marked=True)
    asks = "as many as it takes" if asked.rate is None else f"{asked.rate:,.0f}"
    click.echo(
        f"{home.devices:,} devices in {home.rooms:,} rooms of {home.id}, {asks} messages a second"
    )
    monitored = home.id in found.practice
    bar = _Bar()
    load = Load(home, plan, address, utc_now, stop, bar.tell)
    with stopping_at_live_home(address, found, stop):
        outcome = load.run(monitored=monitored)
    bar.end()
    for line in summary(outcome, monitored=monitored):
        click.echo(line)
    return 0 if outcome.fine(monitored=monitored) else 1


class _Bar:
    """One line that is written over; without a terminal, a line now and then."""

    def __init__(self) -> None:
        self._redrawn = sys.stderr.isatty()
        self._next = 0.0

    def tell(self, progress: Any) -> None:
        from simulators.load.summary import bar

        if self._redrawn:
            click.echo(f"\r{bar(progress)}\x1b[K", nl=False, err=True)
        elif progress.seconds >= self._next:
            self._next = progress.seconds + WITHOUT_A_SCREEN_S
            click.echo(bar(progress), err=True)

    def end(self) -> None:
        if self._redrawn:
            click.echo(err=True)
