"""A link: one connection, as the front admitted it.

It owns who the peer is, whether reading is paused and why, and the one reason for which the
connection ends. It does not know what is spoken on it: doors put their protocol on top. What
carries it may be a socket, TLS on one, or a WebSocket in HTTP on either (`web/websocket`).
"""

from __future__ import annotations

import ipaddress
import logging
import socket
import sys
from typing import TYPE_CHECKING, Protocol, cast

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


class Host(Protocol):
    """Who admits connections, counts them, and waits for them to say who they are."""

    def known(self, link: Link) -> None:
        """The login timeout of a connection ends."""

    def stranger(self, link: Link) -> None:
        """The login timeout of a connection begins anew."""

    def move(self, link: Link, address: Address) -> None:
        """A connection is found to be from another address, which is now the link's."""

    def lost(self, link: Link) -> None:
        """A connection is over."""


class NoHost:
    """Counts nothing and waits for nobody."""

    def known(self, link: Link) -> None:
        """See `Host`."""

    def stranger(self, link: Link) -> None:
        """See `Host`."""

    def move(self, link: Link, address: Address) -> None:
        """See `Host`."""
        link.address = address

    def lost(self, link: Link) -> None:
        """See `Host`."""


NO_HOST = NoHost()


class Link:
    """A transport with a peer.

    `host` is who admitted it, and hears what becomes of it. `expire` ends it because the host will
    wait no longer, and is told why; a door that can tell its peer puts its own in place. `secure`
    says that it is inside TLS, `surplus` that the server was full already: the door says so and
    closes.
    """

    __slots__ = (
        "_holds",
        "address",
        "expire",
        "held",
        "host",
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
        self.host: Host = NO_HOST
        self._holds: frozenset[str] = frozenset()
        self.held = False
        """Whether reading is paused."""

    def move(self, address: Address) -> None:
        """A proxy or a gateway says whose connection it is."""
        self.host.move(self, Address(unmapped(address.host), address.port))

    def known(self) -> None:
        """The peer has said who it is: the login timeout ends."""
        self.host.known(self)

    def stranger(self) -> None:
        """Inside of what was known somebody has yet to say who they are: the timeout runs again."""
        self.host.stranger(self)

    def lost(self) -> None:
        """The transport is gone."""
        self.host.lost(self)

    def hold(self, reason: str) -> None:
        """Pause reading, until every reason to is released."""
        if not self._holds and not self.transport.is_closing():
            self.transport.pause_reading()
        self._holds |= {reason}
        self.held = True

    def release(self, reason: str) -> None:
        """Take back one reason to pause reading."""
        if reason in self._holds:
            self._holds -= {reason}
            self.held = bool(self._holds)
            if not self._holds and not self.transport.is_closing():
                self.transport.resume_reading()

    def drain(self) -> None:
        """Read on whatever was paused: what comes is only to be thrown away."""
        if self._holds:
            self._holds = frozenset()
            self.held = False
            if not self.transport.is_closing():
                self.transport.resume_reading()

    def write_end(self) -> None:
        """Shut our side, and read on until the peer ends its own: what comes is thrown away."""
        try:
            self.transport.write_eof()
        except OSError:  # the peer has reset it, and while reading was paused nobody noticed
            self.transport.abort()
        else:
            self.drain()

    def watch(self) -> None:
        """Let the system find out that the peer's machine is gone; it asks while nothing is said.

        A laptop that was closed would otherwise be in the room, under its name, for ever. A peer
        that is there and does not read is not touched: its system answers.
        """
        socket = self.socket
        for level, option, value in KEEP_ALIVE:
            socket.setsockopt(level, option, value)

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
    """The address of the peer."""
    peer = transport.get_extra_info("peername")
    if not isinstance(peer, tuple) or len(peer) < 2:
        return Address("local", 0)
    return Address(unmapped(str(peer[0])), int(peer[1]))


def unmapped(host: str) -> str:
    """An address as bans, limits and people know it: IPv4 inside IPv6 is the IPv4 that it is."""
    if not host.startswith("::ffff:"):
        return host
    mapped = ipaddress.IPv6Address(host).ipv4_mapped
    return host if mapped is None else str(mapped)
