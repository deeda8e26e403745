"""``nightwarden demo``: the same monitor on a throw-away home in which something happens."""

import secrets
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import click

from nightwarden.clock import utc_now
from nightwarden.commands.demo_power import Beginning, Power
from nightwarden.commands.embedded import EmbeddedOptions
from nightwarden.commands.options import http_option, mqtt_option, store_file
from nightwarden.commands.up import UpOptions, run
from nightwarden.model.roles import Role
from nightwarden.store.engine import Store, open_store
from nightwarden.supervisor import ChildPlan

PEOPLE = (
    ("Maria", Role.CARER),
    ("Tom", Role.CARER),
    ("Grace", Role.SENIOR),
    ("Andy", Role.MAINTENANCE),
    ("Priya", Role.MANAGER),
    ("Robin", Role.TESTER),
)
ACTOR = "nightwarden demo"


@click.command()
@http_option
@mqtt_option()
@click.option("--seed", default=1, show_default=True, help="The same seed, the same night.")
@click.option(
    "--carers",
    default=0,
    metavar="N",
    help="So many simulated carers answer what you leave for a minute and a half. Default: none.",
)
def demo(http: str, mqtt: str, seed: int, carers: int) -> None:
    """Run the monitor on a throw-away home with simulated residents; Ctrl-C ends it."""
    with ExitStack() as stack:
        directory = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="nightwarden-demo-", ignore_cleanup_errors=True)
        )
        data = Path(directory)
        store = open_store(store_file(data))
        sign_ins, link = _furnish(store)
        helpers = _carers(store, carers, http) if carers > 0 else {}
        store.close()
        beginning = Beginning(data)

        def simulator(broker: str) -> ChildPlan:
            return _simulator(broker, seed, helpers)

        code = run(
            UpOptions(
                data,
                http,
                EmbeddedOptions(mqtt),
                extra=(simulator,),
                started=lambda supervisor, broker: Power(supervisor, broker, beginning).start(),
            ),
            on_ready=lambda pages: _invite(pages, sign_ins, link),
        )
    sys.exit(code)


def _furnish(store: Store) -> tuple[list[tuple[str, Role, str]], str]:
    """The demo home, its people with a fresh secret each, and a link for the first screen."""
    from nightwarden.homefile import plan
    from nightwarden.homefile.reader import read_home_file
    from nightwarden.store import people
    from simulators.homes import demo_home

    now = utc_now()
    home = read_home_file(demo_home(now.date()).encode(), "the demo home", now)
    sign_ins = [(name, role, _secret(role)) for name, role in PEOPLE]
    with store.transaction(now) as tx:
        plan.apply(tx, home, ACTOR)
        for name, role, secret in sign_ins:
            people.add_user(tx, name, role, secret, ACTOR)
        link = people.enrol_code(tx, "Demo screen", ACTOR)
    return sign_ins, link


def _secret(role: Role) -> str:
    """Made anew for each demo: even a throw-away home has no default password."""
    if role is Role.MANAGER:
        return secrets.token_urlsafe(9)
    return f"{secrets.randbelow(900_000) + 100_000}"


def _carers(store: Store, count: int, http: str) -> dict[str, str]:
    """What the simulator must know to answer as a carer; whoever watches the demo is faster."""
    from nightwarden.store import people

    with store.transaction(utc_now()) as tx:
        token = people.create_token(tx, "Simulated carers", Role.CARER, ACTOR)
    return {
        "NIGHTWARDEN_SIMULATE_CARERS": str(count),
        "NIGHTWARDEN_SIMULATE_CARERS_WAIT": "90",
        "NIGHTWARDEN_MONITOR": f"http://127.0.0.1:{http.rpartition(':')[2]}",
        "NIGHTWARDEN_CARERS_TOKEN": token,
    }


def _simulator(broker: str, seed: int, helpers: dict[str, str]) -> ChildPlan:
    arguments = ["simulate", "--seed", str(seed), "--bench", "--until-stdin-closes"]
    environment = {"NIGHTWARDEN_BROKER": broker, **helpers}
    return ChildPlan("simulator", "nightwarden", lambda _: arguments, environment)


def _invite(pages: str, sign_ins: list[tuple[str, Role, str]], link: str) -> None:
    click.echo("")
    click.echo(f"  Open the board:  {pages}/enrol/{link}")
    click.echo(f"  or sign in:      {pages}/signin")
    for name, role, secret in sign_ins:
        click.echo(f"      {name:<7} {role.value:<12} {secret}")
    click.echo(f"  As the tester:   {pages}/bench  (press a mat, pull a lead, run a scenario)")
    click.echo("  Within half a minute somebody gets out of bed. Ctrl-C ends the demo.")
    click.echo("", nl=False)
    sys.stdout.flush()
