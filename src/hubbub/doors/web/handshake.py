"""The handshake: from a request for a WebSocket to a door on its link (RFC 6455 §4.2).

It owns who may open one and which subprotocol is spoken, and puts the parts together; then
`websocket` has the connection.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING, Final

from aiohttp import hdrs, web

from hubbub.doors.link import Link, NoHost
from hubbub.doors.web.frames import Framer
from hubbub.doors.web.websocket import WebSocketTransport
from hubbub.wire.websocket import Opcode

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from hubbub.core.sessions import Address

    SessionFactory = Callable[[Link], asyncio.Protocol]

TEXT: Final = "text.ircv3.net"
BINARY: Final = "binary.ircv3.net"
ANYBODY: Final = "*"
GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
VERSION: Final = "13"


class WebSockets:
    """Turns requests into links and lets `sessions` put doors on them.

    `origins` are those whose pages may connect: `https://chat.example`, or `*` for all. A page of
    the host that it connects to may always, and so may a program that names no origin.
    """

    def __init__(self, sessions: SessionFactory, origins: Sequence[str] = ()) -> None:
        self._sessions = sessions
        self._framers = {TEXT: Framer(Opcode.TEXT), BINARY: Framer(Opcode.BINARY)}
        self.allow(origins)

    def allow(self, origins: Sequence[str]) -> None:
        """Let pages of these hosts connect from now on."""
        self._origins = frozenset(origin.rstrip("/").casefold() for origin in origins)

    async def serve(
        self, request: web.Request, carrier: Link, on_open: Callable[[WebSocketTransport], None]
    ) -> web.StreamResponse:
        """Answer a request to open one, and stay with it until its end.

        `carrier` is the connection that it came on; `on_open` is told to let the WebSocket have
        what comes from now on. Raises aiohttp's `HTTPException`.
        """
        self._require_origin(request)
        response = web.StreamResponse(status=101, headers=_accepted(request))
        offered = request.headers.get(hdrs.SEC_WEBSOCKET_PROTOCOL, "").split(",")
        # "websocket": the server respects "the client's order of preference".
        known = [name for word in offered if (name := word.strip()) in self._framers]
        if known:
            response.headers[hdrs.SEC_WEBSOCKET_PROTOCOL] = known[0]
        await response.prepare(request)
        socket = WebSocketTransport(carrier.transport, self._framers[known[0] if known else TEXT])
        protocol = self._sessions(_link(socket, carrier))
        socket.set_protocol(protocol)
        protocol.connection_made(socket)
        on_open(socket)
        await socket.ended.wait()
        return response

    def _require_origin(self, request: web.Request) -> None:
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is None or ANYBODY in self._origins:
            return
        origin = origin.casefold()
        _, _, host = origin.partition("://")
        if host != request.host.casefold() and origin not in self._origins:
            raise web.HTTPForbidden(reason="Origin not allowed")


def _accepted(request: web.Request) -> dict[str, str]:
    """The headers that accept a handshake. Raises aiohttp's `HTTPException` (§4.2.2)."""
    if request.headers.get(hdrs.UPGRADE, "").lower() != "websocket":
        raise web.HTTPBadRequest(reason="A WebSocket is wanted here")
    if request.headers.get(hdrs.SEC_WEBSOCKET_VERSION) != VERSION:
        raise web.HTTPBadRequest(
            reason="Another version is wanted", headers={hdrs.SEC_WEBSOCKET_VERSION: VERSION}
        )
    key = request.headers.get(hdrs.SEC_WEBSOCKET_KEY, "").strip().encode()
    try:
        is_key = len(base64.b64decode(key, validate=True)) == 16
    except binascii.Error:
        is_key = False
    if not is_key:
        raise web.HTTPBadRequest(reason="No key of a WebSocket")
    digest = hashlib.sha1(key + GUID, usedforsecurity=False).digest()
    return {
        hdrs.UPGRADE: "websocket",
        hdrs.CONNECTION: "Upgrade",
        hdrs.SEC_WEBSOCKET_ACCEPT: base64.b64encode(digest).decode(),
    }


def _link(socket: WebSocketTransport, carrier: Link) -> Link:
    """The link of a WebSocket: it is where its carrier is, and has yet to say who it is."""
    link = Link(socket, secure=carrier.secure)
    link.address = carrier.address
    link.host = _Carried(carrier)
    carrier.expire = lambda reason: link.expire(reason)  # noqa: PLW0108 (a door puts its own there)
    carrier.stranger()
    return link


class _Carried(NoHost):
    """The host of a link inside another: what becomes of it becomes of its carrier."""

    def __init__(self, carrier: Link) -> None:
        self._carrier = carrier

    def known(self, link: Link) -> None:
        self._carrier.known()

    def move(self, link: Link, address: Address) -> None:
        self._carrier.move(address)
        link.address, link.surplus = address, self._carrier.surplus
