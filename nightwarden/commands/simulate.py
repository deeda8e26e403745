"""``nightwarden simulate``: a home's devices, simulated, against any broker."""

import re
import signal
import sys
import threading
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import click

from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import utc_now
from nightwarden.commands.carers import carers_at_work, carers_options
from nightwarden.commands.load import (
    asked_for_load,
    load_options,
    play_load,
    print_what_would_be_played,
    refuse_beside_load,
)
from nightwarden.commands.options import broker_options, until_stdin_closes_option
from nightwarden.errors import Invalid

_DURATION = re.compile(r"^(\d+(?:\.\d+)?)(s|m|h|d)$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LONGEST = timedelta(days=365)


@click.command("simulate")
@click.option(
    "--home",
    "home_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The home file whose devices to play. Default: the demo home.",
)
@broker_options()
@click.option("--seed", default=1, show_default=True, help="The same seed, the same night.")
@click.option(
    "--speed",
    default=1.0,
    show_default=True,
    help="Times faster than reality; 60: a night in 8 min.",
)
@click.option(
    "--for",
    "duration",
    metavar="DURATION",
    help="How long, on the wall: 90s, 10m, 8h. Default: until Ctrl-C.",
)
@click.option(
    "--story/--no-story",
    default=True,
    show_default=True,
    help="A hurried night with something to see at once; or ordinary life from now on.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="[DEVICE:]FAULT[=AMOUNT][@FROM[-UNTIL]]",
    help="Such as loss=0.1 or mat-12:stuck@5m; may be given again. See docs/simulators.md.",
)
@click.option(
    "--own-clock",
    is_flag=True,
    help="Devices claim the simulated time: the same seed, the same bytes at any speed.",
)
@click.option(
    "--bench",
    is_flag=True,
    help="Also do what the page /bench orders: press, heat, throw faults, change the pace.",
)
@carers_options
@click.option(
    "--practice-home",
    envvar="NIGHTWARDEN_PRACTICE_HOME",
    metavar="ID",
    help="Nobody lives in this home; needed where neither its file nor its monitor says so.",
)
@click.option(
    "--print-home", is_flag=True, help="Print the home file of what would be played, and end."
)
@load_options
@until_stdin_closes_option
def simulate(
    home_file: Path | None,
    broker: str,
    broker_ca: Path | None,
    duration: str | None,
    practice_home: str | None,
    *,
    print_home: bool,
    until_stdin_closes: bool,
    **how: Any,
) -> int:
    """Play a home's devices: residents who get up, radiators that heat, mats that fall silent.

    With --rooms, --devices or --rate: a load, of as many messages a second as are asked for.

    A broker that serves a live home is refused: it must have `practice: true`. So must the home
    that is played.
    """
    length = parse_duration(duration) if duration is not None else None
    address = BrokerUrl.parse(broker, broker_ca)
    load = asked_for_load(how)
    if load is not None:
        refuse_beside_load(home_file)
    if how["bench"] and (length is not None or how["faults"] or how["own_clock"]):
        raise Invalid(
            "--bench plays until Ctrl-C and throws its own faults: no --for, --fault, "
            "--own-clock beside it."
        )
    if print_home:
        print_what_would_be_played(home_file, load)
        return 0
    stop = stop_on_signals()
    if until_stdin_closes:
        threading.Thread(target=_stop_when_stdin_closes, args=(stop,), daemon=True).start()
    if load is not None:
        return play_load(load, address, length, practice_home, stop)
    _play(home_file, address, length, practice_home, stop, how)
    return 0


def _play(
    home_file: Path | None,
    address: BrokerUrl,
    length: timedelta | None,
    practice_home: str | None,
    stop: threading.Event,
    how: dict[str, Any],
) -> None:
    from nightwarden.recording.live_homes import (
        refuse_live_home,
        refuse_unknown_home,
        stopping_at_live_home,
    )
    from simulators.bench_line import play_on_a_bench
    from simulators.faults import parse_fault
    from simulators.home_description import read_demo_home, read_home
    from simulators.house import NO_TROUBLE
    from simulators.play import play
    from simulators.simulation import Simulation
    from simulators.story import DEMO_STORY, ORDINARY_LIFE, programme, story_start
    from simulators.trouble import in_words, troubles

    now, seed, speed = utc_now(), how["seed"], how["speed"]
    befalling = [parse_fault(each) for each in how["faults"]]
    home = read_home(home_file) if home_file is not None else read_demo_home(now.date())
    found = refuse_live_home(address, "simulate")
    refuse_unknown_home(address, found, home.id, practice_home, marked=home.practice)
    told = DEMO_STORY if how["story"] else ORDINARY_LIFE
    start = story_start(home, told, now)
    heat = NO_TROUBLE if how["story"] else troubles(home, seed, start, start + timedelta(days=1))
    simulation = Simulation(home, seed, start, told, heat)
    click.echo(f"{len(simulation.speakers())} devices of {home.id}, seed {seed}, speed {speed:g}")
    for line in (*programme(home, told), *in_words(heat, start)):
        click.echo(f"  {line}")
    with (
        stopping_at_live_home(address, found, stop),
        carers_at_work(simulation, speed, how),
    ):
        if how["bench"]:
            tally = play_on_a_bench(
                simulation, address, speed=speed, stop=stop, progress=click.echo
            )
        else:
            tally = play(
                simulation,
                address,
                speed=speed,
                duration=length,
                stop=stop,
                faults=befalling,
                clock=None if how["own_clock"] else utc_now,
                progress=click.echo,
            )
    for line in tally.lines():
        click.echo(line)


def parse_duration(text: str) -> timedelta:
    """Read ``90s``, ``10m``, ``8h`` or ``1d``; more than nothing, at most a year.

    Raises:
        Invalid: it is something else.
    """
    match = _DURATION.match(text.strip())
    if match is not None:
        amount, unit = match.groups()
        length = timedelta(**{_UNITS[unit]: min(float(amount), 1e8)})
        if timedelta(0) < length <= _LONGEST:
            return length
    raise Invalid(f'"{text}" is not a duration; write one such as 90s, 10m or 8h')


def _stop_when_stdin_closes(stop: threading.Event) -> None:
    sys.stdin.buffer.read()
    stop.set()


def stop_on_signals() -> threading.Event:
    """An event that Ctrl-C and SIGTERM set, so that a play ends with goodbyes and a summary."""
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, ask_to_stop)
    signal.signal(signal.SIGTERM, ask_to_stop)
    return stop
