"""What a certificate is put together from, and read for."""

import ipaddress
import re
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from nightwarden.errors import Invalid

CLOCKS_DIFFER = timedelta(days=1)
"""Valid from this long ago: a plug's clock may be behind."""

_HOST = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*", re.ASCII)


def begun(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePublicKey,
    valid: tuple[datetime, datetime],
) -> x509.CertificateBuilder:
    """With what every certificate has; the key identifiers are what strict clients ask for."""
    own_id = x509.SubjectKeyIdentifier.from_public_key(public_key)
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid[0] - CLOCKS_DIFFER)
        .not_valid_after(valid[1])
        .add_extension(own_id, critical=False)
        .add_extension(issuer_id, critical=False)
    )


def usage(*, authority: bool) -> x509.KeyUsage:
    """An authority signs certificates, anybody else signs a handshake."""
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def general_name(host: str) -> x509.GeneralName:
    """A host as a certificate names it.

    Raises:
        Invalid: neither a host name nor an IP address.
    """
    try:
        return x509.IPAddress(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        if _HOST.fullmatch(host) and len(host) <= 253:
            return x509.DNSName(host)
    raise Invalid(
        f'"{host}" is neither a host name nor an IP address; write it as clients call it.'
    )


def hosts_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """The host names and IP addresses that it is for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(str(name.value) for name in names)


def purposes_of(certificate: x509.Certificate) -> tuple[x509.ObjectIdentifier, ...]:
    """Its extended key usages."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return ()
    return tuple(found.value)
