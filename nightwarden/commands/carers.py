"""``--carers`` of ``simulate``: people of the simulation who answer a running monitor."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from nightwarden.errors import Invalid

if TYPE_CHECKING:
    from simulators.simulation import Simulation

LEAST_LEFT_S = 5.0
SHIFT = timedelta(hours=12)


def carers_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--carers``, ``--carers-wait``, ``--monitor`` and their token from the environment."""
    for option in (
        click.option(
            "--carers",
            default=0,
            metavar="N",
            help="So many simulated carers answer the monitor's alerts. Default: none.",
        ),
        click.option(
            "--carers-wait",
            default=12.0,
            show_default=True,
            metavar="SECONDS",
            help="Half of the alerts wait so long, in simulated time, until somebody says they go.",
        ),
        click.option(
            "--monitor",
            default="http://127.0.0.1:8080",
            envvar="NIGHTWARDEN_MONITOR",
            show_default=True,
            metavar="URL",
            help="Where they answer; their token is in NIGHTWARDEN_CARERS_TOKEN.",
        ),
        click.option("--carers-token", envvar="NIGHTWARDEN_CARERS_TOKEN", hidden=True),
    ):
        command = option(command)
    return command


@contextmanager
def carers_at_work(simulation: "Simulation", speed: float, how: dict[str, Any]) -> Iterator[None]:
    """Let them answer for as long as this is entered, if any were asked for.

    Raises:
        Invalid: they have no token, or ``--monitor`` is no address.
    """
    if not how["carers"]:
        yield
        return
    if how["carers"] < 0:
        raise Invalid(f"--carers {how['carers']} cannot be; give how many, or leave it out.")
    if not how["carers_token"]:
        raise Invalid(
            "the carers need a token: put one of `nightwarden token create --role carer` into "
            "NIGHTWARDEN_CARERS_TOKEN"
        )
    from simulators.shift import Shift
    from simulators.staffroom import Staffroom

    start, began = simulation.start, monotonic()
    shift = Shift(
        simulation.home,
        simulation.seed,
        start,
        start + SHIFT,
        how["carers"],
        max(how["carers_wait"], 0.1),
    )
    staffroom = Staffroom(
        shift,
        how["monitor"],
        how["carers_token"],
        lambda: start + timedelta(seconds=(monotonic() - began) * speed),
        click.echo,
    )
    over = threading.Event()
    thread = threading.Thread(target=staffroom.run, args=(over,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(LEAST_LEFT_S)
