"""TLS around a `Stream`, and whom to trust.

Owns the handshake and the certificate: signed by somebody the system knows, or the one whose
fingerprint the caller was told. It knows no protocol. `ssl` works on memory here, so it is the same
under every event loop, and nothing is sent inside before the certificate is looked at.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import ssl
from typing import TYPE_CHECKING

from hubbub.client.errors import BadTrust, CannotConnect, NotTrusted, NotVerified
from hubbub.text.spoken import CONSONANTS, VOWELS, spoken

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubbub.client.stream import Stream

    Trust = str | Callable[[str], bool] | None
    """A fingerprint (hex, or in words), who decides by one, or None: the system's authorities."""

READ_SIZE = 1 << 16

_HEX = re.compile(r"[0-9a-f]{64}")
_WORD = f"[{CONSONANTS}][{VOWELS}][{CONSONANTS}][{VOWELS}][{CONSONANTS}]"
_WORDS = re.compile(rf"{_WORD}(?:-{_WORD}){{7}}")


class SecureStream:
    """A `Stream` with TLS inside. `handshake` first, then as that one."""

    def __init__(self, inner: Stream, context: ssl.SSLContext, host: str) -> None:
        self._inner = inner
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self.fingerprint = ""
        """The SHA-256 of the server's certificate in hex, after the handshake."""
        self._on_data: Callable[[bytes], None] | None = None
        self._on_end: Callable[[OSError | None], None] | None = None
        self._more = asyncio.Event()
        self._ended = False
        self._error: OSError | None = None

    async def handshake(self) -> None:
        """Agree with the server. Raises OSError."""
        self._inner.start(self._receive, self._receive_end)
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
            except ssl.SSLError:
                await self._flush()  # the alert that says why
                raise
            else:
                break
            if self._ended:
                raise self._error or ConnectionResetError("the server closed")
            self._more.clear()
            await self._more.wait()
        await self._flush()
        certificate = self._tls.getpeercert(binary_form=True) or b""
        self.fingerprint = hashlib.sha256(certificate).hexdigest()

    def start(
        self, on_data: Callable[[bytes], None], on_end: Callable[[OSError | None], None]
    ) -> None:
        """Call `on_data` with what comes, then `on_end` once: None for an orderly end."""
        self._on_data, self._on_end = on_data, on_end
        self._deliver()

    async def send(self, data: bytes) -> None:
        """Hand all of `data` to the system. Raises OSError; one caller at a time."""
        self._tls.write(data)
        await self._flush()

    def half_close(self) -> None:
        """Say that nothing more will be sent."""
        self._inner.half_close()

    def close(self) -> None:
        """Let go of the socket; any number of times."""
        self._ended = True
        self._inner.close()

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._inner.send(self._outgoing.read())

    def _receive(self, data: bytes) -> None:
        self._incoming.write(data)
        self._more.set()
        self._deliver()

    def _receive_end(self, error: OSError | None) -> None:
        self._ended = True
        self._error = error
        self._more.set()
        self._deliver()

    def _deliver(self) -> None:
        """Hand on what is whole, and the end behind it."""
        if self._on_data is None or self._on_end is None:
            return
        error = self._error
        ended = self._ended
        try:
            while data := self._tls.read(READ_SIZE):
                self._on_data(data)
            ended = True  # close_notify
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as broken:
            error, ended = error or broken, True
        if ended:
            on_end, self._on_end = self._on_end, None
            on_end(error)


async def secure(
    inner: Stream, host: str, port: int, trust: Trust, *, within: float
) -> SecureStream:
    """TLS with the server at the other end, agreed within some seconds.

    Raises BadTrust, NotTrusted and CannotConnect, of which NotVerified is one.
    """
    trust = checked_trust(trust)
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if trust is not None:
        context.check_hostname = False  # the fingerprint says all that a name could
        context.verify_mode = ssl.CERT_NONE
    stream = SecureStream(inner, context, host)
    try:
        async with asyncio.timeout(within):
            await stream.handshake()
    except TimeoutError as error:
        stream.close()
        raise CannotConnect(
            f"{host} port {port} does not answer to TLS: does it speak TLS on this port?"
        ) from error
    except BaseException as error:
        stream.close()
        if isinstance(error, OSError):
            raise _no_tls(host, port, error) from error
        raise
    if trust is not None and not _is_trusted(stream.fingerprint, trust):
        stream.close()
        raise _not_trusted(host, port, stream.fingerprint)
    return stream


def checked_trust(trust: Trust) -> Trust:
    """Whom to trust, a fingerprint as `secure` compares it. Raises BadTrust when it is none."""
    if not isinstance(trust, str):
        return trust
    written = trust.strip().lower().replace(":", "")
    if _HEX.fullmatch(written) or _WORDS.fullmatch(written):
        return written
    raise BadTrust(
        f"{trust!r} is no fingerprint: give the eight words or the 64 hex digits of the SHA-256 "
        "that the server shows when it starts"
    )


def _is_trusted(fingerprint: str, trust: str | Callable[[str], bool]) -> bool:
    if callable(trust):
        return trust(fingerprint)
    return trust in {fingerprint, words_of(fingerprint)}


def _not_trusted(host: str, port: int, fingerprint: str) -> NotTrusted:
    words = words_of(fingerprint)
    return NotTrusted(
        f"the certificate of {host} port {port} is another one than the one to trust: its "
        f"fingerprint is {words} ({fingerprint}). Compare it with what the server shows",
        fingerprint,
        words,
    )


def _no_tls(host: str, port: int, error: OSError) -> CannotConnect:
    if isinstance(error, ssl.SSLCertVerificationError):
        return NotVerified(
            f"the certificate of {host} port {port} cannot be verified ({error.verify_message}): "
            "give the fingerprint that the server shows with --trust"
        )
    why = getattr(error, "reason", None) or error.strerror or str(error)
    return CannotConnect(f"no TLS with {host} port {port} ({why}): does it speak TLS on this port?")


def words_of(fingerprint: str) -> str:
    """A fingerprint in hex as the words that a hubbub server prints."""
    return spoken(bytes.fromhex(fingerprint))
