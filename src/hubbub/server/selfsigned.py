"""A certificate that vouches for itself: made once, kept in one file with its key.

Imported only when there is none yet: what makes a key takes a start longer than reading one.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hubbub.store.space import sync

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

VALID = timedelta(days=3650)
"""How long it lasts. People compare its fingerprint, nobody looks at the date."""


def make(path: Path, addresses: Sequence[str], now: int) -> None:
    """Make a key and its certificate in one file, for its owner only, whole or not there.

    `now` is milliseconds. Raises `OSError`.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = certificate(key, addresses, now).public_bytes(serialization.Encoding.PEM)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secret + public)
    sync(part)
    part.rename(path)
    sync(path.parent)


def certificate(
    key: ec.EllipticCurvePrivateKey, addresses: Sequence[str], now: int
) -> x509.Certificate:
    """A certificate of a server that has this key and these addresses."""
    made = datetime.fromtimestamp(now / 1000, UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hubbub")])
    hosts = dict.fromkeys(["localhost", socket.gethostname(), "127.0.0.1", "::1", *addresses])
    names = x509.SubjectAlternativeName([_name(host) for host in hosts])
    server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    plain = x509.BasicConstraints(ca=False, path_length=None)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(made - timedelta(days=1))  # clocks differ
        .not_valid_after(made + VALID)
        .add_extension(names, critical=False)
        .add_extension(server, critical=False)
        .add_extension(plain, critical=True)
        .sign(key, hashes.SHA256())
    )


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host.encode("idna").decode())
