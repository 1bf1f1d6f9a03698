"""Wires: what carries the bytes of an actor, a socket, TLS on one, or a WebSocket.

They differ in what a half-close and a reset are. `receive` gives b"" at the end, whatever ended it.
"""

from __future__ import annotations

from typing import Protocol

import aiohttp

from doors.peer import Peer
from doors.secured import Secured

RECEIVE_BUFFER = 4096
"""Bytes, so that who does not read is noticed soon."""


class Wire(Protocol):
    """A connection to the one port."""

    async def open(self, port: int) -> None:
        """Connect."""
        ...

    async def send(self, data: bytes) -> None:
        """Send whole lines."""
        ...

    async def receive(self) -> bytes:
        """What came."""
        ...

    async def half_close(self) -> None:
        """Say that nothing more will be sent."""
        ...

    def reset(self) -> None:
        """Go without a word."""
        ...

    async def close(self) -> None:
        """Go."""
        ...


class Plain:
    """A socket."""

    async def open(self, port: int) -> None:
        self._peer = await Peer(port, receive_buffer=RECEIVE_BUFFER).__aenter__()
        self._peer.patience = None

    async def send(self, data: bytes) -> None:
        await self._peer.send(data)

    async def receive(self) -> bytes:
        return await self._peer.receive()

    async def half_close(self) -> None:
        self._peer.half_close()

    def reset(self) -> None:
        self._peer.reset()

    async def close(self) -> None:
        self._peer.close()


class Tls:
    """TLS on a socket. It has no half to close: whoever says good-bye is answered no more."""

    async def open(self, port: int) -> None:
        self._secured = await Secured(port, patience=None).__aenter__()

    async def send(self, data: bytes) -> None:
        await self._secured.send(data)

    async def receive(self) -> bytes:
        return await self._secured.receive()

    async def half_close(self) -> None:
        await self._secured.say_goodbye()

    def reset(self) -> None:
        self._secured.reset()

    async def close(self) -> None:
        await self._secured.__aexit__(None, None, None)


class WebSocket:
    """A WebSocket: a message is a line without its end."""

    async def open(self, port: int) -> None:
        self._client = aiohttp.ClientSession()
        self._socket = await self._client.ws_connect(
            f"http://127.0.0.1:{port}/", protocols=["text.ircv3.net"]
        )

    async def send(self, data: bytes) -> None:
        for line in data.decode().splitlines():
            await self._socket.send_str(line)

    async def receive(self) -> bytes:
        message = await self._socket.receive()
        if message.type is aiohttp.WSMsgType.TEXT:
            return f"{message.data}\r\n".encode()
        return b""

    async def half_close(self) -> None:
        await self._socket.send_frame(b"", aiohttp.WSMsgType.CLOSE)

    def reset(self) -> None:
        connection = self._socket._response.connection
        assert connection is not None
        assert connection.transport is not None
        connection.transport.abort()

    async def close(self) -> None:
        await self._client.close()
