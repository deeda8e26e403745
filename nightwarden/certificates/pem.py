"""Keys and certificates as PEM files."""

import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from nightwarden.errors import Invalid


def read_certificate(path: Path) -> x509.Certificate:
    """The first certificate in a PEM file.

    Raises:
        Invalid: there is none that can be read.
    """
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as problem:
        raise Invalid(f"{path} cannot be read as a certificate: {problem}.") from None


def write_new(path: Path, content: bytes, mode: int) -> None:
    """Whole on the disk, and never over something that is there.

    Raises:
        Invalid: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as problem:
        raise Invalid(f"{path} cannot be written: {problem.strerror}.") from None


def read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """The private key in a PEM file of ours.

    Raises:
        Invalid: there is none that can be read.
    """
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as problem:
        raise Invalid(f"{path} cannot be used: {problem}.") from None
    assert isinstance(key, ec.EllipticCurvePrivateKey), "we make no other"
    return key


def key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    """PKCS #8 in PEM, not encrypted: whatever uses it starts without a person."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def certificate_bytes(certificate: x509.Certificate) -> bytes:
    """PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM)
