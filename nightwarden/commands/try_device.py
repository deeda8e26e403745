"""``nightwarden try``: listens to a real device, and says whether and how it can be used."""

import sys
from pathlib import Path

import click

from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import utc_now
from nightwarden.commands.options import broker_options
from nightwarden.commands.simulate import parse_duration, stop_on_signals
from nightwarden.errors import Invalid
from nightwarden.model.places import EquipmentKind

_TRIED = (
    EquipmentKind.BED_MAT,
    EquipmentKind.CHAIR_MAT,
    EquipmentKind.FLOOR_MAT,
    EquipmentKind.COVER_SWITCH,
    EquipmentKind.CALL_BUTTON,
)
_SHORTEST_S = 1.0


@click.command("try")
@click.argument("device", required=False)
@broker_options()
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in _TRIED]),
    default=EquipmentKind.BED_MAT.value,
    show_default=True,
    help="What it is for.",
)
@click.option("--listen", default="15s", show_default=True, help="How long to listen first.")
@click.option("--wait", default="60s", show_default=True, help="How long each step waits for you.")
def try_device(
    device: str | None, broker: str, broker_ca: Path | None, kind: str, listen: str, wait: str
) -> None:
    """Try a real device: press it, let it go, unplug it; prints a verdict and its settings.

    DEVICE is its address, or DIALECT:ADDRESS; without it, whichever is pressed. Nothing is changed.
    Exit code 1: it should not be relied on.
    """
    from nightwarden.trying.ear import Ear
    from nightwarden.trying.trial import Stopped, Trial

    listen_s, wait_s = (parse_duration(text).total_seconds() for text in (listen, wait))
    if min(listen_s, wait_s) < _SHORTEST_S:
        raise Invalid("--listen and --wait are at least 1s.")
    trial = Trial(EquipmentKind(kind), device, wait_s, click.echo, stop_on_signals())
    ear = Ear(
        BrokerUrl.parse(broker, broker_ca),
        utc_now,
        trial.heard,
        lambda why: (
            click.echo(f"  not understood: {why}") if device is None or device in why else None
        ),
    )
    ear.open()
    try:
        findings = trial.run(ear, listen_s)
    except Stopped:
        click.echo("Stopped; nothing was changed, and there is no verdict.")
        sys.exit(1)
    finally:
        ear.close()
    for line in findings.verdict():
        click.echo(line)
    sys.exit(0 if findings.works else 1)
