"""Passwords for devices, and the form in which Mosquitto keeps them.

``USER:$7$ROUNDS$SALT$HASH``, PBKDF2 with SHA-512, as ``mosquitto_passwd`` of version 2 writes it
(mosquitto, apps/mosquitto_passwd). The rounds are Mosquitto's own 101: ours are random passwords of
138 bits, which nobody guesses, and a whole home reconnects at once after a power cut.
"""

import hashlib
import re
import secrets
from base64 import b64decode, b64encode

from nightwarden.errors import Invalid

ROUNDS = 101
SALT_BYTES = 12
SIGNS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""No 0, O, 1, l, I: somebody types it into a plug's web page. None needs quoting anywhere."""

LENGTH = 24
_LINE = re.compile(r"([^:\s][^:]*):(\$[67]\$\S+)", re.ASCII)


def new_password() -> str:
    """A random one of :data:`LENGTH` signs; the shortest field known to us takes 32."""
    return "".join(secrets.choice(SIGNS) for _ in range(LENGTH))


def hashed(password: str) -> str:
    """As Mosquitto keeps it, with a salt of its own."""
    salt = secrets.token_bytes(SALT_BYTES)
    return f"$7${ROUNDS}${b64encode(salt).decode()}${_derived(password, salt, ROUNDS)}"


def matches(kept: str, password: str) -> bool:
    """Whether this is the password of a ``$7$`` line."""
    try:
        _, _, rounds, salt, expected = kept.split("$")
        return secrets.compare_digest(_derived(password, b64decode(salt), int(rounds)), expected)
    except ValueError:
        return False


def read_password_lines(text: str, where: str) -> dict[str, str]:
    """User to hash, in the order of the lines.

    Raises:
        Invalid: a line is not ``USER:$7$…``, or names somebody a second time.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise Invalid(
                f"{where}, line {number} is not USER:$7$…, as mosquitto_passwd writes it; "
                "correct or remove that line."
            )
        if match[1] in found:
            raise Invalid(f"{where}, line {number} names {match[1]} a second time; remove one.")
        found[match[1]] = match[2]
    return found


def _derived(password: str, salt: bytes, rounds: int) -> str:
    return b64encode(hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds)).decode()
