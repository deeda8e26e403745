"""``nightwarden up``: the whole monitor of one home in one command."""

import json
import signal
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit, urlunsplit

import click

from nightwarden.alone import alone
from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import utc_now
from nightwarden.commands.embedded import CANNOT_ENFORCE, EmbeddedOptions, embedded_options
from nightwarden.commands.openid_options import openid_options
from nightwarden.commands.options import (
    broker_options,
    data_option,
    http_option,
    secret,
    store_file,
)
from nightwarden.commands.outward_options import (
    DeadmanOptions,
    InfluxOptions,
    deadman_options,
    discovery_option,
    influx_options,
    push_contact_option,
)
from nightwarden.elsewhere.contact import NOBODY
from nightwarden.errors import Invalid
from nightwarden.openid_settings import OpenIdSettings
from nightwarden.store.glance import glance
from nightwarden.supervisor import ChildFailed, ChildPlan, Supervisor

LOCK = "nightwarden.lock"
PATIENT_FOR_S = 3.0
NO_PROOF = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class UpOptions:
    """What ``up`` was asked for. ``broker`` None: the embedded one, as ``mqtt`` says."""

    data: Path
    http: str
    mqtt: EmbeddedOptions = field(default_factory=EmbeddedOptions)
    broker: str | None = None
    broker_ca: Path | None = None
    influx: InfluxOptions | None = None
    discovery: str = "rooms"
    deadman: DeadmanOptions | None = None
    openid: OpenIdSettings | None = None
    push_contact: str = NOBODY
    extra: tuple[Callable[[str], ChildPlan], ...] = field(default=())
    """More children, each made from the broker's URL once it is known."""
    started: Callable[[Supervisor, str], object] | None = None
    """Called with the broker's URL when every child has been started."""


BROKER_HELP = "Use this broker (mqtt:// or mqtts://) instead of the embedded one."


@click.command()
@data_option
@http_option
@broker_options(default=None, help_text=BROKER_HELP)
@embedded_options
@influx_options
@discovery_option
@deadman_options
@openid_options
@push_contact_option
def up(  # noqa: PLR0913  each is an option
    data: Path,
    http: str,
    broker: str | None,
    broker_ca: Path | None,
    mqtt: EmbeddedOptions,
    influx: InfluxOptions | None,
    home_assistant_discovery: str,
    deadman: DeadmanOptions | None,
    openid: OpenIdSettings | None,
    push_contact: str,
) -> None:
    """Run the whole monitor of one home, in the foreground; Ctrl-C ends it."""
    asked = UpOptions(
        data,
        http,
        mqtt,
        broker,
        broker_ca,
        influx,
        home_assistant_discovery,
        deadman,
        openid,
        push_contact,
    )
    sys.exit(run(asked))


def run(options: UpOptions, on_ready: Callable[[str], object] | None = None) -> int:
    """Start broker, gateway and api, and watch them until told to stop.

    Args:
        options: see :class:`UpOptions`.
        on_ready: called with the address of the pages once the home is being watched.

    Returns:
        0 when it was asked to stop, 1 when a child could not be kept running.

    Raises:
        Invalid: a port is taken, an address is not one, or another ``up`` runs on this data.
    """
    started_at = utc_now()
    _check_listener("--http", options.http)
    if options.broker is None:
        options.mqtt.check(options.data)
        _check_listener("--mqtt", options.mqtt.address)
    with alone(options.data, LOCK):
        home = _say_whose_home(options.data)
        _no_rival(options, home)
        supervisor = Supervisor(lambda line: click.echo(line, err=True))
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: supervisor.stop())
        try:
            pages = _start_all(supervisor, options)
            teller = threading.Thread(
                target=_tell_when_watching, args=(pages, started_at, on_ready)
            )
            teller.daemon = True
            teller.start()
            return supervisor.watch()
        except ChildFailed as problem:
            click.echo(str(problem), err=True)
            return problem.code if problem.code in (1, 2) else 1
        finally:
            supervisor.end()


def _start_all(supervisor: Supervisor, options: UpOptions) -> str:
    """Children in the order in which they need each other; gives the address of the pages."""
    broker = options.broker
    if broker is None:
        embedded = supervisor.start(options.mqtt.plan(options.data))
        broker = f"mqtt://{embedded.announced}"
        click.echo(f"Broker   {broker}  (embedded; this machine only)")
        if options.mqtt.wide:
            click.echo(f"Devices  mqtts://{options.mqtt.address}  ({CANNOT_ENFORCE})")
    secrets = {"NIGHTWARDEN_BROKER": broker}
    shared = ["--data", str(options.data), "--until-stdin-closes"]
    if options.broker_ca:
        shared += ["--broker-ca", str(options.broker_ca)]
    gateway_secrets: Mapping[str, str] = secrets | _influx_environment(options.influx)
    listening = [*shared, "--home-assistant-discovery", options.discovery]
    listening += ["--push-contact", options.push_contact]
    supervisor.start(ChildPlan("gateway", "gateway", lambda _: listening, gateway_secrets))
    api_secrets = {"NIGHTWARDEN_BROKER": _as_api(broker)}
    if options.deadman is not None:
        api_secrets |= options.deadman.environment()
    if options.openid is not None:
        api_secrets |= options.openid.environment()
    api = supervisor.start(_api_plan(options.http, shared, api_secrets))
    assert api.announced is not None
    click.echo(f"Pages    {api.announced}")
    click.echo(f"API      {api.announced}/api/v1")
    for make in options.extra:
        supervisor.start(make(broker))
    if options.started is not None:
        options.started(supervisor, broker)
    return api.announced


