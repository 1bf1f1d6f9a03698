"""The server's certificate: whose it is, how it is read, and what people compare.

`auto` makes an elliptic-curve key with a certificate signed by itself, once, and keeps both in one
file in the data folder, so that its fingerprint stays the same. Files that the operator names are
read again when they change: new connections get the new certificate, and one that cannot be read
changes nothing. Every failure at the start is a `TlsError` of one line.
"""

from __future__ import annotations

import hashlib
import logging
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from hubbub.doors.tls import named
from hubbub.server import clientcerts
from hubbub.server.addresses import is_loopback, local_addresses
from hubbub.server.logs import fields
from hubbub.text.spoken import spoken

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

OWN = Path("tls") / "server.pem"
"""Where in the data folder the key and the certificate are that we made."""

HTTP = b"http/1.1"
"""How HTTP is called in ALPN, with which a client may say at once what it speaks."""


class TlsError(Exception):
    """TLS cannot be offered; the message is one line for the operator."""


class Certificate:
    """A certificate and its key on disk, as a context for connections."""

    def __init__(self, certificate: Path, key: Path) -> None:
        """Raises `TlsError`."""
        self._certificate = certificate
        self._key = key
        try:
            self._load()
        except (OSError, ValueError) as error:
            raise TlsError(f"tls: {self._trouble(error)}") from error

    def context(self, hello: bytes = b"") -> ssl.SSLContext:
        """The context for a new connection, of the files as they are now.

        `hello` is the first that came of it: browsers, which say that they speak HTTP, are not
        asked for a certificate, because they would ask their user.
        """
        self.refresh()
        return self._context if HTTP in hello else self._asking

    def refresh(self) -> None:
        """Take up files that have changed; a broken one changes nothing and is logged, once."""
        if self._look() == self._state:
            return
        try:
            self._load()
            log.info("certificate", extra=fields(file=self._certificate, sha256=self.sha256))
        except (OSError, ValueError) as error:
            log.warning("the certificate stays as it was: %s", self._trouble(error))

    @property
    def sha256(self) -> str:
        """The fingerprint as programs compare it."""
        return self._digest.hex()

    @property
    def words(self) -> str:
        """The fingerprint as people compare it."""
        return spoken(self._digest)

    def _look(self) -> tuple[object, ...]:
        """What tells one version of the files from another."""
        return tuple(_look(path) for path in (self._certificate, self._key))

    def _load(self) -> None:
        self._state = self._look()  # before they are read, so what is wrong is said once
        context, asking = self._make(), self._make()
        clientcerts.ask(asking)
        digest = hashlib.sha256(_first(self._certificate)).digest()
        self._context, self._asking, self._digest = context, asking, digest

    def _make(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["irc", HTTP.decode()])
        context.load_cert_chain(self._certificate, self._key)
        named(context)
        return context

    def _trouble(self, error: OSError | ValueError) -> str:
        """What is wrong, and with which file."""
        if isinstance(error, ssl.SSLError):
            return (
                f"{self._certificate} and {self._key} are no certificate with its key"
                f" ({error.reason or error})"
            )
        if isinstance(error, OSError):
            return f"{error.filename or self._certificate}: {error.strerror or error}"
        return f"{self._certificate}: no certificate in it"


def open_certificate(
    choice: str, hosts: Sequence[str], folder: Path, *, now: int
) -> Certificate | None:
    """The certificate that the configuration asks for, None when TLS is off.

    `choice` is `auto`, `off`, "CERT,KEY", or "" for what suits the hosts: TLS where others can
    connect. `now` is milliseconds. Raises `TlsError`.
    """
    if not choice:
        choice = "off" if hosts and all(map(is_loopback, hosts)) else "auto"
    if choice == "off":
        return None
    if choice != "auto":
        certificate, _, key = choice.partition(",")
        return Certificate(Path(certificate.strip()), Path(key.strip()))
    own = folder / OWN
    try:
        if not own.exists():
            from hubbub.server.selfsigned import make  # noqa: PLC0415 (see there)

            make(own, local_addresses(hosts), now)
    except OSError as error:
        raise TlsError(f"tls: {own}: {error.strerror or error}") from error
    return Certificate(own, own)


def _look(path: Path) -> tuple[int, int, int] | None:
    try:
        look = path.stat()
    except OSError:
        return None
    return look.st_mtime_ns, look.st_size, look.st_ino


def _first(certificate: Path) -> bytes:
    """The first certificate of a file (DER), which is the server's own. Raises `ValueError`."""
    text = certificate.read_text("ascii", errors="replace")
    begin, end = ssl.PEM_HEADER, ssl.PEM_FOOTER
    start = text.index(begin)
    return ssl.PEM_cert_to_DER_cert(text[start : text.index(end, start) + len(end)])
