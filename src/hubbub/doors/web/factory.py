"""Fits aiohttp's request handler onto a link that the front admitted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from hubbub.doors.web.app import make_app
from hubbub.doors.web.handler import Handler
from hubbub.doors.web.handshake import WebSockets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hubbub.doors.link import Link
    from hubbub.doors.web.app import WebSettings
    from hubbub.doors.web.websocket import WebSocketTransport

KEEPALIVE = 15.0
"""Seconds that an idle HTTP connection is kept."""
SHUTDOWN = 2.0
"""Seconds that an answer may still take when the server stops."""
END_OF_HEAD = b"\r\n\r\n"

FULL_TEXT = b"The server is full. Please try again in a minute.\r\n"
FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nRetry-After: 60\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n%b"
) % (len(FULL_TEXT), FULL_TEXT)
"""What a browser is told when there are too many connections."""


class WebDoors:
    """Makes a door for each HTTP connection. `start` before, `stop` after."""

    def __init__(self, settings: WebSettings) -> None:
        self._open: dict[asyncio.BaseProtocol, WebDoor] = {}
        self._sockets: WebSockets | None = None
        if settings.sessions is not None:
            self._sockets = WebSockets(settings.sessions, settings.origins)
        self._runner = web.AppRunner(
            make_app(settings, self._serve_socket),
            handle_signals=False,
            shutdown_timeout=SHUTDOWN,
        )
        self._loop = asyncio.get_running_loop()

    async def start(self) -> None:
        """Get ready to answer."""
        await self._runner.setup()

    async def stop(self) -> None:
        """Finish what is being answered and close."""
        await self._runner.cleanup()

    def obey(self, origins: Sequence[str]) -> None:
        """Let pages of these hosts open a WebSocket from now on."""
        if self._sockets is not None:
            self._sockets.allow(origins)

    def __call__(self, link: Link) -> asyncio.Protocol:
        """A door for a connection."""
        server = self._runner.server
        assert server is not None
        handler = Handler(link, server, self._loop, keepalive=KEEPALIVE)
        door = self._open[handler] = WebDoor(link, handler, lambda: self._open.pop(handler))
        return door

    async def _serve_socket(self, request: web.Request) -> web.StreamResponse:
        """Let a browser talk, on the connection that its request came on."""
        if self._sockets is None:
            raise web.HTTPNotFound
        door = self._open[request.protocol]
        return await self._sockets.serve(request, door.link, door.carry)


class WebDoor(asyncio.Protocol):
    """Passes a transport's calls on to aiohttp's handler, and its end to the front.

    A connection counts as known when its first request head is whole, so one that is silent or
    slow with it ends at the login timeout. Later ones have aiohttp's keep-alive for that. When a
    WebSocket has been opened, what comes is for that.
    """

    def __init__(
        self, link: Link, handler: asyncio.Protocol, on_lost: Callable[[], object]
    ) -> None:
        self.link = link
        self._handler = handler
        self._on_lost = on_lost
        self._socket: WebSocketTransport | None = None
        self._tail = b""  # of what has come, in which the end of a head may have begun

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hand over, unless we are full."""
        if self.link.surplus:
            self._handler = asyncio.Protocol()  # nobody reads what else it may say
            self.link.log_dropped("full")
            self.link.transport.write(FULL)
            self.link.transport.close()
        self._handler.connection_made(transport)

    def carry(self, socket: WebSocketTransport) -> None:
        """Let a WebSocket have what comes from now on."""
        self._socket = socket

    def data_received(self, data: bytes) -> None:
        """Pass on; a request head that has come whole makes the peer known."""
        if self._socket is not None:
            self._socket.data_received(data)
            return
        recent = self._tail + data
        self._tail = recent[1 - len(END_OF_HEAD) :]
        if END_OF_HEAD in recent:
            self.link.known()
        self._handler.data_received(data)

    def eof_received(self) -> bool | None:
        """Pass on; a WebSocket has no half, so its end is the end."""
        return None if self._socket is not None else self._handler.eof_received()

    def pause_writing(self) -> None:
        """Pass on."""
        (self._socket or self._handler).pause_writing()

    def resume_writing(self) -> None:
        """Pass on."""
        (self._socket or self._handler).resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass on, and let the front count it out."""
        if self._socket is not None:
            self._socket.connection_lost(exc)
        self._handler.connection_lost(exc)
        self._on_lost()
        self.link.lost()