def _api_plan(http: str, shared: list[str], secrets: Mapping[str, str]) -> ChildPlan:
    host = http.rpartition(":")[0]  # 0.0.0.0 is announced by an address that a browser can open

    def arguments(announced: str | None) -> list[str]:
        port = announced.rpartition(":")[2] if announced else ""
        return ["--http", f"{host}:{port}" if port else http, *shared]

    return ChildPlan("api", "api", arguments, secrets, announces=True)


def _as_api(broker: str) -> str:
    """The api comes as a user of its own where it has a password of its own: it may do less."""
    if (password := secret("NIGHTWARDEN_API_BROKER_PASSWORD")) is None:
        return broker
    parts = urlsplit(broker)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"api:{quote(password, safe='')}@{host}"))


def _influx_environment(influx: InfluxOptions | None) -> dict[str, str]:
    if influx is None:
        return {}
    names = ("INFLUX", "INFLUX_TOKEN", "INFLUX_ORG", "INFLUX_BUCKET")
    return {f"NIGHTWARDEN_{name}": value for name, value in zip(names, influx, strict=True)}


def _tell_when_watching(
    pages: str, started_at: datetime, on_ready: Callable[[str], object] | None
) -> None:
    told_why = ""
    while True:
        status, proof_at, why = _health(pages)
        if proof_at > started_at:  # an older proof is that of the run before this one
            passed = (utc_now() - started_at).total_seconds()
            click.echo(f"{status.capitalize()}, {passed:.1f} s after the start.")
            if on_ready is not None:
                on_ready(pages)
            return
        passed = (utc_now() - started_at).total_seconds()
        if why != told_why and passed > PATIENT_FOR_S:
            click.echo(f"Not watching yet: {why}")
            told_why = why
        time.sleep(0.05 if passed < PATIENT_FOR_S * 10 else 1.0)


def _health(pages: str) -> tuple[str, datetime, str]:
    """Status, time of the last proof, and what stands in the way."""
    try:
        with urllib.request.urlopen(f"{pages}/api/v1/health", timeout=2) as answer:  # noqa: S310
            body = json.load(answer)
    except HTTPError as answer:
        body = json.load(answer)
    except (URLError, OSError, ValueError) as problem:
        return "", NO_PROOF, f"The pages do not answer yet: {problem}"
    wrong = [check["detail"] for check in body["checks"].values() if not check["ok"]]
    proof_at = datetime.fromisoformat(body["proof_at"]) if body["proof_at"] else NO_PROOF
    return str(body["status"]), proof_at, " ".join(wrong[-1:])


def _say_whose_home(data: Path) -> str:
    """The children open the store, and the first of them brings its schema up to date."""
    home, name = glance(store_file(data))
    if home:
        click.echo(f"Home     {name} ({home})")
    else:
        click.echo(f"No home yet: nightwarden apply FILE --data {data}")
    return home


def _no_rival(options: UpOptions, home: str) -> None:
    """Nobody else may watch this home through the same broker; of the embedded one we are sure.

    Raises:
        Invalid: another gateway does.
    """
    if options.broker is None or not home:
        return
    from gateway.rival import identity, rival

    address = BrokerUrl.parse(options.broker, options.broker_ca)
    if (machine := rival(address, home, identity(options.data))) is not None:
        raise Invalid(
            f"Another gateway watches {home} through the broker at {address}, on {machine}; stop "
            "that one first: two would take each other's messages and answer each other's alerts."
        )


def _check_listener(option: str, address: str) -> None:
    """Say in one line what stands in the way, before anything has been started.

    Raises:
        Invalid: not HOST:PORT, or the port is taken.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65_535:
        raise Invalid(f'{option} "{address}" is not HOST:PORT, such as 127.0.0.1:8080.')
    bare = host.strip("[]")
    family = socket.AF_INET6 if ":" in bare else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bare, int(port)))
        except OSError as problem:
            raise Invalid(
                f"{option} {address} cannot be used: {problem.strerror}; "
                f"stop what uses it, or choose another with {option}."
            ) from None
