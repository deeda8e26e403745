"""The embedded broker's options, and what it needs before it may be reached from the network."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from gateway.listen_address import is_loopback
from nightwarden.commands.options import DEFAULT_MQTT, mqtt_option
from nightwarden.errors import Invalid
from nightwarden.supervisor import ChildPlan

Command = Callable[..., Any]

CANNOT_ENFORCE = (
    "embedded: one password can speak for every mat and hear every alert; "
    "Mosquitto tells devices apart: `nightwarden broker mosquitto`"
)


@dataclass(frozen=True, slots=True)
class EmbeddedOptions:
    """Where the embedded broker listens; with ``certificate`` and ``users`` also for others.

    ``certificate`` is the name of one in the home's authority in the data folder.
    """

    address: str = DEFAULT_MQTT
    certificate: str | None = None
    users: Path | None = None

    @property
    def wide(self) -> bool:
        """Whether other machines could reach the address."""
        return not is_loopback(self.address.rpartition(":")[0].strip("[]"))

    def check(self, data: Path) -> None:
        """Say in one line what is missing, before anything has been started.

        Raises:
            Invalid: other machines could reach it, and it has no passwords or no TLS.
        """
        from gateway.wide_listener import WideListener

        if not self.wide:
            if self.certificate or self.users:
                raise Invalid(
                    f"--mqtt-certificate and --mqtt-users are for an --mqtt that other machines "
                    f"reach, such as 0.0.0.0:8883; {self.address} is this machine's own."
                )
            return
        if not (self.certificate and self.users):
            raise Invalid(
                f"--mqtt {self.address} can be reached from other machines, so it needs "
                "--mqtt-certificate and --mqtt-users; better, run Mosquitto, where each device "
                "speaks as itself alone: `nightwarden broker mosquitto` and --broker."
            )
        WideListener.asked_for(*self._asked(data))

    def plan(self, data: Path) -> ChildPlan:
        """The broker as a child of ``up``; the monitor's own way to it is on this machine."""
        wide = []
        if self.wide:
            names = ("--wide", "--certificate", "--key", "--users")
            pairs = zip(names, self._asked(data), strict=True)
            wide = [word for pair in pairs for word in pair]
        own = "127.0.0.1:0" if self.wide else self.address

        def arguments(announced: str | None) -> list[str]:
            return ["--listen", announced or own, *wide]

        return ChildPlan("broker", "gateway.embedded_broker", arguments, announces=True)

    def _asked(self, data: Path) -> tuple[str, str, str, str]:
        from nightwarden.certificates.authority import Authority

        assert self.certificate is not None, "checked before"
        issued = Authority(data / "ca").find(self.certificate)
        return (self.address, str(issued.certificate), str(issued.key), str(self.users))


def embedded_options(command: Command) -> Command:
    """``--mqtt`` and what it needs, passed on as ``mqtt: EmbeddedOptions``."""

    def assembled(context: click.Context, _option: object, address: str) -> EmbeddedOptions:
        certificate = context.params.pop("mqtt_certificate") or None
        return EmbeddedOptions(address, certificate, context.params.pop("mqtt_users"))

    options = (
        mqtt_option(assembled),
        click.option(
            "--mqtt-certificate",
            envvar="NIGHTWARDEN_MQTT_CERTIFICATE",
            is_eager=True,
            metavar="NAME",
            help="TLS for an --mqtt that others reach, with a certificate of `nightwarden ca`.",
        ),
        click.option(
            "--mqtt-users",
            type=click.Path(path_type=Path, dir_okay=False, exists=True),
            envvar="NIGHTWARDEN_MQTT_USERS",
            is_eager=True,
            metavar="FILE",
            help="Who may come to it: lines USER:PASSWORD, in a file that you alone can read.",
        ),
    )
    for option in options:
        command = option(command)
    return command
