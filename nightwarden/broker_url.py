"""Where a broker is, who we are to it, and how its certificate is checked."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from nightwarden.errors import Invalid


@dataclass(frozen=True, slots=True)
class BrokerUrl:
    """Where the broker is and who we are to it. The password is in no text made from this."""

    host: str
    port: int
    tls: bool = False
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None

    @classmethod
    def parse(cls, text: str, ca_file: Path | None = None) -> "BrokerUrl":
        """Reads ``mqtt://[USER[:PASSWORD]@]HOST[:PORT]`` or ``mqtts://...``, which is over TLS.

        The port is 1883, over TLS 8883, unless given. ``ca_file`` (PEM) is what the broker's
        certificate is checked against; without it, what this machine trusts.

        Raises:
            Invalid: it is not such an address. The sentence does not repeat it: a password may be
                in the wrong place.
        """
        try:
            parts = urlsplit(text)
            host, port = parts.hostname or "", parts.port
            host.encode("idna")  # a name that no resolver takes would end the link's thread
        except ValueError:  # from None: its text may quote the password
            raise Invalid(_not_an_address("its host or port cannot be read")) from None
        if parts.scheme not in ("mqtt", "mqtts"):
            raise Invalid(_not_an_address("it begins with something else"))
        if not host or port == 0:
            raise Invalid(_not_an_address("it has no host, or port 0"))
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise Invalid(_not_an_address("something follows the port"))
        username, password = unquote(parts.username or ""), unquote(parts.password or "")
        if password and not username:
            raise Invalid(_not_an_address("it has a password and no user name"))
        tls = parts.scheme == "mqtts"
        port = port or (8883 if tls else 1883)
        return cls(host, port, tls, username or None, password or None, ca_file)

    def tls_context(self) -> ssl.SSLContext | None:
        """How to check the broker's certificate; None without TLS.

        Raises:
            Invalid: ``ca_file`` cannot be read or holds no certificate.
        """
        if not self.tls:
            return None
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:  # ssl.SSLError is one
            raise Invalid(
                f"the CA file {self.ca_file} cannot be used: {error}; give a PEM file."
            ) from error

    def unreachable(self, error: OSError) -> str:
        """What to tell a person when no connection could be made."""
        why = getattr(error, "verify_message", None) or error.strerror or str(error)
        return f"the broker at {self} cannot be reached: {why}."

    def refusal(self, reason: str) -> str:
        """What to tell a person when the broker said no; ``reason`` as paho names it."""
        if reason in ("Bad user name or password", "Not authorized"):
            return f"the broker at {self} refuses the user name or password."
        return f"the broker at {self} refuses us: {reason}."

    def __str__(self) -> str:
        """``HOST:PORT``, for messages."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _not_an_address(why: str) -> str:
    return (
        "a broker's address is mqtt://[USER[:PASSWORD]@]HOST[:PORT], or mqtts:// for TLS, with "
        f"special signs in the password written as %XX; in the one given, {why}."
    )
