"""WebSocket: IRC in a browser ("websocket", an IRCv3 specification).

A WebSocket becomes a link whose transport takes whole lines, and the session factory that we were
handed puts its door on it as on any other link; which door that is, is not known here. aiohttp
shakes hands, reads, and answers pings; what a door sends is framed once for all readers alike and
goes straight to the transport under it, which is safe because both write whole frames.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from aiohttp import WSMsgType, web

from hubbub.doors.link import Link
from hubbub.doors.web.frames import BINARY, TEXT, Framer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hubbub.core.sessions import Address

    SessionFactory = Callable[[Link], asyncio.Protocol]

TEXT_PROTOCOL: Final = "text.ircv3.net"
BINARY_PROTOCOL: Final = "binary.ircv3.net"
MAX_MESSAGE: Final = 16 * 1024
"""Bytes of a message: more than any line with all its tags. Whoever sends more is closed."""
CLOSE_PATIENCE: Final = 2.0
"""Seconds that a peer has to answer our closing."""

ANYBODY: Final = "*"


class WebSocketTransport(asyncio.Transport):
    """What a door writes its lines to, and reads from as long as it wants to.

    `under` is the transport that HTTP came on.
    """

    def __init__(
        self, socket: web.WebSocketResponse, under: asyncio.Transport, framer: Framer
    ) -> None:
        super().__init__()
        self._socket = socket
        self._under = under
        self._framer = framer
        self._reads = asyncio.Event()
        self._reads.set()
        self._closing: asyncio.Task[Any] | None = None
        self._protocol: asyncio.BaseProtocol | None = None

    # -- asyncio.Transport ---------------------------------------------------------------------

    def write(self, data: Any) -> None:
        """Send whole lines."""
        if not self.is_closing():
            self._under.write(self._framer.frames(data))

    def close(self) -> None:
        """Say goodbye, and close when the peer has said so too or lets us wait."""
        if self._closing is None:
            self._reads.set()
            self._closing = asyncio.get_running_loop().create_task(self._socket.close())

    def abort(self) -> None:
        """Close now."""
        self._reads.set()
        self._under.abort()

    def is_closing(self) -> bool:
        """Whether nothing more can be sent."""
        return self._closing is not None or self._under.is_closing()

    def pause_reading(self) -> None:
        """Take no more messages; what comes waits in the system, within bounds."""
        self._reads.clear()

    def resume_reading(self) -> None:
        """Take messages again."""
        self._reads.set()

    def is_reading(self) -> bool:
        """Whether messages are taken."""
        return self._reads.is_set()

    def can_write_eof(self) -> bool:
        """A WebSocket has no half that could be closed."""
        return False

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Of the transport under it: what waits, waits there."""
        self._under.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self) -> int:
        """Of the transport under it."""
        return self._under.get_write_buffer_size()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Let another protocol have what comes."""
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Who has what comes."""
        assert self._protocol is not None
        return self._protocol

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Of the transport under it: the peer, its certificate."""
        return self._under.get_extra_info(name, default)

    # -- what the handler does -----------------------------------------------------------------

    async def readable(self) -> None:
        """Wait until messages are wanted, or nothing can be sent any more."""
        await self._reads.wait()

    def connection_lost(self) -> None:
        """The connection under it is gone: nobody need wait for messages."""
        self._reads.set()

    async def closed(self) -> None:
        """Wait until the goodbyes are said."""
        self.close()
        if self._closing is not None:
            await self._closing


class WebSockets:
    """Turns requests into links and lets `sessions` put doors on them.

    `origins` are those whose pages may connect: `https://chat.example`, or `*` for all. A page of
    the host that it connects to may always, and so may a program that names no origin.
    """

    def __init__(self, sessions: SessionFactory, origins: Sequence[str] = ()) -> None:
        self._sessions = sessions
        self._origins = frozenset(origin.rstrip("/").casefold() for origin in origins)
        self._framers = {TEXT_PROTOCOL: Framer(TEXT), BINARY_PROTOCOL: Framer(BINARY)}

    async def serve(
        self, request: web.Request, carrier: Link, on_open: Callable[[WebSocketTransport], None]
    ) -> web.WebSocketResponse:
        """Answer a request to open one, and stay with it until its end.

        `carrier` is the connection that it came on. Raises aiohttp's `HTTPException`.
        """
        self._require_origin(request)
        # The client's first offer that we know wins, as the specification wants it.
        socket = web.WebSocketResponse(
            protocols=(TEXT_PROTOCOL, BINARY_PROTOCOL),
            compress=False,
            max_msg_size=MAX_MESSAGE,
            timeout=CLOSE_PATIENCE,
        )
        await socket.prepare(request)
        framer = self._framers[socket.ws_protocol or TEXT_PROTOCOL]
        transport = WebSocketTransport(socket, carrier.transport, framer)
        on_open(transport)
        protocol = self._sessions(_link(transport, carrier))
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        try:
            await _feed(protocol, socket, transport)
        finally:
            protocol.connection_lost(None)
        await transport.closed()
        return socket

    def _require_origin(self, request: web.Request) -> None:
        origin = request.headers.get("Origin")
        if origin is None or ANYBODY in self._origins:
            return
        origin = origin.casefold()
        _, _, host = origin.partition("://")
        if host != request.host.casefold() and origin not in self._origins:
            raise web.HTTPForbidden(reason="Origin not allowed")


def _link(transport: WebSocketTransport, carrier: Link) -> Link:
    """The link of a WebSocket: it is where its carrier is, and has yet to say who it is."""
    link = Link(transport, secure=carrier.secure)
    link.address = carrier.address
    link.on_known = carrier.known
    carrier.expire = lambda reason: link.expire(reason)  # noqa: PLW0108 (a door puts its own there)
    link.move = lambda address: _move(link, carrier, address)
    carrier.stranger()
    return link


def _move(link: Link, carrier: Link, address: Address) -> None:
    carrier.move(address)
    link.address, link.surplus = address, carrier.surplus


async def _feed(
    protocol: asyncio.Protocol, socket: web.WebSocketResponse, transport: WebSocketTransport
) -> None:
    """Give the door each message as a line, until one side ends it."""
    while not transport.is_closing():
        message = await socket.receive()
        if message.type is WSMsgType.TEXT:
            line = message.data.encode()
        elif message.type is WSMsgType.BINARY:
            line = message.data
        else:
            return
        await transport.readable()
        protocol.data_received(line + b"\r\n")
