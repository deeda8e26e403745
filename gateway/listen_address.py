"""Where a broker of ours listens."""

import errno
import ipaddress
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

from nightwarden.errors import Invalid

LOOPBACK = "127.0.0.1"


class ListenAddress(NamedTuple):
    """An IP address of this machine and a TCP port; port 0 is any free one."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "ListenAddress":
        """Reads ``HOST:PORT``; ``localhost`` and ``[::1]:1883`` are understood.

        Raises:
            Invalid: not an address, or one that other machines could reach.
        """
        try:
            parts = urlsplit(f"//{text}")
            host, port = parts.hostname or "", parts.port
        except ValueError:
            host, port = "", None
        if not host or port is None or parts.netloc != text or "@" in text:
            raise Invalid(f"'{text}' is not HOST:PORT; write for example 127.0.0.1:1883.")
        if not is_loopback(host):
            raise Invalid(
                f"the embedded broker cannot tell devices apart, so it does not listen on {host}; "
                "keep it on 127.0.0.1, or run Mosquitto and give its address with --broker."
            )
        return cls(LOOPBACK if host == "localhost" else host, port)

    @classmethod
    def anywhere(cls, text: str) -> "ListenAddress":
        """Reads ``IP:PORT``, of which other machines may reach the address.

        Raises:
            Invalid: it is not an IP address and a port.
        """
        try:
            parts = urlsplit(f"//{text}")
            host, port = parts.hostname or "", parts.port or 0
            ipaddress.ip_address(host)
        except ValueError:
            host, port = "", 0
        if not port or parts.netloc != text:
            raise Invalid(f"'{text}' is not IP:PORT; write for example 0.0.0.0:8883.")
        return cls(host, port)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def check_free(self) -> None:
        """Raises Invalid, with a sentence for a person, when nothing can listen here now."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
                probe.listen()
            except OSError as error:
                raise Invalid(_why_not(self, error)) from error


def free_port(host: str = LOOPBACK) -> int:
    """A TCP port that nobody listens on at this moment."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _why_not(listen: ListenAddress, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"{listen} is in use by another program; stop that program, or choose another port "
            "with --mqtt."
        )
    return f"the broker cannot listen on {listen}: {error.strerror}; choose another with --mqtt."
