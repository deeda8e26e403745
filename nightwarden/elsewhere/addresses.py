"""Addresses that Apprise knows: ntfy, gateways for text messages, e-mail, Teams and a hundred more.

1. An address is a secret, and Apprise tells much of it in its log. What it says is therefore read
   here, freed of every part of the address, and goes nowhere else.
2. Apprise says that a service has taken a message, or not, and why not in words alone. An answer of
   4xx other than 408, 425 and 429 is taken for final: asking again changes nothing.
"""

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nightwarden.errors import DeliveryFailed, Invalid
from nightwarden.model.phrases import phrase

LONGEST = 2_000
READ_WITHIN_S = 8.0
CONNECT_WITHIN_S = 4.0
NOT_FROM_HERE = ("dbus", "qt", "glib", "kde", "gnome", "windows", "macosx", "syslog", "rsyslog")
"""They would put a window on the screen of the machine that the monitor runs on."""

_FINAL = re.compile(r"error=(4\d\d)")
_PASSING = {"408", "425", "429"}
_apprise_log = logging.getLogger("apprise")


def service_of(address: str) -> str:
    """What people may see of an address: the service and the kind of address, nothing more.

    Raises:
        Invalid: Apprise does not know such an address, or it cannot be used from a server.
    """
    address = address.strip()
    scheme = address.partition("://")[0].casefold()
    if not address or len(address) > LONGEST or scheme in NOT_FROM_HERE:
        raise Invalid("That address cannot be used; see docs/channels.md for examples.")
    service = getattr(_plugin(address), "service_name", "")
    return f"{service} ({scheme}://…)"


def send(address: str, title: str, body: str, *, urgent: bool) -> None:
    """Send, and wait until the service has answered or the time is over.

    Raises:
        DeliveryFailed: it was not taken, with why.
    """
    from apprise import NotifyType

    try:
        plugin = _plugin(address)
    except Invalid as problem:
        raise DeliveryFailed(str(problem), permanent=True) from None
    plugin.socket_connect_timeout = CONNECT_WITHIN_S
    plugin.socket_read_timeout = READ_WITHIN_S
    kind = NotifyType.FAILURE if urgent else NotifyType.INFO
    with _heard() as said:
        try:
            done = plugin.notify(title=title, body=body, notify_type=kind)
        except Exception as fault:  # noqa: BLE001  what a plugin raises is its own affair
            raise DeliveryFailed(f"it cannot be sent: {type(fault).__name__}") from None
    if not done:
        lines = " ".join(said)
        final = [code for code in _FINAL.findall(lines) if code not in _PASSING]
        raise DeliveryFailed(_why(said, address), permanent=bool(final))


def _plugin(address: str) -> Any:
    from apprise import Apprise

    _apprise_log.propagate = False
    _apprise_log.setLevel(logging.WARNING)  # below that it tells whole addresses
    logging.getLogger("urllib3").setLevel(logging.INFO)  # at DEBUG it tells paths and topics
    with _heard():
        plugin = Apprise.instantiate(address.strip(), suppress_exceptions=True)
    if plugin is None:
        raise Invalid(
            "That is not a whole address that Apprise knows, such as ntfys://ntfy.sh/TOPIC; "
            "docs/channels.md has examples."
        )
    return plugin


def _why(said: list[str], address: str) -> str:
    """The first thing that Apprise complained of, without any part of the address."""
    if any("Connection error" in line or "onnection" in line for line in said):
        return phrase("the service cannot be reached, or did not answer in time")
    line = next((line for line in said if "error=" in line or "Failed" in line), "")
    code = re.search(r"error=(\d{3})", line)
    if code is not None:
        status = code.group(1)
        return phrase(f"the service refused it ({status})") + _hint(status)
    for part in sorted(re.split(r"[^A-Za-z0-9]+", address), key=len, reverse=True):
        if len(part) > 2:  # noqa: PLR2004  shorter parts are words of the language
            line = line.replace(part, "…")
    return line[:200] or phrase("the service did not take it")


def _hint(code: str) -> str:
    known = {
        "401": phrase("the password or token is wrong"),
        "403": phrase("it is not allowed"),
        "404": phrase("there is nothing at this address"),
        "410": phrase("it is gone"),
        "429": phrase("too many messages"),
    }
    return f": {known[code]}" if code in known else ""


class _Listener(logging.Handler):
    """What Apprise says on this thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.thread = threading.get_ident()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self.thread:
            self.said.append(record.getMessage())


@contextmanager
def _heard() -> Iterator[list[str]]:
    listener = _Listener()
    _apprise_log.addHandler(listener)
    try:
        yield listener.said
    finally:
        _apprise_log.removeHandler(listener)
