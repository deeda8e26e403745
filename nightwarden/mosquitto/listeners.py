"""Mosquitto's listeners: one for the monitor, one for devices.

On the devices' listener a client's id is its user name. Otherwise anybody with a password of their
own could come under the gateway's id, and Mosquitto would throw the gateway out. The monitor's
listener keeps ids as they are, because the gateway and the commands share a user.
"""

from dataclasses import dataclass
from pathlib import Path

from nightwarden.errors import Invalid

TLS_FOLDER = "tls"


@dataclass(frozen=True, slots=True)
class Listeners:
    """Addresses as ``HOST:PORT``. What follows ``tls`` needs it."""

    monitor: str = "127.0.0.1:1884"
    devices: str = "0.0.0.0:1883"
    tls: bool = False
    monitor_tls: bool = False
    client_certificates: bool = False


def configuration(folder: Path, listeners: Listeners) -> str:
    """The lines for ``include_dir``; ``folder`` is the one that Mosquitto finds its files in.

    Raises:
        Invalid: an address is not HOST:PORT, or both are one port.
    """
    if (listeners.client_certificates or listeners.monitor_tls) and not listeners.tls:
        raise Invalid("TLS needs a certificate of the broker: give --certificate NAME.")
    monitor, devices = _listener(listeners.monitor), _listener(listeners.devices)
    if monitor.split()[0] == devices.split()[0]:
        raise Invalid("the monitor and the devices need a port each; change one of the two.")
    lines = [
        "per_listener_settings false",
        "allow_anonymous false",
        f"password_file {folder}/passwords",
        f"acl_file {folder}/acl",
        "",
        "# the monitor: gateway and api",
        f"listener {monitor}",
        *(_tls(folder) if listeners.monitor_tls else ()),
        "",
        "# devices, bridges and readers; none of them may take the gateway's client id",
        f"listener {devices}",
        "use_username_as_clientid true",
        *(_tls(folder) if listeners.tls else ()),
    ]
    if listeners.client_certificates:
        lines += ["require_certificate true", "use_identity_as_username true"]
    return "\n".join(lines) + "\n"


def _tls(folder: Path) -> list[str]:
    tls = folder / TLS_FOLDER
    return [f"cafile {tls}/ca.crt", f"certfile {tls}/broker.crt", f"keyfile {tls}/broker.key"]


def _listener(address: str) -> str:
    """``PORT HOST``, in Mosquitto's order."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    if not host or set(host) & set(" \t\n") or not port.isdigit() or not 0 < int(port) <= 65_535:
        raise Invalid(f'"{address}" is not HOST:PORT, such as 0.0.0.0:1883.')
    return f"{int(port)} {host}"
