"""Certificates that the monitor uses, and how long they last: the files, and what a broker shows.

A certificate that ends at night makes a home deaf at night; 30 days are time enough to notice.
"""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from nightwarden.broker_url import BrokerUrl
from nightwarden.certificates.authority import Authority
from nightwarden.checking.finding import Finding, fine, wrong
from nightwarden.errors import NightwardenError

ABOUT = "certificates"
ENDS_SOON = timedelta(days=30)
ANSWERS_WITHIN_S = 3.0


def look_at_certificates(
    now: datetime, ca: Path, files: list[Path], broker: BrokerUrl | None
) -> Finding:
    """Whether each of them holds for 30 days more.

    Args:
        now: aware, UTC.
        ca: the folder of the home's authority, which need not be there.
        files: PEM files that the monitor was given.
        broker: the broker, where it is reached over TLS.
    """
    try:
        ends = sorted({*_issued(ca), *_in_files(files), *_shown(broker)}, key=lambda end: end[1])
    except NightwardenError as problem:
        return wrong(ABOUT, f"{problem}")
    if not ends:
        return fine(ABOUT, "None is used: MQTT goes in the clear.")
    soon = [(name, end) for name, end in ends if end - now < ENDS_SOON]
    if soon:
        said = ", ".join(f"{name} {_when(end, now)}" for name, end in soon)
        return wrong(ABOUT, f"{said}; make it anew with `nightwarden ca renew NAME`.")
    name, end = ends[0]
    return fine(ABOUT, f"{len(ends)} in use; the first to end is {name}, on {end:%Y-%m-%d}.")


def _when(end: datetime, now: datetime) -> str:
    days = (end - now).days
    return f"ended on {end:%Y-%m-%d}" if end <= now else f"ends in {days} days, on {end:%Y-%m-%d}"


def _issued(ca: Path) -> Iterator[tuple[str, datetime]]:
    authority = Authority(ca)
    if authority.certificate.exists():
        yield from ((issued.name, issued.not_after) for issued in authority.all())


def _in_files(files: list[Path]) -> Iterator[tuple[str, datetime]]:
    for path in files:
        with contextlib.suppress(OSError, ValueError):  # whoever uses the file says what it lacks
            for found in x509.load_pem_x509_certificates(path.read_bytes()):
                yield str(path), found.not_valid_after_utc


def _shown(broker: BrokerUrl | None) -> Iterator[tuple[str, datetime]]:
    """What the broker shows to whoever connects; whether it is to be believed, others look at."""
    if broker is None:
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        contextlib.suppress(OSError, ValueError),
        socket.create_connection((broker.host, broker.port), ANSWERS_WITHIN_S) as plain,
        context.wrap_socket(plain, server_hostname=broker.host) as secured,
    ):
        shown = secured.getpeercert(binary_form=True)
        if shown is not None:
            end = x509.load_der_x509_certificate(shown).not_valid_after_utc
            yield f"the broker's at {broker}", end
