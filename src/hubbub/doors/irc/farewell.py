"""The farewell: how a connection ends so that its last words are read.

Everything that waits is sent, then our side is shut, then the peer's own end or a short time closes
the rest. Closing with unread input in the socket would send a reset, which takes our last words
from the peer; so input is read, and ignored, until then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hubbub.doors.irc.outbox import Outbox
    from hubbub.doors.irc.pulse import Timers
    from hubbub.doors.link import Link

LINGER: Final = 2.0
"""Seconds that a peer gets to read our last words after we have shut our side."""


class Farewell:
    """The end of one connection. `heard_out` says that the peer will send no more, `shut` that we
    have sent everything, and our side too is at its end."""

    __slots__ = ("_link", "_timers", "heard_out", "shut")

    def __init__(self, link: Link, timers: Timers) -> None:
        self.heard_out = False
        self.shut = False
        self._link = link
        self._timers = timers

    def say(self, outbox: Outbox) -> None:
        """Everything is said: send what waits, then close without cutting it off."""
        transport = self._link.transport
        if not transport.is_closing():
            self._timers.set("linger", LINGER, transport.abort)
            outbox.when_empty(self._shut)

    def _shut(self) -> None:
        transport = self._link.transport
        if transport.is_closing():
            return
        self.shut = True
        if self.heard_out or not transport.can_write_eof():
            transport.close()
        else:
            self._link.write_end()
