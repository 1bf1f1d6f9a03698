"""An authority: somebody who signs certificates, whom a test lets the system trust."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hubbub.server.tls import Certificate

if TYPE_CHECKING:
    from pathlib import Path


class Authority:
    """Signs what it is asked to; `certificate` is what those have who trust it.

    It is called as its folder is.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, folder.name)])
        self.certificate = folder / "authority.pem"
        identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        own = (
            self._begun(self._name, self._key.public_key(), _now() + timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(identifier, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.certificate.write_bytes(own.public_bytes(serialization.Encoding.PEM))

    def issue(self, *hosts: str, until: int | None = None) -> str:
        """A new certificate for those names, as `tls` names its files; `until` is milliseconds."""
        ends = _now() + timedelta(days=10)
        if until is not None:
            ends = datetime.fromtimestamp(until / 1000, UTC)
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
        names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
        made = (
            self._begun(subject, key.public_key(), ends)
            .add_extension(names, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        certificate, secret = self._folder / "cert.pem", self._folder / "key.pem"
        certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return f"{certificate},{secret}"

    def open(self, *hosts: str, until: int | None = None) -> Certificate:
        """The same, opened."""
        self.issue(*hosts, until=until)
        return Certificate(self._folder / "cert.pem", self._folder / "key.pem")

    def _begun(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, ends: datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(min(_now(), ends) - timedelta(days=2))
            .not_valid_after(ends)
        )


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)
