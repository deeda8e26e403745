"""The embedded broker's second listener: for the network, with passwords and over TLS.

What rumqttd cannot do stays so: whoever has *one* of the passwords can publish as every mat and
hear every alert. It is for trying things out, or where every client belongs to one person; a home
with devices on its network has Mosquitto (``nightwarden broker mosquitto``).
"""

import json
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.listen_address import ListenAddress
from nightwarden.errors import Invalid

SHORTEST_PASSWORD = 12


@dataclass(frozen=True, slots=True)
class WideListener:
    """An address that other machines reach, the PEM files of its certificate, and who may come."""

    address: ListenAddress
    certificate: Path
    key: Path
    users: Mapping[str, str] = field(repr=False)

    @classmethod
    def asked_for(
        cls, address: str | None, certificate: str | None, key: str | None, users: str | None
    ) -> "WideListener | None":
        """As the command line says it; None when no wide address is given.

        Raises:
            Invalid: it is not complete, or a file cannot be used.
        """
        if address is None:
            return None
        if certificate is None or key is None or users is None:
            raise Invalid(
                f"{address} can be reached from other machines, so it needs a certificate and "
                "users; better, run Mosquitto, where each device speaks as itself alone."
            )
        for path in (certificate, key):
            if not Path(path).is_file():
                raise Invalid(f"{path} is not there; `nightwarden ca issue` makes certificates.")
        listen = ListenAddress.anywhere(address)
        return cls(listen, Path(certificate), Path(key), read_users(Path(users)))

    def configuration(self, number: int) -> str:
        """Its tables in rumqttd's file, as listener ``number``."""
        lines = [
            f"[v4.{number}.tls]",
            f"certpath = {json.dumps(str(self.certificate.absolute()))}",
            f"keypath = {json.dumps(str(self.key.absolute()))}",
            f"[v4.{number}.connections.auth]",
            *(f"{json.dumps(name)} = {json.dumps(word)}" for name, word in self.users.items()),
        ]
        return "\n".join(lines) + "\n"


def read_users(path: Path) -> dict[str, str]:
    """User to password, from lines ``USER:PASSWORD``.

    Raises:
        Invalid: others can read the file, or it holds no user, or a line is not such a one.
    """
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise Invalid(f"{path} can be read by others; `chmod 600 {path}` keeps it yours.")
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise Invalid(f"{path} cannot be read: {problem}.") from None
    users: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        user, sign, password = line.partition(":")
        if not (user and sign and line.isprintable()) or len(password) < SHORTEST_PASSWORD:
            raise Invalid(
                f"{path}, line {number} is not USER:PASSWORD with a password of "
                f"{SHORTEST_PASSWORD} signs or more; correct it."
            )
        if user in users:
            raise Invalid(f"{path}, line {number} names {user} a second time; remove one.")
        users[user] = password
    if not users:
        raise Invalid(f"{path} names nobody; write a line USER:PASSWORD for each client.")
    return users
