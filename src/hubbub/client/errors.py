"""How the client library fails. Every message is for people: what happened, why, what to do."""

from __future__ import annotations


class CannotConnect(ConnectionError):  # noqa: N818  (says what happened, like ConnectionRefused)
    """Nobody was reached at the address, or whoever is there did not let us in."""


class NotTrusted(CannotConnect):
    """The server's certificate is signed by nobody known, and is not the one we were told of.

    `fingerprint` is the SHA-256 of it, in hex; `words` the same to be said aloud.
    """

    def __init__(self, message: str, fingerprint: str, words: str) -> None:
        super().__init__(message)
        self.fingerprint = fingerprint
        self.words = words


class CertificateChanged(NotTrusted):
    """The server's certificate is not the one that was believed before."""


class NotVerified(CannotConnect):
    """The server's certificate is signed by nobody whom this system knows."""


class ConnectionLost(ConnectionError):  # noqa: N818
    """The connection ended before what was asked of it was done.

    `unsent`: the parts of the text being said that were not handed to the system, in order.
    """

    def __init__(self, reason: str, unsent: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.unsent = unsent


class NotSpoken(ValueError):  # noqa: N818
    """The server's protocol has no word for this."""


class Declined(Exception):  # noqa: N818
    """The server understood, and said no; the message is why, as it put it."""


class BadTrust(ValueError):  # noqa: N818
    """What is to be trusted is no fingerprint, or nothing there would show a certificate."""


class BadName(ValueError):  # noqa: N818
    """The name cannot be said to this server: empty, several lines, or too long."""


class CannotKeep(Exception):  # noqa: N818
    """Something cannot be kept on this machine. The text says what, why, and what to do."""
