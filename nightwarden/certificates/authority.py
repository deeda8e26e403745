"""A certificate authority of one home, in one folder, with its keys readable by their owner alone.

1. EC P-256 throughout: small plugs can do it, and nothing that speaks MQTT over TLS lacks it.
2. Nothing is overwritten: a new certificate under an old name is ``renew``'s to make.
3. No certificate outlives its authority, which lasts ten years; another lasts two unless told.
4. A certificate names machines, rooms and devices, never people: the network shows it to anybody.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from nightwarden.certificates.parts import begun, general_name, hosts_of, purposes_of, usage
from nightwarden.certificates.pem import (
    certificate_bytes,
    key_bytes,
    read_certificate,
    read_key,
    write_new,
)
from nightwarden.errors import Conflict, Invalid, NotFound

AUTHORITY_LASTS = timedelta(days=3650)
LASTS = timedelta(days=730)
LONGEST = timedelta(days=825)
"""What Apple's and others' programs take at most of a server's certificate."""

AUTHORITY = "ca"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@%-]{0,63}", re.ASCII)


class Purpose(NamedTuple):
    """For a server at these host names and IP addresses, for a client, or both."""

    hosts: tuple[str, ...] = ()
    client: bool = False


@dataclass(frozen=True, slots=True)
class Issued:
    """One certificate as it is on the disk. Times are aware, UTC."""

    name: str
    purpose: Purpose
    not_before: datetime
    not_after: datetime
    serial: int
    certificate: Path
    key: Path


class Authority:
    """The authority whose files are in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.certificate = folder / "ca.crt"
        self._key = folder / "ca.key"

    def create(self, title: str, now: datetime) -> Issued:
        """Make the authority.

        Args:
            title: what its certificate is called, such as ``Nightwarden elm-house``.
            now: it is valid from a day before this.

        Raises:
            Conflict: there is one already, or half of one.
            Invalid: the folder cannot be written.
        """
        for path in (self._key, self.certificate):
            if path.exists():
                raise Conflict(
                    f"{path} is there already and is not overwritten: every certificate that it "
                    "issued would be worthless; choose another folder with --ca."
                )
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title[:64])])
        limits = x509.BasicConstraints(ca=True, path_length=0)
        until = now + AUTHORITY_LASTS
        built = (
            begun(name, name, key.public_key(), key.public_key(), (now, until))
            .add_extension(limits, critical=True)
            .add_extension(usage(authority=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        write_new(self._key, key_bytes(key), 0o600)
        write_new(self.certificate, certificate_bytes(built), 0o644)
        return _as_issued(AUTHORITY, built, self.certificate, self._key)

    def issue(self, name: str, purpose: Purpose, now: datetime, lasts: timedelta = LASTS) -> Issued:
        """A new key, and a certificate for it.

        Args:
            name: of a client its user name at the broker; of a server anything that tells it.
            purpose: a server, a client, or both.
            now: see :meth:`create`.
            lasts: how long, up to :data:`LONGEST`; never longer than the authority.

        Raises:
            Conflict: there is such a certificate.
            Invalid: a name or host is none, or the time is out of bounds.
            NotFound: there is no authority yet.
        """
        if not _NAME.fullmatch(name) or name == AUTHORITY:
            raise Invalid(
                f'"{name}" cannot be a certificate\'s name: it has up to 64 letters, digits and '
                '".", "_", "-", "@", "%", begins with a letter or digit, and is not "ca".'
            )
        if not purpose.hosts and not purpose.client:
            raise Invalid("A certificate is a server's, with --host, or a client's, with --client.")
        certificate, path = self._paths(name)
        if certificate.exists() or path.exists():
            raise Conflict(
                f"{certificate} is there already; `nightwarden ca renew {name}` makes a new one "
                "under this name."
            )
        key = ec.generate_private_key(ec.SECP256R1())
        built = self._signed(name, purpose, key.public_key(), now, lasts)
        write_new(path, key_bytes(key), 0o600)
        write_new(certificate, certificate_bytes(built), 0o644)
        return _as_issued(name, built, certificate, path)

    def renew(self, name: str, now: datetime, lasts: timedelta = LASTS) -> Issued:
        """A new certificate for the same key, name and hosts, in place of the old one.

        Raises:
            NotFound: there is no authority, or no certificate of this name.
            Invalid: the time is out of bounds.
        """
        old = self.find(name)
        public_key = read_certificate(old.certificate).public_key()
        assert isinstance(public_key, ec.EllipticCurvePublicKey), "we issue no other"
        built = self._signed(name, old.purpose, public_key, now, lasts)
        beside = old.certificate.with_suffix(".new")
        beside.unlink(missing_ok=True)
        write_new(beside, certificate_bytes(built), 0o644)
        beside.replace(old.certificate)
        return _as_issued(name, built, old.certificate, old.key)

    def find(self, name: str) -> Issued:
        """The certificate of this name.

        Raises:
            NotFound: there is none.
        """
        certificate, key = self._paths(name)
        if not _NAME.fullmatch(name) or not certificate.exists():
            raise NotFound(
                f'There is no certificate "{name}" in {self.folder}; `nightwarden ca show` lists '
                "those that were issued."
            )
        return _as_issued(name, read_certificate(certificate), certificate, key)

    def all(self) -> list[Issued]:
        """The authority's own certificate first, then the others by name.

        Raises:
            NotFound: there is no authority.
            Invalid: a file is no certificate.
        """
        self._require()
        own = _as_issued(AUTHORITY, read_certificate(self.certificate), self.certificate, self._key)
        issued = sorted((self.folder / "issued").glob("*.crt"))
        return [own, *(self.find(path.stem) for path in issued)]

    def _signed(
        self,
        name: str,
        purpose: Purpose,
        public_key: ec.EllipticCurvePublicKey,
        now: datetime,
        lasts: timedelta,
    ) -> x509.Certificate:
        if not timedelta(days=1) <= lasts <= LONGEST:
            raise Invalid(f"A certificate lasts from 1 to {LONGEST.days} days.")
        self._require()
        authority, key = read_certificate(self.certificate), read_key(self._key)
        until = min(now + lasts, authority.not_valid_after_utc)
        if until <= now:
            raise Invalid(f"The authority in {self.folder} has ended; make a new one with --ca.")
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        serving = [ExtendedKeyUsageOID.SERVER_AUTH] if purpose.hosts else []
        calling = [ExtendedKeyUsageOID.CLIENT_AUTH] if purpose.client else []
        builder = (
            begun(subject, authority.subject, public_key, key.public_key(), (now, until))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage(authority=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(serving + calling), critical=False)
        )
        if purpose.hosts:
            names = [general_name(host) for host in dict.fromkeys(purpose.hosts)]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(key, hashes.SHA256())

    def _require(self) -> None:
        if not self.certificate.exists():
            raise NotFound(f"There is no authority in {self.folder}; `nightwarden ca create`.")

    def _paths(self, name: str) -> tuple[Path, Path]:
        issued = self.folder / "issued"
        return issued / f"{name}.crt", issued / f"{name}.key"


def _as_issued(name: str, found: x509.Certificate, certificate: Path, key: Path) -> Issued:
    return Issued(
        name=name,
        purpose=Purpose(hosts_of(found), ExtendedKeyUsageOID.CLIENT_AUTH in purposes_of(found)),
        not_before=found.not_valid_before_utc,
        not_after=found.not_valid_after_utc,
        serial=found.serial_number,
        certificate=certificate,
        key=key,
    )
