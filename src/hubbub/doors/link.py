"""A link: one connection, as the front admitted it.

It owns who the peer is, whether reading is paused and why, and the one reason for which the
connection ends. It does not know what is spoken on it: doors put their protocol on top. What
carries it may be a socket, TLS on one, or a WebSocket in HTTP on either (`web/websocket`).
"""

from __future__ import annotations

import logging
import socket
import sys
from typing import TYPE_CHECKING, cast

from hubbub.core.sessions import Address

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

log = logging.getLogger(__name__)

KEEP_ALIVE: list[tuple[int, int, int]] = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
"""Where the pauses can be set, a peer is gone after 120 seconds of silence and 6 questions."""
if sys.platform == "linux":
    KEEP_ALIVE += [
        (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 120),
        (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 20),
        (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 6),
    ]


class Link:
    """A transport with a peer.

    `on_known` and `on_lost` tell the front that the login timeout ends and that the transport is
    gone, `on_stranger` that the timeout begins anew. `expire` ends it because the front will wait
    no longer, and is told why; a door that can tell its peer puts its own in place. `move` is
    called when a proxy or a gateway says whose connection it is. `secure` says
    that it is inside TLS, `surplus` that the server was full already: the door says so and closes.
    """

    __slots__ = (
        "_holds",
        "address",
        "expire",
        "held",
        "move",
        "on_known",
        "on_lost",
        "on_stranger",
        "secure",
        "surplus",
        "transport",
    )

    def __init__(self, transport: asyncio.Transport, *, secure: bool = False) -> None:
        self.transport = transport
        self.secure = secure
        self.surplus = False
        self.address = peer_address(transport)
        self.expire: Callable[[str], None] = self.drop
        self.move: Callable[[Address], None] = self._move
        self.on_known: Callable[[], None] = _nothing
        self.on_lost: Callable[[], None] = _nothing
        self.on_stranger: Callable[[], None] = _nothing
        self._holds: set[str] = set()
        self.held = False
        """Whether reading is paused."""

    def _move(self, address: Address) -> None:
        self.address = address

    def known(self) -> None:
        """The peer has said who it is: the login timeout ends."""
        self.on_known()

    def stranger(self) -> None:
        """Inside of what was known somebody has yet to say who they are: the timeout runs again."""
        self.on_stranger()

    def hold(self, reason: str) -> None:
        """Pause reading, until every reason to is released."""
        if not self._holds and not self.transport.is_closing():
            self.transport.pause_reading()
        self._holds.add(reason)
        self.held = True

    def release(self, reason: str) -> None:
        """Take back one reason to pause reading."""
        if reason in self._holds:
            self._holds.discard(reason)
            self.held = bool(self._holds)
            if not self._holds and not self.transport.is_closing():
                self.transport.resume_reading()

    def drain(self) -> None:
        """Read on whatever was paused: what comes is only to be thrown away."""
        if self._holds:
            self._holds.clear()
            self.held = False
            if not self.transport.is_closing():
                self.transport.resume_reading()

    def watch(self) -> None:
        """Let the system find out that the peer's machine is gone; it asks while nothing is said.

        A laptop that was closed would otherwise be in the room, under its name, for ever. A peer
        that is there and does not read is not touched: its system answers.
        """
        for level, option, value in KEEP_ALIVE:
            self.socket.setsockopt(level, option, value)

    def drop(self, reason: str) -> None:
        """End it without a word to the peer, and tell the operator why."""
        self.log_dropped(reason)
        self.transport.abort()

    def log_dropped(self, reason: str, **facts: object) -> None:
        """Tell the operator that a connection ends by which nobody has come in."""
        fields = {"address": self.address.host, "port": self.address.port, "reason": reason}
        log.info("dropped", extra={"fields": fields | facts})

    @property
    def certificate(self) -> bytes | None:
        """The certificate that the peer showed inside TLS (DER), nobody has vouched for it."""
        encryption = self.transport.get_extra_info("ssl_object")
        return None if encryption is None else encryption.getpeercert(binary_form=True)

    @property
    def socket(self) -> socket.socket:
        """The socket under the transport; it must not be written to beside the transport."""
        return cast("socket.socket", self.transport.get_extra_info("socket"))


def peer_address(transport: asyncio.BaseTransport) -> Address:
    """The address of the peer, an IPv4-mapped one as the IPv4 address that it is."""
    peer = transport.get_extra_info("peername")
    if not isinstance(peer, tuple) or len(peer) < 2:
        return Address("local", 0)
    host = str(peer[0])
    return Address(host.removeprefix("::ffff:") if "." in host else host, int(peer[1]))


def _nothing() -> None:
    """Nobody has to be told."""
