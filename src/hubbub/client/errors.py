"""How the client library fails. Every message is for people: what happened, why, what to do."""

from __future__ import annotations


class CannotConnect(ConnectionError):  # noqa: N818  (says what happened, like ConnectionRefused)
    """Nobody was reached at the address; nothing was sent."""


class ConnectionLost(ConnectionError):  # noqa: N818
    """The connection ended before what was asked of it was done.

    `unsent`: the parts of the text being said that were not handed to the system, in order.
    """

    def __init__(self, reason: str, unsent: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.unsent = unsent


class BadName(ValueError):  # noqa: N818
    """The name cannot be said to this server: empty, several lines, or too long."""
