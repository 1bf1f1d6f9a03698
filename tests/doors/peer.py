"""A classic program as the tests steer it: it does nothing that it was not told to.

It reads only when asked, so it can be slow or deaf, and keeps what each `recv` gave, because the
programs of the family take one `recv` for one pair.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING, Self

from hubbub.wire.classic import Decoder, frame

if TYPE_CHECKING:
    from types import TracebackType

PATIENCE = 10.0
"""Seconds after which a test has waited in vain. No test waits so long when all is well."""

RECV = 1 << 16
"""What a `recv` takes at most: more than ever waits, in most tests."""


class Peer:
    """One connection to the port under test. `async with` closes it, whatever happened.

    `width` is that of its headers, for what it sends and what it reads. `segments` are the results
    of every `recv` of at most `recv` bytes, `patience` the seconds it waits for one.
    """

    def __init__(self, port: int, *, width: int = 10, receive_buffer: int | None = None) -> None:
        self._port = port
        self._loop = asyncio.get_running_loop()
        self._socket = socket.socket()
        self._socket.setblocking(False)
        if receive_buffer is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._decoder = Decoder(width=width)
        self.width = width
        self.patience: float | None = PATIENCE
        self.recv = RECV
        self.segments: list[bytes] = []

    async def __aenter__(self) -> Self:
        await self._loop.sock_connect(self._socket, ("127.0.0.1", self._port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- what it does --------------------------------------------------------------------------

    async def arrive(self, name: str | bytes) -> None:
        """Send the name."""
        await self.say(name)

    async def say(self, text: str | bytes) -> None:
        """Send one frame."""
        body = text.encode() if isinstance(text, str) else text
        await self.send(frame(body, self.width))

    async def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        await self._loop.sock_sendall(self._socket, data)

    def half_close(self) -> None:
        """Send no more."""
        self._socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Go without a word: the other side sees a reset."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def close(self) -> None:
        """Go. Harmless when gone."""
        self._socket.close()

    # -- what it reads -------------------------------------------------------------------------

    async def receive(self) -> bytes:
        """What one `recv` gives; b"" at the end."""
        async with asyncio.timeout(self.patience):
            data = await self._loop.sock_recv(self._socket, self.recv)
        if data:
            self.segments.append(data)
        return data

    async def frame(self) -> str | None:
        """The next frame, None at the end."""
        while (body := self._decoder.next_frame()) is None:
            data = await self.receive()
            if not data:
                return None
            self._decoder.feed(data)
        return body.decode()

    async def pair(self) -> tuple[str, str]:
        """The next pair; fails at the end."""
        name, text = await self.frame(), await self.frame()
        assert name is not None, "the connection is at its end"
        assert text is not None, f"a lone frame: {name}"
        return name, text

    async def pairs(self, count: int) -> list[tuple[str, str]]:
        """The next pairs."""
        return [await self.pair() for _ in range(count)]

    async def rest(self) -> list[tuple[str, str]]:
        """All pairs until the server closes; fails on a lone or torn frame."""
        found = []
        while (name := await self.frame()) is not None:
            text = await self.frame()
            assert text is not None, f"a lone frame: {name}"
            found.append((name, text))
        assert not self._decoder.pending, "the stream ended in the middle of a frame"
        return found

    async def until_answered(self) -> list[tuple[str, str]]:
        """Ask who is here; all that was heard before the answer.

        The answer comes after everything decided before the question, so an empty list is a proof
        that nothing was to be heard.
        """
        await self.say("/who")
        heard: list[tuple[str, str]] = []
        while True:
            pair = await self.pair()
            if pair[0] == "server" and " here: " in pair[1]:
                return heard
            heard.append(pair)


async def arrived(peer: Peer, name: str, *others: Peer) -> None:
    """Give a name, and let those who are here hear it."""
    await peer.arrive(name)
    for other in others:
        assert await other.pair() == ("server", f"{name} joined")
